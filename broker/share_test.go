package broker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// say publishes as the program.
func (h *house) say(topic, payload string, qos packet.QoS) {
	h.t.Helper()
	if err := h.b.Publish(h.t.Context(), Message{Topic: topic, Payload: []byte(payload), QoS: qos}); err != nil {
		h.t.Fatal(err)
	}
}

// gone waits until the broker knows that a client is not connected.
func (h *house) gone(client ClientID) {
	h.t.Helper()
	prove.Eventually(h.t, "the client is gone", func() bool {
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		s := h.b.sessions[client]
		return s == nil || s.conn == nil
	})
}

func TestOneOfAGroupReceivesEachMessage(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{"$share/g/t/+", "$queue/t/+"} {
		each(t, func(t *testing.T, h *house, v packet.Version) {
			a, b, all := h.over(v, "a"), h.over(v, "b"), h.over(v, "all")
			a.subscribe(1, filter)
			b.subscribe(1, filter)
			all.subscribe(1, "t/+")
			for n := range 4 {
				payload := strconv.Itoa(n)
				h.say("t/x", payload, 1)
				one := []*client{a, b}[n%2] // by turns
				one.send(ackOf(packet.PUBACK, one.message("t/x", payload).ID))
				all.send(ackOf(packet.PUBACK, all.message("t/x", payload).ID))
			}
			a.silent()
			b.silent()
		})
	}
}

func TestGroupsOfTheSameFilterAndPlainSubscriptionsEachGetTheirCopy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c := h.over(v, "c")
		c.subscribe(0, "$share/g/t", "$share/h/t", "$queue/t", "t")
		h.say("t", "m", 0)
		for range 4 {
			c.message("t", "m")
		}
		c.silent()
		c.send(&packet.Unsubscribe{ID: 1, Filters: []string{"$share/g/t", "$queue/t"}})
		expect[*packet.Unsuback](c)
		h.say("t", "n", 0)
		c.message("t", "n")
		c.message("t", "n")
		c.silent()
		if s := h.b.Stats(); s.Subscriptions != 2 {
			t.Fatalf("%d subscriptions left", s.Subscriptions)
		}
	})
}

func TestARetainedMessageDoesNotComeToASharedSubscription(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("old"), Retain: true}); err != nil {
			t.Fatal(err)
		}
		c := h.over(v, "c")
		c.subscribe(0, "$share/g/t")
		c.silent()
		c.subscribe(0, "$local/t")
		c.message("t", "old")
	})
}

func TestASharedSubscriptionHasItsOwnOptions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	c.send(&packet.Subscribe{
		ID: 1, Subscriptions: []packet.Subscription{{Filter: "$share/g/t", QoS: 1, RetainAsPublished: true}},
		Properties: packet.Properties{SubscriptionIDs: []uint32{7}},
	})
	expect[*packet.Suback](c)
	if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("m"), QoS: 2, Retain: true}); err != nil {
		t.Fatal(err)
	}
	if m := c.message("t", "m"); m.QoS != 1 || !m.Retain || !slices.Equal(m.Properties.SubscriptionIDs, []uint32{7}) {
		t.Fatalf("got %+v", m)
	}
}

// A member that does not acknowledge keeps what its window takes; the rest goes to
// others, and what is left of it follows when its connection ends.
func TestWhatAMemberWasNotSentGoesToTheOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxInFlight = 1
		stuck := h.over(v, "stuck", keep)
		stuck.subscribe(1, "$share/g/t")
		for n := range 3 {
			h.say("t", strconv.Itoa(n), 1)
		}
		stuck.message("t", "0")
		other := h.over(v, "other", keep)
		other.subscribe(1, "$share/g/t")
		_ = stuck.nc.Close()
		h.gone("stuck")
		for _, payload := range []string{"1", "2"} {
			other.send(ackOf(packet.PUBACK, other.message("t", payload).ID))
		}
		other.silent() // 0 was begun: it waits for its receiver
		again := wire(t, h.pipe(), v)
		again.mustGreet("stuck", keep)
		if m := again.message("t", "0"); !m.Dup {
			t.Fatal("sent again without DUP")
		}
		again.silent()
	})
}

