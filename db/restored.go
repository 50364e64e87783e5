package db

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// Restored makes of a copy that is put in the place of the database what may go on at
// another time: what was true when it was made and must not come back by itself ends. In
// one transaction, with the entry:
//
//   - nobody is signed in;
//   - no opening is held open by a person: whoever released it since did so for good;
//   - no timed command is sent for a due time before at: it may have been already.
//
// What keeps shut (a lockdown, an opening that is held closed) stays, and orders that were
// open are uncertain as after every start.
func (d *DB) Restored(ctx context.Context, at time.Time, a devices.AuditEntry) error {
	return d.write(ctx, "db.restored", normal, func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM operator_sessions").Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE schedules SET next = ? WHERE next < ?", stamp(at), stamp(at)).Error; err != nil {
			return err
		}
		if err := audit(tx, a); err != nil {
			return err
		}
		return releaseHeldOpen(tx, at, a.Actor)
	})
}

// releaseHeldOpen ends what people hold open, with an entry for each.
func releaseHeldOpen(tx *gorm.DB, at time.Time, by devices.Actor) error {
	const why = "restored from a backup"
	var rows []layerRow
	if err := tx.Where("is_set = 1 AND layer = ? AND mode = ?", arbiter.Hold, arbiter.HeldOpen).Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	held := mapped(rows, layerRow.layer)
	for i := range held {
		l := &held[i]
		l.Set, l.Mode, l.Since, l.Until, l.Reason = false, devices.Controlled, at, time.Time{}, why
		l.By = arbiter.Who{Kind: string(by.Kind), ID: by.ID, Name: by.Name}
		detail := map[string]any{"reason": why, "mode": string(l.Mode)}
		if err := audit(tx, devices.Audited(at, by, "layer.release", devices.SiteID(l.Scope.Site), "layer:"+l.ID(), detail)); err != nil {
			return err
		}
	}
	rows, err := raisedLayers(tx, held)
	if err != nil {
		return err
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, layersAtOnce).Error
}
