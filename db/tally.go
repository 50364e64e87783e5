package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// Tally implements devices.Store.
func (s deviceStore) Tally(ctx context.Context, site devices.SiteID, from, to time.Time) (t devices.Tally, err error) {
	err = s.db.read(ctx, "store.tally", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error { // all numbers are of one revision
			t, err = tally(tx, site, stamp(from), stamp(to))
			return err
		})
	})
	if err != nil {
		return devices.Tally{}, err
	}
	return t, nil
}

func tally(tx *gorm.DB, site devices.SiteID, from, to stamp) (t devices.Tally, err error) {
	row, err := one[siteRow](tx.Where("id = ?", site), "site", string(site))
	if err != nil {
		return t, err
	}
	t.Revision = row.Revision
	if err := tx.Raw(`SELECT count(*) FROM events
		WHERE site = ? AND type = 'passage' AND arrived_at >= ? AND arrived_at < ?`, site, from, to).
		Scan(&t.Passages).Error; err != nil {
		return t, err
	}
	if err := tx.Raw(`SELECT count(*) FROM quarantine WHERE site = ? AND arrived >= ? AND arrived < ?`, site, from, to).
		Scan(&t.Quarantined).Error; err != nil {
		return t, err
	}
	if t.Switches, err = switches(tx, site, from, to); err != nil {
		return t, err
	}
	if t.Timed, err = timedCommands(tx, site, from, to); err != nil {
		return t, err
	}
	sums, err := sumLedger(tx.Where("site = ? AND arrived_at >= ? AND arrived_at < ?", site, from, to))
	if err != nil {
		return t, err
	}
	t.Takings = make(map[string]int64, len(sums))
	for _, s := range sums {
		t.LedgerRows += s.Rows
		t.Takings[s.Currency] = s.Amount
	}
	return t, nil
}

func switches(tx *gorm.DB, site devices.SiteID, from, to stamp) (n devices.Switches, err error) {
	err = tx.Raw(`SELECT count(*) FILTER (WHERE outcome IN ('claimed', 'done')) AS done,
		count(*) FILTER (WHERE outcome IN ('skipped', 'uncertain')) AS skipped
		FROM timetable_runs WHERE site = ? AND due >= ? AND due < ?`, site, from, to).Scan(&n).Error
	if err != nil {
		return n, err
	}
	err = tx.Raw(`SELECT count(*) FROM timetable_runs r JOIN timetable_results x USING (timetable, due)
		WHERE r.site = ? AND r.due >= ? AND r.due < ? AND x.found IN ('not_reached', 'offline', 'unable')`, site, from, to).
		Scan(&n.NotReached).Error
	return n, err
}

func timedCommands(tx *gorm.DB, site devices.SiteID, from, to stamp) (n devices.TimedCommands, err error) {
	err = tx.Raw(`SELECT count(*) FILTER (WHERE outcome = 'sent') AS sent,
		count(*) FILTER (WHERE outcome IN ('skipped', 'claimed')) AS skipped,
		count(*) FILTER (WHERE outcome = 'failed' OR result NOT IN ('', 'done', 'confirmed')) AS failed
		FROM schedule_runs WHERE site = ? AND run_key = '' AND due >= ? AND due < ?`, site, from, to).Scan(&n).Error
	return n, err
}
