package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// timetableStore is timetable.Store.
type timetableStore struct{ db *DB }

// timetableRow is one row of timetables.
type timetableRow struct {
	ID          timetable.ID `gorm:"primaryKey"`
	Site        devices.SiteID
	Name        string
	Week        document[timetable.Week]
	Exceptions  document[[]timetable.Exception]
	Late        timetable.Late
	SkipLate    int64
	CheckAfter  int64
	Paused      bool
	PausedUntil stamp
	SkipDue     stamp
	SkipBy      string
	Created     stamp
	Changed     stamp
	Why         timetable.Why
	By          string
	Jitter      int64
}

// TableName implements gorm's Tabler.
func (timetableRow) TableName() string { return "timetables" }

// targetRow is one row of timetable_targets.
type targetRow struct {
	Timetable timetable.ID `gorm:"primaryKey"`
	Position  int          `gorm:"primaryKey"`
	Kind      timetable.TargetKind
	Target    string
	Direction string
}

// TableName implements gorm's Tabler.
func (targetRow) TableName() string { return "timetable_targets" }

func newTimetableRow(t timetable.Timetable) (timetableRow, []targetRow) {
	row := timetableRow{
		ID: t.ID, Site: t.Site, Name: t.Name, Week: document[timetable.Week]{t.Week}, Exceptions: document[[]timetable.Exception]{t.Exceptions},
		Late: t.Late, SkipLate: t.SkipLate.Microseconds(), CheckAfter: t.Check.Microseconds(), Paused: t.Paused, PausedUntil: stamp(t.PausedUntil),
		SkipDue: stamp(t.SkipDue), SkipBy: t.SkipBy, Created: stamp(t.Created), Changed: stamp(t.Changed), Why: t.Why, By: t.By, Jitter: t.Jitter.Microseconds(),
	}
	targets := make([]targetRow, len(t.Targets))
	for i, x := range t.Targets {
		targets[i] = targetRow{Timetable: t.ID, Position: i, Kind: x.Kind, Target: x.ID, Direction: x.Direction}
	}
	return row, targets
}

func (r timetableRow) timetable(targets []targetRow) timetable.Timetable {
	t := timetable.Timetable{
		ID: r.ID, Site: r.Site, Name: r.Name, Week: r.Week.v, Exceptions: r.Exceptions.v, Late: r.Late,
		SkipLate: time.Duration(r.SkipLate) * time.Microsecond, Check: time.Duration(r.CheckAfter) * time.Microsecond,
		Paused: r.Paused, PausedUntil: r.PausedUntil.time(), SkipDue: r.SkipDue.time(), SkipBy: r.SkipBy,
		Created: r.Created.time(), Changed: r.Changed.time(), Why: r.Why, By: r.By, Jitter: time.Duration(r.Jitter) * time.Microsecond,
	}
	for _, x := range targets {
		t.Targets = append(t.Targets, timetable.Target{Kind: x.Kind, ID: x.Target, Direction: x.Direction})
	}
	return t
}

// Timetables implements timetable.Store.
func (s timetableStore) Timetables(ctx context.Context) (all []timetable.Timetable, err error) {
	err = s.db.read(ctx, "timetable.timetables", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error { // both reads see one state
			var rows []timetableRow
			if err := tx.Order("id").Find(&rows).Error; err != nil {
				return err
			}
			var targets []targetRow
			if err := tx.Order("timetable, position").Find(&targets).Error; err != nil {
				return err
			}
			of := make(map[timetable.ID][]targetRow, len(rows))
			for _, x := range targets {
				of[x.Timetable] = append(of[x.Timetable], x)
			}
			all = mapped(rows, func(r timetableRow) timetable.Timetable { return r.timetable(of[r.ID]) })
			return nil
		})
	})
	return all, err
}

// PutTimetable implements timetable.Store.
func (s timetableStore) PutTimetable(ctx context.Context, t timetable.Timetable, a devices.AuditEntry) error {
	row, targets := newTimetableRow(t)
	return s.db.write(ctx, "timetable.put", normal, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Where("timetable = ?", t.ID).Delete(&targetRow{}).Error; err != nil {
			return err
		}
		if len(targets) > 0 {
			if err := tx.CreateInBatches(targets, rowsAtOnce).Error; err != nil {
				return err
			}
		}
		if err := followRetired(tx, t); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// followRetired gives a timetable the successors of devices that were retired while it was
// changed, and takes those without one out, as handOver does.
func followRetired(tx *gorm.DB, t timetable.Timetable) error {
	for range t.Targets { // a successor may be retired too
		res := tx.Exec(`UPDATE timetable_targets SET target = (SELECT d.id FROM retirements r JOIN devices d ON d.id = r.successor WHERE r.device = target)
			WHERE timetable = ? AND kind = 'device' AND EXISTS (
				SELECT 1 FROM retirements r JOIN devices d ON d.id = r.successor WHERE r.device = target AND d.site = ?
			)`, t.ID, t.Site)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			break
		}
	}
	return tx.Exec("DELETE FROM timetable_targets WHERE timetable = ? AND kind = 'device' AND target IN (SELECT device FROM retirements)", t.ID).Error
}

// DeleteTimetable implements timetable.Store.
func (s timetableStore) DeleteTimetable(ctx context.Context, id timetable.ID, a devices.AuditEntry) error {
	return s.db.write(ctx, "timetable.delete", normal, func(tx *gorm.DB) error {
		if err := tx.Where("timetable = ?", id).Delete(&targetRow{}).Error; err != nil {
			return err
		}
		if err := changed(tx.Where("id = ?", id).Delete(&timetableRow{}), "timetable", string(id)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}
