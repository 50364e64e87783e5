package db

import (
	"context"
	"slices"

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

// layersAtOnce is how many layers one statement stores: far from the most values that
// SQLite takes in one.
const layersAtOnce = 200

// SaveLayers implements devices.Store. It goes with the commands: a lockdown does
// not wait behind a crowd of events.
func (s deviceStore) SaveLayers(ctx context.Context, all []devices.Layer, a []devices.AuditEntry) (out []devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_layers", urgent, func(tx *gorm.DB) error {
		rows, err := raisedLayers(tx, all)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(rows, layersAtOnce) {
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&some).Error; err != nil {
				return err
			}
		}
		for _, entry := range a {
			if err := audit(tx, entry); err != nil {
				return err
			}
		}
		out = mapped(rows, func(r layerRow) devices.Revision { return r.Revision })
		return nil
	})
	return out, err
}

// raisedLayers are the rows of layers, with one new revision for each site.
func raisedLayers(tx *gorm.DB, all []devices.Layer) ([]layerRow, error) {
	raised := map[devices.SiteID]devices.Revision{}
	rows := make([]layerRow, len(all))
	for i, l := range all {
		rows[i] = newLayerRow(l)
		site := rows[i].Site
		if raised[site] == 0 {
			r, err := raise(tx, site)
			if err != nil {
				return nil, err
			}
			raised[site] = r
		}
		rows[i].Revision = raised[site]
	}
	return rows, nil
}
