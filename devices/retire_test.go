package devices_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

// ended remembers whose credentials were ended.
type ended struct {
	mu  sync.Mutex
	ids []devices.DeviceID
	err error
}

func (e *ended) EndDevice(_ context.Context, _ devices.Actor, d devices.DeviceID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids = append(e.ids, d)
	return e.err
}

func (w *world) passes(d devices.Device, id string) {
	w.t.Helper()
	w.reports++
	w.must(w.report(d, wire.Event, wire.EventPayload{ID: id, Seq: w.reports, At: time.Now().UnixMilli(), Type: "passage", Result: "granted", Direction: "in"}))
}

func (w *world) stored(id devices.DeviceID) devices.Live {
	w.t.Helper()
	lives, err := w.store.Devices(context.Background())
	w.must(err)
	for _, l := range lives {
		if l.Device.ID == id {
			return l
		}
	}
	w.t.Fatalf("device %s is not stored", id)
	return devices.Live{}
}

func TestRetiredDeviceIsOutOfServiceAndKeepsItsHistory(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		c, _ := w.opens()
		w.passes(w.gate, "e1")
		w.must(w.c.Retire(ctx, guard, w.gate.ID, "torn down"))
		w.c.Presence(w.gate.ID, presence.Change{Epoch: w.epoch, At: time.Now(), Cause: "not authorized"}) // as its connection is cut
		synctest.Wait()

		if len(w.ended.ids) == 0 || w.ended.ids[0] != w.gate.ID {
			t.Errorf("credentials of %v were ended", w.ended.ids)
		}
		if len(w.news.left) != 1 || w.news.left[0].Device.ID != w.gate.ID || w.news.left[0].Device.Zone != w.zone.ID {
			t.Errorf("the feed was left by %+v", w.news.left)
		}
		if _, ok := w.c.Registered(w.gate.ID); ok {
			t.Error("it is registered")
		}
		if len(w.c.Devices()) != 2 || len(w.c.Snapshot().Devices) != 2 {
			t.Error("it is on the wall")
		}
		_, err := w.c.Send(ctx, guard, w.gate.ID, w.request(devices.ActionOpen))
		if devices.CodeOf(err) != devices.NotFound {
			t.Errorf("an order gives %v", err)
		}
		l, err := w.c.Device(ctx, w.gate.ID)
		w.must(err)
		if l.Device.Retired.IsZero() || l.Link.Status != presence.Offline || l.Link.Cause != devices.CauseRetired {
			t.Errorf("it is %+v", l)
		}
		commands, err := w.c.Commands(ctx, devices.CommandQuery{Device: w.gate.ID})
		w.must(err)
		events, err := w.c.Events(ctx, devices.EventQuery{Device: w.gate.ID})
		w.must(err)
		if len(commands) != 1 || commands[0].ID != c.ID || len(events) != 1 {
			t.Errorf("its history is %+v and %+v", commands, events)
		}
		// What it says all the same is kept, and changes nothing.
		w.says(w.gate, "open", "")
		if q := w.quarantined(); len(q) != 1 {
			t.Errorf("%d messages in quarantine", len(q))
		}
		if retired := w.c.Retired(); len(retired) != 1 || retired[0].Device.ID != w.gate.ID {
			t.Errorf("retired are %+v", retired)
		}
	})
}

func TestRetiringAgainEndsTheCredentialAgainAndSaysNothingElse(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.must(w.c.Retire(ctx, guard, w.gate.ID, "torn down"))
		before := len(w.ended.ids)
		w.must(w.c.Retire(ctx, guard, w.gate.ID, "torn down"))
		if len(w.ended.ids) != before+1 || len(w.news.left) != 1 {
			t.Errorf("ended %v, left %v", w.ended.ids, w.news.left)
		}
		rows, err := w.c.Audit(ctx, 0, 0)
		w.must(err)
		if rows[0].Verb != "device.retire" || rows[0].Detail != `{"reason":"torn down"}` || rows[1].Verb == "device.retire" {
			t.Errorf("the newest audit rows are %+v", rows[:2])
		}
	})
}

func TestRetirementOutlivesARestart(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.up(w.gate)
		w.must(w.c.Retire(ctx, guard, w.gate.ID, "torn down"))
		heir, err := w.c.Replace(ctx, guard, w.lane.ID, "broken")
		w.must(err)
		w.restart()
		if _, ok := w.c.Registered(w.gate.ID); ok || len(w.c.Devices()) != 2 || len(w.c.Retired()) != 2 {
			t.Errorf("after the restart %d are in service, %d retired", len(w.c.Devices()), len(w.c.Retired()))
		}
		if w.news.deviceNow(w.gate.ID).Revision != 0 {
			t.Error("the retired device is on the feed")
		}
		l, err := w.c.Device(ctx, heir.Device.ID)
		w.must(err)
		if l.Device.Replaces != w.lane.ID {
			t.Errorf("the successor is %+v", l.Device)
		}
	})
}

