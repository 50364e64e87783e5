package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// trailStore is trail.Store.
type trailStore struct{ db *DB }

// Rows implements trail.Store.
func (s trailStore) Rows(ctx context.Context, after int64, limit int) (rows []trail.Row, err error) {
	err = s.db.read(ctx, "trail.rows", func(tx *gorm.DB) error {
		rows, err = rowsAfter(tx, after, limit)
		return err
	})
	return rows, err
}

func rowsAfter(tx *gorm.DB, after int64, limit int) ([]trail.Row, error) {
	return rowsOf(tx, limited(limit), "WHERE id > ? ORDER BY id LIMIT ?", after, limited(limit))
}

// LastOf implements trail.Store.
func (s trailStore) LastOf(ctx context.Context, verb string) (row *trail.Row, err error) {
	err = s.db.read(ctx, "trail.last_of", func(tx *gorm.DB) error {
		row, err = lastOf(tx, verb)
		return err
	})
	return row, err
}

func lastOf(tx *gorm.DB, verb string) (*trail.Row, error) {
	rows, err := rowsOf(tx, 1, "WHERE verb = ? ORDER BY id DESC LIMIT 1", verb)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// Ever implements trail.Store: SQLite remembers it beside the table.
func (s trailStore) Ever(ctx context.Context) (n int64, err error) {
	err = s.db.read(ctx, "trail.ever", func(tx *gorm.DB) error {
		n, err = ever(tx)
		return err
	})
	return n, err
}

func ever(tx *gorm.DB) (n int64, err error) {
	err = tx.Raw("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'audit'").Scan(&n).Error
	return n, err
}

// Newest implements trail.Store.
func (s trailStore) Newest(ctx context.Context) (m trail.Mark, err error) {
	err = s.db.read(ctx, "trail.newest", func(tx *gorm.DB) error {
		m, err = lastOfChain(tx)
		return err
	})
	return m, err
}

// Add implements trail.Store.
func (s trailStore) Add(ctx context.Context, a devices.AuditEntry) error {
	return deviceStore(s).AddAudit(ctx, a)
}

// Old implements trail.Store.
func (s trailStore) Old(ctx context.Context, before time.Time, limit int) (last trail.Mark, n int64, err error) {
	err = s.db.read(ctx, "trail.old", func(tx *gorm.DB) error {
		rows, err := tx.Raw("SELECT id, at, hash FROM audit ORDER BY id LIMIT ?", limited(limit)).Rows()
		if err != nil {
			return err
		}
		over := false
		return scanned(rows, func() error {
			var at stamp
			var id int64
			var hash []byte
			if err := rows.Scan(&id, &at, &hash); err != nil {
				return err
			}
			if over = over || !at.time().Before(before); !over {
				last.Row, n = id, n+1
				copy(last.Hash[:], hash)
			}
			return nil
		})
	})
	return last, n, err
}

// Cut implements trail.Store.
func (s trailStore) Cut(ctx context.Context, last trail.Mark, a devices.AuditEntry) error {
	return s.db.write(ctx, "trail.cut", normal, func(tx *gorm.DB) error {
		rows, err := rowsAfter(tx, last.Row-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].ID != last.Row || rows[0].Hash != last.Hash {
			return conflict("", "the audit trail is not what the cut tells of")
		}
		if err := audit(tx, a); err != nil {
			return err
		}
		if err := tx.Exec("UPDATE audit_floor SET through = ?", last.Row).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM audit WHERE id <= ?", last.Row).Error
	})
}

// Erase implements trail.Store. What stood in the file is overwritten, and not only
// given up.
func (s trailStore) Erase(ctx context.Context, person string, at time.Time, a devices.AuditEntry) error {
	return s.db.write(ctx, "trail.erase", normal, func(tx *gorm.DB) error {
		if err := tx.Exec("PRAGMA secure_delete = ON").Error; err != nil {
			return err
		}
		res := tx.Exec("UPDATE audit_keys SET sealed = NULL, destroyed = ? WHERE person = ? AND sealed IS NOT NULL", stamp(at), person)
		off := tx.Exec("PRAGMA secure_delete = OFF").Error
		if err := changed(res, "key of", person); err != nil {
			return err
		}
		if off != nil {
			return off
		}
		return audit(tx, a)
	})
}
