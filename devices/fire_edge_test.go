package devices_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// ends ends the release of group A.
func (w *world) ends() error {
	w.t.Helper()
	_, err := w.c.EndFire(context.Background(), guard, w.site.ID, "A", "done")
	return err
}

func TestAnEndWhoseLatchStandsStillKeepsNoOtherGroupShut(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.wire(w.lane, devices.FireWiring{Group: "B"})
		w.burns()
		w.latch.set(nil, time.Minute)
		go func() { _ = w.ends() }()
		synctest.Wait()
		asked := time.Now()
		_, err := w.c.ReleaseFire(context.Background(), guard, w.site.ID, "B", "smoke")
		w.must(err)
		if took := time.Since(asked); took > time.Second {
			t.Errorf("B was released after %s", took)
		}
		time.Sleep(10 * time.Minute)
	})
}

func TestAGroupThatIsReleasedAgainWhileItsEndIsWrittenDownStands(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.burns()
		w.latch.set(nil, time.Minute)
		ended := make(chan error, 1)
		go func() { ended <- w.ends() }()
		synctest.Wait()
		w.burns()
		if err := <-ended; devices.CodeOf(err) != devices.Conflict {
			t.Errorf("the end: %v", err)
		}
		w.latch.set(nil, 0)
		time.Sleep(2 * time.Minute) // a write that began on the slow disk ends, and is followed by the right one
		synctest.Wait()
		if n := len(w.c.Fires()); n != 1 || w.latch.standing() != 1 {
			t.Errorf("standing %d, in the latch %d", n, w.latch.standing())
		}
	})
}

func TestAnEndThatFailsAfterItWasWrittenIsTakenBack(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.burns()
		w.latch.before = func() { w.latch.mu.Lock(); w.latch.content = devices.Latched{}; w.latch.mu.Unlock() }
		w.latch.set(errDisk, 0)
		if err := w.ends(); devices.CodeOf(err) != devices.Unavailable {
			t.Errorf("the end: %v", err)
		}
		w.latch.mu.Lock()
		w.latch.before = nil
		w.latch.mu.Unlock()
		w.latch.set(nil, 0)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(w.c.Fires()); n != 1 || w.latch.standing() != 1 {
			t.Errorf("standing %d, in the latch %d", n, w.latch.standing())
		}
	})
}

func TestAnEndIsStoredAlthoughTheServerStopsBeforeItWas(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.burns()
		time.Sleep(3 * time.Second)
		w.store.set(failing("fire"), nil)
		w.must(w.ends())
		synctest.Wait()
		w.stop()
		w.store.set(nil, nil)
		for range 2 { // and not once more with each start
			w.start(keys{})
			time.Sleep(5 * time.Second)
			synctest.Wait()
			w.stop()
		}
		w.start(keys{})
		past, err := w.c.PastFires(ctx, 0)
		w.must(err)
		rows, err := w.store.Audit(ctx, 0, 0)
		w.must(err)
		ends := 0
		for _, r := range rows {
			if r.Verb == "fire.end" {
				ends++
			}
		}
		if len(w.c.Fires()) != 0 || len(past) != 1 || past[0].EndReason != "done" || len(past[0].Openings) == 0 || ends != 1 {
			t.Errorf("standing %d, past %+v, %d ends audited", len(w.c.Fires()), past, ends)
		}
	})
}

func TestTheFeedSaysThatAGroupStandsWhoseOldReleaseIsStoredLast(t *testing.T) {
	t.Parallel()
	for range 20 {
		inFire(t, func(t *testing.T, w *world) {
			w.store.set(failing("fire"), nil)
			w.burns()
			w.must(w.ends())
			w.burns()
			w.store.set(nil, nil)
			time.Sleep(10 * time.Second)
			synctest.Wait()
			w.news.mu.Lock()
			defer w.news.mu.Unlock()
			if last := w.news.layers[len(w.news.layers)-1]; !last.Set {
				t.Error("the feed says that it is released no more")
			}
		})
	}
}

