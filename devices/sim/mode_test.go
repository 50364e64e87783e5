package sim

import (
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
)

// orderMode gives a device a mode command that was issued at a time of the server.
func orderMode(d *Device, id string, issued time.Time, mode, direction string) {
	c := wire.CommandPayload{ID: id, Seq: 1, Action: "mode", Args: map[string]string{"mode": mode}, Issued: issued.UnixMilli(), TTL: 10_000}
	if direction != "" {
		c.Args["direction"] = direction
	}
	c.Signature = wire.Sign(key, d.id.ID, c)
	d.Receive(wire.Topic("s1", d.id.ID, wire.Command), encode(c))
	synctest.Wait()
}

func TestWithoutTheTimeAModeThatLetsInIsRefusedAndAFireReleaseIsNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, identity(Gate, "g1"))
		d, b := f.Device("g1"), &broker{}
		d.Connected(b)
		orderMode(d, "m1", time.Now(), lockedDown, "")
		for i, mode := range []string{controlled, heldOpen} {
			orderMode(d, "o"+mode, time.Now().Add(time.Duration(i+1)*time.Millisecond), mode, "")
			if a := lastAnswer(t, b); a.Reason != noClock {
				t.Errorf("%s: answered %+v", mode, a)
			}
		}
		orderMode(d, "m2", time.Now().Add(time.Second), fireRelease, "")
		if v := mustView(t, d); v.Mode != fireRelease {
			t.Errorf("it is %s", v.Mode)
		}
	})
}

func mustView(t *testing.T, d *Device) View {
	t.Helper()
	v, err := d.View()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func lastAnswer(t *testing.T, b *broker) wire.AnswerPayload {
	t.Helper()
	all := on[wire.AnswerPayload](t, b, wire.Answer)
	if len(all) == 0 {
		t.Fatal("no answer")
	}
	return all[len(all)-1]
}

func TestAGateKeepsTheModeThatItWasTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, identity(Gate, "g1"))
		d, b := f.Device("g1"), &broker{}
		d.Connected(b)
		tell(d, time.Now())
		synctest.Wait()
		wants := func(mode, physical string) {
			t.Helper()
			time.Sleep(time.Minute) // of the bubble: everything has come to rest
			if v := mustView(t, d); v.Mode != mode || v.Physical != physical {
				t.Errorf("it is %s and %s, want %s and %s", v.Mode, v.Physical, mode, physical)
			}
		}
		orderMode(d, "m1", time.Now(), heldOpen, "")
		wants(heldOpen, isOpen)
		states := on[wire.StatePayload](t, b, wire.State)
		if s := states[len(states)-1]; s.Mode != heldOpen {
			t.Errorf("reports %+v", s)
		}
		orderMode(d, "m2", time.Now(), lockedDown, "")
		wants(lockedDown, isClosed)
		if _, err := d.Car("in"); err != nil {
			t.Fatal(err)
		}
		wants(lockedDown, isClosed)
		events := on[wire.EventPayload](t, b, wire.Event)
		if e := events[len(events)-1]; e.Result != "denied" || e.Reason != lockedDown {
			t.Errorf("a car under lockdown: %+v", e)
		}
		orderMode(d, "m3", time.Now(), fireRelease, "")
		wants(fireRelease, isOpen)
		orderMode(d, "m4", time.Now(), controlled, "")
		wants(controlled, isClosed)
	})
}

func TestAnOlderModeIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, identity(Gate, "g1"))
		d, b := f.Device("g1"), &broker{}
		d.Connected(b)
		now := time.Now()
		tell(d, now)
		orderMode(d, "m2", now.Add(time.Millisecond), controlled, "")
		orderMode(d, "m1", now, fireRelease, "")
		if a := lastAnswer(t, b); a.Outcome != "refused" || a.Reason != outdated {
			t.Errorf("answered %+v", a)
		}
		if v := mustView(t, d); v.Mode != controlled {
			t.Errorf("it is %s", v.Mode)
		}
	})
}

func TestTheDirectionsOfATurnstileHaveModesOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, identity(Turnstile, "t1"))
		d, b := f.Device("t1"), &broker{}
		d.Connected(b)
		orderMode(d, "m1", time.Now(), lockedDown, "in")
		states := on[wire.StatePayload](t, b, wire.State)
		if s := states[len(states)-1]; s.Modes["in"] != lockedDown || s.Modes["out"] != controlled {
			t.Errorf("reports %+v", s)
		}
		for _, way := range []string{"in", "out"} {
			if _, err := d.Person(way); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		if v := mustView(t, d); v.Counters["in"] != 0 || v.Counters["out"] != 1 || v.Physical != isClosed {
			t.Errorf("counted %v, %s", v.Counters, v.Physical)
		}
		orderMode(d, "m2", time.Now(), fireRelease, "in")
		orderMode(d, "m3", time.Now(), fireRelease, "out")
		for range 3 {
			if _, err := d.Person("in"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		if v := mustView(t, d); v.Counters["in"] != 3 || v.Physical != isOpen {
			t.Errorf("counted %v, %s", v.Counters, v.Physical)
		}
	})
}

func TestModesOutliveAPowerCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{Memory: Memory{Modes: map[string]string{"": fireRelease}}}, identity(Gate, "g1"))
		if v := mustView(t, f.Device("g1")); v.Mode != fireRelease || v.Physical != isOpen {
			t.Errorf("it is %s and %s", v.Mode, v.Physical)
		}
	})
}
