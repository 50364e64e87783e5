package db

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// roleRow is one row of roles.
type roleRow struct {
	ID      operators.Role `gorm:"primaryKey"`
	Name    string
	Verbs   document[[]devices.Verb]
	Created stamp
}

// TableName implements gorm's Tabler.
func (roleRow) TableName() string { return "roles" }

func (r roleRow) role() operators.OwnRole {
	return operators.OwnRole{ID: r.ID, Name: r.Name, Verbs: r.Verbs.v, Created: r.Created.time()}
}

// OwnRoles implements operators.Store.
func (s operatorStore) OwnRoles(ctx context.Context) ([]operators.OwnRole, error) {
	var rows []roleRow
	err := s.db.read(ctx, "operators.roles", func(tx *gorm.DB) error { return tx.Order("name").Find(&rows).Error })
	return mapped(rows, roleRow.role), err
}

// PutRole implements operators.Store.
func (s operatorStore) PutRole(ctx context.Context, r operators.OwnRole, needing []operators.Role, a devices.AuditEntry) error {
	row := roleRow{ID: r.ID, Name: r.Name, Verbs: document[[]devices.Verb]{r.Verbs}, Created: stamp(r.Created)}
	return s.db.write(ctx, "operators.put_role", normal, func(tx *gorm.DB) error {
		var taken int
		if err := tx.Raw("SELECT count(*) FROM roles WHERE name = ? AND id <> ?", r.Name, r.ID).Scan(&taken).Error; err != nil {
			return err
		}
		if taken > 0 {
			return conflict("name", "another role has this name")
		}
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if needing != nil {
			if err := saveFactorRoles(tx, needing); err != nil {
				return err
			}
		}
		return audit(tx, a)
	})
}

// RemoveRole implements operators.Store.
func (s operatorStore) RemoveRole(ctx context.Context, id operators.Role, a devices.AuditEntry) error {
	return s.db.write(ctx, "operators.remove_role", normal, func(tx *gorm.DB) error {
		var having int
		if err := tx.Raw("SELECT count(*) FROM operators WHERE role = ?", id).Scan(&having).Error; err != nil {
			return err
		}
		if having > 0 {
			return conflict("", "somebody has this role: give them another one first")
		}
		if err := changed(tx.Where("id = ?", id).Delete(&roleRow{}), "role", string(id)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// roleIsThere refuses an own role that does not exist (any more).
func roleIsThere(tx *gorm.DB, r operators.Role) error {
	if slices.Contains(operators.Roles(), r) {
		return nil
	}
	var there int
	err := tx.Raw("SELECT count(*) FROM roles WHERE id = ?", r).Scan(&there).Error
	if err == nil && there == 0 {
		err = conflict("role", "this role does not exist any more")
	}
	return err
}
