package db

import (
	"context"
	"database/sql"
	"strconv"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// audit adds a row to the trail, in the transaction of the write that it tells of: the
// one writer makes the chain one line.
func audit(tx *gorm.DB, a devices.AuditEntry) error {
	last, err := lastOfChain(tx)
	if err != nil {
		return err
	}
	row, err := sealedRow(tx, a)
	if err != nil {
		return err
	}
	row.ID = last.Row + 1
	row.Hash = row.Next(last.Hash)
	return addRow(tx, row)
}

// lastOfChain is where the chain is. A cut leaves at least its own row, so that no row
// means that there never was one.
func lastOfChain(tx *gorm.DB) (trail.Mark, error) {
	var rows []struct {
		ID   int64
		Hash []byte
	}
	if err := tx.Raw("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").Scan(&rows).Error; err != nil || len(rows) == 0 {
		return trail.Mark{}, err
	}
	m := trail.Mark{Row: rows[0].ID}
	copy(m.Hash[:], rows[0].Hash)
	return m, nil
}

// auditColumns are the columns of audit in the order in which rowOf reads them.
const auditColumns = "id, at, actor_kind, actor_id, actor_name, actor_address, session, verb, site, object, detail, outcome, " +
	"actor_key, actor_sealed, object_key, object_sealed, hash"

func addRow(tx *gorm.DB, r trail.Row) error {
	var at any
	if r.At != "" {
		n, err := strconv.ParseInt(r.At, 10, 64)
		if err != nil {
			return err
		}
		at = n
	}
	return tx.Exec("INSERT INTO audit ("+auditColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.ID, at, r.Actor.Kind, r.Actor.ID, r.Actor.Name, r.Actor.Address, r.Actor.Session, r.Verb, r.Site, r.Object, r.Detail, r.Outcome,
		r.ActorSealed.Key, sealedText(r.ActorSealed), r.ObjectSealed.Key, sealedText(r.ObjectSealed), r.Hash[:]).Error
}

// sealedText is never NULL.
func sealedText(s trail.Sealed) []byte { return append([]byte{}, s.Text...) }

// scanRow reads one row of auditColumns.
func scanRow(rows *sql.Rows, r *trail.Row) error {
	var at sql.NullInt64
	var hash []byte
	*r = trail.Row{}
	err := rows.Scan(&r.ID, &at, &r.Actor.Kind, &r.Actor.ID, &r.Actor.Name, &r.Actor.Address, &r.Actor.Session, &r.Verb, &r.Site, &r.Object, &r.Detail, &r.Outcome,
		&r.ActorSealed.Key, &r.ActorSealed.Text, &r.ObjectSealed.Key, &r.ObjectSealed.Text, &hash)
	if at.Valid {
		r.At = strconv.FormatInt(at.Int64, 10)
	}
	copy(r.Hash[:], hash)
	return err
}

// rowsOf reads what a statement selects, of about so many rows.
func rowsOf(tx *gorm.DB, about int, where string, args ...any) ([]trail.Row, error) {
	found, err := tx.Raw("SELECT "+auditColumns+" FROM audit "+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	out := make([]trail.Row, 0, about)
	err = scanned(found, func() error {
		out = append(out, trail.Row{})
		return scanRow(found, &out[len(out)-1])
	})
	return out, err
}

// AddAudit implements devices.Store.
func (s deviceStore) AddAudit(ctx context.Context, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.add_audit", normal, func(tx *gorm.DB) error { return audit(tx, a) })
}

// Audit implements devices.Store.
func (s deviceStore) Audit(ctx context.Context, before int64, limit int) (all []devices.AuditRow, err error) {
	err = s.db.read(ctx, "store.audit", func(tx *gorm.DB) error {
		rows, err := rowsOf(tx, limited(limit), "WHERE (? <= 0 OR id < ?) ORDER BY id DESC LIMIT ?", before, before, limited(limit))
		if err != nil {
			return err
		}
		all, err = s.db.people.opened(tx, rows)
		return err
	})
	return all, err
}
