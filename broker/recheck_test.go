package broker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// overseeing is a gatekeeper that also answers for those who are not connected.
type overseeing struct{ *gatekeeper }

func (a overseeing) MayStillPublish(identity string, _ ClientID, topic string) bool {
	return a.of(identity).MayPublish(topic)
}

// retains publishes retained messages over a client and waits for the answer.
func (c *client) retains(topics ...string) {
	c.t.Helper()
	for i, name := range topics {
		c.send(retainedPub(name, "by "+name, 1, uint16(i+1)))
		c.ack(packet.PUBACK, uint16(i+1))
	}
}

// kept are the topics that something is retained on.
func (h *house) kept() (list []string) {
	h.t.Helper()
	page, err := h.b.Retained(h.t.Context(), "#", "", 100_000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range page.Messages {
		list = append(list, m.Topic)
	}
	return list
}

func (h *house) keeps(want ...string) {
	h.t.Helper()
	if got := h.kept(); !slices.Equal(got, want) {
		h.t.Fatalf("retained: %q, want %q", got, want)
	}
}

func (h *house) publishRetained(topic string) {
	h.t.Helper()
	if err := h.b.Publish(h.t.Context(), Message{Topic: topic, Payload: []byte("program"), Retain: true}); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhatIsRetainedGoesWithTheRightOfItsPublisher(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c, other := h.over(v, "c", keep), h.over(v, "other")
		c.retains("secret/1", "secret/2", "open/1", "secret/theirs")
		other.retains("secret/theirs", "secret/3")
		h.publishRetained("secret/program")
		h.rules.of("c").change(func(r *rights) { r.noPublish = []string{"secret/#"} })
		h.b.Recheck("c")
		h.keeps("open/1", "secret/3", "secret/program", "secret/theirs")
		late := h.over(v, "late")
		late.subscribe(0, "secret/1")
		late.silent()
		if n := h.b.Stats().Dropped["publisher's right ended"]; n != 2 {
			t.Fatalf("counted %d", n)
		}

		_ = c.nc.Close()
		c.ended()
		h.rules.of("c").change(func(r *rights) { r.revoked = true })
		h.b.Recheck("c")
		h.keeps("secret/3", "secret/program", "secret/theirs")
		h.b.Forget("other")
		h.keeps("secret/program")
	})
}

// A client that is back with other rights is asked by these, whoever published.
func TestTheRightsOfTheClientThatIsThereNowCount(t *testing.T) {
	t.Parallel()
	old, now := &rights{identity: "c"}, &rights{identity: "c"}
	given := old
	h := newHouse(t, func(o *Options) {
		o.Authorizer = authorizerFunc(func(ConnectRequest) (Grant, error) { return given, nil })
	})
	c := h.over(packet.V5, "c")
	c.retains("t")
	c.send(&packet.Disconnect{})
	c.ended()
	given = now
	h.over(packet.V5, "c")
	old.change(func(r *rights) { r.revoked = true })
	h.b.Recheck("c")
	h.keeps("t")
	now.change(func(r *rights) { r.noPublish = []string{"t"} })
	h.b.Recheck("c")
	h.keeps()
}

func TestAnOverseerIsAskedForThoseWhoAreNotThere(t *testing.T) {
	t.Parallel()
	store, rules := NewMemoryStore(), &gatekeeper{}
	open := func() *house {
		return newHouse(t, func(o *Options) { o.Store, o.Authorizer = store, overseeing{rules} })
	}
	h := open()
	a, b := h.over(packet.V5, "a"), h.over(packet.V5, "b", keep)
	a.retains("t/1", "t/2", "u/1")
	b.retains("t/3")
	h.close()
	rules.of("a").change(func(r *rights) { r.noPublish = []string{"t/2"} })
	h = open()
	h.keeps("t/1", "t/3", "u/1")
	if ids := h.b.Identities(); len(ids) != 2 || !slices.Contains(ids, "a") || !slices.Contains(ids, "b") {
		t.Fatalf("identities %q", ids)
	}
	rules.of("a").change(func(r *rights) { r.noPublish = []string{"t/#"} })
	h.b.Recheck("a")
	h.keeps("t/3", "u/1")
	h.close()
	h = open()
	h.keeps("t/3", "u/1")
}

func TestWithoutAnOverseerWhatWasRestoredStaysUntilItsClientIsThere(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore()
	open := func() *house { return newHouse(t, func(o *Options) { o.Store = store }) }
	h := open()
	h.over(packet.V5, "a").retains("t/1", "t/2")
	h.close()
	h = open()
	h.rules.of("a").change(func(r *rights) { r.noPublish = []string{"t/2"} })
	h.b.Recheck("a")
	h.keeps("t/1", "t/2")
	h.over(packet.V5, "a")
	h.b.Recheck("a")
	h.keeps("t/1")
}

