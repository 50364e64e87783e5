package devices_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/wire"
)

// latchInMemory is a disk that outlives restarts, and may fail or stand still.
type latchInMemory struct {
	mu      sync.Mutex
	content devices.Latched
	err     error
	stall   time.Duration
	before  func() // called before each Save
}

func (l *latchInMemory) Load() (devices.Latched, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.content, nil
}

func (l *latchInMemory) Save(c devices.Latched) error {
	l.mu.Lock()
	before, stall := l.before, l.stall
	l.mu.Unlock()
	if before != nil {
		before()
	}
	time.Sleep(stall)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.content = c
	}
	return l.err
}

func (l *latchInMemory) set(err error, stall time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err, l.stall = err, stall
}

func (l *latchInMemory) standing() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.content.Releases)
}

// inFire is a world whose gate and turnstile are in fire group A, connected, and
// know modes; the camera is the input of the group.
func inFire(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	inWorld(t, func(t *testing.T, w *world) {
		for _, d := range []devices.Device{w.gate, w.lane} {
			w.wire(d, devices.FireWiring{Group: "A"})
			w.up(d)
			w.keeps(d, "controlled", nil)
		}
		w.wire(w.camera, devices.FireWiring{Input: "A"})
		test(t, w)
	})
}

func (w *world) wire(d devices.Device, f devices.FireWiring) {
	w.t.Helper()
	_, err := w.c.SetFireWiring(context.Background(), guard, d.ID, f)
	w.must(err)
	synctest.Wait()
}

func (w *world) burns() devices.FireReport {
	w.t.Helper()
	f, err := w.c.ReleaseFire(context.Background(), guard, w.site.ID, "A", "烟感报警")
	w.must(err)
	synctest.Wait()
	return f
}

// released reports that an opening is open for a fire.
func (w *world) released(d devices.Device) {
	w.t.Helper()
	w.must(w.report(d, wire.State, wire.StatePayload{
		At: time.Now().UnixMilli(), Mode: "fire_release", Physical: "open", Capabilities: append([]string{"mode"}, capabilities[d.Kind]...),
	}))
	synctest.Wait()
}

func TestAFireReleaseIsLatchedBeforeTheFirstCommandAndOutranksEverything(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.layer(devices.LayerRequest{Action: devices.LockDown, Site: w.site.ID})
		sent := -1
		w.latch.before = func() { sent = len(w.link.sent()) }
		told := len(w.link.sent())
		w.burns()
		if sent != told || w.latch.standing() != 1 {
			t.Errorf("%d commands before the latch, want %d; %d latched", sent, told, w.latch.standing())
		}
		w.wantsTold(w.gate, "locked_down, fire_release")
		w.wantsTold(w.lane, "locked_down in, locked_down out, fire_release in, fire_release out")
		_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionClose))
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Refused || e.Ruling.Layer != arbiter.Fire {
			t.Errorf("a close during fire: %v", err)
		}
		w.released(w.gate)
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.gate.ID})
		w.wantsTold(w.gate, "locked_down, fire_release")
	})
}

func TestAFireReleaseNeedsNoDatabase(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.store.set(failing("command", "ladder", "link", "state", "layer", "fire", "quarantine"), nil)
		w.burns()
		w.wantsTold(w.gate, "fire_release")
		sent := w.link.sent()
		g := sent[slices.IndexFunc(sent, func(g given) bool { return g.to.ID == w.gate.ID })]
		w.must(w.report(w.gate, wire.Answer, wire.AnswerPayload{ID: g.command.ID, Outcome: "done", At: time.Now().UnixMilli()}))
		if err := w.report(w.gate, wire.State, wire.StatePayload{At: 1, Mode: "fire_release", Physical: "open", Capabilities: []string{"mode"}}); err == nil {
			t.Error("a report was acknowledged that is not stored")
		}
		f := w.c.Fires()[0]
		proof := f.Openings[slices.IndexFunc(f.Openings, func(p devices.FireProof) bool { return p.Device == w.gate.ID })]
		if proof.Commanded.IsZero() || proof.Confirmed.IsZero() || !proof.Holds {
			t.Errorf("the proof is %+v", proof)
		}
		w.store.set(nil, nil)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		stored, err := w.store.Fires(context.Background(), 0)
		w.must(err)
		if len(stored) != 1 || stored[0].ID != f.ID {
			t.Errorf("stored afterwards: %+v", stored)
		}
		if last := w.news.layers[len(w.news.layers)-1]; last.Layer != arbiter.Fire || !last.Set {
			t.Errorf("the feed was told %+v", last)
		}
	})
}

