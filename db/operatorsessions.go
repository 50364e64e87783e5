package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// operatorSessionRow is one row of operator_sessions.
type operatorSessionRow struct {
	TokenHash []byte `gorm:"primaryKey"`
	Operator  operators.ID
	Created   stamp
	LastSeen  stamp
	Expires   stamp
	Address   string
	UserAgent string
	Proved    stamp
}

// TableName implements gorm's Tabler.
func (operatorSessionRow) TableName() string { return "operator_sessions" }

func (r operatorSessionRow) session() operators.Session {
	return operators.Session{
		TokenHash: [32]byte(r.TokenHash), Operator: r.Operator, Created: r.Created.time(), LastSeen: r.LastSeen.time(),
		Expires: r.Expires.time(), Address: r.Address, UserAgent: r.UserAgent, Proved: r.Proved.time(),
	}
}

// AddSession implements operators.Store.
func (s operatorStore) AddSession(ctx context.Context, v operators.Session, a devices.AuditEntry) error {
	row := operatorSessionRow{
		TokenHash: v.TokenHash[:], Operator: v.Operator, Created: stamp(v.Created), LastSeen: stamp(v.LastSeen),
		Expires: stamp(v.Expires), Address: v.Address, UserAgent: v.UserAgent, Proved: stamp(v.Proved),
	}
	return s.db.write(ctx, "operators.add_session", normal, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// Session implements operators.Store.
func (s operatorStore) Session(ctx context.Context, tokenHash [32]byte) (v operators.Session, err error) {
	err = s.db.read(ctx, "operators.session", func(tx *gorm.DB) error {
		row, err := one[operatorSessionRow](tx.Where("token_hash = ?", tokenHash[:]), "session", "")
		if err != nil {
			return err
		}
		v = row.session()
		return nil
	})
	return v, err
}

// SessionsOf implements operators.Store.
func (s operatorStore) SessionsOf(ctx context.Context, id operators.ID) ([]operators.Session, error) {
	var rows []operatorSessionRow
	err := s.db.read(ctx, "operators.sessions_of", func(tx *gorm.DB) error {
		return tx.Where("operator = ?", id).Order("last_seen DESC, token_hash").Find(&rows).Error
	})
	return mapped(rows, operatorSessionRow.session), err
}

// TouchSession implements operators.Store.
func (s operatorStore) TouchSession(ctx context.Context, tokenHash [32]byte, at time.Time) error {
	return s.db.write(ctx, "operators.touch_session", normal, func(tx *gorm.DB) error { return stampSession(tx, tokenHash, "last_seen", at) })
}

// ProveSession implements operators.Store.
func (s operatorStore) ProveSession(ctx context.Context, tokenHash [32]byte, at time.Time, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.prove_session", normal, func(tx *gorm.DB) error {
		if err := stampSession(tx, tokenHash, "proved", at); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

func stampSession(tx *gorm.DB, tokenHash [32]byte, column string, at time.Time) error {
	return changed(tx.Model(&operatorSessionRow{}).Where("token_hash = ?", tokenHash[:]).Update(column, stamp(at)), "session", "")
}

// DeleteSession implements operators.Store.
func (s operatorStore) DeleteSession(ctx context.Context, tokenHash [32]byte, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.delete_session", normal, func(tx *gorm.DB) error {
		res := tx.Where("token_hash = ?", tokenHash[:]).Delete(&operatorSessionRow{})
		if err := changed(res, "session", ""); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// DeleteExpired implements operators.Store.
func (s operatorStore) DeleteExpired(ctx context.Context, now time.Time, idle time.Duration) ([][32]byte, error) {
	var ended [][]byte
	err := s.db.write(ctx, "operators.delete_expired", normal, func(tx *gorm.DB) error {
		return tx.Raw("DELETE FROM operator_sessions WHERE expires <= ? OR last_seen <= ? RETURNING token_hash",
			stamp(now), stamp(now.Add(-idle))).Scan(&ended).Error
	})
	return mapped(ended, func(h []byte) [32]byte { return [32]byte(h) }), err
}