// What an embedding program declares is so for what was stored before, too.
func TestNothingIsRestoredOnATopicThatHasBecomeACommand(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore()
	h := newHouse(t, func(o *Options) { o.Store = store })
	absent, c := h.over(packet.V5, "absent", keep), h.over(packet.V5, "c", keep, withWill(packet.Will{Topic: "door/1", Payload: []byte("w"), QoS: 1, Retain: true}))
	absent.subscribe(1, "#")
	absent.send(&packet.Disconnect{})
	absent.ended()
	c.retains("door/2", "door/cached", "other")
	h.close()
	for range 2 { // the second finds nothing in the store
		h = newHouse(t, func(o *Options) {
			o.Store, o.CommandFilters, o.VolatileFilters = store, []string{"door/1", "door/2"}, []string{"door/cached"}
		})
		h.keeps("other")
		if n := h.b.Stats().Queued; n != 2 {
			t.Fatalf("%d messages wait, want those on door/cached and other", n)
		}
		h.close()
	}
	err := store.Load(t.Context(), func(c Change) error {
		switch c := c.(type) {
		case PutRetained:
			if c.Message.Topic != "other" {
				return fmt.Errorf("stored: %+v", c)
			}
		case PutWill:
			return fmt.Errorf("stored: %+v", c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWaitsForAHandlerIsNotRetainedOnceTheRightHasEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	k := &taker{fail: func(int, Incoming) error { return errNotNow }}
	handled(t, h, "in/#", k)
	reader, c := h.over(packet.V5, "reader"), h.over(packet.V5, "c")
	reader.subscribe(0, "#")
	c.send(retainedPub("in/1", "x", 1, 1), retainedPub("in/2", "x", 1, 2))
	prove.Eventually(t, "both wait", func() bool {
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		for _, l := range h.b.lanes {
			return len(l.queue) == 2
		}
		return false
	})
	h.rules.of("c").change(func(r *rights) { r.noPublish = []string{"in/1"} })
	h.b.Recheck("c")
	k.set(nil)
	c.ack(packet.PUBACK, 1)
	c.ack(packet.PUBACK, 2)
	reader.message("in/1", "x")
	reader.message("in/2", "x")
	h.keeps("in/2")
}

// Recheck looks at many while others publish, remove and replace them.
func TestRecheckMissesNothingWhileRetainedMessagesComeAndGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	const n = 5 * recheckStep
	for i := range n {
		c.send(retainedPub(fmt.Sprintf("secret/%d", i), "x", 0, 0), retainedPub(fmt.Sprintf("open/%d", i), "x", 0, 0))
	}
	c.silent()
	h.rules.of("c").change(func(r *rights) { r.noPublish = []string{"secret/#"} })
	var other sync.WaitGroup
	other.Go(func() {
		for i := range n {
			m := Message{Topic: fmt.Sprintf("open/%d", i), Retain: true}
			if i%2 == 0 {
				m.Payload = []byte("program")
			}
			if err := h.b.Publish(context.Background(), m); err != nil {
				t.Error(err)
			}
		}
	})
	h.b.Recheck("c")
	other.Wait()
	for _, name := range h.kept() {
		if strings.HasPrefix(name, "secret/") {
			t.Fatalf("%s is still retained", name)
		}
	}
	if got := len(h.kept()); got != n/2 {
		t.Fatalf("%d are retained, want %d", got, n/2)
	}
}

func TestAMessageToTheClientItselfStaysWhenAFilterIsLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.PointToPoint = []string{"to"} })
	c := h.over(packet.V5, "c", keep, as("ann"))
	c.subscribe(1, "#")
	_ = c.nc.Close()
	h.gone("c")
	h.say("to/p2p/c", "m", 1)
	h.say("other", "m", 1)
	h.rules.of("ann").change(func(r *rights) { r.noRead = []string{"#"} })
	again := wire(t, h.pipe(), packet.V5)
	again.mustGreet("c", keep, as("ann"))
	again.send(ackOf(packet.PUBACK, again.message("to/p2p/c", "m").ID))
	again.silent()
}

// What is queued by a filter that was unsubscribed is delivered, but not without
// the right.
func TestWhatIsQueuedByAFormerFilterNeedsTheRightToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxInFlight = 1
		c := h.over(v, "c", as("ann"), keep)
		c.subscribe(1, "t", "$share/g/s", "kept")
		h.say("t", "0", 1)
		for _, topic := range []string{"t", "s", "kept"} {
			h.say(topic, "1", 1)
		}
		m := c.message("t", "0")
		c.send(&packet.Unsubscribe{ID: 1, Filters: []string{"t", "$share/g/s", "kept"}})
		expect[*packet.Unsuback](c)
		h.rules.of("ann").change(func(r *rights) { r.noRead = []string{"t", "s"} })
		h.b.Recheck("ann")
		c.send(ackOf(packet.PUBACK, m.ID))
		c.send(ackOf(packet.PUBACK, c.message("kept", "1").ID))
		c.silent()
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		if s := h.b.sessions["c"]; s.former != nil {
			t.Errorf("former filters are kept although nothing is queued: %v", s.former)
		}
	})
}

func TestARestoredWillWithoutASessionIsForgottenToo(t *testing.T) {
	t.Parallel()
	for _, how := range []func(*Broker){func(b *Broker) { b.Forget("ann") }, func(b *Broker) { b.Recheck("ann") }} {
		store := NewMemoryStore()
		w := WillRecord{Identity: "ann", Message: Message{Topic: "w", Payload: []byte("gone"), Retain: true}, Due: time.Now().Add(-time.Second)}
		if err := store.Apply(t.Context(), []Change{PutWill{Client: "c", Will: w}}); err != nil {
			t.Fatal(err)
		}
		h := newHouse(t, func(o *Options) { o.Store = store })
		how(h.b)
		h.over(packet.V5, "reader").subscribe(0, "w")
		prove.Eventually(t, "the will is dropped", func() bool { return h.b.Stats().Dropped["will's right ended"] == 1 })
		if s := h.b.Stats(); s.Retained != 0 {
			t.Error("it is retained")
		}
		h.close()
		if len(store.wills) != 0 {
			t.Error("it is still stored")
		}
	}
}
