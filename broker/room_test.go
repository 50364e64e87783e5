package broker

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"gatehouse/broker/packet"
)

// clock is a house's, which a test moves.
type clock struct{ now time.Time }

func (c *clock) in(o *Options) { o.Now = func() time.Time { return c.now } }

func (h *house) sayUntil(topic, payload string, qos packet.QoS, retain bool, end time.Time) {
	h.t.Helper()
	if err := h.b.Publish(h.t.Context(), Message{Topic: topic, Payload: []byte(payload), QoS: qos, Retain: retain, Expires: end}); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhatHasExpiredTakesNoPlaceInAQueue(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		k := &clock{time.Now()}
		h := newHouse(t, func(o *Options) { k.in(o); o.Limits.MaxQueued = 3 })
		c := h.over(v, "c", keep)
		c.subscribe(1, "t")
		_ = c.nc.Close()
		h.gone("c")
		h.sayUntil("t", "1", 1, false, k.now.Add(time.Second))
		h.say("t", "2", 1)
		h.sayUntil("t", "3", 1, false, k.now.Add(3*time.Hour))
		k.now = k.now.Add(time.Hour)
		h.say("t", "4", 1)
		h.say("t", "5", 1) // no place
		if s := h.b.Stats(); s.Queued != 3 || s.Dropped["expired"] != 1 || s.Dropped["queue full"] != 1 {
			t.Fatalf("%+v", s)
		}
		again := wire(t, h.pipe(), v)
		again.mustGreet("c", keep)
		for _, want := range []string{"2", "3", "4"} {
			again.message("t", want)
		}
	}
}

func TestWhatHasExpiredTakesNoPlaceAmongTheRetainedMessages(t *testing.T) {
	t.Parallel()
	k := &clock{time.Now()}
	store := NewMemoryStore()
	h := newHouse(t, func(o *Options) { k.in(o); o.Store = store; o.Limits.MaxRetained = 4 })
	for n, life := range []time.Duration{3 * time.Hour, time.Second, time.Minute, 0} {
		var end time.Time
		if life > 0 {
			end = k.now.Add(life)
		}
		h.sayUntil(fmt.Sprint("r/", n), "m", 1, true, end)
	}
	h.sayUntil("r/1", "again", 1, true, k.now.Add(2*time.Minute))
	k.now = k.now.Add(time.Hour)
	for n := range 2 {
		h.sayUntil(fmt.Sprint("new/", n), "m", 1, true, time.Time{})
	}
	if s := h.b.Stats(); s.Retained != 4 || len(store.retained) != 4 || len(h.b.retained.ends) != 1 {
		t.Fatalf("retained %d, stored %d, with an end %d", s.Retained, len(store.retained), len(h.b.retained.ends))
	}
	h.sayUntil("r/0", "", 1, true, time.Time{})
	if len(h.b.retained.ends) != 0 {
		t.Fatal("the end of a message that was cleared is still waited for")
	}
}

func TestCommandsThatWaitedForAConnectionLeaveTheCount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.opts.CommandFilters, h.b.limits.MaxInFlight = []string{"cmd/#"}, 1
		c := h.over(v, "c", keep)
		c.subscribe(1, "cmd/#")
		for n := range 5 {
			h.say("cmd/x", strconv.Itoa(n), 1)
		}
		_ = c.nc.Close()
		h.gone("c")
		if s := h.b.Stats(); s.Queued != 0 || s.QueuedBytes != 0 || s.Dropped["command whose connection ended"] != 5 {
			t.Fatalf("%+v", s)
		}
	})
}

func TestARefusedConnectEndsNoSession(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		for _, id := range []string{"a", "b"} {
			c := h.over(v, id, keep, as("one"))
			_ = c.nc.Close()
			h.gone(ClientID(id))
		}
		h.rules.of("one").sessions = 1
		want := packet.QuotaExceeded
		if v < packet.V5 {
			want = packet.ServerUnavailable
		}
		if r := wire(t, h.pipe(), v).greet("a", clean, as("one")).Reason; r != want {
			t.Fatalf("%v, want %v", r, want)
		}
		if _, ok := h.b.Client("a"); !ok {
			t.Fatal("its session has ended")
		}
		b := h.over(v, "b", keep, as("one"))
		if r := wire(t, h.pipe(), v).greet("b", clean, as("one")).Reason; r != want {
			t.Fatalf("%v, want %v", r, want)
		}
		b.silent() // and is still connected
	})
}
