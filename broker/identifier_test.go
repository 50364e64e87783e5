package broker

import (
	"fmt"
	"testing"
	"testing/synctest"

	"gatehouse/broker/packet"
)

// After a restart a receiver is sent PUBREL for a QoS 2 message whose end was not stored. It would
// take that for the end of another message that has got the same identifier meanwhile, and
// would then get that one twice (MQTT-4.3.3-1).
func TestAnIdentifierIsGivenAgainWhenTheEndOfItsMessageIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		c := h.over(packet.V5, "c", keep)
		c.subscribe(2, "t")
		say := func(payload string) {
			if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte(payload), QoS: 2}); err != nil {
				t.Fatal(err)
			}
		}
		say("first")
		first := expect[*packet.Publish](c)
		c.send(ackOf(packet.PUBREC, first.ID))
		c.ack(packet.PUBREL, first.ID)
		turn := h.b.turn()
		h.b.sessions["c"].out.lastSeq += 65_534
		turn.end()
		say("second")
		synctest.Wait()
		open := store.shut()
		c.send(ackOf(packet.PUBCOMP, first.ID))
		c.silent()
		open()
		if second := expect[*packet.Publish](c); second.ID != first.ID || string(second.Payload) != "second" {
			t.Errorf("%s with identifier %d, want that of the first, %d", second.Payload, second.ID, first.ID)
		}
	})
}

// A queue may hold more messages than there are packet identifiers, and an
// identifier that is still open is not given to a second message (MQTT-2.2.1-3).
func TestIdentifiersComeAroundWhileOneIsOpen(t *testing.T) {
	t.Parallel()
	const n = 70_000
	h := newHouse(t, func(o *Options) { o.Limits.MaxQueued, o.Limits.MaxQueuedBytes = n, 1<<30 })
	h.over(packet.V5, "c", keep).subscribe(1, "t")
	first := h.over(packet.V5, "c", keep)
	first.send(&packet.Disconnect{})
	first.ended()
	for i := range n {
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: fmt.Append(nil, i), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	c := h.over(packet.V5, "c", keep)
	held := expect[*packet.Publish](c)
	for i := 1; i < 65_535; i++ {
		m := expect[*packet.Publish](c)
		if string(m.Payload) != fmt.Sprint(i) || m.ID == held.ID {
			t.Fatalf("message %d is %s with identifier %d, %d is open", i, m.Payload, m.ID, held.ID)
		}
		c.send(ackOf(packet.PUBACK, m.ID))
	}
	c.silent() // the next one has the identifier of the first, which waits
	c.send(ackOf(packet.PUBACK, held.ID))
	for i := 65_535; i < n; i++ {
		m := expect[*packet.Publish](c)
		if string(m.Payload) != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, m.Payload)
		}
		c.send(ackOf(packet.PUBACK, m.ID))
	}
	c.silent()
}