// A mode that waited for a slow disk must not come behind the fire release that was
// set meanwhile.
func TestNoModeThatWaitedOvertakesAFireRelease(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		free := make(chan bool)
		w.store.set(func(op string) error {
			if op == "command" {
				<-free
			}
			return nil
		}, nil)
		go func() { _, _ = w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen)) }()
		synctest.Wait()
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		time.Sleep(time.Second)
		w.burns()
		w.released(w.gate)
		time.Sleep(time.Second)
		close(free)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		var newest wire.CommandPayload
		for _, g := range w.link.sent() {
			if g.to.ID == w.gate.ID && g.command.Action == "mode" && g.command.Issued >= newest.Issued {
				newest = g.command
			}
		}
		if newest.Args["mode"] != string(devices.FireRelease) {
			t.Errorf("the newest mode that was sent is %v", newest.Args)
		}
	})
}

func TestAFireSignalThatHadNoEffectIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		w.stop()
		if err := w.report(w.camera, wire.Event, wire.EventPayload{ID: "e1", Seq: 1, At: 1, Type: "fire"}); err == nil {
			t.Error("acknowledged while the server stopped")
		}
		w.start(keys{})
	})
}

func TestAFireSignalThatCameWhileItsGroupStoodDoesNothingAfterTheEnd(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		w.burns()
		e := wire.EventPayload{ID: "e1", Seq: 1, At: 1, Type: "fire"}
		w.must(w.report(w.camera, wire.Event, e))
		w.must(w.ends())
		w.must(w.report(w.camera, wire.Event, e)) // its acknowledgement was lost
		if n := len(w.c.Fires()); n != 0 {
			t.Errorf("%d releases stand", n)
		}
	})
}

func TestADeviceThatIsRewiredWhileTwoGroupsStandIsToldUntilItIsOpen(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.burns()
		w.wire(w.gate, devices.FireWiring{Group: "B"})
		_, err := w.c.ReleaseFire(context.Background(), guard, w.site.ID, "B", "smoke")
		w.must(err)
		w.must(w.ends())
		before := len(w.link.sent())
		time.Sleep(time.Minute) // it never reports itself open
		synctest.Wait()
		if n := len(w.link.sent()) - before; n < 20 {
			t.Errorf("told %d times in a minute", n)
		}
	})
}

func TestTheWiringOfADeviceThatIsBeingReplacedIsRefused(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		free := make(chan bool)
		w.store.set(func(op string) error {
			if op == "retire" {
				<-free
			}
			return nil
		}, nil)
		go func() { _, _ = w.c.Replace(ctx, guard, w.gate.ID, "broken") }()
		synctest.Wait()
		wired := make(chan error, 1)
		go func() {
			_, err := w.c.SetFireWiring(ctx, guard, w.gate.ID, devices.FireWiring{Group: "C"})
			wired <- err
		}()
		synctest.Wait()
		close(free)
		if err := <-wired; devices.CodeOf(err) != devices.NotFound {
			t.Errorf("the wiring: %v", err)
		}
	})
}

func TestNoHoldIsOverADeviceThatIsNotInService(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.gate.ID, Reason: "road works"})
		w.store.set(failing("retire"), nil)
		for range 3 {
			if _, err := w.c.Replace(ctx, guard, w.gate.ID, "broken"); err == nil {
				t.Error("replaced although it was not stored")
			}
		}
		w.store.set(nil, failing("retire")) // stored, and yet an error
		_, _ = w.c.Replace(ctx, guard, w.gate.ID, "broken")
		w.store.set(nil, nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		serves := map[string]bool{}
		for _, d := range w.c.Devices() {
			serves[string(d.Device.ID)] = true
		}
		holds := w.c.Layers()
		for _, l := range holds {
			if !serves[l.Scope.ID] {
				t.Errorf("a hold is over %s, which is not in service", l.Scope.ID)
			}
		}
		if len(holds) != 1 {
			t.Errorf("%d holds, want the successor's", len(holds))
		}
	})
}
