package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// AddRoster implements devices.Store.
func (s deviceStore) AddRoster(ctx context.Context, zones []devices.Zone, list []devices.Device, configs map[devices.DeviceID]devices.Configuration, a []devices.AuditEntry) (out []devices.Revision, err error) {
	err = s.db.write(ctx, "store.add_roster", normal, func(tx *gorm.DB) error {
		out = make([]devices.Revision, 0, len(list))
		for _, z := range zones {
			if _, err := raise(tx, z.Site); err != nil {
				return err
			}
			row := zoneRow(z)
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		for _, d := range list {
			r, err := raise(tx, d.Site)
			if err != nil {
				return err
			}
			if err := tx.Create(newDeviceRow(d, r)).Error; err != nil {
				return err
			}
			if c, wanted := configs[d.ID]; wanted {
				if err := tx.Create(newConfigRow(d.ID, c)).Error; err != nil {
					return err
				}
			}
			out = append(out, r)
		}
		for _, e := range a {
			if err := audit(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
