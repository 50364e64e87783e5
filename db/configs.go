package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// configRow is one row of device_configs.
type configRow struct {
	Device   devices.DeviceID `gorm:"primaryKey"`
	Revision int64            `gorm:"primaryKey"`
	Settings document[map[string]string]
	At       stamp
	ByKind   string
	ByID     string
	ByName   string
}

// TableName implements gorm's Tabler.
func (configRow) TableName() string { return "device_configs" }

func newConfigRow(d devices.DeviceID, c devices.Configuration) *configRow {
	return &configRow{
		Device: d, Revision: c.Revision, Settings: document[map[string]string]{c.Settings.Texts()}, At: stamp(c.At),
		ByKind: c.By.Kind, ByID: c.By.ID, ByName: c.By.Name,
	}
}

func (r configRow) configuration() devices.Configuration {
	return devices.Configuration{
		Revision: r.Revision, Settings: devices.StoredSettings(r.Settings.v), At: r.At.time(),
		By: arbiter.Who{Kind: r.ByKind, ID: r.ByID, Name: r.ByName},
	}
}

// SaveConfig implements devices.Store.
func (s deviceStore) SaveConfig(ctx context.Context, d devices.DeviceID, c devices.Configuration, a devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_config", normal, func(tx *gorm.DB) error {
		if err := inService(tx, d); err != nil {
			return err
		}
		if r, err = raiseDevice(tx, d); err != nil {
			return err
		}
		if err := tx.Create(newConfigRow(d, c)).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return r, err
}

// Configs implements devices.Store.
func (s deviceStore) Configs(ctx context.Context, d devices.DeviceID, limit int) ([]devices.Configuration, error) {
	var rows []configRow
	err := s.db.read(ctx, "store.configs", func(tx *gorm.DB) error {
		return tx.Where("device = ?", d).Order("revision DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, configRow.configuration), err
}

// newestConfigs gives the present configuration of every device that has one.
func newestConfigs(tx *gorm.DB) (map[devices.DeviceID]devices.Configuration, error) {
	var rows []configRow
	const newest = "SELECT c.* FROM device_configs c WHERE c.revision = (SELECT max(revision) FROM device_configs WHERE device = c.device)"
	if err := tx.Raw(newest).Scan(&rows).Error; err != nil {
		return nil, err
	}
	all := make(map[devices.DeviceID]devices.Configuration, len(rows))
	for _, r := range rows {
		all[r.Device] = r.configuration()
	}
	return all, nil
}

// bequeathConfig has a successor begin with the configuration of the device whose
// place it takes.
func bequeathConfig(tx *gorm.DB, from, to devices.DeviceID) error {
	const copied = "INSERT INTO device_configs (device, revision, settings, at, by_kind, by_id, by_name) " +
		"SELECT ?, revision, settings, at, by_kind, by_id, by_name FROM device_configs WHERE device = ? ORDER BY revision DESC LIMIT 1"
	return tx.Exec(copied, to, from).Error
}
