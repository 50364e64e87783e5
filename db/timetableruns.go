package db

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// switchRow is one row of timetable_runs.
type switchRow struct {
	Timetable    timetable.ID `gorm:"primaryKey"`
	Due          stamp        `gorm:"primaryKey"`
	Site         devices.SiteID
	Name         string
	Claimed      stamp
	Why          timetable.Why
	Mode         devices.Mode
	Until        stamp
	FirstArrival bool
	Outcome      timetable.Outcome
	Detail       string
	By           string
	Checked      stamp
}

// TableName implements gorm's Tabler.
func (switchRow) TableName() string { return "timetable_runs" }

func newSwitchRow(r timetable.Run) switchRow {
	return switchRow{
		Timetable: r.Timetable, Due: stamp(r.Due), Site: r.Site, Name: r.Name, Claimed: stamp(r.Claimed), Why: r.Why, Mode: r.Mode,
		Until: stamp(r.Until), FirstArrival: r.FirstArrival, Outcome: r.Outcome, Detail: r.Detail, By: r.By, Checked: stamp(r.Checked),
	}
}

func (r switchRow) run() timetable.Run {
	return timetable.Run{
		Timetable: r.Timetable, Due: r.Due.time(), Site: r.Site, Name: r.Name, Claimed: r.Claimed.time(), Why: r.Why, Mode: r.Mode,
		Until: r.Until.time(), FirstArrival: r.FirstArrival, Outcome: r.Outcome, Detail: r.Detail, By: r.By, Checked: r.Checked.time(),
	}
}

// resultRow is one row of timetable_results.
type resultRow struct {
	Timetable timetable.ID     `gorm:"primaryKey"`
	Due       stamp            `gorm:"primaryKey"`
	Device    devices.DeviceID `gorm:"primaryKey"`
	Direction string           `gorm:"primaryKey"`
	Effect    timetable.Effect
	Detail    string
	At        stamp
	Found     timetable.Check
	Words     string
	Command   devices.CommandID
}

// TableName implements gorm's Tabler.
func (resultRow) TableName() string { return "timetable_results" }

func newResultRow(r timetable.Result) resultRow {
	return resultRow{
		Timetable: r.Timetable, Due: stamp(r.Due), Device: r.Device, Direction: r.Direction, Effect: r.Effect, Detail: r.Detail,
		At: stamp(r.At), Found: r.Check, Words: r.Found, Command: r.Command,
	}
}

func (r resultRow) result() timetable.Result {
	return timetable.Result{
		Timetable: r.Timetable, Due: r.Due.time(), Device: r.Device, Direction: r.Direction, Effect: r.Effect, Detail: r.Detail,
		At: r.At.time(), Check: r.Found, Found: r.Words, Command: r.Command,
	}
}

// Claim implements timetable.Store.
func (s timetableStore) Claim(ctx context.Context, runs []timetable.Run) (claimed []bool, err error) {
	err = s.db.write(ctx, "timetable.claim", urgent, func(tx *gorm.DB) error {
		claimed = make([]bool, len(runs)) // again, if the group is
		for i, r := range runs {
			row := newSwitchRow(r)
			res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
			if res.Error != nil {
				return res.Error
			}
			claimed[i] = res.RowsAffected == 1
		}
		return raiseSites(tx, sitesOfRuns(runs)...)
	})
	return claimed, err
}

// Finish implements timetable.Store.
func (s timetableStore) Finish(ctx context.Context, runs []timetable.Run, results []timetable.Result) error {
	rows := mapped(results, newResultRow)
	return s.db.write(ctx, "timetable.finish", normal, func(tx *gorm.DB) error {
		for _, r := range runs {
			res := tx.Model(&switchRow{}).Where("timetable = ? AND due = ?", r.Timetable, stamp(r.Due)).Updates(map[string]any{
				"outcome": r.Outcome, "detail": r.Detail, "checked": stamp(r.Checked),
			})
			if err := changed(res, "run", string(r.Timetable)); err != nil {
				return err
			}
		}
		if err := raiseSites(tx, sitesOfRuns(runs)...); err != nil || len(rows) == 0 {
			return err
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, rowsAtOnce).Error
	})
}

