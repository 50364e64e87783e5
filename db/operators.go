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
	ID       operators.ID `gorm:"primaryKey"`
	Name     string
	Password string
	Role     operators.Role
	Language string
	Created  stamp
	Disabled bool
}

// TableName implements gorm's Tabler.
func (operatorRow) TableName() string { return "operators" }

func (r operatorRow) operator() operators.Operator {
	return operators.Operator{
		ID: r.ID, Name: r.Name, Password: r.Password, Role: r.Role, Language: r.Language,
		Created: r.Created.time(), Disabled: r.Disabled,
	}
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
	row := operatorRow{
		ID: o.ID, Name: o.Name, Password: o.Password, Role: o.Role, Language: o.Language,
		Created: stamp(o.Created), Disabled: o.Disabled,
	}
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

// SetPassword implements operators.Store.
func (s operatorStore) SetPassword(ctx context.Context, id operators.ID, phc string) error {
	return s.set(ctx, "operators.set_password", id, "password", phc)
}

// SetLanguage implements operators.Store.
func (s operatorStore) SetLanguage(ctx context.Context, id operators.ID, language string) error {
	return s.set(ctx, "operators.set_language", id, "language", language)
}

func (s operatorStore) set(ctx context.Context, op string, id operators.ID, column, value string) error {
	return s.db.write(ctx, op, normal, func(tx *gorm.DB) error {
		return changed(tx.Model(&operatorRow{}).Where("id = ?", id).Update(column, value), "operator", string(id))
	})
}
