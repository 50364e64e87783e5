package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/bans"
)

// banStore is bans.Store.
type banStore struct{ db *DB }

// banRow is one row of bans.
type banRow struct {
	ID           bans.ID `gorm:"primaryKey"`
	Kind         bans.Kind
	Value        string
	Reason       string
	ByKind       string
	ByID         string
	ByName       string
	Since        stamp
	Until        stamp
	Lifted       stamp
	LiftedByKind string
	LiftedByID   string
	LiftedByName string
	LiftReason   string
	Refused      int64
	LastRefused  stamp
}

// TableName implements gorm's Tabler.
func (banRow) TableName() string { return "bans" }

func (r banRow) ban() bans.Ban {
	return bans.Ban{
		ID: r.ID, Kind: r.Kind, Value: r.Value, Reason: r.Reason, By: arbiter.Who{Kind: r.ByKind, ID: r.ByID, Name: r.ByName},
		Since: r.Since.time(), Until: r.Until.time(), Lifted: r.Lifted.time(),
		LiftedBy: arbiter.Who{Kind: r.LiftedByKind, ID: r.LiftedByID, Name: r.LiftedByName}, LiftReason: r.LiftReason,
		Refused: r.Refused, LastRefused: r.LastRefused.time(),
	}
}

// Bans implements bans.Store.
func (s banStore) Bans(ctx context.Context) ([]bans.Ban, error) {
	var rows []banRow
	err := s.db.read(ctx, "bans.all", func(tx *gorm.DB) error { return tx.Order("id").Find(&rows).Error })
	return mapped(rows, banRow.ban), err
}

// AddBan implements bans.Store.
func (s banStore) AddBan(ctx context.Context, b bans.Ban, a devices.AuditEntry) error {
	row := banRow{
		ID: b.ID, Kind: b.Kind, Value: b.Value, Reason: b.Reason, ByKind: b.By.Kind, ByID: b.By.ID, ByName: b.By.Name,
		Since: stamp(b.Since), Until: stamp(b.Until), Refused: b.Refused, LastRefused: stamp(b.LastRefused),
	}
	return s.db.write(ctx, "bans.add", normal, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// LiftBan implements bans.Store.
func (s banStore) LiftBan(ctx context.Context, b bans.Ban, a devices.AuditEntry) error {
	return s.db.write(ctx, "bans.lift", normal, func(tx *gorm.DB) error {
		res := tx.Model(&banRow{}).Where("id = ? AND lifted IS NULL", b.ID).Updates(map[string]any{
			"lifted": stamp(b.Lifted), "lifted_by_kind": b.LiftedBy.Kind, "lifted_by_id": b.LiftedBy.ID, "lifted_by_name": b.LiftedBy.Name, "lift_reason": b.LiftReason,
		})
		if err := changed(res, "ban", string(b.ID)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// CountBans implements bans.Store.
func (s banStore) CountBans(ctx context.Context, all []bans.Ban) error {
	return s.db.write(ctx, "bans.count", normal, func(tx *gorm.DB) error {
		for _, b := range all {
			err := tx.Model(&banRow{}).Where("id = ?", b.ID).Updates(map[string]any{"refused": b.Refused, "last_refused": stamp(b.LastRefused)}).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// DropBans implements bans.Store.
func (s banStore) DropBans(ctx context.Context, before time.Time) error {
	return s.db.write(ctx, "bans.drop", normal, func(tx *gorm.DB) error {
		return tx.Where("coalesce(lifted, until) < ?", stamp(before)).Delete(&banRow{}).Error
	})
}
