package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gatehouse/devices/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var key = []byte("0123456789abcdef0123456789abcdef")

func identity(kind, id string) Identity {
	return Identity{ID: id, Site: "s1", Zone: "z1", Kind: kind, Name: kind + " " + id, CommandKey: key, Currency: "CNY"}
}

// broker is a Link that notes what it is given. It acknowledges at once, or, while
// held, when release is called.
type broker struct {
	mu   sync.Mutex
	got  []Message
	held bool
	open []func(error)
}

func (b *broker) Publish(m Message, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	if done == nil {
		return
	}
	if b.held {
		b.open = append(b.open, done)
		return
	}
	go done(nil)
}

// release answers everything that is open.
func (b *broker) release(err error) {
	b.mu.Lock()
	open := b.open
	b.held, b.open = false, nil
	b.mu.Unlock()
	for _, done := range open {
		done(err)
	}
}

// on gives the messages of a channel, decoded.
func on[T any](t *testing.T, b *broker, c wire.Channel) []T {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []T
	for _, m := range b.got {
		if m.Channel != c {
			continue
		}
		var v T
		if err := json.Unmarshal(m.Payload, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func (b *broker) raw(c wire.Channel) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Message
	for _, m := range b.got {
		if m.Channel == c {
			list = append(list, m)
		}
	}
	return list
}

// start makes a fleet and runs it until the test ends.
func start(t *testing.T, o Options, ids ...Identity) *Fleet {
	t.Helper()
	f, _ := runFleet(t, ids, func(Identity) Options { return o })
	return f
}

// runFleet is start with options of each device, and gives what switches it off
// before that.
func runFleet(t *testing.T, ids []Identity, options func(Identity) Options) (_ *Fleet, off func()) {
	t.Helper()
	f, err := NewFleet(ids, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	off = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(off)
	return f, off
}

// plug connects a device, and tells it the time.
func plug(d *Device) *broker {
	b := &broker{}
	d.Connected(b)
	tell(d, time.Now())
	synctest.Wait()
	return b
}

func tell(d *Device, now time.Time) {
	d.Receive(wire.Topic("s1", d.id.ID, wire.Time), encode(wire.TimePayload{Now: now.UnixMilli()}))
}

// order gives the device a signed command and waits until it has dealt with it.
func order(d *Device, c wire.CommandPayload) {
	if c.Seq == 0 {
		c.Seq, _ = ask(d, func() (int64, error) { return d.memory.CommandSeq + 1, nil })
	}
	if c.Issued == 0 {
		c.Issued = time.Now().UnixMilli()
	}
	if c.TTL == 0 {
		c.TTL = 5000
	}
	if c.Signature == "" {
		c.Signature = wire.Sign(key, d.id.ID, c)
	}
	d.Receive(wire.Topic("s1", d.id.ID, wire.Command), encode(c))
	synctest.Wait()
}

func physicals(states []wire.StatePayload) string {
	text := ""
	for _, s := range states {
		text += fmt.Sprintf("%s(%s) ", s.Physical, s.Command)
	}
	return text
}

func TestDeviceSaysOnlineAndFullStateOnConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if len(b.got) != 2 || b.got[0].Channel != wire.Status || b.got[1].Channel != wire.State {
			t.Fatalf("messages = %v, want status, then state", b.got)
		}
		for _, m := range b.got {
			if m.QoS != 1 || !m.Retain {
				t.Errorf("%s: QoS %d, retain %v", m.Channel, m.QoS, m.Retain)
			}
		}
		if _, err := wire.DecodeState(b.got[1].Payload); err != nil {
			t.Error(err)
		}
	})
}

func TestConnectedDeviceReportsAtLeastEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Camera, "c1")).Device("c1")
		b := plug(d)
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		if n := len(b.raw(wire.State)); n != 11 {
			t.Errorf("%d reports in ten minutes, want 11", n)
		}
		d.Disconnected()
		time.Sleep(10 * time.Minute)
		if n := len(b.raw(wire.State)); n != 11 {
			t.Errorf("%d reports after the connection was lost", n-11)
		}
	})
}

func TestOpenedGateReportsEachStepAndClosesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		time.Sleep(time.Minute / 2)
		synctest.Wait()
		want := "closed() opening(a) open(a) closing() closed() "
		if got := physicals(on[wire.StatePayload](t, b, wire.State)); got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		if order := b.got[2].Channel; order != wire.Answer {
			t.Errorf("first after the command: %s, want the answer", order)
		}
	})
}

func TestStoppedGateStaysUntilItIsMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		time.Sleep(travel / 2)
		order(d, wire.CommandPayload{ID: "b", Action: actStop})
		time.Sleep(time.Minute / 4)
		order(d, wire.CommandPayload{ID: "c", Action: actStop})
		began := time.Now()
		order(d, wire.CommandPayload{ID: "d", Action: actClose})
		for physicalOf(t, d) != isClosed {
			time.Sleep(time.Millisecond)
			synctest.Wait()
		}
		if took := time.Since(began); took < travel/2-time.Millisecond || took > travel/2+2*time.Millisecond {
			t.Errorf("closing from half way took %s, want %s", took, travel/2)
		}
		want := "closed() opening(a) stopped(b) closing(d) closed(d) "
		if got := physicals(on[wire.StatePayload](t, b, wire.State)); got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		if a := on[wire.AnswerPayload](t, b, wire.Answer)[2]; a.Reason != notMoving {
			t.Errorf("stop of a gate at rest: %+v", a)
		}
	})
}

func physicalOf(t *testing.T, d *Device) string {
	t.Helper()
	v, err := d.View()
	if err != nil {
		t.Fatal(err)
	}
	return v.Physical
}

func TestSpeedShortensMovements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{Speed: 100}, identity(Gate, "g1")).Device("g1")
		plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		time.Sleep(travel/100 + time.Millisecond)
		if p := physicalOf(t, d); p != isOpen {
			t.Errorf("gate is %s", p)
		}
	})
}

func TestCommandIsRefusedWithItsReason(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    string
		prepare func(d *Device)
		command wire.CommandPayload
		reason  string
	}{
		{"forged", Gate, nil, wire.CommandPayload{ID: "a", Action: actOpen, Signature: wire.Sign(key, "another device", wire.CommandPayload{ID: "a"})}, badSignature},
		{"unknown action", Gate, nil, wire.CommandPayload{ID: "a", Action: "dance"}, unknownAction},
		{"action of another kind", Camera, nil, wire.CommandPayload{ID: "a", Action: actOpen}, unknownAction},
		{"late", Gate, nil, wire.CommandPayload{ID: "a", Action: actOpen, Issued: -5001}, expired},
		{"late by the server's clock", Gate, func(d *Device) { tell(d, time.Now().Add(6*time.Second)) }, wire.CommandPayload{ID: "a", Action: actOpen}, expired},
		{"opening without a clock", Gate, func(d *Device) { d.Disconnected(); d.Connected(&broker{}) }, wire.CommandPayload{ID: "a", Action: actOpen}, noClock},
		{"pass without a clock", Turnstile, func(d *Device) { d.Connected(&broker{}) }, wire.CommandPayload{ID: "a", Action: actPass, Args: map[string]string{"direction": "in"}}, noClock},
		{"no direction", Turnstile, nil, wire.CommandPayload{ID: "a", Action: actPass}, badArguments},
		{"argument too many", Gate, nil, wire.CommandPayload{ID: "a", Action: actOpen, Args: map[string]string{"pulse": "1"}}, badArguments},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := start(t, Options{}, identity(c.kind, "d1")).Device("d1")
				plug(d)
				if c.prepare != nil {
					c.prepare(d)
				}
				b := relink(d)
				if c.command.Issued < 0 {
					c.command.Issued += time.Now().UnixMilli()
				}
				order(d, c.command)
				answers := on[wire.AnswerPayload](t, b, wire.Answer)
				if len(answers) != 1 || answers[0].Outcome != "refused" || answers[0].Reason != c.reason {
					t.Errorf("answers = %+v, want refused: %s", answers, c.reason)
				}
				if states := b.raw(wire.State); len(states) != 0 {
					t.Errorf("it moved: %s", states[0].Payload)
				}
			})
		})
	}
}

// relink lets a fresh broker note what comes from here, on the same connection.
func relink(d *Device) *broker {
	b := &broker{}
	d.post(func() { d.mail.link = b })
	synctest.Wait()
	return b
}

func TestDeviceWithWrongClockObeysByTheServersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{Skew: -24 * time.Hour}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		order(d, wire.CommandPayload{ID: "b", Action: actOpen, Issued: time.Now().Add(-6 * time.Second).UnixMilli()})
		answers := on[wire.AnswerPayload](t, b, wire.Answer)
		if len(answers) != 2 || answers[0].Outcome != "done" || answers[1].Reason != expired {
			t.Errorf("answers = %+v", answers)
		}
	})
}

func TestRepeatedCommandIsDoneOnceAndAnsweredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Turnstile, "t1")).Device("t1")
		b := plug(d)
		for range 3 {
			order(d, wire.CommandPayload{ID: "a", Action: actPass, Args: map[string]string{"direction": "in"}})
			time.Sleep(3 * time.Second)
		}
		synctest.Wait()
		answers := on[wire.AnswerPayload](t, b, wire.Answer)
		if len(answers) != 3 || answers[0] != answers[1] || answers[0] != answers[2] || answers[0].Outcome != "done" {
			t.Errorf("answers = %+v, want the first one three times", answers)
		}
		if events := on[wire.EventPayload](t, b, wire.Event); len(events) != 1 {
			t.Errorf("%d passages, want 1", len(events))
		}
	})
}

