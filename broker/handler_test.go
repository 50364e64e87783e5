package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

// taker is a handler that a test opens and closes.
type taker struct {
	mu    sync.Mutex
	taken []string
	calls int
	fail  func(call int, m Incoming) error
}

func (k *taker) Handle(_ context.Context, _ Sender, batch []Incoming) []error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	answers := make([]error, len(batch))
	for i, m := range batch {
		if k.fail != nil {
			if answers[i] = k.fail(k.calls, m); answers[i] != nil {
				continue
			}
		}
		k.taken = append(k.taken, string(m.Payload))
	}
	return answers
}

func (k *taker) set(f func(int, Incoming) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = f
}

func (k *taker) has(n int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.taken) >= n
}

var errNotNow = errors.New("not now")

func handled(t *testing.T, h *house, filter string, k Handler) {
	t.Helper()
	if err := h.b.Handle(filter, k); err != nil {
		t.Fatal(err)
	}
}

func TestAcknowledgementWaitsForTheHandler(t *testing.T) {
	t.Parallel()
	for qos := packet.QoS(1); qos <= 2; qos++ {
		t.Run(fmt.Sprint("QoS", qos), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
				k := &taker{fail: func(int, Incoming) error { return errNotNow }}
				handled(t, h, "in/#", k)
				reader, c := h.over(packet.V5, "reader", keepAlive(0)), h.over(packet.V5, "c", keepAlive(0))
				reader.subscribe(0, "#")
				c.send(pub("in/x", "m", qos, 1))
				<-time.After(time.Minute)
				c.silent()
				reader.silent()
				if k.calls < 10 || k.calls > 25 {
					t.Fatalf("%d calls in a minute: want a back-off from 50 ms to 5 s", k.calls)
				}
				k.set(nil)
				c.ack(map[packet.QoS]packet.Type{1: packet.PUBACK, 2: packet.PUBREC}[qos], 1)
				reader.message("in/x", "m")
			})
		})
	}
}

func TestMessagesBehindTheFirstErrorAreOfferedAgainInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		var offered [][]string
		handled(t, h, "in", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
			var names []string
			answers := make([]error, len(batch))
			for i, m := range batch {
				names = append(names, string(m.Payload))
				if string(m.Payload) == "2" && len(offered) == 0 {
					answers[i] = errNotNow
				}
			}
			offered = append(offered, names)
			return answers
		}))
		c := h.over(packet.V5, "c")
		c.send(pub("in", "1", 1, 1), pub("in", "2", 1, 2), pub("in", "3", 1, 3))
		for i := range uint16(3) {
			c.ack(packet.PUBACK, i+1)
		}
		if got := fmt.Sprint(offered); got != "[[1 2 3] [2 3]]" {
			t.Fatalf("offered %v", got)
		}
	})
}

func TestHandlerThatPanicsOrAnswersTooLittleHasTakenNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		calls := 0
		handled(t, h, "in", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
			if calls++; calls == 1 {
				panic("a bug")
			} else if calls == 2 {
				return nil
			}
			return make([]error, len(batch))
		}))
		c := h.over(packet.V5, "c")
		c.send(pub("in", "x", 1, 1))
		c.ack(packet.PUBACK, 1)
		if calls != 3 || !h.said.has("a bug") {
			t.Fatalf("%d calls", calls)
		}
	})
}

func TestStuckHandlerHoldsUpNeitherTheReaderNorAnotherLane(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	stuck, free := make(chan struct{}), &taker{}
	handled(t, h, "stuck", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
		<-stuck
		return make([]error, len(batch))
	}))
	handled(t, h, "free", free)
	c := h.over(packet.V5, "c")
	c.send(pub("stuck", "1", 2, 1), pub("free", "2", 1, 2))
	c.ack(packet.PUBACK, 2)
	c.silent()
	if !free.has(1) {
		t.Fatal("not taken")
	}
	close(stuck)
	c.ack(packet.PUBREC, 1)
}

// glancer is a handler that takes nothing yet, and sees everything.
type glancer struct {
	HandlerFunc
	seen chan string
}

func (g glancer) Glance(from Sender, m Incoming) {
	g.seen <- string(from.Client) + " " + string(m.Payload)
}

func TestAMessageIsSeenWhenItArrivesWhateverIsAheadOfIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	stuck, seen := make(chan struct{}), make(chan string, 10)
	handled(t, h, "in", glancer{func(_ context.Context, _ Sender, batch []Incoming) []error {
		<-stuck
		return make([]error, len(batch))
	}, seen})
	c := h.over(packet.V5, "c")
	c.send(pub("in", "1", 1, 1), pub("in", "2", 1, 2))
	if a, b := <-seen, <-seen; a != "c 1" || b != "c 2" {
		t.Errorf("seen are %q and %q", a, b)
	}
	c.silent()
	close(stuck)
	c.ack(packet.PUBACK, 1)
	c.ack(packet.PUBACK, 2)
	if len(seen) > 0 {
		t.Errorf("seen again: %q", <-seen)
	}
}

