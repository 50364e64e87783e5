package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/statistics"
)

// statisticsStore is statistics.Store.
type statisticsStore struct{ db *DB }

// noteEnd has an order that has just ended counted. Modes are told by the platform
// as often as it takes, and are no orders of people or timetables.
func noteEnd(tx *gorm.DB, c devices.Command) error {
	if c.Action == devices.ActionMode || !command.Ended(c.Ladder) {
		return nil
	}
	var took *int64
	for _, r := range c.Ladder.Rungs {
		if r.Step == command.Confirmed {
			t := max(0, r.At.Sub(c.Ladder.Rungs[0].At).Microseconds())
			took = &t
		}
	}
	return tx.Exec("INSERT INTO command_ends (device, site, issued, took) VALUES (?, ?, ?, ?)",
		c.Device, c.Site, c.Issued.UnixMicro(), took).Error
}

// Pending implements statistics.Store.
func (s statisticsStore) Pending(ctx context.Context, limit int) (p statistics.Pending, err error) {
	err = s.db.read(ctx, "store.statistics_pending", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			p = statistics.Pending{}
			if p.From, err = position(tx); err != nil {
				return err
			}
			p.To = p.From
			if err := pendingEvents(tx, &p, limit); err != nil {
				return err
			}
			return pendingOrders(tx, &p, limit)
		})
	})
	return p, err
}

func position(tx *gorm.DB) (at statistics.Position, err error) {
	err = tx.Raw("SELECT event_row, command_end FROM statistics_position WHERE id = 1").Row().Scan(&at.Event, &at.Order)
	return at, err
}

func pendingEvents(tx *gorm.DB, p *statistics.Pending, limit int) error {
	rows, err := tx.Raw(`SELECT "row", device, site, type, direction, result, device_time, arrived_at FROM events
		WHERE "row" > ? ORDER BY "row" LIMIT ?`, p.From.Event, limit).Rows()
	if err != nil {
		return err
	}
	return scanned(rows, func() error {
		var e statistics.Said
		var at, arrived stamp
		if err := rows.Scan(&p.To.Event, &e.Device, &e.Site, &e.Type, &e.Direction, &e.Result, &at, &arrived); err != nil {
			return err
		}
		e.DeviceTime, e.ArrivedAt = at.time(), arrived.time()
		p.Events = append(p.Events, e)
		return nil
	})
}

func pendingOrders(tx *gorm.DB, p *statistics.Pending, limit int) error {
	rows, err := tx.Raw(`SELECT id, device, site, issued, took FROM command_ends WHERE id > ? ORDER BY id LIMIT ?`,
		p.From.Order, limit).Rows()
	if err != nil {
		return err
	}
	return scanned(rows, func() error {
		o := statistics.Ended{Took: -1}
		var issued stamp
		var took sql.NullInt64
		if err := rows.Scan(&p.To.Order, &o.Device, &o.Site, &issued, &took); err != nil {
			return err
		}
		o.Issued = issued.time()
		if took.Valid {
			o.Took = time.Duration(took.Int64) * time.Microsecond
		}
		p.Orders = append(p.Orders, o)
		return nil
	})
}

// Count implements statistics.Store.
func (s statisticsStore) Count(ctx context.Context, added []statistics.Day, p statistics.Pending) error {
	return s.db.write(ctx, "store.statistics_count", normal, func(tx *gorm.DB) error {
		at, err := position(tx)
		if err != nil {
			return err
		}
		if at != p.From {
			return conflict("", "it is counted already")
		}
		for _, d := range added {
			if err := addDay(tx, d); err != nil {
				return err
			}
		}
		if err := tx.Exec("DELETE FROM command_ends WHERE id <= ?", p.To.Order).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE statistics_position SET event_row = ?, command_end = ? WHERE id = 1", p.To.Event, p.To.Order).Error
	})
}

// addDay adds to a day of a device.
func addDay(tx *gorm.DB, d statistics.Day) error {
	var had []byte
	err := tx.Raw("SELECT counts FROM statistics_days WHERE device = ? AND day = ?", d.Device, d.Day).Row().Scan(&had)
	var sum statistics.Counts
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		if err := sum.UnmarshalBinary(had); err != nil {
			return err
		}
	}
	sum.Merge(d.Counts)
	counts, err := sum.MarshalBinary()
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO statistics_days (device, day, counts) VALUES (?, ?, ?)
		ON CONFLICT (device, day) DO UPDATE SET counts = excluded.counts`, d.Device, d.Day, counts).Error
}

// Days implements statistics.Store.
func (s statisticsStore) Days(ctx context.Context, of []devices.DeviceID, first, last string) (days []statistics.Day, err error) {
	list, err := json.Marshal(of) // however many there are
	if err != nil {
		return nil, err
	}
	err = s.db.read(ctx, "store.statistics_days", func(tx *gorm.DB) error {
		rows, err := tx.Raw(`SELECT s.device, s.day, s.counts FROM json_each(?) d
			JOIN statistics_days s ON s.device = d.value AND s.day BETWEEN ? AND ?`, string(list), first, last).Rows()
		if err != nil {
			return err
		}
		var counts sql.RawBytes
		return scanned(rows, func() error {
			var d statistics.Day
			if err := rows.Scan(&d.Device, &d.Day, &counts); err != nil {
				return err
			}
			if err := d.Counts.UnmarshalBinary(counts); err != nil {
				return err
			}
			days = append(days, d)
			return nil
		})
	})
	return days, err
}

// Forget implements statistics.Store.
func (s statisticsStore) Forget(ctx context.Context, before string) (more bool, err error) {
	err = s.db.write(ctx, "store.statistics_forget", normal, func(tx *gorm.DB) error {
		res := tx.Exec(`DELETE FROM statistics_days WHERE (device, day) IN
			(SELECT device, day FROM statistics_days WHERE day < ? LIMIT ?)`, before, forgotten)
		more = res.RowsAffected == forgotten
		return res.Error
	})
	return more, err
}
