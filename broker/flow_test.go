package broker

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

func TestEveryQoSGoesBothWays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
		reader.subscribe(2, "t/#")
		for qos := range packet.QoS(3) {
			payload := fmt.Sprint("m", qos)
			if qos == 2 {
				writer.exactlyOnce("t/x", payload, 7)
			} else {
				writer.send(pub("t/x", payload, qos, uint16(qos)))
			}
			if qos == 1 {
				writer.ack(packet.PUBACK, 1)
			}
			got := reader.message("t/x", payload)
			if got.QoS != qos || got.Dup || got.Retain {
				t.Fatalf("got %+v", got)
			}
			switch qos {
			case 1:
				reader.send(ackOf(packet.PUBACK, got.ID))
			case 2:
				reader.send(ackOf(packet.PUBREC, got.ID))
				reader.ack(packet.PUBREL, got.ID)
				reader.send(ackOf(packet.PUBCOMP, got.ID))
			}
		}
		reader.silent()
	})
}

func TestDeliveredQoSIsTheLowerOfPublishedAndGranted(t *testing.T) { // MQTT-3.8.4-6 of 3.1.1
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
		reader.subscribe(1, "t")
		writer.exactlyOnce("t", "x", 1)
		if got := reader.message("t", "x"); got.QoS != 1 {
			t.Fatalf("QoS %d", got.QoS)
		}
	})
}

func TestOverlappingFiltersGiveOneCopyAtTheHighestQoSWithAllIdentifiers(t *testing.T) { // MQTT-3.3.4-2, -3
	t.Parallel()
	h := newHouse(t, nil)
	reader, writer := h.over(packet.V5, "reader"), h.over(packet.V5, "writer")
	for i, f := range []string{"a/#", "a/+", "a/b"} {
		reader.send(&packet.Subscribe{
			ID: 1, Subscriptions: []packet.Subscription{{Filter: f, QoS: packet.QoS(i % 2)}},
			Properties: packet.Properties{SubscriptionIDs: []uint32{uint32(i + 1)}},
		})
		expect[*packet.Suback](reader)
	}
	writer.send(pub("a/b", "x", 1, 1))
	got := reader.message("a/b", "x")
	slices.Sort(got.Properties.SubscriptionIDs)
	if got.QoS != 1 || !slices.Equal(got.Properties.SubscriptionIDs, []uint32{1, 2, 3}) {
		t.Fatalf("got %+v", got)
	}
	reader.send(ackOf(packet.PUBACK, got.ID))
	reader.silent()
}

func TestNoLocalKeepsAClientsOwnMessagesFromIt(t *testing.T) { // MQTT-3.8.3-3
	t.Parallel()
	h := newHouse(t, nil)
	c, other := h.over(packet.V5, "c"), h.over(packet.V5, "other")
	c.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "t", NoLocal: true}}})
	expect[*packet.Suback](c)
	c.send(pub("t", "own", 0, 0))
	other.send(pub("t", "foreign", 0, 0))
	c.message("t", "foreign")
	c.silent()
}

func TestPropertiesTravelUntouchedAndExpiryCountsDown(t *testing.T) { // MQTT-3.3.2-6
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		reader := h.over(packet.V5, "reader", keep)
		reader.subscribe(1, "t")
		_ = reader.nc.Close()
		synctest.Wait()
		writer := h.over(packet.V5, "writer", keepAlive(300))
		ten, one := uint32(10), byte(1)
		p := pub("t", "x", 1, 1)
		p.Properties = packet.Properties{
			PayloadFormat: &one, ContentType: "text/plain", ResponseTopic: "r", CorrelationData: []byte{0, 1},
			User: []packet.UserProperty{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "1"}}, MessageExpiry: &ten,
		}
		writer.send(p, pub("t", "short", 1, 2))
		writer.ack(packet.PUBACK, 1)
		writer.ack(packet.PUBACK, 2)
		<-time.After(4 * time.Second)
		reader = h.over(packet.V5, "reader", keep)
		got := reader.message("t", "x").Properties
		if got.MessageExpiry == nil || *got.MessageExpiry != 6 {
			t.Fatalf("expiry %v, want 6", got.MessageExpiry)
		}
		if got.ContentType != "text/plain" || got.ResponseTopic != "r" || string(got.CorrelationData) != "\x00\x01" ||
			*got.PayloadFormat != 1 || !slices.Equal(got.User, p.Properties.User) {
			t.Fatalf("properties changed: %+v", got)
		}
		reader.message("t", "short")
	})
}

func TestMessageThatExpiredInTheQueueIsNotDelivered(t *testing.T) { // MQTT-3.3.2-5
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		reader := h.over(packet.V5, "reader", keep)
		reader.subscribe(1, "t")
		_ = reader.nc.Close()
		synctest.Wait() // what is sent before the end is seen may come again, whatever its life
		writer := h.over(packet.V5, "writer", keepAlive(300))
		two := uint32(2)
		p := pub("t", "old", 1, 1)
		p.Properties.MessageExpiry = &two
		writer.send(p, pub("t", "new", 1, 2))
		writer.ack(packet.PUBACK, 1)
		writer.ack(packet.PUBACK, 2)
		<-time.After(2 * time.Second)
		reader = h.over(packet.V5, "reader", keep)
		reader.message("t", "new")
		if n := h.b.Stats().Dropped["expired"]; n != 1 {
			t.Fatalf("%d expired messages counted", n)
		}
	})
}

