package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
)

// scheduleStore is schedule.Store.
type scheduleStore struct{ db *DB }

// scheduleRow is one row of schedules.
type scheduleRow struct {
	ID          schedule.ID `gorm:"primaryKey"`
	Site        devices.SiteID
	Name        string
	Cron        string
	TimeZone    string
	Action      devices.Action
	Args        document[map[string]string]
	Paused      bool
	PausedUntil stamp
	Late        schedule.Late
	SkipLate    int64
	Days        document[[]calendar.Kind]
	Jitter      int64
	CheckAfter  int64
	LeftOut     stamp
	LeftOutBy   string
	Created     stamp
	Next        stamp
}

// TableName implements gorm's Tabler.
func (scheduleRow) TableName() string { return "schedules" }

// scheduleTargetRow is one row of schedule_targets.
type scheduleTargetRow struct {
	Schedule schedule.ID      `gorm:"primaryKey"`
	Device   devices.DeviceID `gorm:"primaryKey"`
	Site     devices.SiteID
	Since    stamp
}

// TableName implements gorm's Tabler.
func (scheduleTargetRow) TableName() string { return "schedule_targets" }

func newScheduleRow(v schedule.Schedule) scheduleRow {
	return scheduleRow{
		ID: v.ID, Site: v.Site, Name: v.Name, Cron: v.Cron, TimeZone: v.TimeZone,
		Action: v.Action, Args: document[map[string]string]{v.Args}, Paused: v.Paused, PausedUntil: stamp(v.PausedUntil),
		Late: v.Late, SkipLate: v.SkipLate.Microseconds(), Days: document[[]calendar.Kind]{v.Days},
		Jitter: v.Jitter.Microseconds(), CheckAfter: v.Check.Microseconds(),
		LeftOut: stamp(v.LeftOut.Due), LeftOutBy: v.LeftOut.By, Created: stamp(v.Created), Next: stamp(v.Next),
	}
}

func (r scheduleRow) schedule() schedule.Schedule {
	return schedule.Schedule{
		ID: r.ID, Site: r.Site, Name: r.Name, Cron: r.Cron, TimeZone: r.TimeZone,
		Action: r.Action, Args: r.Args.v, Paused: r.Paused, PausedUntil: r.PausedUntil.time(),
		Late: r.Late, SkipLate: time.Duration(r.SkipLate) * time.Microsecond, Days: r.Days.v,
		Jitter: time.Duration(r.Jitter) * time.Microsecond, Check: time.Duration(r.CheckAfter) * time.Microsecond,
		LeftOut: schedule.LeftOut{Due: r.LeftOut.time(), By: r.LeftOutBy},
		Created: r.Created.time(), Next: r.Next.time(),
	}
}

// Schedules implements schedule.Store.
func (s scheduleStore) Schedules(ctx context.Context) (all []schedule.Schedule, err error) {
	err = s.db.read(ctx, "schedule.schedules", func(tx *gorm.DB) error {
		all, err = schedulesOf(tx, "1 = 1")
		return err
	})
	return all, err
}

// Schedule implements schedule.Store.
func (s scheduleStore) Schedule(ctx context.Context, id schedule.ID) (out schedule.Schedule, err error) {
	err = s.db.read(ctx, "schedule.schedule", func(tx *gorm.DB) error {
		all, err := schedulesOf(tx, "id = ?", id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return notFound("schedule", string(id))
		}
		out = all[0]
		return nil
	})
	return out, err
}

// schedulesOf reads schedules and their targets as they are at one instant.
func schedulesOf(tx *gorm.DB, where string, args ...any) (all []schedule.Schedule, err error) {
	err = tx.Transaction(func(tx *gorm.DB) error {
		var rows []scheduleRow
		if err := tx.Where(where, args...).Order("id").Find(&rows).Error; err != nil {
			return err
		}
		var targets []scheduleTargetRow
		chosen := tx.Model(&scheduleRow{}).Select("id").Where(where, args...)
		if err := tx.Where("schedule IN (?)", chosen).Order("schedule, device").Find(&targets).Error; err != nil {
			return err
		}
		of := make(map[schedule.ID][]schedule.Target, len(rows))
		for _, t := range targets {
			of[t.Schedule] = append(of[t.Schedule], schedule.Target{Device: t.Device, Since: t.Since.time()})
		}
		all = mapped(rows, func(r scheduleRow) schedule.Schedule {
			x := r.schedule()
			x.Targets = of[r.ID]
			return x
		})
		return nil
	})
	return all, err
}

// PutSchedule implements schedule.Store.
func (s scheduleStore) PutSchedule(ctx context.Context, v schedule.Schedule, a devices.AuditEntry) error {
	row := newScheduleRow(v)
	targets := mapped(v.Targets, func(t schedule.Target) scheduleTargetRow {
		return scheduleTargetRow{v.ID, t.Device, v.Site, stamp(t.Since)}
	})
	return s.db.write(ctx, "schedule.put", normal, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Where("schedule = ?", v.ID).Delete(&scheduleTargetRow{}).Error; err != nil {
			return err
		}
		if err := tx.CreateInBatches(targets, rowsAtOnce).Error; err != nil {
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
		if err := tx.Where("schedule = ?", id).Delete(&scheduleTargetRow{}).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// handOverSchedules gives the schedules of a device that is retired to its heir within the
// site. Without one they go on for their other devices; those that have no other are paused.
func handOverSchedules(tx *gorm.DB, device, heir string, site devices.SiteID, at time.Time) error {
	const (
		give  = "UPDATE schedule_targets SET device = ?, since = ? WHERE device = ? AND site = ?"
		leave = "DELETE FROM schedule_targets WHERE device = ? AND (SELECT count(*) FROM schedule_targets o WHERE o.schedule = schedule_targets.schedule) > 1"
		pause = "UPDATE schedules SET paused = 1, next = NULL WHERE id IN (SELECT schedule FROM schedule_targets WHERE device = ?)"
	)
	if err := tx.Exec(give, heir, stamp(at), device, site).Error; err != nil {
		return err
	}
	if err := tx.Exec(leave, device).Error; err != nil {
		return err
	}
	return tx.Exec(pause, device).Error
}
