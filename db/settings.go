package db

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// settingRow is what people decided for the whole platform, as JSON.
type settingRow[T any] struct {
	Name  string `gorm:"primaryKey"`
	Value document[T]
}

// TableName implements gorm's Tabler.
func (settingRow[T]) TableName() string { return "settings" }

// factorRoles is the name of the setting.
const factorRoles = "factor_roles"

// FactorRoles implements operators.Store.
func (s operatorStore) FactorRoles(ctx context.Context) (roles []operators.Role, said bool, err error) {
	err = s.db.read(ctx, "operators.factor_roles", func(tx *gorm.DB) error {
		var row settingRow[[]operators.Role]
		err := tx.Where("name = ?", factorRoles).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		roles, said = row.Value.v, err == nil
		return err
	})
	return roles, said, err
}

// SetFactorRoles implements operators.Store.
func (s operatorStore) SetFactorRoles(ctx context.Context, roles []operators.Role, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.set_factor_roles", normal, func(tx *gorm.DB) error {
		if err := saveFactorRoles(tx, roles); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

func saveFactorRoles(tx *gorm.DB, roles []operators.Role) error {
	row := settingRow[[]operators.Role]{Name: factorRoles, Value: document[[]operators.Role]{roles}}
	return tx.Save(&row).Error
}
