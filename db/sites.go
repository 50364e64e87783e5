package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// siteRow is one row of sites.
type siteRow struct {
	ID       devices.SiteID `gorm:"primaryKey"`
	Name     string
	TimeZone string
	Revision devices.Revision
}

// TableName implements gorm's Tabler.
func (siteRow) TableName() string { return "sites" }

// zoneRow is one row of zones.
type zoneRow struct {
	ID   devices.ZoneID `gorm:"primaryKey"`
	Site devices.SiteID
	Name string
}

// TableName implements gorm's Tabler.
func (zoneRow) TableName() string { return "zones" }

// Sites implements devices.Store.
func (s deviceStore) Sites(ctx context.Context) ([]devices.Site, error) {
	var rows []siteRow
	err := s.db.read(ctx, "store.sites", func(tx *gorm.DB) error { return tx.Order("id").Find(&rows).Error })
	return mapped(rows, func(r siteRow) devices.Site { return devices.Site(r) }), err
}

// Zones implements devices.Store.
func (s deviceStore) Zones(ctx context.Context) ([]devices.Zone, error) {
	var rows []zoneRow
	err := s.db.read(ctx, "store.zones", func(tx *gorm.DB) error { return tx.Order("id").Find(&rows).Error })
	return mapped(rows, func(r zoneRow) devices.Zone { return devices.Zone(r) }), err
}

// AddSite implements devices.Store.
func (s deviceStore) AddSite(ctx context.Context, site devices.Site, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.add_site", normal, func(tx *gorm.DB) error {
		row := siteRow(site)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// AddZone implements devices.Store.
func (s deviceStore) AddZone(ctx context.Context, z devices.Zone, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.add_zone", normal, func(tx *gorm.DB) error {
		if _, err := raise(tx, z.Site); err != nil {
			return err
		}
		row := zoneRow(z)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}
