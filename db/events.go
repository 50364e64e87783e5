package db

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// eventRow is one row of events.
type eventRow struct {
	Row        int64 `gorm:"primaryKey"`
	Device     devices.DeviceID
	ID         devices.EventID `gorm:"column:id"`
	Site       devices.SiteID
	Zone       devices.ZoneID
	Seq        int64
	Type       string
	Command    devices.CommandID
	Direction  string
	Result     string
	Reason     string
	Credential string
	Physical   devices.Physical
	Trigger    string
	Camera     devices.DeviceID
	Picture    bool
	DeviceTime stamp
	ArrivedAt  stamp
	Revision   devices.Revision
	Plate      string
	PlateKey   string
	Confidence int
	Colour     string
	Snapshot   devices.EventID
}

// TableName implements gorm's Tabler.
func (eventRow) TableName() string { return "events" }

func newEventRow(e devices.Event) eventRow {
	return eventRow{
		Device: e.Device, ID: e.ID, Site: e.Site, Zone: e.Zone, Seq: e.Seq, Type: e.Type, Command: e.Command,
		Direction: e.Direction, Result: e.Result, Reason: e.Reason, Credential: e.Credential, Physical: e.Physical,
		Trigger: e.Trigger, Camera: e.Camera, Picture: e.Picture,
		DeviceTime: stamp(e.DeviceTime), ArrivedAt: stamp(e.ArrivedAt), Revision: e.Revision,
		Plate: e.Plate, PlateKey: plateKey(e), Confidence: e.Confidence, Colour: e.Colour, Snapshot: e.Snapshot,
	}
}

func (r eventRow) event() devices.Event {
	return devices.Event{
		Device: r.Device, ID: r.ID, Site: r.Site, Zone: r.Zone, Seq: r.Seq, Type: r.Type, Command: r.Command,
		Direction: r.Direction, Result: r.Result, Reason: r.Reason, Credential: r.Credential, Physical: r.Physical,
		Trigger: r.Trigger, Camera: r.Camera, Picture: r.Picture,
		DeviceTime: r.DeviceTime.time(), ArrivedAt: r.ArrivedAt.time(), Revision: r.Revision,
		Plate: r.Plate, Confidence: r.Confidence, Colour: r.Colour, Snapshot: r.Snapshot,
	}
}

// AddEvent implements devices.Store.
func (s deviceStore) AddEvent(ctx context.Context, e devices.Event) (r devices.Revision, existed bool, err error) {
	e.DeviceTime = e.DeviceTime.Truncate(time.Microsecond) // as it comes back
	err = s.db.write(ctx, "store.add_event", normal, func(tx *gorm.DB) error {
		r, existed, err = addEvent(tx, e)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	return r, existed, nil
}

func addEvent(tx *gorm.DB, e devices.Event) (r devices.Revision, existed bool, err error) {
	old, err := findEvent(tx, e.Device, e.ID)
	switch {
	case err == nil && old.event().SameContent(e):
		return old.Revision, true, nil
	case err == nil:
		return 0, false, conflict("id", "the device said something else under this event id")
	case !errors.Is(err, gorm.ErrRecordNotFound):
		return 0, false, err
	}
	if e.Revision, err = raiseDevice(tx, e.Device); err != nil {
		return 0, false, err
	}
	if !e.Picture { // it may have come before its event
		if err := tx.Raw("SELECT count(*) FROM pictures WHERE device = ? AND event = ?", e.Device, e.ID).
			Scan(&e.Picture).Error; err != nil {
			return 0, false, err
		}
	}
	row := newEventRow(e)
	if err := tx.Create(&row).Error; err != nil {
		return 0, false, err
	}
	if e.Type == plates.EventType {
		if err := mergePlate(tx, e); err != nil {
			return 0, false, err
		}
	}
	return e.Revision, false, tx.Exec("UPDATE devices SET last_event = ? WHERE id = ?", row.Row, e.Device).Error
}

func findEvent(tx *gorm.DB, d devices.DeviceID, id devices.EventID) (row eventRow, err error) {
	err = tx.Where("device = ? AND id = ?", d, id).Take(&row).Error
	return row, err
}

// Events implements devices.Store.
func (s deviceStore) Events(ctx context.Context, q devices.EventQuery) ([]devices.Event, error) {
	var rows []eventRow
	err := s.db.read(ctx, "store.events", func(tx *gorm.DB) error {
		tx = equal(tx, "device", q.Device)
		tx = equal(tx, "site", q.Site)
		tx = equal(tx, "zone", q.Zone)
		tx = equal(tx, "type", q.Type)
		tx = reaching(tx, q.Within)
		tx = within(tx, "arrived_at", q.From, q.Before)
		if q.Older != (devices.EventKey{}) {
			tx = tx.Where(`(arrived_at, "row") < (SELECT o.arrived_at, o."row" FROM events o WHERE o.device = ? AND o.id = ?)`, q.Older.Device, q.Older.ID)
		}
		return tx.Order(`arrived_at DESC, "row" DESC`).Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, eventRow.event), err
}

// Event implements devices.Store.
func (s deviceStore) Event(ctx context.Context, d devices.DeviceID, id devices.EventID) (e devices.Event, err error) {
	err = s.db.read(ctx, "store.event", func(tx *gorm.DB) error {
		row, err := one[eventRow](tx.Where("device = ? AND id = ?", d, id), "event", string(id))
		e = row.event()
		return err
	})
	return e, err
}