// Last implements timetable.Store.
func (s timetableStore) Last(ctx context.Context) ([]timetable.Run, error) {
	var rows []switchRow
	err := s.db.read(ctx, "timetable.last", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT r.* FROM timetables t JOIN timetable_runs r ON r.timetable = t.id
			AND r.due = (SELECT max(due) FROM timetable_runs WHERE timetable = t.id)`).Scan(&rows).Error
	})
	return mapped(rows, switchRow.run), err
}

// Unchecked implements timetable.Store.
func (s timetableStore) Unchecked(ctx context.Context, since time.Time) ([]timetable.Run, error) {
	var rows []switchRow
	err := s.db.read(ctx, "timetable.unchecked", func(tx *gorm.DB) error {
		return tx.Where("checked IS NULL AND outcome = 'done' AND claimed >= ?", stamp(since)).Order("claimed, timetable").Find(&rows).Error
	})
	return mapped(rows, switchRow.run), err
}

// Results implements timetable.Store.
func (s timetableStore) Results(ctx context.Context, id timetable.ID, due time.Time) ([]timetable.Result, error) {
	var rows []resultRow
	err := s.db.read(ctx, "timetable.results", func(tx *gorm.DB) error {
		return tx.Where("timetable = ? AND due = ?", id, stamp(due)).Order("device, direction").Find(&rows).Error
	})
	return mapped(rows, resultRow.result), err
}

// Runs implements timetable.Store.
func (s timetableStore) Runs(ctx context.Context, q timetable.RunQuery) ([]timetable.Run, error) {
	var rows []switchRow
	err := s.db.read(ctx, "timetable.runs", func(tx *gorm.DB) error {
		tx = within(equal(equal(tx, "timetable", q.Timetable), "outcome", q.Outcome), "due", q.From, q.To)
		if q.Sites != nil {
			tx = tx.Where("site IN ?", q.Sites)
		}
		if !q.Before.IsZero() {
			tx = tx.Where("(due < ? OR due = ? AND timetable > ?)", stamp(q.Before), stamp(q.Before), q.BeforeID)
		}
		if q.Device != "" {
			tx = tx.Where("EXISTS (SELECT 1 FROM timetable_results x WHERE x.timetable = timetable_runs.timetable AND x.due = timetable_runs.due AND x.device = ?)", q.Device)
		}
		return tx.Order("due DESC, timetable").Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, switchRow.run), err
}

// Forget implements timetable.Store.
func (s timetableStore) Forget(ctx context.Context, before time.Time, most int) (n int, err error) {
	err = s.db.write(ctx, "timetable.forget", normal, func(tx *gorm.DB) error {
		var old []switchRow
		err := tx.Raw(`SELECT timetable, due FROM timetable_runs r WHERE due < ? AND NOT EXISTS (
				SELECT 1 FROM timetables t WHERE t.id = r.timetable AND r.due = (SELECT max(due) FROM timetable_runs WHERE timetable = t.id)
			) ORDER BY due LIMIT ?`, stamp(before), most).Scan(&old).Error
		if err != nil {
			return err
		}
		for _, r := range old {
			if err := tx.Where("timetable = ? AND due = ?", r.Timetable, r.Due).Delete(&resultRow{}).Error; err != nil {
				return err
			}
			if err := tx.Where("timetable = ? AND due = ?", r.Timetable, r.Due).Delete(&switchRow{}).Error; err != nil {
				return err
			}
		}
		n = len(old)
		return nil
	})
	return n, err
}

// Told implements timetable.Store.
func (s timetableStore) Told(ctx context.Context, since time.Time, of []devices.DeviceID) (told []timetable.Told, err error) {
	err = s.db.read(ctx, "timetable.told", func(tx *gorm.DB) error {
		for some := range slices.Chunk(of, rowsAtOnce) {
			var rows []commandRow
			// A command's number is not less than the time of its issue in milliseconds.
			err := tx.Where("device IN ? AND seq >= ? AND action = ?", some, since.UnixMilli(), devices.ActionMode).Order("seq").Find(&rows).Error
			if err != nil {
				return err
			}
			for _, r := range rows {
				told = append(told, timetable.Told{Device: r.Device, Direction: r.Args.v["direction"], Command: r.ID})
			}
		}
		return nil
	})
	return told, err
}

// sitesOfRuns are the sites of runs: what is told of their day is another.
func sitesOfRuns(runs []timetable.Run) []devices.SiteID {
	return mapped(runs, func(r timetable.Run) devices.SiteID { return r.Site })
}
