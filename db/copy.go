package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// CopyTo makes a whole copy of the database at a path where nothing is, as of one
// moment, while others write. It is one read: if the write-ahead log becomes too long
// meanwhile the copy is cut like others, and the error says so. What an error leaves at
// the path is worth nothing.
func (d *DB) CopyTo(ctx context.Context, path string) (err error) {
	within, end := d.file.reads.begin(ctx)
	defer end()
	// A connection of its own: those of readers may write into no file, also not another.
	pool, err := sql.Open(driverName, dsn(fileOptions{path: d.file.path}, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(within, "VACUUM INTO ?", path)
	if cut := context.Cause(within); err != nil && errors.Is(cut, errCut) {
		err = fmt.Errorf("the database was written to so fast that its copy had to be given up: %w", cut)
	}
	return err
}

// CheckCopy is nil if SQLite finds nothing wrong with a file that CopyTo made. It reads
// all of it, and writes nothing.
func CheckCopy(ctx context.Context, path string) (err error) {
	pool, err := sql.Open(driverName, dsn(fileOptions{path: path, log: slog.Default()}, true)+"&immutable=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	found, err := names(ctx, pool, "PRAGMA integrity_check(1)")
	if err == nil && (len(found) != 1 || found[0] != "ok") {
		err = &damage{fmt.Sprint(found)}
	}
	if err != nil {
		err = openError(path, err)
	}
	return err
}

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