func TestPubacksLeaveInTheOrderOfArrival(t *testing.T) { // MQTT-4.6.0-2
	t.Parallel()
	h := newHouse(t, nil)
	stuck := make(chan struct{})
	handled(t, h, "stuck", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
		<-stuck
		return make([]error, len(batch))
	}))
	c := h.over(packet.V5, "c")
	c.send(pub("stuck", "1", 1, 1), pub("free", "2", 1, 2))
	c.silent()
	close(stuck)
	c.ack(packet.PUBACK, 1)
	c.ack(packet.PUBACK, 2)
}

func TestQoS2ThatAHandlerTookIsNotHandedOverTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		k := &taker{}
		handled(t, h, "in", k)
		c := h.over(v, "c", keep)
		c.send(pub("in", "x", 2, 1))
		c.ack(packet.PUBREC, 1)
		_ = c.nc.Close()
		c.ended()
		c = h.over(v, "c", keep)
		dup := pub("in", "x", 2, 1)
		dup.Dup = true
		c.send(dup)
		c.ack(packet.PUBREC, 1)
		c.send(ackOf(packet.PUBREL, 1))
		c.ack(packet.PUBCOMP, 1)
		if len(k.taken) != 1 {
			t.Fatalf("taken %q", k.taken)
		}
	})
}

func TestMessageOfALostConnectionComesAgainFromItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
		k := &taker{fail: func(int, Incoming) error { return errNotNow }}
		handled(t, h, "in", k)
		reader, c := h.over(packet.V5, "reader", keepAlive(0)), h.over(packet.V5, "c", keep)
		reader.subscribe(0, "in")
		c.send(pub("in", "x", 2, 1))
		synctest.Wait()
		_ = c.nc.Close()
		c.ended()
		k.set(nil)
		<-time.After(time.Minute)
		reader.silent() // nobody acknowledged it, so nobody has it
		c = h.over(packet.V5, "c", keep)
		dup := pub("in", "x", 2, 1)
		dup.Dup = true
		c.send(dup)
		c.ack(packet.PUBREC, 1)
		reader.message("in", "x")
		reader.silent()
	})
}

func TestOverlappingOrLateHandlersAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	handled(t, h, "a/+/c", &taker{})
	for _, f := range []string{"a/#", "a/b/+", "#", "a/#/b", ""} {
		if err := h.b.Handle(f, &taker{}); err == nil {
			t.Errorf("%q was taken", f)
		}
	}
	handled(t, h, "a/b", &taker{})
	h.over(packet.V5, "c")
	if err := h.b.Handle("z", &taker{}); err == nil {
		t.Error("a handler was taken while serving")
	}
}

func TestLaneDropsQoS0ItHasNoRoomForAndCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	stuck := make(chan struct{})
	handled(t, h, "stuck", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
		<-stuck
		return make([]error, len(batch))
	}))
	c := h.over(packet.V5, "c")
	for range laneEnd + 10 {
		c.send(pub("stuck", "x", 0, 0))
	}
	c.silent()
	if n := h.b.Stats().Dropped["handler lane full"]; n != 10 {
		t.Errorf("dropped %d, want 10", n)
	}
	close(stuck)
}

func TestLaneHoldsQoS0ToItsLimitOfBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxQueuedBytes = 10_000 })
	stuck := make(chan struct{})
	handled(t, h, "stuck", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error {
		<-stuck
		return make([]error, len(batch))
	}))
	c := h.over(packet.V5, "c")
	big := string(make([]byte, 3000))
	for range 5 {
		c.send(pub("stuck", big, 0, 0))
	}
	c.send(pub("stuck", big, 1, 1)) // Receive Maximum bounds these
	c.silent()
	if n := h.b.Stats().Dropped["handler lane full"]; n != 2 {
		t.Errorf("dropped %d, want 2", n)
	}
	close(stuck)
	c.ack(packet.PUBACK, 1)
	c.send(pub("stuck", big, 0, 0))
	c.silent()
	if n := h.b.Stats().Dropped["handler lane full"]; n != 2 {
		t.Errorf("dropped %d with an empty lane", n-2)
	}
}

func TestCloseWaitsForHandlersAndCutsThemOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	called := make(chan struct{})
	handled(t, h, "in", HandlerFunc(func(ctx context.Context, _ Sender, batch []Incoming) []error {
		close(called)
		<-ctx.Done()
		return []error{ctx.Err()}
	}))
	c := h.over(packet.V5, "c")
	c.send(pub("in", "x", 1, 1))
	<-called
	h.close()
	c.disconnected(packet.ServerShuttingDown)
}

func TestQoS0BeforeTheGoodbyeReachesItsHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		k, gate := &taker{}, make(chan struct{})
		k.fail = func(call int, _ Incoming) error {
			if call == 1 {
				<-gate
			}
			return nil
		}
		handled(t, h, "in", k)
		reader, c := h.over(packet.V5, "reader"), h.over(packet.V5, "c")
		reader.subscribe(0, "in")
		c.send(pub("in", "1", 0, 0), pub("in", "2", 0, 0), pub("in", "again", 1, 1), pub("in", "3", 0, 0), &packet.Disconnect{})
		c.ended()
		close(gate)
		for _, want := range []string{"1", "2", "3"} {
			reader.message("in", want)
		}
		if got := fmt.Sprint(k.taken); got != "[1 2 3]" {
			t.Fatalf("taken: %v", got)
		}
	})
}
