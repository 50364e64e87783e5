package broker

import (
	"errors"
	"testing"

	"gatehouse/broker/packet"
)

func TestAnAttachedFilterIsReceivedWithoutSubscribing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c, other := h.over(v, "c"), h.over(v, "other")
		for _, client := range []ClientID{"c", "other"} {
			if err := h.b.Attach(t.Context(), client, "group/+", 1); err != nil {
				t.Fatal(err)
			}
		}
		say := func(payload string, qos packet.QoS) {
			if err := h.b.Publish(t.Context(), Message{Topic: "group/a", Payload: []byte(payload), QoS: qos}); err != nil {
				t.Fatal(err)
			}
		}
		say("1", 2)
		for _, x := range []*client{c, other} {
			if m := x.message("group/a", "1"); m.QoS != 1 {
				t.Fatalf("QoS %d", m.QoS)
			} else {
				x.send(ackOf(packet.PUBACK, m.ID))
			}
		}
		if err := h.b.Detach(t.Context(), "c", "group/+"); err != nil {
			t.Fatal(err)
		}
		say("2", 0)
		other.message("group/a", "2")
		c.silent()
	})
}

func TestAnAttachedFilterIsBesideTheClientsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	c.subscribe(0, "group")
	if err := h.b.Attach(t.Context(), "c", "group", 1); err != nil {
		t.Fatal(err)
	}
	say := func(payload string) {
		if err := h.b.Publish(t.Context(), Message{Topic: "group", Payload: []byte(payload), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	say("once")
	c.send(ackOf(packet.PUBACK, c.message("group", "once").ID))
	c.silent()
	c.send(&packet.Unsubscribe{ID: 1, Filters: []string{"group"}})
	if a := expect[*packet.Unsuback](c); a.Reasons[0] != packet.Success {
		t.Fatalf("%v", a.Reasons)
	}
	say("still")
	c.send(ackOf(packet.PUBACK, c.message("group", "still").ID))
	c.send(&packet.Unsubscribe{ID: 2, Filters: []string{"group"}})
	if a := expect[*packet.Unsuback](c); a.Reasons[0] != packet.NoSubscriptionExisted {
		t.Fatalf("it ended what is not its own: %v", a.Reasons)
	}
}

func TestAttachedFiltersLastAsLongAsTheSession(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore()
	h := newHouse(t, func(o *Options) { o.Store = store })
	if err := h.b.Attach(t.Context(), "c", "group", 1); !errors.Is(err, ErrNoSession) {
		t.Fatalf("without a session: %v", err)
	}
	if err := h.b.Detach(t.Context(), "c", "group"); err != nil {
		t.Fatal(err)
	}
	h.over(packet.V5, "c", keep)
	for _, filter := range []string{"group", "other"} {
		if err := h.b.Attach(t.Context(), "c", filter, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.b.Detach(t.Context(), "c", "other"); err != nil {
		t.Fatal(err)
	}
	h.close()

	h = newHouse(t, func(o *Options) { o.Store = store })
	for _, topic := range []string{"other", "group"} {
		if err := h.b.Publish(t.Context(), Message{Topic: topic, Payload: []byte("away"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	c := h.over(packet.V5, "c", keep)
	c.send(ackOf(packet.PUBACK, c.message("group", "away").ID))
	c.silent()

	c = h.over(packet.V5, "c", keep, clean)
	if err := h.b.Publish(t.Context(), Message{Topic: "group", QoS: 1}); err != nil {
		t.Fatal(err)
	}
	c.silent()
	if n := h.b.Stats().Subscriptions; n != 0 {
		t.Fatalf("%d subscriptions of an ended session", n)
	}
}

func TestBadAttachmentsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.over(packet.V5, "c")
	for filter, qos := range map[string]packet.QoS{"": 0, "a/#/b": 0, "a+": 1, "fine": 3} {
		if err := h.b.Attach(t.Context(), "c", filter, qos); err == nil {
			t.Errorf("%q at QoS %d was taken", filter, qos)
		}
	}
}

func TestTheProgramsFiltersHaveNoPrefix(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.over(packet.V5, "c")
	if err := h.b.Attach(t.Context(), "c", "$share/g/t", 1); err == nil {
		t.Error("attached")
	}
	if _, err := h.b.Trace(TraceQuery{Filter: "$local/t"}); err == nil {
		t.Error("traced")
	}
	if _, err := New(t.Context(), Options{Authorizer: &gatekeeper{}, CommandFilters: []string{"$queue/t"}}); err == nil {
		t.Error("commands")
	}
}