func TestReplacementTakesThePlaceAndTheHistory(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		first, _ := w.opens()
		w.passes(w.gate, "e1")
		heir, err := w.c.Replace(ctx, guard, w.gate.ID, "struck by a lorry")
		w.must(err)
		d := heir.Device
		if d.ID == w.gate.ID || d.Zone != w.gate.Zone || d.Site != w.gate.Site || d.Kind != w.gate.Kind || d.Name != w.gate.Name || d.Replaces != w.gate.ID {
			t.Fatalf("the successor is %+v", d)
		}
		if heir.Link.Status != presence.NeverSeen || heir.State.Physical != devices.Unknown || w.news.deviceNow(d.ID).Revision != heir.Revision {
			t.Errorf("the successor is shown as %+v", heir)
		}
		w.up(d)
		second := w.send(d, w.request(devices.ActionOpen))
		w.passes(d, "e1") // it counts anew: not the first one's event
		commands, err := w.c.Commands(ctx, devices.CommandQuery{Device: d.ID})
		w.must(err)
		events, err := w.c.Events(ctx, devices.EventQuery{Device: d.ID})
		w.must(err)
		if len(commands) != 2 || commands[0].ID != second.ID || commands[1].ID != first.ID {
			t.Errorf("the orders are %+v", commands)
		}
		if len(events) != 2 || events[0].Device != d.ID || events[1].Device != w.gate.ID {
			t.Errorf("the events are %+v", events)
		}
		one, err := w.c.Commands(ctx, devices.CommandQuery{Device: d.ID, Limit: 1})
		if err != nil || len(one) != 1 {
			t.Errorf("limit 1 gives %+v, %v", one, err)
		}
		next, err := w.c.Commands(ctx, devices.CommandQuery{Device: d.ID, Older: second.ID, Limit: 1})
		if err != nil || len(next) != 1 || next[0].ID != first.ID {
			t.Errorf("the page after the heir's is %+v, %v", next, err)
		}
		if last, err := w.c.Commands(ctx, devices.CommandQuery{Device: d.ID, Older: first.ID}); err != nil || len(last) != 0 {
			t.Errorf("the page after the first one's is %+v, %v", last, err)
		}
		_, err = w.c.Commands(ctx, devices.CommandQuery{Device: w.lane.ID, Older: second.ID})
		var refused *devices.Error
		if !errors.As(err, &refused) || refused.Code != devices.Invalid || refused.Field != "olderThan" {
			t.Errorf("a page after another device's order gives %v", err)
		}
	})
}

func TestTransferEnrolsADeviceAnewAtTheOtherSite(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		site, err := w.c.AddSite(ctx, guard, "Harbour Court", "Europe/London")
		w.must(err)
		zone, err := w.c.AddZone(ctx, guard, site.ID, "Gate house")
		w.must(err)
		w.up(w.gate)
		w.passes(w.gate, "e1")
		_, err = w.c.Transfer(ctx, guard, w.gate.ID, w.zone.ID, "moved")
		w.refused(err, devices.Invalid, "zone")
		_, err = w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Zone: zone.ID})
		w.refused(err, devices.Invalid, "zone")
		heir, err := w.c.Transfer(ctx, guard, w.gate.ID, zone.ID, "moved")
		w.must(err)
		if heir.Device.Site != site.ID || heir.Device.Zone != zone.ID || heir.Device.Replaces != w.gate.ID {
			t.Errorf("the successor is %+v", heir.Device)
		}
		events, err := w.c.Events(ctx, devices.EventQuery{Device: heir.Device.ID})
		w.must(err)
		if len(events) != 1 || events[0].Site != w.site.ID {
			t.Errorf("the events are %+v", events)
		}
	})
}

func (w *world) refused(err error, code devices.Code, field string) {
	w.t.Helper()
	e, ok := err.(*devices.Error) //nolint:errorlint // these come unwrapped
	if !ok || e.Code != code || e.Field != field || e.Message == "" {
		w.t.Errorf("the error is %v, want %s of %q", err, code, field)
	}
}

func TestDeviceMovesWithinItsSiteWithoutLosingItsConnection(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		zone, err := w.c.AddZone(ctx, guard, w.site.ID, "Garage")
		w.must(err)
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		moved, err := w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Name: " Garage in ", Zone: zone.ID})
		w.must(err)
		if moved.Device.Name != "Garage in" || moved.Device.Zone != zone.ID || moved.Link.Status != presence.Online || moved.State.Physical != devices.Closed {
			t.Errorf("it is %+v", moved)
		}
		if now := w.news.deviceNow(w.gate.ID); now.Device.Zone != zone.ID {
			t.Errorf("the feed has it in %s", now.Device.Zone)
		}
		if len(w.news.left) != 1 || w.news.left[0].Device.Zone != w.zone.ID {
			t.Errorf("the old topic is %+v", w.news.left)
		}
		if d := w.stored(w.gate.ID).Device; d != moved.Device {
			t.Errorf("stored is %+v", d)
		}
		c := w.send(w.gate, w.request(devices.ActionOpen))
		if c.Zone != zone.ID {
			t.Errorf("an order is of zone %s", c.Zone)
		}
		w.shows(c.ID, command.Accepted)
		w.passes(w.gate, "e1")
		if last := w.news.deviceNow(w.gate.ID).Last; last == nil || last.Zone != zone.ID {
			t.Errorf("its event is %+v", last)
		}
	})
}