func TestADeviceStuckBehindTheDiskIsReleasedAllTheSame(t *testing.T) {
	t.Parallel()
	inFire(t, func(_ *testing.T, w *world) {
		stuck := make(chan struct{})
		w.store.set(func(op string) error {
			if op == "command" {
				<-stuck
			}
			return nil
		}, nil)
		go func() { _, _ = w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen)) }()
		synctest.Wait()
		w.burns()
		w.wantsTold(w.gate, "fire_release")
		close(stuck)
		synctest.Wait()
	})
}

func TestALatchThatStandsStillOrFailsDelaysNothingForLong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		stall time.Duration
	}{"fails": {errDisk, 0}, "stands still": {nil, time.Hour}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFire(t, func(t *testing.T, w *world) {
				w.latch.set(c.err, c.stall)
				began := time.Now()
				f := w.burns()
				w.wantsTold(w.gate, "fire_release")
				if took := time.Since(began); took > time.Second || !f.Unlatched {
					t.Errorf("took %v, unlatched %v", took, f.Unlatched)
				}
				w.latch.set(nil, 0)
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				if w.latch.standing() != 1 {
					t.Error("not latched once the disk works again")
				}
			})
		})
	}
}

func TestAFireReleaseOutlivesARestartAndIsToldAgain(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		f := w.burns()
		w.released(w.gate)
		time.Sleep(2 * time.Second)
		w.restart()
		standing := w.c.Fires()
		if len(standing) != 1 || standing[0].ID != f.ID || standing[0].Reason != f.Reason {
			t.Fatalf("stands: %+v", standing)
		}
		before := len(w.link.sent())
		w.up(w.gate)
		w.up(w.lane)
		if got := len(w.link.sent()) - before; got != 3 {
			t.Errorf("%d openings were told at once when they were back, want 3", got)
		}
		w.released(w.gate)
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, p := range w.c.Fires()[0].Openings {
			if p.Device == w.gate.ID && (!p.Holds || p.Confirmed.IsZero()) {
				t.Errorf("the proof of the gate is %+v", p)
			}
			if p.Device == w.lane.ID && (p.Holds || !p.Confirmed.IsZero()) {
				t.Errorf("the proof of the turnstile is %+v", p)
			}
		}
	})
}

func TestAnOpeningThatClosesDuringFireIsToldAgain(t *testing.T) {
	t.Parallel()
	inFire(t, func(_ *testing.T, w *world) {
		w.burns()
		w.released(w.gate)
		time.Sleep(10 * time.Second)
		w.wantsTold(w.gate, "fire_release")
		w.keeps(w.gate, "controlled", nil)
		w.wantsTold(w.gate, "fire_release, fire_release")
	})
}

func TestEndingAFireReleaseTellsWhatLiesBelow(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.burns()
		w.released(w.gate)
		w.released(w.lane)
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		w.latch.set(errDisk, 0)
		if _, err := w.c.EndFire(ctx, guard, w.site.ID, "A", "误报"); devices.CodeOf(err) != devices.Unavailable || len(w.c.Fires()) != 1 {
			t.Errorf("ended without the latch: %v", err)
		}
		w.latch.set(nil, 0)
		if _, err := w.c.EndFire(ctx, guard, w.site.ID, "A", " "); devices.CodeOf(err) != devices.Invalid {
			t.Errorf("ended without a reason: %v", err)
		}
		_, err := w.c.EndFire(ctx, guard, w.site.ID, "A", "误报")
		w.must(err)
		synctest.Wait()
		w.wantsTold(w.gate, "fire_release, held_open")
		w.wantsTold(w.lane, "fire_release in, fire_release out, controlled in, controlled out")
		if w.latch.standing() != 0 || len(w.c.Fires()) != 0 {
			t.Error("it still stands")
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		past, err := w.c.PastFires(ctx, 0)
		w.must(err)
		if len(past) != 1 || past[0].EndReason != "误报" || past[0].Ended.IsZero() {
			t.Errorf("the report is %+v", past)
		}
		if _, err := w.c.EndFire(ctx, guard, w.site.ID, "A", "误报"); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("ended twice: %v", err)
		}
	})
}

func TestAnInputReleasesItsGroupOnceBeforeItsEventIsStored(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		event := wire.EventPayload{ID: "e1", Seq: 1, At: time.Now().UnixMilli(), Type: "fire"}
		w.store.set(failing("event"), nil)
		if err := w.report(w.camera, wire.Event, event); err == nil {
			t.Error("an event was acknowledged that is not stored")
		}
		w.wantsTold(w.gate, "fire_release")
		f := w.c.Fires()
		if len(f) != 1 || f[0].By.Kind != "system" || f[0].By.ID != string(w.camera.ID) || f[0].Trigger.Event != "e1" {
			t.Fatalf("stands: %+v", f)
		}
		w.store.set(nil, nil)
		_, err := w.c.EndFire(context.Background(), guard, w.site.ID, "A", "误报")
		w.must(err)
		w.must(w.report(w.camera, wire.Event, event)) // it comes again, as an unacknowledged event does
		synctest.Wait()
		if len(w.c.Fires()) != 0 {
			t.Error("the same event released the group again")
		}
		event.ID, event.Seq = "e2", 2
		w.must(w.report(w.camera, wire.Event, event))
		if len(w.c.Fires()) != 1 {
			t.Error("another event did not release the group")
		}
	})
}