func TestWhatWaitsForAbsentMembersGoesToWhoeverComes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		for _, id := range []string{"a", "b"} {
			c := h.over(v, id, keep)
			c.subscribe(1, "$share/g/t")
			_ = c.nc.Close()
			h.gone(ClientID(id))
		}
		for n := range 4 {
			h.say("t", strconv.Itoa(n), 1)
		}
		b := h.over(v, "b", keep)
		var got []string
		for range 4 {
			m := expect[*packet.Publish](b)
			got = append(got, string(m.Payload))
			b.send(ackOf(packet.PUBACK, m.ID))
		}
		slices.Sort(got)
		if fmt.Sprint(got) != "[0 1 2 3]" {
			t.Fatalf("got %v", got)
		}
		a := h.over(v, "a", keep)
		a.silent()
	})
}

func TestAtTheEndOfItsSessionAMembersQoS1MessagesGoToTheOthersAndItsQoS2MessagesDie(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) { // MQTT-4.8.2-4, MQTT-4.8.2-5
		a := h.over(v, "a") // its session ends with its connection
		a.subscribe(2, "$share/g/t")
		h.say("t", "one", 1)
		h.say("t", "two", 2)
		h.say("t", "released", 2)
		a.message("t", "one")
		a.message("t", "two")
		a.send(ackOf(packet.PUBREC, a.message("t", "released").ID))
		expect[*packet.Ack](a)
		b := h.over(v, "b")
		b.subscribe(2, "$share/g/t")
		_ = a.nc.Close()
		if m := b.message("t", "one"); m.Dup || m.QoS != 1 {
			t.Fatalf("%+v", m)
		}
		b.silent()
	})
}

func TestAMessageThatAMemberRefusedGoesToNobodyElse(t *testing.T) { // MQTT-4.8.2-6
	t.Parallel()
	h := newHouse(t, nil)
	a, b := h.over(packet.V5, "a"), h.over(packet.V5, "b")
	a.subscribe(2, "$share/g/t")
	h.say("t", "one", 1)
	h.say("t", "two", 2)
	b.subscribe(2, "$share/g/t")
	for _, kind := range []packet.Type{packet.PUBACK, packet.PUBREC} {
		m := expect[*packet.Publish](a)
		a.send(&packet.Ack{Type: kind, ID: m.ID, Reason: packet.UnspecifiedError})
	}
	a.silent()
	_ = a.nc.Close()
	h.gone("a")
	b.silent()
}

func TestACommandIsNotHandedOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.CommandFilters = []string{"t"}; o.Limits.MaxInFlight = 1 })
	a := h.over(packet.V5, "a", keep)
	a.subscribe(1, "$share/g/t")
	h.say("t", "0", 1)
	h.say("t", "1", 1)
	a.message("t", "0")
	b := h.over(packet.V5, "b")
	b.subscribe(1, "$share/g/t")
	_ = a.nc.Close()
	h.gone("a")
	b.silent()
}

func TestARightThatEndsLeavesTheMessagesToTheGroup(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxInFlight = 1
		a := h.over(v, "a", keep)
		a.subscribe(1, "$share/g/t")
		h.say("t", "0", 1)
		h.say("t", "1", 1)
		a.message("t", "0")
		b := h.over(v, "b")
		b.subscribe(1, "$share/g/t")
		h.rules.of("a").change(func(r *rights) { r.noRead = []string{"t"} })
		h.b.Recheck("a")
		b.message("t", "1")
		a.silent()
	})
}

// Whatever members do, each message is acknowledged by at least one, and each that
// nobody was sent twice by exactly one.
func TestAGroupLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
		h.b.limits.MaxInFlight = 3
		members := make([]*client, 4)
		acked := map[string]int{}
		id := func(i int) string { return fmt.Sprint("m", i) }
		total := prove.Size(300, 3000)
		for n := range total {
			switch i := r.IntN(len(members)); {
			case members[i] == nil:
				members[i] = wire(t, h.pipe(), v)
				if a := members[i].mustGreet(id(i), keep); !a.SessionPresent {
					members[i].subscribe(1, "$share/g/t")
				}
			case r.IntN(3) == 0:
				_ = members[i].nc.Close()
				h.gone(ClientID(id(i)))
				members[i] = nil
			}
			h.say("t", strconv.Itoa(n), 1)
			if c := members[r.IntN(len(members))]; c != nil {
				c.drain(acked, r.IntN(4))
			}
		}
		for i, c := range members {
			if c == nil {
				c = wire(t, h.pipe(), v)
				c.mustGreet(id(i), keep)
			}
			members[i] = c
		}
		prove.Eventually(t, "all are acknowledged", func() bool {
			for _, c := range members {
				c.drain(acked, 1000)
			}
			return len(acked) == total
		})
	})
}

