package db

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/ledger"
	ledgertest "gatehouse/devices/ledger/storetest"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
	"gatehouse/devices/schedule"
	scheduletest "gatehouse/devices/schedule/storetest"
	statisticstest "gatehouse/devices/statistics/storetest"
	"gatehouse/devices/storetest"
)

func TestDeviceStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) devices.Store { return opened(t).Devices() })
}

func TestScheduleStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	scheduletest.RunStoreTests(t, func(t *testing.T, known ...devices.Device) schedule.Store {
		d := opened(t)
		register(t, d, known...)
		return d.Schedules()
	})
}

func TestLedgerStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	ledgertest.RunStoreTests(t, func(t *testing.T, known ...devices.Device) ledger.Store {
		d := opened(t)
		register(t, d, known...)
		return d.Ledger()
	})
}

// Other names for stores that a suite takes together.
type (
	eventStore   = devices.Store
	readingStore = plates.Store
	shotStore    = pictures.Store
)

func TestPlateStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunPlates(t, func(t *testing.T) storetest.PlateStore {
		d := opened(t)
		return struct {
			eventStore
			readingStore
		}{d.Devices(), d.Plates()}
	})
}

func TestPictureStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunPictures(t, func(t *testing.T) (storetest.PictureStore, storetest.Beside) {
		d := opened(t)
		both := struct {
			eventStore
			shotStore
		}{d.Devices(), d.Pictures()}
		return both, storetest.Beside{
			Correct: func(t *testing.T, passage devices.Event) { charge(t, d, passage) },
			Alarm:   func(t *testing.T, id string, of devices.Event, at time.Time) { alarm(t, d, id, of, at, time.Time{}) },
			Resolve: func(t *testing.T, id string, of devices.Event, at time.Time) { alarm(t, d, id, of, at, at) },
		}
	})
}

// alarm puts an alarm of an event as it is now.
func alarm(t *testing.T, d *DB, id string, of devices.Event, at, resolved time.Time) {
	t.Helper()
	cause := alarms.Cause{Kind: alarms.CauseEvent, ID: string(of.Device) + "/" + string(of.ID)}
	c := alarms.Change{Site: of.Site, Alarms: []alarms.Alarm{{
		ID: alarms.ID(id), Site: of.Site, Zone: of.Zone, Device: of.Device, Type: alarms.Type("test-" + id), Severity: alarms.Critical,
		Raised: at, LastSeen: at, Count: 1, Cause: cause, Resolved: resolved,
	}}}
	if resolved.IsZero() {
		c.Entries = []alarms.Entry{{Alarm: alarms.ID(id), At: at, What: alarms.WasRaised, Cause: cause}}
	}
	_, err := d.Alarms().Apply(context.Background(), c)
	ok(t, err)
}

// charge books money for a passage, and corrects it.
func charge(t *testing.T, d *DB, passage devices.Event) {
	t.Helper()
	row := ledger.Entry{
		Device: passage.Device, EventID: "b1", Site: passage.Site, Zone: passage.Zone, Seq: 1, Amount: ledger.Money{Amount: 500, Currency: "CNY"},
		For: "parking", Passage: passage.ID, DeviceTime: start, ArrivedAt: start,
	}
	back := row
	back.EventID, back.Seq, back.Corrects, back.Passage, back.Amount.Amount = "b2", 2, "b1", "", -500
	_, err := d.Ledger().AddEntries(context.Background(), []ledger.Entry{row, back})
	ok(t, err)
}

func TestAlarmStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunAlarms(t, func(t *testing.T) (devices.Store, alarms.Store) {
		d := opened(t)
		return d.Devices(), d.Alarms()
	})
}

func TestStatisticsStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	statisticstest.RunStoreTests(t, func(t *testing.T, known ...devices.Device) statisticstest.World {
		d := opened(t)
		register(t, d, known...)
		return statisticstest.World{Statistics: d.Statistics(), Devices: d.Devices()}
	})
}