func TestOrderIsKeptForEachPublisherAndTopic(t *testing.T) { // MQTT-4.6.0-6 of 3.1.1
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader := h.over(v, "reader", keep)
		reader.subscribe(1, "#")
		const writers, each = 4, 100
		for w := range writers {
			c := h.over(v, fmt.Sprint("w", w))
			go func() {
				var out []byte
				for i := range each {
					out = pub(fmt.Sprint("t/", w), fmt.Sprint(i), 1, uint16(i+1)).Append(out, v)
				}
				_, _ = c.nc.Write(out)
			}()
		}
		next := map[string]int{}
		for range writers * each {
			m := expect[*packet.Publish](reader)
			if want := fmt.Sprint(next[m.Topic]); string(m.Payload) != want {
				t.Fatalf("%s: got %s, want %s", m.Topic, m.Payload, want)
			}
			next[m.Topic]++
			reader.send(ackOf(packet.PUBACK, m.ID))
		}
	})
}

func TestWindowOfTheClientIsKept(t *testing.T) { // MQTT-3.3.4-9 of the server as a sender
	t.Parallel()
	h := newHouse(t, nil)
	reader, writer := h.over(packet.V5, "reader", receiveMax(2)), h.over(packet.V5, "writer")
	reader.subscribe(1, "t")
	for i := range 5 {
		writer.send(pub("t", fmt.Sprint(i), 1, uint16(i+1)))
		writer.ack(packet.PUBACK, uint16(i+1))
	}
	first := reader.message("t", "0")
	reader.message("t", "1")
	reader.silent()
	reader.send(ackOf(packet.PUBACK, first.ID))
	reader.message("t", "2")
	reader.silent()
}

func TestPacketLargerThanTheClientTakesIsDroppedAndCounted(t *testing.T) { // MQTT-3.1.2-24, -25
	t.Parallel()
	h := newHouse(t, nil)
	small := func(p *packet.Connect) { p.Properties.MaximumPacketSize = 50 }
	reader, writer := h.over(packet.V5, "reader", small), h.over(packet.V5, "writer")
	reader.subscribe(1, "t")
	writer.send(pub("t", string(make([]byte, 100)), 1, 1), pub("t", "fits", 1, 2))
	reader.message("t", "fits")
	if n := h.b.Stats().Dropped["too large for receiver"]; n != 1 {
		t.Fatalf("counted %d", n)
	}
}

func TestTopicAliasStandsForItsTopicOnItsConnectionOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader, writer := h.over(packet.V5, "reader"), h.over(packet.V5, "writer")
	reader.subscribe(0, "#")
	p := pub("long/topic", "1", 0, 0)
	p.Properties.TopicAlias = 3
	writer.send(p)
	p = pub("", "2", 0, 0)
	p.Properties.TopicAlias = 3
	writer.send(p)
	reader.message("long/topic", "1")
	reader.message("long/topic", "2")
	other := h.over(packet.V5, "other")
	other.send(p)
	other.disconnected(packet.ProtocolError)
	p.Properties.TopicAlias = 17
	writer.send(p)
	writer.disconnected(packet.TopicAliasInvalid)
}

func TestUnsubscribeEndsDeliveryAndSaysWhatWasThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
		reader.subscribe(1, "t", "u")
		reader.send(&packet.Unsubscribe{ID: 9, Filters: []string{"t", "never"}})
		a := expect[*packet.Unsuback](reader)
		if a.ID != 9 || v >= packet.V5 && !slices.Equal(a.Reasons, []packet.ReasonCode{packet.Success, packet.NoSubscriptionExisted}) {
			t.Fatalf("got %+v", a)
		}
		writer.send(pub("t", "x", 1, 1))
		writer.ack(packet.PUBACK, 1)
		reader.silent()
	})
}

func TestAPublisherIsToldThatNobodyListens(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
	if err := h.b.Handle("handled", HandlerFunc(func(_ context.Context, _ Sender, batch []Incoming) []error { return make([]error, len(batch)) })); err != nil {
		t.Fatal(err)
	}
	c := h.over(packet.V5, "c", keep)
	say := func(p *packet.Publish, want packet.ReasonCode) {
		t.Helper()
		kind := packet.PUBACK
		if p.QoS == 2 {
			kind = packet.PUBREC
		}
		c.send(p)
		if a := c.ack(kind, p.ID); a.Reason != want {
			t.Fatalf("%s at QoS %d: %v, want %v", p.Topic, p.QoS, a.Reason, want)
		}
		if p.QoS == 2 {
			c.send(ackOf(packet.PUBREL, p.ID))
			c.ack(packet.PUBCOMP, p.ID)
		}
	}
	for _, qos := range []packet.QoS{1, 2} {
		say(pub("t", "m", qos, 1), packet.NoMatchingSubscribers)
		say(retainedPub("kept", "m", qos, 1), packet.Success)
		say(pub("handled", "m", qos, 1), packet.Success)
	}
	h.over(packet.V311, "reader").subscribe(0, "t")
	say(pub("t", "m", 1, 1), packet.Success)
}