// drain acknowledges up to n of the messages that have come.
func (c *client) drain(acked map[string]int, n int) {
	c.t.Helper()
	for range n {
		select {
		case p := <-c.in:
			if m, ok := p.(*packet.Publish); ok {
				acked[string(m.Payload)]++
				c.send(ackOf(packet.PUBACK, m.ID))
			}
		default:
			return
		}
	}
}

func TestAMessageToTheClientItselfNeedsNoSubscription(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *Options) {
				o.PointToPoint, o.CommandFilters = []string{"site", "box"}, []string{"box/#"}
			})
			h.rules.of("sender").noPublish = []string{"site/p2p/forbidden"}
			c, sender := h.over(v, "c", keep), h.over(v, "sender")
			c.subscribe(0, "site/#")
			send := func(topic string, qos packet.QoS) { sender.exactlyOnceOrLess(topic, qos) }
			send("site/p2p/c", 1)
			m := c.message("site/p2p/c", "m") // once, at the better QoS
			if m.QoS != 1 {
				t.Fatalf("QoS %d", m.QoS)
			}
			c.send(ackOf(packet.PUBACK, m.ID))
			c.send(&packet.Unsubscribe{ID: 1, Filters: []string{"site/#"}})
			expect[*packet.Unsuback](c)
			for _, topic := range []string{"site/p2p/c/x", "site/x/c", "other/p2p/c", "site/p2p/", "x/site/p2p/c", "site/p2p/nobody"} {
				send(topic, 1)
			}
			h.say("box/p2p/c", "m", 1) // a command
			c.silent()
			_ = c.nc.Close()
			h.gone("c")
			send("site/p2p/c", 2)
			again := wire(t, h.pipe(), v)
			again.mustGreet("c", keep)
			if m := again.message("site/p2p/c", "m"); m.QoS != 2 {
				t.Fatalf("QoS %d", m.QoS)
			}
		})
	}
	for _, parent := range []string{"", "a/b", "+", "$SYS"} {
		if _, err := New(t.Context(), Options{Authorizer: &gatekeeper{}, PointToPoint: []string{parent}}); err == nil {
			t.Errorf("parent %q was taken", parent)
		}
	}
}

// exactlyOnceOrLess publishes "m" to its end.
func (c *client) exactlyOnceOrLess(topic string, qos packet.QoS) {
	c.t.Helper()
	switch qos {
	case 2:
		c.exactlyOnce(topic, "m", 9)
	case 1:
		c.send(pub(topic, "m", 1, 9))
		c.ack(packet.PUBACK, 9)
	}
}

// sharer is a grant that may share in one group.
type sharer struct {
	*rights
	group string
}

func (s sharer) MayShare(group string) bool { return group == s.group }

type sharers struct{ gatekeeper }

func (a *sharers) Connect(ctx context.Context, r ConnectRequest) (Grant, error) {
	return sharer{a.of(r.Username), r.Username}, nil
}

func TestAGroupIsOnlyForThoseWhoMayShareInIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Authorizer = &sharers{} })
	c := h.over(packet.V5, "c")
	c.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "$share/c/t"}, {Filter: "$share/d/t"}, {Filter: "$queue/t"}, {Filter: "t"}}})
	want := []packet.ReasonCode{0, packet.NotAuthorized, packet.NotAuthorized, 0}
	if got := expect[*packet.Suback](c).Reasons; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
}

func TestAGroupsMessagesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore()
	restart := func() *house { return newHouse(t, func(o *Options) { o.Store = store }) }
	h := restart()
	for _, id := range []string{"a", "b"} {
		c := h.over(packet.V5, id, keep)
		c.subscribe(1, "$share/g/t")
		_ = c.nc.Close()
		h.gone(ClientID(id))
	}
	for n := range 4 { // two for each
		h.say("t", strconv.Itoa(n), 1)
	}
	h.close()
	h = restart()
	a := h.over(packet.V5, "a", keep)
	for range 4 {
		a.send(ackOf(packet.PUBACK, expect[*packet.Publish](a).ID))
	}
	h.over(packet.V5, "b", keep).silent()
}

