package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
)

// Pictures implements pictures.Store.
func (s pictureStore) Pictures(ctx context.Context, q pictures.Query) (found []pictures.Found, err error) {
	err = s.db.read(ctx, "pictures.pictures", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			var rows []pictureRow
			err := chosenPictures(tx, q).Order("arrived_at DESC, device DESC, event DESC").Limit(limited(q.Limit)).Find(&rows).Error
			if err != nil {
				return err
			}
			found = make([]pictures.Found, len(rows))
			for i, row := range rows {
				if found[i], err = withOrigin(tx, row.record()); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return found, err
}

// chosenPictures selects the rows of a query.
func chosenPictures(tx *gorm.DB, q pictures.Query) *gorm.DB {
	tx = tx.Where("removed_at IS NULL")
	tx = equal(tx, "site", q.Site)
	if q.Zone != "" {
		tx = tx.Where("device IN (SELECT id FROM devices WHERE zone = ?)", q.Zone)
	}
	tx = equal(tx, "device", q.Device)
	if q.Command != "" {
		tx = tx.Where("(device, event) IN (SELECT e.device, e.id FROM events e WHERE e.command = ? AND e.device = pictures.device)", q.Command)
	}
	if part := plates.Normalise(q.Plate); part != "" {
		tx = tx.Where(`(EXISTS (SELECT 1 FROM plates r WHERE r.device = pictures.device AND r.picture = pictures.event AND instr(r.plate, ?) > 0)
			OR EXISTS (SELECT 1 FROM events e WHERE e.camera = pictures.device AND e.id = pictures.event AND instr(e.plate_key, ?) > 0))`, part, part)
	}
	tx = within(tx, "arrived_at", q.From, q.To)
	if q.Within != nil && !q.Within.Everything() {
		where, names := reachClause(*q.Within)
		tx = tx.Where("device IN (SELECT id FROM devices WHERE "+where+")", names...)
	}
	if q.Before != (pictures.Key{}) {
		tx = tx.Where("(arrived_at, device, event) < (SELECT b.arrived_at, b.device, b.event FROM pictures b WHERE b.device = ? AND b.event = ?)",
			q.Before.Device, q.Before.Event)
	}
	return tx
}

// withOrigin finds what a picture belongs to.
func withOrigin(tx *gorm.DB, r pictures.Record) (pictures.Found, error) {
	f := pictures.Found{Record: r}
	var of, passage []eventRow
	if err := tx.Where("device = ? AND id = ?", r.Device, r.Event).Find(&of).Error; err != nil {
		return f, err
	}
	if err := tx.Where("camera = ? AND id = ? AND camera <> '' AND type = 'passage'", r.Device, r.Event).
		Order(`"row"`).Limit(1).Find(&passage).Error; err != nil {
		return f, err
	}
	f.Of, f.Passage = firstEvent(of), firstEvent(passage)
	if err := tx.Raw("SELECT plate FROM plates WHERE device = ? AND picture = ? AND picture <> '' ORDER BY id LIMIT 1", r.Device, r.Event).
		Scan(&f.Plate).Error; err != nil {
		return f, err
	}
	if f.Plate == "" && f.Passage != nil {
		f.Plate = plates.OfCredential(f.Passage.Credential)
	}
	var more struct {
		Kept  bool
		Alarm string
	}
	err := tx.Raw("SELECT "+keptPicture+" AS kept, coalesce((SELECT a.id "+pictureAlarms+" ORDER BY a.id DESC LIMIT 1), '') AS alarm"+
		" FROM pictures WHERE device = ? AND event = ?", r.Device, r.Event).Scan(&more).Error
	f.Kept, f.Alarm = more.Kept, more.Alarm
	return f, err
}

func firstEvent(rows []eventRow) *devices.Event {
	if len(rows) == 0 {
		return nil
	}
	e := rows[0].event()
	return &e
}
