package db

import (
	"context"
	"strconv"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/ledger"
	"gatehouse/devices/shift"
	shifttest "gatehouse/devices/shift/storetest"
)

// duty is a database with the devices of the suite, and what happens there.
func duty(t *testing.T) (*DB, shifttest.World) {
	t.Helper()
	d, ctx := opened(t), context.Background()
	register(t, d, shifttest.Devices()...)
	n := 0
	next := func() int { n++; return n }
	at := func(id devices.DeviceID) devices.Device {
		for _, k := range shifttest.Devices() {
			if k.ID == id {
				return k
			}
		}
		t.Fatalf("no device %s", id)
		return devices.Device{}
	}
	event := func(id devices.DeviceID, when time.Time) devices.Event {
		k, n := at(id), next()
		return devices.Event{Device: id, ID: devices.EventID(strconv.Itoa(n)), Site: k.Site, Zone: k.Zone, Seq: int64(n), Type: "passage", DeviceTime: when, ArrivedAt: when}
	}
	return d, shifttest.World{
		Store: d.Shifts(),
		Take: func(t *testing.T, id devices.DeviceID, m shift.Money) {
			e := event(id, start)
			_, err := d.Ledger().AddEntries(ctx, []ledger.Entry{{
				Device: id, EventID: e.ID, Site: e.Site, Zone: e.Zone, Seq: e.Seq, Amount: ledger.Money(m), DeviceTime: start, ArrivedAt: start,
			}})
			ok(t, err)
		},
		Pass: func(t *testing.T, id devices.DeviceID, when time.Time) {
			_, _, err := d.Devices().AddEvent(ctx, event(id, when))
			ok(t, err)
		},
		Order: func(t *testing.T, id devices.DeviceID, person string) {
			k, n := at(id), next()
			_, _, err := d.Devices().AddCommand(ctx, devices.Command{
				ID: devices.CommandID("k" + strconv.Itoa(n)), Device: id, Site: k.Site, Zone: k.Zone, Seq: int64(n), Action: devices.ActionOpen, TTL: time.Second, Issued: start,
				Actor: devices.Actor{Kind: devices.ActorOperator, ID: person, Name: person}, Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: start}}},
			}, entry("device.command", "device:"+string(id)))
			ok(t, err)
		},
		Alarm: func(t *testing.T, id devices.DeviceID) {
			alarm(t, d, strconv.Itoa(next()), event(id, start), start, time.Time{})
		},
	}
}

func TestShiftStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	shifttest.RunStoreTests(t, func(t *testing.T) shifttest.World {
		_, w := duty(t)
		return w
	})
}

// A shift that ends, and its entry of the trail, are one: without the entry it goes on.
func TestAShiftEndsTogetherWithTheTrailOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d, w := duty(t)
	x := shift.Shift{ID: "a", Site: "s1", Person: shift.Person{ID: "p1", Name: "Wang"}, Devices: []devices.DeviceID{"g1"}, Began: start}
	ok(t, w.Begin(ctx, x, entry("shift.begin", "shift:a")))
	ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TRIGGER no_bad BEFORE INSERT ON audit WHEN NEW.verb = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END").Error
	}))
	_, err := w.Finish(ctx, shift.End{Shift: "a", At: start, How: shift.HandedOver}, func(shift.Shift) devices.AuditEntry { return entry("bad", "shift:a") })
	if err == nil {
		t.Fatal("it ended without its entry")
	}
	got, err := w.Shift(ctx, "a")
	ok(t, err)
	if got.How != shift.Open || !got.Ended.IsZero() {
		t.Errorf("it is %+v", got)
	}
	wantCode(t, w.Begin(ctx, shift.Shift{ID: "b", Site: "s1", Person: shift.Person{ID: "p2"}, Devices: x.Devices, Began: start}, entry("shift.begin", "shift:b")), shift.LaneTaken)
}
