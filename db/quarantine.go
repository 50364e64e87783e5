package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// quarantineRow is one row of quarantine.
type quarantineRow struct {
	ID       int64 `gorm:"primaryKey"`
	Device   devices.DeviceID
	Site     devices.SiteID
	Topic    string
	Payload  []byte
	Problem  string
	Why      devices.Why
	Arrived  stamp
	Revision devices.Revision
}

// TableName implements gorm's Tabler.
func (quarantineRow) TableName() string { return "quarantine" }

// Quarantine implements devices.Store.
func (s deviceStore) Quarantine(ctx context.Context, q devices.Quarantined) error {
	row := quarantineRow{
		Device: q.Device, Site: q.Site, Topic: q.Topic, Payload: q.Payload, Problem: q.Problem, Why: q.Why, Arrived: stamp(q.Arrived),
	}
	if row.Payload == nil {
		row.Payload = []byte{} // NULL is not "no bytes"
	}
	return s.db.write(ctx, "store.quarantine", normal, func(tx *gorm.DB) error {
		if known, err := keptConflict(tx, row); known || err != nil {
			return err
		}
		r, err := raise(tx, q.Site)
		if err != nil && devices.CodeOf(err) != devices.NotFound { // a site that does not exist has no revision
			return err
		}
		row.Revision = r
		return tx.Create(&row).Error
	})
}

// keptConflict is whether this very message is kept as a conflict already.
func keptConflict(tx *gorm.DB, row quarantineRow) (known bool, err error) {
	if row.Why != devices.OtherContent {
		return false, nil
	}
	err = tx.Raw("SELECT count(*) > 0 FROM quarantine WHERE why = 'other_content' AND device = ? AND topic = ? AND payload = ?",
		row.Device, row.Topic, row.Payload).Scan(&known).Error
	return known, err
}

// Quarantined implements devices.Store.
func (s deviceStore) Quarantined(ctx context.Context, limit int) ([]devices.Quarantined, error) {
	var rows []quarantineRow
	err := s.db.read(ctx, "store.quarantined", func(tx *gorm.DB) error {
		return tx.Order("id DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, quarantineRow.quarantined), err
}

func (r quarantineRow) quarantined() devices.Quarantined {
	return devices.Quarantined{
		ID: r.ID, Device: r.Device, Site: r.Site, Topic: r.Topic, Payload: r.Payload,
		Problem: r.Problem, Why: r.Why, Arrived: r.Arrived.time(), Revision: r.Revision,
	}
}