func TestSitesZonesAndDevicesAreRenamedAndAudited(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		site, err := w.c.RenameSite(ctx, guard, w.site.ID, "云栖花园")
		w.must(err)
		zone, err := w.c.RenameZone(ctx, guard, w.zone.ID, "西门")
		w.must(err)
		if _, err := w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Name: "Boom 2"}); err != nil {
			t.Fatal(err)
		}
		if len(w.news.left) != 0 {
			t.Error("a renamed device left the feed")
		}
		s := w.c.Snapshot()
		if site.Name != "云栖花园" || zone.Name != "西门" || s.Sites[0].Name != site.Name || s.Zones[0].Name != zone.Name {
			t.Errorf("the names are %+v, %+v", s.Sites, s.Zones)
		}
		rows, err := w.c.Audit(ctx, 0, 3)
		w.must(err)
		for i, want := range []string{
			`device.edit {"after":{"name":"Boom 2","zone":"` + string(w.zone.ID) + `"},"before":{"name":"Device gate","zone":"` + string(w.zone.ID) + `"}}`,
			`zone.rename {"after":"西门","before":"东门"}`, `site.rename {"after":"云栖花园","before":"翠湖花园"}`,
		} {
			if got := rows[i].Verb + " " + rows[i].Detail; got != want {
				t.Errorf("audited is %s, want %s", got, want)
			}
		}
		_, err = w.c.RenameSite(ctx, guard, w.site.ID, "\n")
		w.refused(err, devices.Invalid, "name")
		_, err = w.c.RenameZone(ctx, guard, "none", "x")
		w.refused(err, devices.NotFound, "")
		_, err = w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{})
		w.refused(err, devices.Invalid, "name")
		w.refused(w.c.Retire(ctx, guard, w.gate.ID, " "), devices.Invalid, "reason")
		w.refused(w.c.Retire(ctx, guard, "none", "x"), devices.NotFound, "")
	})
}

func TestRetirementWhoseCommitWasReportedAsAnErrorComesTrueAllTheSame(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.store.set(nil, failing("retire"))
		if _, err := w.c.Replace(ctx, guard, w.gate.ID, "broken"); devices.CodeOf(err) != devices.Unavailable {
			t.Fatalf("the error is %v", err)
		}
		synctest.Wait()
		if _, ok := w.c.Registered(w.gate.ID); ok {
			t.Error("the old device is in service")
		}
		if len(w.c.Devices()) != 3 {
			t.Errorf("%d devices are in service, want the successor with the other two", len(w.c.Devices()))
		}
	})
}

func TestRetirementThatFailsLeavesTheDeviceInServiceWithoutAWayIn(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.store.set(failing("retire"), nil)
		if err := w.c.Retire(ctx, guard, w.gate.ID, "broken"); devices.CodeOf(err) != devices.Unavailable {
			t.Fatalf("the error is %v", err)
		}
		synctest.Wait()
		if _, ok := w.c.Registered(w.gate.ID); !ok || len(w.ended.ids) != 1 || len(w.news.left) != 0 {
			t.Errorf("registered %v, ended %v, left %v", ok, w.ended.ids, w.news.left)
		}
	})
}

func TestReplacementIsUnderTheHoldsAndInTheFireGroupOfTheOldDevice(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		_, err := w.c.SetLayer(ctx, guard, devices.LayerRequest{Action: devices.HoldClosed, Device: w.gate.ID, Reason: "road works"})
		w.must(err)
		_, err = w.c.ReleaseFire(ctx, guard, w.site.ID, "A", "smoke")
		w.must(err)
		heir, err := w.c.Replace(ctx, guard, w.gate.ID, "broken")
		w.must(err)
		synctest.Wait()
		if heir.Fire.Group != "A" {
			t.Errorf("the successor is in the fire group %q", heir.Fire.Group)
		}
		holds := map[string]string{}
		for _, l := range w.c.Layers() {
			if l.Scope.Kind == "device" {
				holds[l.Scope.ID] = string(l.Mode) + ": " + l.Reason
			}
		}
		if len(holds) != 1 || holds[string(heir.Device.ID)] != "held_closed: road works" {
			t.Errorf("the holds are %v", holds)
		}
		w.up(heir.Device)
		var proofs int
		for _, f := range w.c.Fires() {
			for _, p := range f.Openings {
				if p.Device == heir.Device.ID {
					proofs++
				}
			}
		}
		if proofs != 1 {
			t.Errorf("the release that stands names the successor %d times", proofs)
		}
	})
}
