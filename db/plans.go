package db

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

// planStore is plans.Store.
type planStore struct{ db *DB }

// planRow is one row of plans.
type planRow struct {
	ID       plans.ID `gorm:"primaryKey"`
	Site     devices.SiteID
	Name     string
	Position int
	Hash     []byte
	Format   plans.Format
	Size     int64
	Width    int
	Height   int
	Revision plans.Revision
	Changed  stamp
}

// TableName implements gorm's Tabler.
func (planRow) TableName() string { return "plans" }

// pinRow is one row of plan_pins.
type pinRow struct {
	Plan   plans.ID         `gorm:"primaryKey"`
	Device devices.DeviceID `gorm:"primaryKey"`
	X, Y   float64
	Turn   int
}

// TableName implements gorm's Tabler.
func (pinRow) TableName() string { return "plan_pins" }

func newPlanRow(p plans.Plan) planRow {
	return planRow{
		ID: p.ID, Site: p.Site, Name: p.Name, Position: p.Position, Hash: p.Picture.Hash[:], Format: p.Picture.Format, Size: p.Picture.Size,
		Width: p.Picture.Width, Height: p.Picture.Height, Revision: p.Revision, Changed: stamp(p.Changed),
	}
}

func (r planRow) plan(pins []plans.Pin) plans.Plan {
	p := plans.Plan{
		ID: r.ID, Site: r.Site, Name: r.Name, Position: r.Position, Pins: pins, Revision: r.Revision, Changed: r.Changed.time(),
		Picture: plans.Picture{Format: r.Format, Size: r.Size, Width: r.Width, Height: r.Height},
	}
	copy(p.Picture.Hash[:], r.Hash)
	return p
}

// Plans implements plans.Store.
func (s planStore) Plans(ctx context.Context) ([]plans.Plan, error) {
	return s.read(ctx, "plan.plans", func(tx *gorm.DB) *gorm.DB { return tx })
}

// Plan implements plans.Store.
func (s planStore) Plan(ctx context.Context, id plans.ID) (plans.Plan, error) {
	all, err := s.read(ctx, "plan.plan", func(tx *gorm.DB) *gorm.DB { return tx.Where("id = ?", id) })
	if err == nil && len(all) == 0 {
		err = notFound("plan", string(id))
	}
	if err != nil {
		return plans.Plan{}, err
	}
	return all[0], nil
}

func (s planStore) read(ctx context.Context, op string, which func(*gorm.DB) *gorm.DB) (all []plans.Plan, err error) {
	err = s.db.read(ctx, op, func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error { // both reads see one state
			var rows []planRow
			if err := which(tx).Order("site, position, id").Find(&rows).Error; err != nil {
				return err
			}
			var pins []pinRow
			of := tx.Where("plan IN (?)", mapped(rows, func(r planRow) plans.ID { return r.ID }))
			if err := of.Order("plan, device").Find(&pins).Error; err != nil {
				return err
			}
			on := make(map[plans.ID][]plans.Pin, len(rows))
			for _, p := range pins {
				on[p.Plan] = append(on[p.Plan], plans.Pin{Device: p.Device, X: p.X, Y: p.Y, Turn: p.Turn})
			}
			all = mapped(rows, func(r planRow) plans.Plan { return r.plan(on[r.ID]) })
			return nil
		})
	})
	return all, err
}

