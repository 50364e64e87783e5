package db

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// retirementRow is one row of retirements.
type retirementRow struct {
	Device    devices.DeviceID `gorm:"primaryKey"`
	At        stamp
	Successor *devices.DeviceID
}

// TableName implements gorm's Tabler.
func (retirementRow) TableName() string { return "retirements" }

// withRetirements says of devices which are retired, and whose place they took.
func withRetirements(lives []devices.Live, rows []retirementRow) {
	byID := make(map[devices.DeviceID]*devices.Device, len(lives))
	for i := range lives {
		byID[lives[i].Device.ID] = &lives[i].Device
	}
	for _, r := range rows {
		if d := byID[r.Device]; d != nil {
			d.Retired = r.At.time()
		}
		if r.Successor != nil && byID[*r.Successor] != nil {
			byID[*r.Successor].Replaces = r.Device
		}
	}
}

// RenameSite implements devices.Store.
func (s deviceStore) RenameSite(ctx context.Context, id devices.SiteID, name string, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.rename_site", normal, func(tx *gorm.DB) error {
		if _, err := raise(tx, id); err != nil {
			return err
		}
		if err := tx.Model(&siteRow{}).Where("id = ?", id).Update("name", name).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// RenameZone implements devices.Store.
func (s deviceStore) RenameZone(ctx context.Context, id devices.ZoneID, name string, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.rename_zone", normal, func(tx *gorm.DB) error {
		zone, err := one[zoneRow](tx.Where("id = ?", id), "zone", string(id))
		if err != nil {
			return err
		}
		if _, err := raise(tx, zone.Site); err != nil {
			return err
		}
		if err := tx.Model(&zoneRow{}).Where("id = ?", id).Update("name", name).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// EditDevice implements devices.Store.
func (s deviceStore) EditDevice(ctx context.Context, id devices.DeviceID, zone devices.ZoneID, name string, a devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.edit_device", normal, func(tx *gorm.DB) error {
		if err := inService(tx, id); err != nil {
			return err
		}
		if r, err = raiseDevice(tx, id); err != nil {
			return err
		}
		columns := map[string]any{"zone": zone, "name": name}
		if err := tx.Model(&deviceRow{}).Where("id = ?", id).Updates(columns).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return r, err
}

// Retire implements devices.Store. Schedules follow a device that is replaced within
// its site; without a successor there they pause.
func (s deviceStore) Retire(ctx context.Context, q devices.Retirement, a devices.AuditEntry) (old, heir devices.Revision, err error) {
	err = s.db.write(ctx, "store.retire", normal, func(tx *gorm.DB) error {
		if err := inService(tx, q.Device); err != nil {
			return err
		}
		if old, err = raiseDevice(tx, q.Device); err != nil {
			return err
		}
		row := retirementRow{Device: q.Device, At: stamp(q.At)}
		if q.Successor != nil {
			row.Successor = &q.Successor.ID
			if heir, err = raise(tx, q.Successor.Site); err != nil {
				return err
			}
			if err := tx.Create(newDeviceRow(*q.Successor, heir)).Error; err != nil {
				return err
			}
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		gone := map[string]any{"link_status": presence.Offline, "link_since": stamp(q.At), "link_cause": devices.CauseRetired}
		if err := tx.Model(&deviceRow{}).Where("id = ? AND link_status <> ?", q.Device, presence.NeverSeen).Updates(gone).Error; err != nil {
			return err
		}
		if err := endConnection(tx, q.Device, q.At, devices.CauseRetired); err != nil {
			return err
		}
		if q.Successor != nil {
			if err := bequeathConfig(tx, q.Device, q.Successor.ID); err != nil {
				return err
			}
		}
		if err := handOver(tx, q); err != nil {
			return err
		}
		return audit(tx, a)
	})
	return old, heir, err
}

// inService is Conflict for a device that is retired.
func inService(tx *gorm.DB, id devices.DeviceID) error {
	var rows []retirementRow
	if err := tx.Where("device = ?", id).Find(&rows).Error; err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r retirementRow) bool { return r.Device == id }) {
		return conflict("device", "it is retired")
	}
	return nil
}

// handOver gives the fire wiring, the schedules, the timetables and the places on plans of a
// device to its successor within the site; or schedules (see handOverSchedules), timetables and
// plans lose it.
func handOver(tx *gorm.DB, q devices.Retirement) error {
	heir := ""
	var site devices.SiteID
	if q.Successor != nil {
		heir, site = string(q.Successor.ID), q.Successor.Site
	}
	const wiring = "INSERT INTO fire_wiring (device, fire_group, input) SELECT id, fire_group, input FROM fire_wiring, devices WHERE device = ? AND id = ? AND site = (SELECT site FROM devices WHERE id = ?)"
	if err := tx.Exec(wiring, q.Device, heir, q.Device).Error; err != nil {
		return err
	}
	if err := handOverSchedules(tx, string(q.Device), heir, site, q.At); err != nil {
		return err
	}
	const follow = "UPDATE timetable_targets SET target = ? WHERE kind = 'device' AND target = ? AND (SELECT site FROM timetables WHERE id = timetable) = ?"
	if err := tx.Exec(follow, heir, q.Device, site).Error; err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM timetable_targets WHERE kind = 'device' AND target = ?", q.Device).Error; err != nil {
		return err
	}
	return handOverPins(tx, q.Device, devices.DeviceID(heir), site)
}
