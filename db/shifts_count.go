package db

import (
	"math"

	"gorm.io/gorm"

	"gatehouse/devices/shift"
)

// counts is what the tables say of a shift: up to its end, or up to now while it is open.
func counts(tx *gorm.DB, row shiftRow, members []shiftDeviceRow) (c shift.Counts, err error) {
	until, to := int64(math.MaxInt64), row.LedgerTo
	if at := row.Ended.time(); !at.IsZero() {
		until = at.UnixMicro()
	} else {
		to = math.MaxInt64
	}
	ids := deviceIDs(members)
	sums, err := sumLedger(tx.Where("device IN ? AND id > ? AND id <= ?", ids, row.LedgerFrom, to))
	if err != nil {
		return c, err
	}
	c.Takings = []shift.Money{}
	for _, s := range sums {
		c.Rows += s.Rows
		c.Takings = append(c.Takings, shift.Money{Amount: s.Amount, Currency: s.Currency})
	}
	err = tx.Raw("SELECT count(*) FROM events WHERE device IN ? AND type = 'passage' AND arrived_at >= ? AND arrived_at < ?", ids, row.CountsFrom, until).
		Scan(&c.Passages).Error
	if err != nil {
		return c, err
	}
	if err := orders(tx, row, members, &c); err != nil {
		return c, err
	}
	return c, standing(tx, members, &c)
}

// orders counts what the person of a shift ordered to be opened, device by device: so an index finds them.
func orders(tx *gorm.DB, row shiftRow, members []shiftDeviceRow, c *shift.Counts) error {
	for _, m := range members {
		var n int64
		err := tx.Raw(`SELECT count(*) FROM commands WHERE device = ? AND seq > ? AND actor_kind = 'operator' AND actor_id = ?
			AND action IN ('open', 'pass')`, m.Device, m.CommandFrom, row.Person).Scan(&n).Error
		if err != nil {
			return err
		}
		c.Opens += n
	}
	return nil
}

// standing are the open alarms of the devices of a shift.
func standing(tx *gorm.DB, members []shiftDeviceRow, c *shift.Counts) error {
	var rows []alarmRow
	err := tx.Where("device IN ? AND resolved IS NULL", deviceIDs(members)).Order("id").Find(&rows).Error
	c.Alarms = mapped(rows, func(r alarmRow) shift.Alarm {
		return shift.Alarm{ID: string(r.ID), Device: r.Device, Type: string(r.Type), Severity: string(r.Severity), Raised: r.Raised.time()}
	})
	return err
}
