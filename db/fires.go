package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
)

// fireReportRow is one row of fire_reports.
type fireReportRow struct {
	ID       string `gorm:"primaryKey"`
	Site     devices.SiteID
	Since    stamp
	Report   document[devices.FireReport]
	Revision devices.Revision
}

// TableName implements gorm's Tabler.
func (fireReportRow) TableName() string { return "fire_reports" }

func (r fireReportRow) report() devices.FireReport {
	f := r.Report.v
	f.Revision = r.Revision
	return f
}

// fireWiringRow is one row of fire_wiring.
type fireWiringRow struct {
	Device    devices.DeviceID `gorm:"primaryKey"`
	FireGroup string
	Input     string
}

// TableName implements gorm's Tabler.
func (fireWiringRow) TableName() string { return "fire_wiring" }

// SaveFire implements devices.Store.
func (s deviceStore) SaveFire(ctx context.Context, f devices.FireReport, entries ...devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_fire", urgent, func(tx *gorm.DB) error {
		if r, err = raise(tx, f.Site); err != nil {
			return err
		}
		row := fireReportRow{ID: f.ID, Site: f.Site, Since: stamp(f.Since), Report: document[devices.FireReport]{f}, Revision: r}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		for _, a := range entries {
			if err := audit(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

// Fires implements devices.Store.
func (s deviceStore) Fires(ctx context.Context, limit int) ([]devices.FireReport, error) {
	var rows []fireReportRow
	err := s.db.read(ctx, "store.fires", func(tx *gorm.DB) error {
		return tx.Order("since DESC, id DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, fireReportRow.report), err
}

// SaveFireWiring implements devices.Store.
func (s deviceStore) SaveFireWiring(ctx context.Context, d devices.DeviceID, f devices.FireWiring, a devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_fire_wiring", normal, func(tx *gorm.DB) error {
		if r, err = raiseDevice(tx, d); err != nil {
			return err
		}
		row := fireWiringRow{Device: d, FireGroup: f.Group, Input: f.Input}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return r, err
}

// fireWiring gives what each device has to do with fire groups.
func fireWiring(tx *gorm.DB) (map[devices.DeviceID]devices.FireWiring, error) {
	var rows []fireWiringRow
	err := tx.Find(&rows).Error
	all := make(map[devices.DeviceID]devices.FireWiring, len(rows))
	for _, r := range rows {
		all[r.Device] = devices.FireWiring{Group: r.FireGroup, Input: r.Input}
	}
	return all, err
}
