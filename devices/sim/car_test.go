package sim

import (
	"bytes"
	"errors"
	"image/jpeg"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices/wire"
)

func watched() []Identity {
	gate := identity(Gate, "g1")
	gate.Camera = "c1"
	return []Identity{gate, identity(Camera, "c1")}
}

func TestCarLeavesPassagePictureAndBillingOfOneEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, watched()...)
		gate, cam := plug(f.Device("g1")), plug(f.Device("c1"))
		drive, err := f.Device("g1").Car("out")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()

		passages := on[wire.EventPayload](t, gate, wire.Event)
		if len(passages) != 1 || passages[0].ID != drive.Event || passages[0].Camera != "c1" ||
			passages[0].Direction != "out" || passages[0].Credential != "plate:"+drive.Plate {
			t.Errorf("passages = %+v, drive = %+v", passages, drive)
		}
		bills := on[wire.BillingPayload](t, gate, wire.Billing)
		if len(bills) != 1 || bills[0].ID != drive.Billing || bills[0].Event != drive.Event || bills[0].Amount <= 0 || bills[0].Currency != "CNY" {
			t.Errorf("billing = %+v", bills)
		}
		if m := gate.raw(wire.Billing); m[0].QoS != 2 || m[0].Retain {
			t.Errorf("billing at QoS %d, retain %v", m[0].QoS, m[0].Retain)
		}
		seen := on[wire.EventPayload](t, cam, wire.Event)
		snapshots, readings := seen[:1], seen[1:]
		if len(readings) != reads {
			t.Errorf("readings = %+v", readings)
		}
		for i, r := range readings {
			if r.Type != "plate" || r.Plate != drive.Plate || r.Snapshot != drive.Event || r.Direction != "out" || i > 0 && r.Confidence <= readings[i-1].Confidence {
				t.Errorf("reading = %+v", r)
			}
		}
		if len(snapshots) != 1 || snapshots[0].ID != drive.Event || snapshots[0].Type != "snapshot" || !snapshots[0].Picture {
			t.Errorf("snapshots = %+v", snapshots)
		}
		pictures := cam.raw(wire.Picture)
		if len(pictures) != 1 || pictures[0].Topic != wire.PictureTopic("s1", "c1", drive.Event) {
			t.Fatalf("pictures = %v", pictures)
		}
		if _, err := jpeg.Decode(bytes.NewReader(pictures[0].Payload)); err != nil {
			t.Error(err)
		}
		want := "closed() opening() open() open() closing() closed() "
		if got := physicals(on[wire.StatePayload](t, gate, wire.State)); got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		for _, m := range append(gate.raw(wire.Event), cam.raw(wire.Event)...) {
			if _, err := wire.DecodeEvent(m.Payload); err != nil {
				t.Errorf("%s: %v", m.Payload, err)
			}
		}
		if _, err := wire.DecodeBilling(gate.raw(wire.Billing)[0].Payload); err != nil {
			t.Error(err)
		}
	})
}

func TestGateDoesNotCloseOnACar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if _, err := d.Car("in"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Car("in"); !errors.Is(err, ErrBusy) {
			t.Errorf("second car: %v", err)
		}
		time.Sleep(untilKnown + travel + underBoom/2)
		order(d, wire.CommandPayload{ID: "a", Action: actClose})
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 || a[0].Reason != blocked {
			t.Errorf("answers = %+v", a)
		}
		time.Sleep(10 * time.Second)
		if p := physicalOf(t, d); p != isClosed {
			t.Errorf("after the car the gate is %s", p)
		}
	})
}

func TestCarThatWasShutOutPassesAtTheNextOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		drive, err := d.Car("in")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(untilKnown + travel/2)
		order(d, wire.CommandPayload{ID: "a", Action: actClose})
		time.Sleep(10 * time.Second)
		if n := len(b.raw(wire.Event)); n != 0 {
			t.Fatalf("%d passages through a closed gate", n)
		}
		tell(d, time.Now())
		order(d, wire.CommandPayload{ID: "b", Action: actOpen})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if e := on[wire.EventPayload](t, b, wire.Event); len(e) != 1 || e[0].ID != drive.Event {
			t.Errorf("events = %+v", e)
		}
	})
}