// AddPlan implements plans.Store.
func (s planStore) AddPlan(ctx context.Context, p plans.Plan, a devices.AuditEntry) (plans.Plan, error) {
	err := s.db.write(ctx, "plan.add", normal, func(tx *gorm.DB) error {
		if err := tx.Model(&planRow{}).Where("site = ?", p.Site).Select("coalesce(max(position) + 1, 0)").Scan(&p.Position).Error; err != nil {
			return err
		}
		row := newPlanRow(p)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return p, err
}

// ChangePlan implements plans.Store.
func (s planStore) ChangePlan(ctx context.Context, p plans.Plan, a devices.AuditEntry) (next plans.Revision, err error) {
	err = s.db.write(ctx, "plan.change", normal, func(tx *gorm.DB) error {
		was, err := planAt(tx, p.ID, p.Revision)
		if err != nil {
			return err
		}
		if err := placeable(tx, was.Site, p.Pins); err != nil {
			return err
		}
		row := newPlanRow(p)
		row.Site, row.Position, row.Revision = was.Site, was.Position, was.Revision+1
		next = row.Revision
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if err := tx.Where("plan = ?", p.ID).Delete(&pinRow{}).Error; err != nil {
			return err
		}
		if len(p.Pins) > 0 {
			pins := mapped(p.Pins, func(x plans.Pin) pinRow { return pinRow{Plan: p.ID, Device: x.Device, X: x.X, Y: x.Y, Turn: x.Turn} })
			if err := tx.CreateInBatches(pins, rowsAtOnce).Error; err != nil {
				return err
			}
		}
		return audit(tx, a)
	})
	return next, err
}

// planAt is a plan that has a revision still.
func planAt(tx *gorm.DB, id plans.ID, base plans.Revision) (planRow, error) {
	row, err := one[planRow](tx.Where("id = ?", id), "plan", string(id))
	if err == nil && row.Revision != base {
		err = plans.Outdated(row.Revision)
	}
	return row, err
}

// placeable is Conflict if a pin is of a device that is not in service at a site.
func placeable(tx *gorm.DB, site devices.SiteID, pins []plans.Pin) error {
	var there []string
	ids := mapped(pins, func(p plans.Pin) string { return string(p.Device) })
	find := tx.Model(&deviceRow{}).Where("site = ? AND id IN (?) AND id NOT IN (SELECT device FROM retirements)", site, ids)
	if err := find.Pluck("id", &there).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.Contains(there, id) {
			return conflict("pins", "device "+id+" is not in service at the site of the plan any more: read the plan anew")
		}
	}
	return nil
}

// RemovePlan implements plans.Store.
func (s planStore) RemovePlan(ctx context.Context, id plans.ID, base plans.Revision, a devices.AuditEntry) error {
	return s.db.write(ctx, "plan.remove", normal, func(tx *gorm.DB) error {
		if _, err := planAt(tx, id, base); err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Delete(&planRow{}).Error; err != nil { // its pins go with it
			return err
		}
		return audit(tx, a)
	})
}

// OrderPlans implements plans.Store.
func (s planStore) OrderPlans(ctx context.Context, site devices.SiteID, ids []plans.ID, a devices.AuditEntry) error {
	return s.db.write(ctx, "plan.order", normal, func(tx *gorm.DB) error {
		var rows []planRow
		if err := tx.Where("site = ?", site).Order("id").Find(&rows).Error; err != nil {
			return err
		}
		if sorted := slices.Sorted(slices.Values(ids)); !slices.Equal(sorted, mapped(rows, func(r planRow) plans.ID { return r.ID })) {
			return conflict("plans", "must be the plans that the site has now, each once: read them anew")
		}
		for i, id := range ids {
			if err := tx.Model(&planRow{}).Where("id = ?", id).Update("position", i).Error; err != nil {
				return err
			}
		}
		return audit(tx, a)
	})
}

// handOverPins puts the successor of a device, at its site, where the device stands on plans, and
// takes the device away. Plans that have it get their next revision: an edit of before would
// bring it back.
func handOverPins(tx *gorm.DB, old, heir devices.DeviceID, site devices.SiteID) error {
	const raised = "UPDATE plans SET revision = revision + 1 WHERE id IN (SELECT plan FROM plan_pins WHERE device = ?)"
	if err := tx.Exec(raised, old).Error; err != nil {
		return err
	}
	const follow = "UPDATE plan_pins SET device = ? WHERE device = ? AND (SELECT site FROM plans WHERE id = plan) = ?"
	if err := tx.Exec(follow, heir, old, site).Error; err != nil {
		return err
	}
	return tx.Exec("DELETE FROM plan_pins WHERE device = ?", old).Error
}
