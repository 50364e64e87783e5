package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

// keeps reports a state of a device that knows modes.
func (w *world) keeps(d devices.Device, mode string, modes map[string]string) {
	w.t.Helper()
	w.must(w.report(d, wire.State, wire.StatePayload{
		At: time.Now().UnixMilli(), Mode: mode, Modes: modes, Physical: "closed", Capabilities: append([]string{"mode"}, capabilities[d.Kind]...),
	}))
	synctest.Wait()
}

func (w *world) layer(r devices.LayerRequest) []devices.Layer {
	w.t.Helper()
	if r.Reason == "" {
		r.Reason = "走失儿童"
	}
	all, err := w.c.SetLayer(context.Background(), guard, r)
	w.must(err)
	synctest.Wait()
	return all
}

// modesTold are the modes that a device was told, with the direction, in order.
func (w *world) modesTold(d devices.Device) string {
	var all []string
	for _, g := range w.link.sent() {
		if g.to.ID == d.ID && g.command.Action == "mode" {
			all = append(all, strings.TrimSuffix(g.command.Args["mode"]+" "+g.command.Args["direction"], " "))
		}
	}
	return strings.Join(all, ", ")
}

func (w *world) wantsTold(d devices.Device, want string) {
	w.t.Helper()
	if got := w.modesTold(d); got != want {
		w.t.Errorf("%s was told %q, want %q", d.Kind, got, want)
	}
}

func TestLockdownOfAZoneTellsEveryOpeningAndItsReleaseTheHoldBelow(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.gate)
		w.keeps(w.gate, "controlled", nil)
		w.up(w.lane)
		w.keeps(w.lane, "controlled", map[string]string{"in": "controlled", "out": "controlled"})
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		w.wantsTold(w.gate, "held_open")
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		w.wantsTold(w.gate, "held_open, locked_down")
		w.wantsTold(w.lane, "locked_down in, locked_down out")
		w.layer(devices.LayerRequest{Action: devices.LockdownRelease, Zone: w.zone.ID})
		w.wantsTold(w.gate, "held_open, locked_down, held_open")
		w.wantsTold(w.lane, "locked_down in, locked_down out, controlled in, controlled out")
	})
}

func TestAMomentaryOpenUnderALayerIsRefusedWithItsName(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.keeps(w.gate, "controlled", nil)
		try := func(a devices.Action) *devices.Error {
			_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(a))
			var e *devices.Error
			errors.As(err, &e)
			return e
		}
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		if e := try(devices.ActionOpen); e != nil {
			t.Errorf("an open under a hold open: %v", e)
		}
		if e := try(devices.ActionClose); e == nil || e.Code != devices.Refused || e.Ruling.Layer != arbiter.Hold {
			t.Errorf("a close under a hold open: %v", e)
		}
		w.layer(devices.LayerRequest{Action: devices.LockDown, Site: w.site.ID})
		e := try(devices.ActionOpen)
		if e == nil || e.Code != devices.Refused || e.Ruling.Layer != arbiter.Lockdown || !strings.Contains(e.Message, "locked down by 王芳") {
			t.Fatalf("an open under lockdown: %v", e)
		}
		rows, err := w.c.Audit(context.Background(), 0, 1)
		w.must(err)
		if len(rows) != 1 || rows[0].Outcome != devices.OutcomeRefused || rows[0].Verb != "device.command" {
			t.Errorf("the audit trail ends with %+v", rows)
		}
	})
}

func TestTheSameKeyGivesTheFirstCommandAlsoUnderALockdownThatCameLater(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		first := w.send(w.gate, r)
		w.layer(devices.LayerRequest{Action: devices.LockDown, Site: w.site.ID})
		if again := w.send(w.gate, r); again.ID != first.ID {
			t.Error("it is another command")
		}
	})
}

func TestADeviceThatComesBackIsToldAgainUntilItReportsItsMode(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		w.wantsTold(w.gate, "")
		w.up(w.gate)
		w.wantsTold(w.gate, "") // it may be locked already: its report says so
		w.keeps(w.gate, "controlled", nil)
		w.wantsTold(w.gate, "locked_down")
		time.Sleep(7 * time.Second)
		synctest.Wait()
		w.wantsTold(w.gate, "locked_down, locked_down")
		sent := w.link.sent()
		if a, b := sent[0].command, sent[1].command; a.ID == b.ID || b.Issued <= a.Issued {
			t.Errorf("told %+v and %+v", a, b)
		}
		w.answers(w.gate, devices.CommandID(sent[1].command.ID), "done", "")
		w.keeps(w.gate, "locked_down", nil)
		if got := command.Shown(w.command(devices.CommandID(sent[1].command.ID)).Ladder); got != command.Confirmed {
			t.Errorf("the mode command shows %s", got)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		w.wantsTold(w.gate, "locked_down, locked_down")
	})
}

