package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// operatorStore is operators.Store; its sessions are in operatorsessions.go.
type operatorStore struct{ db *DB }

// operatorRow is one row of operators.
type operatorRow struct {
	ID         operators.ID `gorm:"primaryKey"`
	Name       string
	Password   string
	Role       operators.Role
	Language   string
	Theme      string
	Created    stamp
	Disabled   bool
	MustChange bool
	FirstEnds  stamp
	Factor     []byte // sealed
	FactorStep int64
	Recovery   document[[][]byte] // SHA-256
	Scope      scopeColumn

	FactorWrong int
	Pin         []byte // sealed
	PinWrong    int
}

// TableName implements gorm's Tabler.
func (operatorRow) TableName() string { return "operators" }

func operatorRowOf(o operators.Operator) operatorRow {
	return operatorRow{
		ID: o.ID, Name: o.Name, Password: o.Password, Role: o.Role, Language: o.Language, Theme: o.Theme,
		Created: stamp(o.Created), Disabled: o.Disabled, MustChange: o.MustChange, FirstEnds: stamp(o.FirstEnds),
		Factor: o.Factor.Secret, FactorStep: o.Factor.Step, Recovery: document[[][]byte]{mapped(o.Factor.Recovery, func(h [32]byte) []byte { return h[:] })},
		FactorWrong: o.Factor.Wrong, Pin: o.PIN.Hash, PinWrong: o.PIN.Wrong,
		Scope: scopeColumnOf(o.Scope),
	}
}

func (r operatorRow) operator() operators.Operator {
	return operators.Operator{
		ID: r.ID, Name: r.Name, Password: r.Password, Role: r.Role, Language: r.Language, Theme: r.Theme,
		Created: r.Created.time(), Disabled: r.Disabled, MustChange: r.MustChange, FirstEnds: r.FirstEnds.time(),
		Factor: r.factor(), Scope: r.Scope.v, PIN: operators.PIN{Hash: r.Pin, Wrong: r.PinWrong},
	}
}

func (r operatorRow) factor() operators.Factor {
	f := operators.Factor{Secret: r.Factor, Step: r.FactorStep, Wrong: r.FactorWrong}
	for _, h := range r.Recovery.v {
		f.Recovery = append(f.Recovery, digest(h))
	}
	return f
}

// Operators implements operators.Store.
func (s operatorStore) Operators(ctx context.Context) (n int, err error) {
	err = s.db.read(ctx, "operators.count", func(tx *gorm.DB) error {
		return tx.Raw("SELECT count(*) FROM operators").Scan(&n).Error
	})
	return n, err
}

// OperatorByName implements operators.Store.
func (s operatorStore) OperatorByName(ctx context.Context, name string) (operators.Operator, error) {
	return s.find(ctx, "operators.by_name", "name = ?", name)
}

// Operator implements operators.Store.
func (s operatorStore) Operator(ctx context.Context, id operators.ID) (operators.Operator, error) {
	return s.find(ctx, "operators.operator", "id = ?", string(id))
}

func (s operatorStore) find(ctx context.Context, op, where, key string) (o operators.Operator, err error) {
	err = s.db.read(ctx, op, func(tx *gorm.DB) error {
		row, err := one[operatorRow](tx.Where(where, key), "operator", key)
		o = row.operator()
		return err
	})
	return o, err
}

// AddFirstOperator implements operators.Store.
func (s operatorStore) AddFirstOperator(ctx context.Context, o operators.Operator, a devices.AuditEntry) error {
	row := operatorRowOf(o)
	return s.db.write(ctx, "operators.add_first", normal, func(tx *gorm.DB) error {
		var n int
		if err := tx.Raw("SELECT count(*) FROM operators").Scan(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return conflict("", "there is an operator already")
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// AllOperators implements operators.Store.
func (s operatorStore) AllOperators(ctx context.Context) ([]operators.Operator, error) {
	var rows []operatorRow
	err := s.db.read(ctx, "operators.all", func(tx *gorm.DB) error { return tx.Order("name").Find(&rows).Error })
	return mapped(rows, operatorRow.operator), err
}

// AddOperator implements operators.Store.
func (s operatorStore) AddOperator(ctx context.Context, o operators.Operator, a devices.AuditEntry) error {
	row := operatorRowOf(o)
	return s.db.write(ctx, "operators.add", normal, func(tx *gorm.DB) error {
		var taken int
		if err := tx.Raw("SELECT count(*) FROM operators WHERE name = ?", o.Name).Scan(&taken).Error; err != nil {
			return err
		}
		if taken > 0 {
			return conflict("name", "somebody has this name")
		}
		if err := roleIsThere(tx, o.Role); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// EditOperator implements operators.Store.
func (s operatorStore) EditOperator(ctx context.Context, id operators.ID, change func(*operators.Operator) *devices.AuditEntry) (o operators.Operator, err error) {
	err = s.db.write(ctx, "operators.edit", normal, func(tx *gorm.DB) error {
		row, err := one[operatorRow](tx.Where("id = ?", string(id)), "operator", string(id))
		if err != nil {
			return err
		}
		o = row.operator()
		entry := change(&o)
		o.ID, o.Name, o.Created = row.ID, row.Name, row.Created.time()
		edited := operatorRowOf(o)
		if o.Role != row.Role {
			if err := roleIsThere(tx, o.Role); err != nil {
				return err
			}
		}
		if err := tx.Save(&edited).Error; err != nil {
			return err
		}
		if err := anAdministratorIsLeft(tx); err != nil || entry == nil {
			return err
		}
		return audit(tx, *entry)
	})
	return o, err
}

func anAdministratorIsLeft(tx *gorm.DB) error {
	var n int
	err := tx.Raw("SELECT count(*) FROM operators WHERE role = ? AND disabled = 0", operators.Administrator).Scan(&n).Error
	if err == nil && n == 0 {
		return conflict("", "this is the last administrator: make another one first")
	}
	return err
}
