package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// scheduleStore is schedule.Store.
type scheduleStore struct{ db *DB }

// scheduleRow is one row of schedules.
type scheduleRow struct {
	ID       schedule.ID `gorm:"primaryKey"`
	Site     devices.SiteID
	Device   devices.DeviceID
	Name     string
	Cron     string
	TimeZone string
	Action   devices.Action
	Args     document[map[string]string]
	Paused   bool
	SkipLate int64
	Created  stamp
	Next     stamp
}

// TableName implements gorm's Tabler.
func (scheduleRow) TableName() string { return "schedules" }

func (r scheduleRow) schedule() schedule.Schedule {
	return schedule.Schedule{
		ID: r.ID, Site: r.Site, Device: r.Device, Name: r.Name, Cron: r.Cron, TimeZone: r.TimeZone,
		Action: r.Action, Args: r.Args.v, Paused: r.Paused, SkipLate: time.Duration(r.SkipLate) * time.Microsecond,
		Created: r.Created.time(), Next: r.Next.time(),
	}
}

// Schedules implements schedule.Store.
func (s scheduleStore) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	var rows []scheduleRow
	err := s.db.read(ctx, "schedule.schedules", func(tx *gorm.DB) error { return tx.Order("id").Find(&rows).Error })
	return mapped(rows, scheduleRow.schedule), err
}

// Schedule implements schedule.Store.
func (s scheduleStore) Schedule(ctx context.Context, id schedule.ID) (out schedule.Schedule, err error) {
	err = s.db.read(ctx, "schedule.schedule", func(tx *gorm.DB) error {
		row, err := one[scheduleRow](tx.Where("id = ?", id), "schedule", string(id))
		out = row.schedule()
		return err
	})
	return out, err
}

// PutSchedule implements schedule.Store.
func (s scheduleStore) PutSchedule(ctx context.Context, v schedule.Schedule, a devices.AuditEntry) error {
	row := scheduleRow{
		ID: v.ID, Site: v.Site, Device: v.Device, Name: v.Name, Cron: v.Cron, TimeZone: v.TimeZone,
		Action: v.Action, Args: document[map[string]string]{v.Args}, Paused: v.Paused,
		SkipLate: v.SkipLate.Microseconds(), Created: stamp(v.Created), Next: stamp(v.Next),
	}
	return s.db.write(ctx, "schedule.put", normal, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// DeleteSchedule implements schedule.Store.
func (s scheduleStore) DeleteSchedule(ctx context.Context, id schedule.ID, a devices.AuditEntry) error {
	return s.db.write(ctx, "schedule.delete", normal, func(tx *gorm.DB) error {
		if err := changed(tx.Where("id = ?", id).Delete(&scheduleRow{}), "schedule", string(id)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}
