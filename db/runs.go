package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/schedule"
)

// runRow is one row of schedule_runs.
type runRow struct {
	Schedule schedule.ID      `gorm:"primaryKey"`
	Device   devices.DeviceID `gorm:"primaryKey"`
	RunKey   string           `gorm:"primaryKey"`
	Due      stamp            `gorm:"primaryKey"`
	Site     devices.SiteID
	Zone     devices.ZoneID
	At       stamp
	Claimed  stamp
	Outcome  schedule.Outcome
	Detail   string
	Command  devices.CommandID
	RunBy    string
	CheckAt  stamp
	Checked  stamp
	Result   command.Step
	Again    devices.CommandID
}

// TableName implements gorm's Tabler.
func (runRow) TableName() string { return "schedule_runs" }

func newRunRow(r schedule.Run) runRow {
	return runRow{
		Schedule: r.Schedule, Device: r.Device, RunKey: r.Key, Due: stamp(r.Due), Site: r.Site, Zone: r.Zone, At: stamp(r.At),
		Claimed: stamp(r.Claimed), Outcome: r.Outcome, Detail: r.Detail, Command: r.Command, RunBy: r.By,
		CheckAt: stamp(r.CheckAt), Checked: stamp(r.Checked), Result: r.Result, Again: r.Again,
	}
}

func (r runRow) run() schedule.Run {
	return schedule.Run{
		Schedule: r.Schedule, Device: r.Device, Key: r.RunKey, Due: r.Due.time(), Site: r.Site, Zone: r.Zone, At: r.At.time(),
		Claimed: r.Claimed.time(), Outcome: r.Outcome, Detail: r.Detail, Command: r.Command, By: r.RunBy,
		CheckAt: r.CheckAt.time(), Checked: r.Checked.time(), Result: r.Result, Again: r.Again,
	}
}

// Claim implements schedule.Store.
func (s scheduleStore) Claim(ctx context.Context, r schedule.Run) (claimed bool, err error) {
	row := newRunRow(r)
	err = s.db.write(ctx, "schedule.claim", urgent, func(tx *gorm.DB) error {
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		claimed = res.RowsAffected == 1
		if res.Error == nil && claimed && r.Outcome == schedule.Skipped {
			return raiseSites(tx, r.Site)
		}
		return res.Error
	})
	return claimed && err == nil, err
}

