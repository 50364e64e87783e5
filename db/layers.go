package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// layerRow is one row of layers.
type layerRow struct {
	Site      devices.SiteID    `gorm:"primaryKey"`
	Layer     arbiter.Layer     `gorm:"primaryKey"`
	Scope     arbiter.ScopeKind `gorm:"primaryKey"`
	ScopeID   string            `gorm:"primaryKey"`
	Direction string            `gorm:"primaryKey"`
	Zone      devices.ZoneID
	Mode      devices.Mode
	ByKind    string
	ByID      string
	ByName    string
	Reason    string
	Since     stamp
	Until     stamp
	IsSet     bool
	Revision  devices.Revision
}

// TableName implements gorm's Tabler.
func (layerRow) TableName() string { return "layers" }

func newLayerRow(l devices.Layer) layerRow {
	return layerRow{
		Site: devices.SiteID(l.Scope.Site), Layer: l.Layer, Scope: l.Scope.Kind, ScopeID: l.Scope.ID, Direction: l.Scope.Direction,
		Zone: l.Zone, Mode: l.Mode, ByKind: l.By.Kind, ByID: l.By.ID, ByName: l.By.Name, Reason: l.Reason,
		Since: stamp(l.Since), Until: stamp(l.Until), IsSet: l.Set, Revision: l.Revision,
	}
}

func (r layerRow) layer() devices.Layer {
	return devices.Layer{
		Zone: r.Zone, Set: r.IsSet, Revision: r.Revision,
		Setting: arbiter.Setting{
			Layer: r.Layer, Scope: arbiter.Scope{Kind: r.Scope, Site: string(r.Site), ID: r.ScopeID, Direction: r.Direction},
			Mode: r.Mode, By: arbiter.Who{Kind: r.ByKind, ID: r.ByID, Name: r.ByName}, Reason: r.Reason,
			Since: r.Since.time(), Until: r.Until.time(),
		},
	}
}

// Layers implements devices.Store.
func (s deviceStore) Layers(ctx context.Context) ([]devices.Layer, error) {
	var rows []layerRow
	err := s.db.read(ctx, "store.layers", func(tx *gorm.DB) error { return tx.Where("is_set = 1").Find(&rows).Error })
	return mapped(rows, layerRow.layer), err
}

// SaveLayer implements devices.Store. It goes with the commands: a lockdown does
// not wait behind a crowd of events.
func (s deviceStore) SaveLayer(ctx context.Context, l devices.Layer, a devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_layer", urgent, func(tx *gorm.DB) error {
		if r, err = raise(tx, devices.SiteID(l.Scope.Site)); err != nil {
			return err
		}
		row := newLayerRow(l)
		row.Revision = r
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return r, err
}