func TestForgedCommandDoesNotSpoilTheIDOfATrueOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actOpen, Signature: wire.Sign(key, "x", wire.CommandPayload{})})
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 2 || a[1].Outcome != "done" {
			t.Errorf("answers = %+v", a)
		}
	})
}

func TestMalformedMessagesChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		plug(d)
		b := relink(d)
		d.Receive(wire.Topic("s1", "g1", wire.Command), []byte("{"))
		d.Receive(wire.Topic("s1", "g1", wire.Time), []byte("now"))
		d.Receive("gatehouse/v1/devices/s1/g1/else", nil)
		synctest.Wait()
		if len(b.got) != 0 {
			t.Errorf("it said %v", b.got)
		}
		order(d, wire.CommandPayload{ID: "a", Action: actOpen})
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 || a[0].Outcome != "done" {
			t.Errorf("answers = %+v", a)
		}
	})
}

func TestTurnstileCountsAPassAndNamesItsCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Turnstile, "t1")).Device("t1")
		b := plug(d)
		order(d, wire.CommandPayload{ID: "a", Action: actPass, Args: map[string]string{"direction": "in"}})
		order(d, wire.CommandPayload{ID: "b", Action: actPass, Args: map[string]string{"direction": "out"}})
		time.Sleep(20 * time.Second)
		synctest.Wait()
		events := on[wire.EventPayload](t, b, wire.Event)
		if len(events) != 2 || events[0].Command != "a" || events[0].Direction != "in" || events[1].Command != "b" || events[1].Seq != 2 {
			t.Errorf("events = %+v", events)
		}
		counted := map[string]int64{}
		for _, s := range on[wire.StatePayload](t, b, wire.State) {
			for direction, n := range s.Counters {
				if n > counted[direction] {
					counted[direction] = n
					if want := map[string]string{"in": "a", "out": "b"}[direction]; s.Command != want {
						t.Errorf("%s counted for command %q, want %q", direction, s.Command, want)
					}
				}
			}
		}
		if counted["in"] != 1 || counted["out"] != 1 || physicalOf(t, d) != isClosed {
			t.Errorf("counted %v, now %s", counted, physicalOf(t, d))
		}
	})
}

func TestDevicesOfAnotherKindRefuseScenarios(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{}, identity(Gate, "g1"), identity(Turnstile, "t1"))
		if _, err := f.Device("t1").Car("in"); !errors.Is(err, ErrWrongKind) {
			t.Error(err)
		}
		if _, err := f.Device("g1").Person("in"); !errors.Is(err, ErrWrongKind) {
			t.Error(err)
		}
		if _, err := f.Device("g1").RepeatBilling(); !errors.Is(err, ErrNoBilling) {
			t.Error(err)
		}
	})
}

func TestStoppedDeviceSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := New(identity(Gate, "g1"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Car("in"); !errors.Is(err, ErrStopped) {
			t.Errorf("error = %v", err)
		}
	})
}

func TestFleetRefusesNonsense(t *testing.T) {
	t.Parallel()
	without := func(change func(*Identity)) Identity {
		i := identity(Gate, "g1")
		change(&i)
		return i
	}
	for name, ids := range map[string][]Identity{
		"no id":         {without(func(i *Identity) { i.ID = "" })},
		"no site":       {without(func(i *Identity) { i.Site = "" })},
		"unknown kind":  {without(func(i *Identity) { i.Kind = "drone" })},
		"short key":     {without(func(i *Identity) { i.CommandKey = key[:5] })},
		"twice":         {identity(Gate, "g1"), identity(Camera, "g1")},
		"absent camera": {without(func(i *Identity) { i.Camera = "c9" })},
		"gate as eye":   {without(func(i *Identity) { i.Camera = "g2" }), identity(Gate, "g2")},
	} {
		if _, err := NewFleet(ids, func(Identity) Options { return Options{} }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestATimeMessageThatStoodStillMakesNoOldOrderYoung(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		time.Sleep(59 * time.Second)
		told := time.Now() // the line stalls: the minute's time message and an order wait in it
		issued := told.Add(time.Second)
		time.Sleep(20 * time.Second)
		tell(d, told)
		order(d, wire.CommandPayload{ID: "late", Action: actOpen, Issued: issued.UnixMilli()})
		if answers := on[wire.AnswerPayload](t, b, wire.Answer); len(answers) != 1 || answers[0].Reason != expired {
			t.Errorf("an order that came 19 s late: %+v", answers)
		}
	})
}
