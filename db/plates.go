package db

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// plateStore is plates.Store.
type plateStore struct{ db *DB }

// plateRow is one row of plates.
type plateRow struct {
	ID         int64 `gorm:"primaryKey"`
	Device     devices.DeviceID
	Site       devices.SiteID
	Zone       devices.ZoneID
	Plate      string
	Form       plates.Form
	Event      devices.EventID
	Text       string
	Confidence int
	Colour     string
	Direction  string
	At         stamp
	Picture    devices.EventID
	FirstAt    stamp
	LastAt     stamp
	ArrivedAt  stamp
	Events     int
}

// TableName implements gorm's Tabler.
func (plateRow) TableName() string { return "plates" }

func newPlateRow(r plates.Reading) plateRow {
	return plateRow{
		ID: r.ID, Device: r.Device, Site: r.Site, Zone: r.Zone, Plate: r.Plate, Form: r.Form, Event: r.Event, Text: r.Text,
		Confidence: r.Confidence, Colour: r.Colour, Direction: r.Direction, At: stamp(r.At), Picture: r.Picture,
		FirstAt: stamp(r.First), LastAt: stamp(r.Last), ArrivedAt: stamp(r.ArrivedAt), Events: r.Events,
	}
}

func (r plateRow) reading() plates.Reading {
	return plates.Reading{
		ID: r.ID, Device: r.Device, Site: r.Site, Zone: r.Zone, Plate: r.Plate, Form: r.Form, Event: r.Event, Text: r.Text,
		Confidence: r.Confidence, Colour: r.Colour, Direction: r.Direction, At: r.At.time(), Picture: r.Picture,
		First: r.FirstAt.time(), Last: r.LastAt.time(), ArrivedAt: r.ArrivedAt.time(), Events: r.Events,
	}
}

// plateKey is what a reading finds an event by.
func plateKey(e devices.Event) string {
	if e.Type == plates.EventType {
		return plates.Normalise(e.Plate)
	}
	return plates.OfCredential(e.Credential)
}

// mergePlate adds a new event to the reading that takes it, or begins one.
func mergePlate(tx *gorm.DB, e devices.Event) error {
	var old plateRow
	err := tx.Where("device = ? AND plate = ? AND last_at >= ? AND first_at <= ?",
		e.Device, plates.Normalise(e.Plate), stamp(e.DeviceTime.Add(-plates.Gap)), stamp(e.DeviceTime.Add(plates.Gap))).
		Order("last_at, id").Take(&old).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		row := newPlateRow(plates.Of(e))
		return tx.Create(&row).Error
	case err != nil:
		return err
	}
	row := newPlateRow(old.reading().With(e))
	return tx.Save(&row).Error
}

// Readings implements plates.Store.
func (s plateStore) Readings(ctx context.Context, q plates.Query) (found []plates.Found, err error) {
	err = s.db.read(ctx, "plates.readings", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			var rows []plateRow
			if err := chosenPlates(tx, q).Order("first_at DESC, id DESC").Limit(limited(q.Limit)).Find(&rows).Error; err != nil {
				return err
			}
			found = make([]plates.Found, 0, len(rows))
			for _, row := range rows {
				f, err := withPassage(tx, row.reading())
				if err != nil {
					return err
				}
				found = append(found, f)
			}
			return nil
		})
	})
	return found, err
}

// chosenPlates selects the rows of a query.
func chosenPlates(tx *gorm.DB, q plates.Query) *gorm.DB {
	tx = equal(tx, "site", q.Site)
	tx = equal(tx, "zone", q.Zone)
	tx = equal(tx, "device", q.Device)
	if part := plates.Normalise(q.Part); part != "" {
		tx = tx.Where("instr(plate, ?) > 0", part)
	}
	if q.Doubtful {
		tx = tx.Where("form = ''")
	}
	tx = within(tx, "first_at", q.From, q.To)
	tx = reaching(tx, q.Within)
	if q.Before > 0 { // one out of reach is as one that does not exist
		last := reaching(tx.Session(&gorm.Session{NewDB: true}).Table("plates").Select("first_at, id").Where("id = ?", q.Before), q.Within)
		tx = tx.Where("(first_at, id) < (?)", last)
	}
	return tx
}

// withPassage finds what belongs to a reading.
func withPassage(tx *gorm.DB, r plates.Reading) (plates.Found, error) {
	var near []eventRow
	if err := tx.Where("site = ? AND plate_key = ? AND device_time BETWEEN ? AND ? AND type = 'passage'",
		r.Site, r.Plate, stamp(r.First.Add(-plates.Gap)), stamp(r.Last.Add(plates.Gap))).Where("plate_key <> ''").
		Order(`"row"`).Limit(defaultLimit).Find(&near).Error; err != nil {
		return plates.Found{}, err
	}
	f := plates.Found{Reading: r}
	for _, e := range near {
		f.Passage = r.Nearer(f.Passage, e.event())
	}
	if r.Picture == "" {
		return f, nil
	}
	return f, tx.Raw("SELECT count(*) FROM pictures WHERE device = ? AND event = ? AND removed_at IS NULL", r.Device, r.Picture).
		Scan(&f.Shown).Error
}