func TestBillingIsSentUntilItIsAcknowledgedAndThenNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		drive, err := d.Car("in") // nobody listens
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		b := &broker{held: true}
		d.Connected(b)
		synctest.Wait()
		b.release(errors.New("no acknowledgement"))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		bills := on[wire.BillingPayload](t, b, wire.Billing)
		if len(bills) != 2 || bills[0] != bills[1] || bills[0].ID != drive.Billing {
			t.Errorf("billing events = %+v, want the same one twice", bills)
		}
		v, err := d.View()
		if err != nil || v.Waiting != 0 || !v.LastBilling.Acknowledged {
			t.Errorf("view = %+v, %v", v, err)
		}
	})
}

func TestSlowChannelHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		plug(d)
		b := relink(d)
		b.held = true // nothing is acknowledged from here on
		if _, err := d.Car("in"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		if _, err := d.Car("in"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		tell(d, time.Now())
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		if n := len(b.raw(wire.Billing)); n != 1 {
			t.Errorf("%d billing events at once, want one until it is acknowledged", n)
		}
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 {
			t.Errorf("%d answers, want 1", len(a))
		}
		b.release(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(b.raw(wire.Billing)); n != 2 {
			t.Errorf("%d billing events in the end, want 2", n)
		}
	})
}

func TestRepeatedBillingIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if _, err := d.Car("in"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if _, err := d.RepeatBilling(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		m := b.raw(wire.Billing)
		if len(m) != 2 || !bytes.Equal(m[0].Payload, m[1].Payload) {
			t.Errorf("billing = %v", m)
		}
	})
}

// kept is what a device saved last.
type kept struct {
	mu     sync.Mutex
	memory Memory
}

func (k *kept) save(m Memory) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.memory = m
}

func TestDeviceRemembersOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept
		first := start(t, Options{Save: k.save}, identity(Gate, "g1")).Device("g1")
		drive, err := first.Car("in")
		if err != nil {
			t.Fatal(err)
		}
		plug(first)
		order(first, wire.CommandPayload{ID: "a", Action: actStop})
		first.Disconnected()
		time.Sleep(time.Minute)
		synctest.Wait()

		second := start(t, Options{Memory: k.memory}, identity(Gate, "g1")).Device("g1")
		b := plug(second)
		order(second, wire.CommandPayload{ID: "a", Action: actStop})
		if bills := on[wire.BillingPayload](t, b, wire.Billing); len(bills) != 1 || bills[0].ID != drive.Billing {
			t.Errorf("billing after the restart = %+v", bills)
		}
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 || a[0].Reason != notMoving {
			t.Errorf("answer after the restart = %+v, want the first one", a)
		}
		if s := on[wire.StatePayload](t, b, wire.State); s[0].Counters["in"] != 1 {
			t.Errorf("counters after the restart = %v", s[0].Counters)
		}
		if _, err := second.Car("in"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if e := on[wire.EventPayload](t, b, wire.Event); len(e) != 2 || e[1].Seq != 2 {
			t.Errorf("events = %+v, want the sequence to go on", e)
		}
	})
}

func TestSnapshotAnswersACommandWithItsPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Camera, "c1")).Device("c1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actSnapshot})
		synctest.Wait()
		e := on[wire.EventPayload](t, b, wire.Event)
		if len(e) != 1 || e[0].Command != "a" || len(b.raw(wire.Picture)) != 1 {
			t.Errorf("events = %+v, pictures = %d", e, len(b.raw(wire.Picture)))
		}
		if s := on[wire.StatePayload](t, b, wire.State); s[len(s)-1].Counters["pictures"] != 1 {
			t.Errorf("counters = %v", s[len(s)-1].Counters)
		}
	})
}

func TestMemoryForgetsOldCommands(t *testing.T) {
	t.Parallel()
	var m Memory
	now := time.Now()
	m.remember(Remembered{wire.AnswerPayload{ID: "old"}, actOpen, now.Add(-3 * time.Hour)})
	m.remember(Remembered{wire.AnswerPayload{ID: "recent"}, actOpen, now.Add(-time.Hour)})
	m.remember(Remembered{wire.AnswerPayload{ID: "new"}, actOpen, now})
	var ids []string
	for _, r := range m.Commands {
		ids = append(ids, r.Answer.ID)
	}
	if diff := cmp.Diff([]string{"recent", "new"}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestSceneIsAPictureOfItsSize(t *testing.T) {
	t.Parallel()
	for _, s := range []Scene{{}, {Camera: "c1", Plate: "粤B12345", Colour: 3}, {Plate: "LK72 GTE", Colour: 9}} {
		content, err := s.JPEG()
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.DecodeConfig(bytes.NewReader(content))
		if err != nil || img.Width != width || img.Height != height {
			t.Errorf("%+v: %+v, %v", s, img, err)
		}
	}
}