func TestLayersOutliveARestart(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.lane.ID, Direction: "in"})
		before := w.c.Layers()
		w.restart()
		after := w.c.Layers()
		if len(after) != 2 || len(before) != 2 || after[0] != before[0] || after[1] != before[1] {
			t.Errorf("before %+v, after %+v", before, after)
		}
		if len(w.news.layers) != 2 {
			t.Errorf("the feed was told %d layers after the start", len(w.news.layers))
		}
	})
}

func TestAHoldEndsByItselfAtItsTime(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.keeps(w.gate, "controlled", nil)
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID, Until: time.Now().Add(time.Hour)})
		for range 60 { // its heartbeats
			w.keeps(w.gate, "held_open", nil)
			time.Sleep(time.Minute)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.wantsTold(w.gate, "held_open, controlled")
		if all := w.c.Layers(); len(all) != 0 {
			t.Errorf("layers %+v", all)
		}
		last := w.news.layers[len(w.news.layers)-1]
		if last.Set || last.By.Kind != "system" {
			t.Errorf("the feed was told %+v", last)
		}
	})
}

func TestAskingForALayerTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		r := devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID}
		first := w.layer(r)
		time.Sleep(time.Minute)
		if again := w.layer(r); again[0] != first[0] {
			t.Errorf("first %+v, then %+v", first, again)
		}
		w.layer(devices.LayerRequest{Action: devices.Release, Device: w.gate.ID}) // nothing is held
		if n := len(w.news.layers); n != 1 {
			t.Errorf("the feed was told %d times", n)
		}
	})
}

func TestALayerThatIsNotStoredDoesNotCount(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.store.set(failing("layer"), nil)
		_, err := w.c.SetLayer(context.Background(), guard, devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID, Reason: "x"})
		if devices.CodeOf(err) != devices.Unavailable || len(w.c.Layers()) != 0 {
			t.Errorf("error %v, layers %+v", err, w.c.Layers())
		}
	})
}

func TestWrongLayerRequestsNameTheField(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		past := time.Now().Add(-time.Second)
		for field, r := range map[string]devices.LayerRequest{
			"action":    {Action: "explode", Device: w.gate.ID, Reason: "x"},
			"reason":    {Action: devices.HoldOpen, Device: w.gate.ID, Reason: " "},
			"device":    {Action: devices.HoldOpen, Zone: w.zone.ID, Reason: "x"},
			"direction": {Action: devices.HoldOpen, Device: w.gate.ID, Direction: "in", Reason: "x"},
			"until":     {Action: devices.HoldOpen, Device: w.gate.ID, Reason: "x", Until: past},
		} {
			_, err := w.c.SetLayer(context.Background(), guard, r)
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, r := range []devices.LayerRequest{
			{Action: devices.LockDown, Reason: "x"}, {Action: devices.LockDown, Zone: w.zone.ID, Site: w.site.ID, Reason: "x"},
			{Action: devices.LockDown, Device: w.camera.ID, Reason: "x"},
		} {
			if _, err := w.c.SetLayer(context.Background(), guard, r); devices.CodeOf(err) != devices.Invalid {
				t.Errorf("%+v: %v", r, err)
			}
		}
		for _, r := range []devices.LayerRequest{
			{Action: devices.LockDown, Reason: "x", Zone: "none"}, {Action: devices.LockDown, Reason: "x", Site: "none"}, {Action: devices.HoldClosed, Device: "none"},
		} {
			if _, err := w.c.SetLayer(context.Background(), guard, r); devices.CodeOf(err) != devices.NotFound {
				t.Errorf("%+v: %v", r, err)
			}
		}
	})
}

func TestALayerOverADeviceThatMovedIsReleasedOnTheFeedWhereItWasSet(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		west, err := w.c.AddZone(ctx, guard, w.site.ID, "西门")
		w.must(err)
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		w.schedules(w.opens07(w.gate, ""))
		_, err = w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Zone: west.ID})
		w.must(err)
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.gate.ID})
		w.layer(devices.LayerRequest{Action: devices.Release, Device: w.gate.ID})
		w.schedules(devices.ScheduleSetting{Device: w.gate.ID, Mode: devices.Controlled, By: mornings})
		for _, l := range w.news.layers {
			if l.Zone != w.zone.ID {
				t.Errorf("told in zone %s: %+v", l.Zone, l)
			}
		}
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		if last := w.news.layers[len(w.news.layers)-1]; last.Zone != west.ID {
			t.Errorf("a new hold is told in zone %s", last.Zone)
		}
	})
}
