package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// changeRow is one row of state_changes.
type changeRow struct {
	ID         int64 `gorm:"primaryKey"`
	Device     devices.DeviceID
	Field      string
	Was        string
	Now        string
	DeviceTime stamp
	ArrivedAt  stamp
	Command    devices.CommandID
	Revision   devices.Revision
}

// TableName implements gorm's Tabler.
func (changeRow) TableName() string { return "state_changes" }

func (r changeRow) change() devices.StateChange {
	return devices.StateChange{
		ID: r.ID, Device: r.Device, Field: r.Field, Was: r.Was, Now: r.Now, DeviceTime: r.DeviceTime.time(),
		ArrivedAt: r.ArrivedAt.time(), Command: r.Command, Revision: r.Revision,
	}
}

// addChanges keeps what a report changed. A report that changes nothing writes no
// row.
func addChanges(tx *gorm.DB, changes []devices.StateChange, r devices.Revision) error {
	if len(changes) == 0 {
		return nil
	}
	rows := make([]changeRow, len(changes))
	for i, c := range changes {
		rows[i] = changeRow{
			Device: c.Device, Field: c.Field, Was: c.Was, Now: c.Now, DeviceTime: stamp(c.DeviceTime),
			ArrivedAt: stamp(c.ArrivedAt), Command: c.Command, Revision: r,
		}
	}
	return tx.Create(&rows).Error
}

// Changes implements devices.Store.
func (s deviceStore) Changes(ctx context.Context, q devices.ChangeQuery) ([]devices.StateChange, error) {
	var rows []changeRow
	err := s.db.read(ctx, "store.changes", func(tx *gorm.DB) error {
		tx = tx.Where("device IN ?", q.Devices)
		switch q.Field {
		case "":
		case devices.SettingsField:
			tx = tx.Where("field >= 'settings.' AND field < 'settings/'") // what begins with it
		default:
			tx = tx.Where("field = ?", q.Field)
		}
		tx = within(tx, "arrived_at", q.From, q.To)
		if q.Before > 0 {
			tx = tx.Where("id < ?", q.Before)
		}
		return tx.Order("id DESC").Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, changeRow.change), err
}

// ForgetChanges implements devices.Store. Rows lie in the order of their arrival, so
// the oldest are the first.
func (s deviceStore) ForgetChanges(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.db.write(ctx, "store.forget_changes", normal, func(tx *gorm.DB) error {
		res := tx.Exec(`DELETE FROM state_changes WHERE id IN
			(SELECT id FROM (SELECT id, arrived_at FROM state_changes ORDER BY id LIMIT ?) WHERE arrived_at < ?)`, forgotten, stamp(before))
		more = res.RowsAffected == forgotten
		return res.Error
	})
	return more, err
}
