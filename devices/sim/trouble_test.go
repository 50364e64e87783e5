package sim

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
)

// said is the last state and the events of a device.
func said(t *testing.T, b *broker) (wire.StatePayload, []wire.EventPayload) {
	t.Helper()
	states := on[wire.StatePayload](t, b, wire.State)
	return states[len(states)-1], on[wire.EventPayload](t, b, wire.Event)
}

func TestEveryTroubleIsSaidOnceAndUnderstood(t *testing.T) {
	t.Parallel()
	none := []string{"passage", "movement", "snapshot", "plate", "fire"}
	for _, kind := range []string{Gate, Turnstile, Camera} {
		for _, trouble := range wire.EventTypes(kind) {
			synctest.Test(t, func(t *testing.T) {
				d := start(t, Options{}, identity(kind, "d1")).Device("d1")
				b := plug(d)
				id, err := d.Trouble(trouble)
				if slices.Contains(none, trouble) {
					if !errors.Is(err, ErrTrouble) {
						t.Errorf("%s: %s is no trouble: %v", kind, trouble, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				_, events := said(t, b)
				if len(events) != 1 || events[0].ID != id || events[0].Type != trouble {
					t.Errorf("%s %s: said %+v", kind, trouble, events)
				}
				for _, m := range b.raw(wire.Event) {
					if _, err := wire.DecodeEvent(m.Payload); err != nil {
						t.Errorf("%s %s: %v", kind, trouble, err)
					}
				}
			})
		}
	}
}

func TestForcedGateSaysSoUntilItIsShut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if _, err := d.Trouble(wire.EventForcedOpen); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s, _ := said(t, b); s.Alarm != "forced_open" || s.Physical != isOpening {
			t.Errorf("it says %+v", s)
		}
		time.Sleep(time.Minute) // it shuts by itself
		synctest.Wait()
		if s, _ := said(t, b); s.Alarm != "" || s.Physical != isClosed {
			t.Errorf("in the end %+v", s)
		}
	})
}

func TestProppedGateStaysOpenUntilItIsMended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if _, err := d.Trouble(wire.EventHeldOpen); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Second)
		synctest.Wait()
		if s, e := said(t, b); s.Alarm != "" || s.Physical != isOpen || len(e) != 0 {
			t.Errorf("before it is too long: %+v, %+v", s, e)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if s, e := said(t, b); s.Alarm != "held_open_too_long" || s.Physical != isOpen || len(e) != 1 {
			t.Errorf("after it: %+v, %+v", s, e)
		}
		if err := d.Mend(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(travel)
		synctest.Wait()
		if s, _ := said(t, b); s.Alarm != "" || s.Physical != isClosed {
			t.Errorf("mended: %+v", s)
		}
	})
}
