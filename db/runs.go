package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// runRow is one row of schedule_runs.
type runRow struct {
	Schedule schedule.ID `gorm:"primaryKey"`
	Due      stamp       `gorm:"primaryKey"`
	Claimed  stamp
	Outcome  schedule.Outcome
	Detail   string
	Command  devices.CommandID
}

// TableName implements gorm's Tabler.
func (runRow) TableName() string { return "schedule_runs" }

func newRunRow(r schedule.Run) runRow {
	return runRow{
		Schedule: r.Schedule, Due: stamp(r.Due), Claimed: stamp(r.Claimed),
		Outcome: r.Outcome, Detail: r.Detail, Command: r.Command,
	}
}

func (r runRow) run() schedule.Run {
	return schedule.Run{
		Schedule: r.Schedule, Due: r.Due.time(), Claimed: r.Claimed.time(),
		Outcome: r.Outcome, Detail: r.Detail, Command: r.Command,
	}
}

// Claim implements schedule.Store.
func (s scheduleStore) Claim(ctx context.Context, r schedule.Run) (claimed bool, err error) {
	row := newRunRow(r)
	err = s.db.write(ctx, "schedule.claim", urgent, func(tx *gorm.DB) error {
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		claimed = res.RowsAffected == 1
		return res.Error
	})
	return claimed && err == nil, err
}

// FinishRun implements schedule.Store.
func (s scheduleStore) FinishRun(ctx context.Context, r schedule.Run) error {
	return s.db.write(ctx, "schedule.finish_run", normal, func(tx *gorm.DB) error {
		res := tx.Model(&runRow{}).Where("schedule = ? AND due = ?", r.Schedule, stamp(r.Due)).Updates(map[string]any{
			"outcome": r.Outcome, "detail": r.Detail, "command": r.Command,
		})
		return changed(res, "run", string(r.Schedule))
	})
}

// Runs implements schedule.Store.
func (s scheduleStore) Runs(ctx context.Context, id schedule.ID, limit int) ([]schedule.Run, error) {
	var rows []runRow
	err := s.db.read(ctx, "schedule.runs", func(tx *gorm.DB) error {
		return tx.Where("schedule = ?", id).Order("due DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, runRow.run), err
}

// LastRun implements schedule.Store.
func (s scheduleStore) LastRun(ctx context.Context, id schedule.ID) (r schedule.Run, err error) {
	err = s.db.read(ctx, "schedule.last_run", func(tx *gorm.DB) error {
		row, err := one[runRow](tx.Where("schedule = ?", id).Order("due DESC"), "run", string(id))
		r = row.run()
		return err
	})
	return r, err
}
