package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// calendarStore is calendar.Store.
type calendarStore struct{ db *DB }

// calendarRow is one row of calendar_days.
type calendarRow struct {
	Site devices.SiteID `gorm:"primaryKey"` // empty: of the whole property
	Day  calendar.Day   `gorm:"primaryKey"`
	Kind calendar.Kind
	Name string
}

// TableName implements gorm's Tabler.
func (calendarRow) TableName() string { return "calendar_days" }

func (r calendarRow) entry() calendar.Entry {
	return calendar.Entry{Day: r.Day, Kind: r.Kind, Name: r.Name}
}

// Days implements calendar.Store.
func (s calendarStore) Days(ctx context.Context, of devices.SiteID, from, to calendar.Day) ([]calendar.Entry, error) {
	var rows []calendarRow
	err := s.db.read(ctx, "calendar.days", func(tx *gorm.DB) error {
		return tx.Where("site = ? AND day BETWEEN ? AND ?", of, from, to).Order("day").Find(&rows).Error
	})
	return mapped(rows, calendarRow.entry), err
}

// rowsAtOnce is how many days one statement inserts: SQLite bounds how many values one has.
const rowsAtOnce = 500

// PutDays implements calendar.Store.
func (s calendarStore) PutDays(ctx context.Context, of devices.SiteID, days []calendar.Entry, a []devices.AuditEntry) error {
	rows := mapped(days, func(e calendar.Entry) calendarRow {
		return calendarRow{Site: of, Day: e.Day, Kind: e.Kind, Name: e.Name}
	})
	return s.db.write(ctx, "calendar.put", normal, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, rowsAtOnce).Error; err != nil {
			return err
		}
		for _, e := range a {
			if err := audit(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveDay implements calendar.Store.
func (s calendarStore) RemoveDay(ctx context.Context, of devices.SiteID, d calendar.Day, a devices.AuditEntry) error {
	return s.db.write(ctx, "calendar.remove", normal, func(tx *gorm.DB) error {
		if err := changed(tx.Where("site = ? AND day = ?", of, d).Delete(&calendarRow{}), "own day", string(d)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}