// ClaimManual implements schedule.Store.
func (s scheduleStore) ClaimManual(ctx context.Context, runs []schedule.Run, a devices.AuditEntry) (claimed bool, err error) {
	rows := mapped(runs, newRunRow)
	err = s.db.write(ctx, "schedule.claim_manual", urgent, func(tx *gorm.DB) error {
		var there int64
		if err := tx.Model(&runRow{}).Where("schedule = ? AND run_key = ?", runs[0].Schedule, runs[0].Key).Count(&there).Error; err != nil {
			return err
		}
		claimed = there == 0
		if !claimed {
			return nil
		}
		if err := tx.CreateInBatches(rows, rowsAtOnce).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return claimed && err == nil, err
}

// FinishRun implements schedule.Store.
func (s scheduleStore) FinishRun(ctx context.Context, r schedule.Run) error {
	return s.db.write(ctx, "schedule.finish_run", normal, func(tx *gorm.DB) error {
		res := tx.Model(&runRow{}).Where("schedule = ? AND device = ? AND run_key = ? AND due = ?", r.Schedule, r.Device, r.Key, stamp(r.Due)).
			Updates(map[string]any{
				"outcome": r.Outcome, "detail": r.Detail, "command": r.Command,
				"check_at": stamp(r.CheckAt), "checked": stamp(r.Checked), "result": r.Result, "again": r.Again,
			})
		if err := changed(res, "run", string(r.Schedule)); err != nil {
			return err
		}
		return raiseSites(tx, r.Site)
	})
}

// Runs implements schedule.Store.
func (s scheduleStore) Runs(ctx context.Context, q schedule.RunQuery) ([]schedule.Run, error) {
	var rows []runRow
	err := s.db.read(ctx, "schedule.runs", func(tx *gorm.DB) error {
		tx = equal(tx, "schedule", q.Schedule)
		tx = equal(tx, "site", q.Site)
		tx = equal(tx, "device", q.Device)
		tx = equal(tx, "outcome", q.Outcome)
		tx = equal(tx, "run_key", q.Key)
		tx = reaching(within(tx, "due", q.From, q.To), q.Within)
		if b := q.Before; !b.Due.IsZero() {
			tx = tx.Where("(due, schedule, device, run_key) < (?, ?, ?, ?)", stamp(b.Due), b.Schedule, b.Device, b.Key)
		}
		return tx.Order("due DESC, schedule DESC, device DESC, run_key DESC").Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, runRow.run), err
}

// LastDue implements schedule.Store.
func (s scheduleStore) LastDue(ctx context.Context, id schedule.ID, device devices.DeviceID) (due time.Time, err error) {
	err = s.db.read(ctx, "schedule.last_due", func(tx *gorm.DB) error {
		var rows []runRow
		err := tx.Where("schedule = ? AND device = ? AND run_key = ''", id, device).Order("due DESC").Limit(1).Find(&rows).Error
		if len(rows) > 0 {
			due = rows[0].Due.time()
		}
		return err
	})
	return due, err
}

// LastDues implements schedule.Store. It looks up each target in the primary key, whatever
// the length of the history.
func (s scheduleStore) LastDues(ctx context.Context) (map[schedule.ID]map[devices.DeviceID]time.Time, error) {
	var rows []struct {
		Schedule schedule.ID
		Device   devices.DeviceID
		Due      stamp
	}
	err := s.db.read(ctx, "schedule.last_dues", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT t.schedule, t.device, (SELECT max(r.due) FROM schedule_runs r
			WHERE r.schedule = t.schedule AND r.device = t.device AND r.run_key = '') AS due FROM schedule_targets t`).Scan(&rows).Error
	})
	last := make(map[schedule.ID]map[devices.DeviceID]time.Time, len(rows))
	for _, r := range rows {
		if due := r.Due.time(); !due.IsZero() {
			if last[r.Schedule] == nil {
				last[r.Schedule] = make(map[devices.DeviceID]time.Time, 1)
			}
			last[r.Schedule][r.Device] = due
		}
	}
	return last, err
}

// DueChecks implements schedule.Store.
func (s scheduleStore) DueChecks(ctx context.Context, now time.Time, limit int) ([]schedule.Run, error) {
	var rows []runRow
	err := s.db.read(ctx, "schedule.due_checks", func(tx *gorm.DB) error {
		return tx.Where("check_at IS NOT NULL AND check_at <= ?", stamp(now)).Order("check_at").Limit(limit).Find(&rows).Error
	})
	return mapped(rows, runRow.run), err
}

// Forget implements schedule.Store.
func (s scheduleStore) Forget(ctx context.Context, before time.Time, most int) (n int, err error) {
	const old = `DELETE FROM schedule_runs WHERE (schedule, device, run_key, due) IN (
		SELECT schedule, device, run_key, due FROM schedule_runs r WHERE due < ? AND (run_key <> '' OR EXISTS (
			SELECT 1 FROM schedule_runs n WHERE n.schedule = r.schedule AND n.device = r.device AND n.run_key = '' AND n.due > r.due))
		ORDER BY due LIMIT ?)`
	err = s.db.write(ctx, "schedule.forget", normal, func(tx *gorm.DB) error {
		res := tx.Exec(old, stamp(before), most)
		n = int(res.RowsAffected)
		return res.Error
	})
	return n, err
}

// Lateness implements schedule.Store.
func (s scheduleStore) Lateness(ctx context.Context, from time.Time, in *devices.Reach) (schedule.Lateness, error) {
	sum := schedule.Lateness{From: from, Outcomes: map[schedule.Outcome]int64{}}
	err := s.db.read(ctx, "schedule.lateness", func(tx *gorm.DB) error {
		due := func() *gorm.DB {
			return reaching(within(tx.Model(&runRow{}), "due", from, time.Time{}), in).Where("run_key = ''")
		}
		var counts []struct {
			Outcome schedule.Outcome
			N       int64
		}
		if err := due().Select("outcome, count(*) AS n").Group("outcome").Scan(&counts).Error; err != nil {
			return err
		}
		for _, c := range counts {
			sum.Outcomes[c.Outcome] = c.N
		}
		var late []int64
		if err := due().Where("outcome = ?", schedule.SentOut).Order("1").Pluck("claimed - at", &late).Error; err != nil {
			return err
		}
		sum.Quantiles(late)
		return nil
	})
	return sum, err
}
