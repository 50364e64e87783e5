package db

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// operatorSessionRow is one row of operator_sessions.
type operatorSessionRow struct {
	Session   []byte `gorm:"primaryKey"`
	Token     []byte
	Operator  operators.ID
	Created   stamp
	LastSeen  stamp
	Expires   stamp
	Address   string
	UserAgent string
	Proved    stamp
	Booth     *operators.BoothID
	Lock      int64 // ms
}

// TableName implements gorm's Tabler.
func (operatorSessionRow) TableName() string { return "operator_sessions" }

// damaged is whether it has no key: then it is nobody's session, and must not be taken for that of another such row.
func (r operatorSessionRow) damaged() bool { return len(r.Session) != digestSize }

func (r operatorSessionRow) session() operators.Session {
	v := operators.Session{
		Key: digest(r.Session), Token: digest(r.Token), Operator: r.Operator, Created: r.Created.time(), LastSeen: r.LastSeen.time(),
		Expires: r.Expires.time(), Address: r.Address, UserAgent: r.UserAgent, Proved: r.Proved.time(),
		Lock: time.Duration(r.Lock) * time.Millisecond,
	}
	if r.Booth != nil {
		v.Booth = *r.Booth
	}
	return v
}

// AddSession implements operators.Store.
func (s operatorStore) AddSession(ctx context.Context, v operators.Session, a devices.AuditEntry) error {
	row := operatorSessionRow{
		Session: v.Key[:], Token: v.Token[:], Operator: v.Operator, Created: stamp(v.Created), LastSeen: stamp(v.LastSeen),
		Expires: stamp(v.Expires), Address: v.Address, UserAgent: v.UserAgent, Proved: stamp(v.Proved),
		Lock: v.Lock.Milliseconds(),
	}
	if v.Booth != "" {
		row.Booth = &v.Booth
	}
	return s.db.write(ctx, "operators.add_session", normal, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// Session implements operators.Store.
func (s operatorStore) Session(ctx context.Context, token [32]byte) (v operators.Session, err error) {
	err = s.db.read(ctx, "operators.session", func(tx *gorm.DB) error {
		row, err := one[operatorSessionRow](tx.Where("token = ?", token[:]), "session", "")
		if err != nil {
			return err
		}
		if row.damaged() {
			return notFound("session", "")
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
		return tx.Where("operator = ?", id).Order("last_seen DESC, session").Find(&rows).Error
	})
	return mapped(slices.DeleteFunc(rows, operatorSessionRow.damaged), operatorSessionRow.session), err
}

// TouchSession implements operators.Store.
func (s operatorStore) TouchSession(ctx context.Context, k operators.SessionKey, at time.Time) error {
	return s.db.write(ctx, "operators.touch_session", normal, func(tx *gorm.DB) error {
		return changed(tx.Model(&operatorSessionRow{}).Where("session = ?", k[:]).Update("last_seen", stamp(at)), "session", "")
	})
}

// ProveSession implements operators.Store.
func (s operatorStore) ProveSession(ctx context.Context, k operators.SessionKey, was, token [32]byte, at time.Time, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.prove_session", normal, func(tx *gorm.DB) error {
		res := tx.Model(&operatorSessionRow{}).Where("session = ? AND token = ?", k[:], was[:]).
			Updates(map[string]any{"proved": stamp(at), "token": token[:]})
		if err := changed(res, "session", ""); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// DeleteSession implements operators.Store.
func (s operatorStore) DeleteSession(ctx context.Context, k operators.SessionKey, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.delete_session", normal, func(tx *gorm.DB) error {
		res := tx.Where("session = ?", k[:]).Delete(&operatorSessionRow{})
		if err := changed(res, "session", ""); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// DeleteExpired implements operators.Store.
func (s operatorStore) DeleteExpired(ctx context.Context, now time.Time, idle time.Duration) ([]operators.SessionKey, error) {
	var ended [][]byte
	err := s.db.write(ctx, "operators.delete_expired", normal, func(tx *gorm.DB) error {
		return tx.Raw("DELETE FROM operator_sessions WHERE expires <= ? OR last_seen <= ? RETURNING session",
			stamp(now), stamp(now.Add(-idle))).Scan(&ended).Error
	})
	return sessionKeys(ended), err
}