// What overflows to an absent member is drawn on by whoever has room again.
func TestWhatOverflowsToAnAbsentMemberIsDrawnOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxInFlight, h.b.limits.MaxQueued = 1, 2
		b := h.over(v, "b", keep)
		b.subscribe(1, "$share/g/t")
		_ = b.nc.Close()
		h.gone("b")
		a := h.over(v, "a", keep)
		a.subscribe(1, "$share/g/t")
		for n := range 5 {
			h.say("t", strconv.Itoa(n), 1)
		}
		for range 5 {
			a.send(ackOf(packet.PUBACK, expect[*packet.Publish](a).ID))
		}
		a.silent()
	})
}

func TestAMemberAtQoS0DrawsOnAllThatWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 1000 })
	a := h.over(packet.V5, "a", keep)
	a.subscribe(1, "$share/g/t")
	_ = a.nc.Close()
	h.gone("a")
	for n := range 20 {
		h.say("t", fmt.Sprintf("%0300d", n), 1)
	}
	b := h.over(packet.V5, "b")
	b.subscribe(0, "$share/g/t")
	for n := range 20 {
		b.message("t", fmt.Sprintf("%0300d", n))
	}
}

func TestWhatIsHandedOnNeedsNoPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		a := h.over(v, "a", keep)
		a.subscribe(1, "$share/g/t")
		_ = a.nc.Close()
		h.gone("a")
		h.b.limits.MaxQueuedAll, h.b.limits.MaxQueuedAllBytes = 2, 2*(64+2)
		h.say("t", "0", 1)
		h.say("t", "1", 1)
		b := h.over(v, "b")
		b.subscribe(1, "$share/g/t")
		b.message("t", "0")
		b.message("t", "1")
		if s := h.b.Stats(); s.Queued != 2 || s.QueuedBytes != 2*(64+2) {
			t.Fatalf("%+v", s)
		}
	})
}

func TestWhatNobodyOfAGroupTakesIsCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	a := h.over(packet.V5, "a")
	a.subscribe(1, "$share/g/t")
	for n := range 3 {
		h.say("t", strconv.Itoa(n), 1)
	}
	h.b.limits.MaxQueued, h.b.limits.MaxInFlight = 1, 1
	b := h.over(packet.V5, "b")
	b.subscribe(1, "$share/g/t")
	_ = a.nc.Close()
	prove.Eventually(t, "a's session has ended", func() bool { return h.b.Stats().Sessions == 1 })
	if s := h.b.Stats(); s.Queued != 2 || s.Dropped["nobody of the group can take it"] != 1 {
		t.Fatalf("queued %d, %v", s.Queued, s.Dropped)
	}
}

// However many groups and messages there are, whoever joins has each queue looked
// through once, and others have their turn in between.
func TestJoiningManyGroupsLooksThroughEachQueueOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var subs []packet.Subscription
	for n := range 900 {
		subs = append(subs, packet.Subscription{Filter: fmt.Sprint("$share/g/f/", n), QoS: 1})
	}
	for n := range prove.Size(2, 9) {
		id := fmt.Sprint("absent", n)
		c := h.over(packet.V5, id, keep)
		c.send(&packet.Subscribe{ID: 1, Subscriptions: subs})
		expect[*packet.Suback](c)
		c.subscribe(1, "t")
		_ = c.nc.Close()
		h.gone(ClientID(id))
	}
	const shared = 200
	for n := range shared {
		h.say("f/0", strconv.Itoa(n), 1)
	}
	for range prove.Size(2000, 9700) {
		h.say("t", "x", 1)
	}
	bystander, ponged := h.over(packet.V5, "bystander"), make(chan time.Duration, 1)
	done := make(chan struct{})
	go func() {
		longest := time.Duration(0)
		for {
			select {
			case <-done:
				ponged <- longest
				return
			default:
				begun := time.Now()
				bystander.silent()
				longest = max(longest, time.Since(begun))
			}
		}
	}()
	c := h.over(packet.V5, "c", keep)
	c.send(&packet.Subscribe{ID: 1, Subscriptions: subs[1:]})
	expect[*packet.Suback](c) // nothing for it
	c.subscribe(1, "$share/g/f/0")
	got := map[string]bool{}
	for len(got) < shared {
		m := expect[*packet.Publish](c)
		got[string(m.Payload)] = true
		c.send(ackOf(packet.PUBACK, m.ID))
	}
	close(done)
	longest := <-ponged
	if prove.Full() && longest > 100*time.Millisecond {
		t.Errorf("a bystander waited %s", longest)
	}
	prove.Record(t, "who joins 900 groups with 9 absent members and long queues holds nobody up", "a bystander's PINGRESP within 100 ms",
		fmt.Sprintf("at most %s", longest.Round(time.Millisecond)))
}