func TestAnInputReleasesItsGroupWhateverOfItsDeviceWaitsForTheDisk(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		arrives := func(d devices.Device, typ, id string) {
			body, err := json.Marshal(wire.EventPayload{ID: id, Seq: 1, At: time.Now().UnixMilli(), Type: typ, Reason: "x"})
			w.must(err)
			w.c.Glance(devices.Report{Site: d.Site, Device: d.ID, Channel: wire.Event, Payload: body, Arrived: time.Now(), Epoch: w.epoch})
			synctest.Wait()
		}
		arrives(w.camera, "tamper", "e0")
		arrives(w.gate, "fire", "e1") // no input
		if len(w.c.Fires()) != 0 {
			t.Fatal("released")
		}
		arrives(w.camera, "fire", "e1") // and an event before it is not stored yet
		w.wantsTold(w.gate, "fire_release")
		if f := w.c.Fires(); len(f) != 1 || f[0].Trigger.Event != "e1" {
			t.Fatalf("stands: %+v", f)
		}
		_, err := w.c.EndFire(context.Background(), guard, w.site.ID, "A", "误报")
		w.must(err)
		w.must(w.report(w.camera, wire.Event, wire.EventPayload{ID: "e1", Seq: 1, At: time.Now().UnixMilli(), Type: "fire"})) // its turn
		arrives(w.camera, "fire", "e1")                                                                                       // a repetition
		if len(w.c.Fires()) != 0 {
			t.Error("the same event released the group again")
		}
	})
}

func TestWrongFireRequestsNameTheField(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		field := func(err error) string {
			var e *devices.Error
			if errors.As(err, &e) && e.Code == devices.Invalid {
				return e.Field
			}
			return err.Error()
		}
		if _, err := w.c.ReleaseFire(ctx, guard, w.site.ID, "B", "x"); field(err) != "group" {
			t.Error(err)
		}
		if _, err := w.c.ReleaseFire(ctx, guard, w.site.ID, "A", ""); field(err) != "reason" {
			t.Error(err)
		}
		if _, err := w.c.ReleaseFire(ctx, guard, "none", "A", "x"); devices.CodeOf(err) != devices.NotFound {
			t.Error(err)
		}
		if _, err := w.c.SetFireWiring(ctx, guard, w.gate.ID, devices.FireWiring{Group: "a/b"}); field(err) != "group" {
			t.Error(err)
		}
		if _, err := w.c.SetFireWiring(ctx, guard, w.gate.ID, devices.FireWiring{Input: "#"}); field(err) != "input" {
			t.Error(err)
		}
		if _, err := w.c.SetFireWiring(ctx, guard, w.camera.ID, devices.FireWiring{Group: "A"}); field(err) != "group" {
			t.Error(err)
		}
	})
}

func TestAReleaseThatWasNeverStoredIsStoredAndAuditedAfterARestart(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.store.set(failing("fire"), nil)
		f := w.burns()
		w.stop()
		w.store.set(nil, nil)
		w.start(keys{})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		stored, err := w.store.Fires(context.Background(), 0)
		w.must(err)
		if len(stored) != 1 || stored[0].ID != f.ID || len(stored[0].Openings) != 3 {
			t.Errorf("stored %+v", stored)
		}
		rows, err := w.store.Audit(context.Background(), 0, 0)
		w.must(err)
		n := 0
		for _, r := range rows {
			if r.Verb == "fire.release" && r.Actor.Name == guard.Name {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d audit rows of the release", n)
		}
	})
}

func TestAnOpeningIsProvenOnceItIsOpenNotWhileItOpens(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		w.burns()
		proof := func() devices.FireProof {
			all := w.c.Fires()[0].Openings
			return all[slices.IndexFunc(all, func(p devices.FireProof) bool { return p.Device == w.gate.ID })]
		}
		w.must(w.report(w.gate, wire.State, wire.StatePayload{At: 1, Mode: "fire_release", Physical: "opening", Capabilities: []string{"mode"}}))
		if p := proof(); p.Holds || !p.Confirmed.IsZero() {
			t.Errorf("while it opens the proof is %+v", p)
		}
		time.Sleep(3 * time.Second)
		w.released(w.gate)
		if p := proof(); !p.Holds || p.Confirmed.Sub(p.Commanded) < 3*time.Second {
			t.Errorf("the proof is %+v", p)
		}
	})
}
