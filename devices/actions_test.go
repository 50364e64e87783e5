package devices_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

// tells reports a closed gate that can do everything, with a clock that is off.
func (w *world) tells(off time.Duration, by devices.CommandID) {
	w.t.Helper()
	w.must(w.report(w.gate, wire.State, wire.StatePayload{
		At: time.Now().Add(off).UnixMilli(), Mode: "controlled", Physical: "closed", Command: string(by),
		Capabilities: []string{"open", "close", "restart", "set_time", "signature"},
	}))
	synctest.Wait()
}

func (w *world) clockOrders() (n int) {
	for _, g := range w.link.sent() {
		if g.command.Action == string(devices.ActionSetTime) {
			n++
		}
	}
	return n
}

func TestADeviceWhoseClockIsOffIsToldToSetItAndThenLeftAloneForTenMinutes(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.tells(4*time.Second, "")
		if n := w.clockOrders(); n != 0 {
			t.Fatalf("off by 4 s: %d orders", n)
		}
		w.tells(6*time.Second, "")
		if n := w.clockOrders(); n != 1 {
			t.Fatalf("off by 6 s: %d orders, want 1", n)
		}
		id := devices.CommandID(w.link.sent()[0].command.ID)
		if c := w.command(id); c.Actor.Kind != devices.ActorSystem || c.Reason == "" {
			t.Errorf("ordered by %+v: %q", c.Actor, c.Reason)
		}
		w.link.sent()[0].written()
		w.answers(w.gate, id, "done", "")
		w.tells(6*time.Second, "") // it says so, and did not
		w.shows(id, command.Accepted, command.Sent, command.Done)
		w.tells(0, "")
		w.shows(id, command.Accepted, command.Sent, command.Done, command.Confirmed)
		for range 9 {
			time.Sleep(time.Minute)
			w.tells(time.Minute, "")
		}
		if n := w.clockOrders(); n != 1 {
			t.Fatalf("within ten minutes: %d orders, want 1", n)
		}
		time.Sleep(time.Minute)
		w.tells(time.Minute, "")
		if n := w.clockOrders(); n != 2 {
			t.Fatalf("after ten minutes: %d orders, want 2", n)
		}
	})
}

func TestADeviceThatCannotSetItsClockIsNotToldTo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.State, wire.StatePayload{At: 1, Physical: "closed", Capabilities: []string{"open"}}))
		synctest.Wait()
		if n := len(w.link.sent()); n != 0 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestARestartNeedsAReasonAndIsShownByTheFirstReportAfterIt(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(w *world, id devices.CommandID){
		"on a new connection":    func(w *world, _ devices.CommandID) { w.down(w.gate, "connection lost"); w.up(w.gate); w.tells(0, "") },
		"that names its command": func(w *world, id devices.CommandID) { w.tells(0, id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(t *testing.T, w *world) {
				w.up(w.gate)
				w.tells(0, "")
				r := w.request(devices.ActionRestart)
				if _, err := w.c.Send(context.Background(), guard, w.gate.ID, r); devices.CodeOf(err) != devices.Invalid || fieldOf(err) != "reason" {
					t.Errorf("without a reason: %v", err)
				}
				r.Reason = "it does not answer its button"
				c := w.send(w.gate, r)
				w.link.sent()[0].written()
				w.tells(0, "") // from before it goes
				w.answers(w.gate, c.ID, "done", "")
				w.shows(c.ID, command.Accepted, command.Sent, command.Done)
				back(w, c.ID)
				w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.Confirmed)
			})
		})
	}
}

func TestACameraRecordsForUpToFiveMinutes(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		for _, wrong := range []string{"", "0", "301", "-1", "1.5", "007", "ten"} {
			r := w.request(devices.ActionRecord)
			r.Args = map[string]string{"seconds": wrong}
			if _, err := w.c.Send(context.Background(), guard, w.camera.ID, r); fieldOf(err) != "args.seconds" {
				t.Errorf("%q seconds: %v", wrong, err)
			}
		}
		r := w.request(devices.ActionRecord)
		r.Args = map[string]string{"seconds": "300"}
		c := w.send(w.camera, r)
		w.says(w.camera, "", c.ID)
		w.shows(c.ID, command.Accepted, command.Confirmed)
	})
}

func TestADeviceThatDoesNotNameSignaturesIsUnsigned(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		unsigned := func() bool {
			l, err := w.c.Device(context.Background(), w.gate.ID)
			w.must(err)
			return l.Unsigned()
		}
		if unsigned() {
			t.Error("one that has not reported is called unsigned")
		}
		w.says(w.gate, "closed", "")
		if !unsigned() {
			t.Error("one that names no signature is not called unsigned")
		}
		w.tells(0, "")
		if unsigned() {
			t.Error("one that names the signature is called unsigned")
		}
	})
}

func TestWhatIsRiskyIsRefusedWithoutAReason(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.wire(w.gate, devices.FireWiring{Group: "A"})
		try := map[string]func() error{
			"batch": func() error {
				r := wanted("without-reason")
				r.Reason, r.Site = "", w.site.ID
				_, err := w.c.SendBatch(ctx, guard, r)
				return err
			},
			"fire_release": func() error { _, err := w.c.ReleaseFire(ctx, guard, w.site.ID, "A", ""); return err },
			"fire_end":     func() error { _, err := w.c.EndFire(ctx, guard, w.site.ID, "A", ""); return err },
			"restart": func() error {
				_, err := w.c.Send(ctx, guard, w.gate.ID, w.request(devices.ActionRestart))
				return err
			},
		}
		for action, place := range map[devices.LayerAction]devices.LayerRequest{
			devices.HoldOpen: {Device: w.gate.ID}, devices.LockDown: {Site: w.site.ID}, devices.LockdownRelease: {Site: w.site.ID},
		} {
			place.Action = action
			try[string(action)] = func() error { _, err := w.c.SetLayer(ctx, guard, place); return err }
		}
		for _, deed := range devices.Risky() {
			do, known := try[deed]
			if !known {
				t.Errorf("%s is risky, and nobody tries it here", deed)
				continue
			}
			if err := do(); devices.CodeOf(err) != devices.Invalid || fieldOf(err) != "reason" {
				t.Errorf("%s without a reason: %v", deed, err)
			}
		}
	})
}

func TestNoDeviceIsToldToSetItsClockByOneOfTheServerThatStepped(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{-time.Minute, time.Minute} {
		inWorld(t, func(t *testing.T, w *world) {
			w.stop()
			var stepped atomic.Int64
			w.now = func() time.Time { return time.Now().Add(time.Duration(stepped.Load())) }
			w.start(keys{})
			w.up(w.gate)
			for _, wanted := range []int{0, 1} { // with a clock that stepped, and with one that was set back again
				if wanted == 0 {
					stepped.Store(int64(step))
				} else {
					stepped.Store(0)
				}
				time.Sleep(time.Minute)
				state, err := json.Marshal(wire.StatePayload{At: w.c.OrderClock().Add(time.Minute).UnixMilli(), Physical: "closed", Capabilities: []string{"set_time"}})
				w.must(err)
				for _, err := range w.c.HandleReports(context.Background(), []devices.Report{{
					Site: w.gate.Site, Device: w.gate.ID, Channel: wire.State, Payload: state, Arrived: w.now(), Epoch: w.epoch,
				}}) {
					w.must(err)
				}
				synctest.Wait()
				if n := w.clockOrders(); n != wanted {
					t.Errorf("a step of %s: %d orders, want %d", step, n, wanted)
				}
			}
		})
	}
}
