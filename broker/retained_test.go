package broker

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

func TestNewSubscriptionGetsTheLastRetainedMessageOfEachTopic(t *testing.T) { // MQTT-3.3.1-6, -8, -9
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		early, writer := h.over(v, "early"), h.over(v, "writer")
		early.subscribe(1, "r/#")
		writer.send(retainedPub("r/a", "old", 1, 1), retainedPub("r/a", "new", 1, 2), pub("r/a", "passing", 1, 3))
		for i := range 3 {
			writer.ack(packet.PUBACK, uint16(i+1))
		}
		for range 3 {
			if m := expect[*packet.Publish](early); m.Retain {
				t.Fatal("an established subscription saw the retain flag")
			}
		}
		late := h.over(v, "late", keep)
		late.subscribe(1, "r/+")
		if m := late.message("r/a", "new"); !m.Retain || m.QoS != 1 {
			t.Fatalf("got %+v", m)
		}
		late.silent()
	})
}

func TestEmptyRetainedMessageClearsTheTopic(t *testing.T) { // MQTT-3.3.1-10, -11 of 3.1.1
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		writer := h.over(v, "writer")
		writer.send(retainedPub("r", "x", 1, 1), retainedPub("r", "", 1, 2))
		writer.ack(packet.PUBACK, 1)
		writer.ack(packet.PUBACK, 2)
		reader := h.over(v, "reader")
		reader.subscribe(1, "#")
		reader.silent()
	})
}

func TestRetainHandlingAndRetainAsPublished(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	writer, reader := h.over(packet.V5, "writer"), h.over(packet.V5, "reader")
	writer.send(retainedPub("r", "x", 1, 1))
	writer.ack(packet.PUBACK, 1)
	for i, c := range []struct {
		handling packet.RetainHandling
		want     bool
	}{{2, false}, {1, false}, {0, true}, {0, true}} { // 1: the filter is not new any more
		reader.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "r", RetainHandling: c.handling, RetainAsPublished: true}}})
		expect[*packet.Suback](reader)
		if !c.want {
			reader.silent()
			continue
		}
		if m := reader.message("r", "x"); !m.Retain {
			t.Fatalf("step %d: not marked as retained", i)
		}
	}
	writer.send(retainedPub("r", "y", 0, 0))
	if m := reader.message("r", "y"); !m.Retain { // MQTT-3.3.1-13
		t.Fatal("retain as published was not kept")
	}
}

func TestRetainedMessageEndsWithItsExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		writer := h.over(packet.V5, "writer")
		three := uint32(3)
		p := retainedPub("r", "x", 1, 1)
		p.Properties.MessageExpiry = &three
		writer.send(p)
		writer.ack(packet.PUBACK, 1)
		<-time.After(2 * time.Second)
		reader := h.over(packet.V5, "reader")
		reader.subscribe(0, "r")
		if m := reader.message("r", "x"); *m.Properties.MessageExpiry != 1 {
			t.Fatalf("expiry %d", *m.Properties.MessageExpiry)
		}
		<-time.After(time.Second)
		late := h.over(packet.V5, "late")
		late.subscribe(0, "r")
		late.silent()
	})
}

func TestRetainedMessagesBeyondTheLimitAreRefusedAndCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxRetained = 2 })
	five, three := h.over(packet.V5, "five"), h.over(packet.V311, "three")
	for i := range 3 {
		five.send(retainedPub(fmt.Sprint("r/", i), "x", 1, 1))
		want := packet.Success
		if i == 2 {
			want = packet.QuotaExceeded
		}
		if a := five.ack(packet.PUBACK, 1); a.Reason != want {
			t.Fatalf("message %d: %v", i, a.Reason)
		}
	}
	three.send(retainedPub("r/9", "x", 1, 1))
	three.ack(packet.PUBACK, 1)
	five.send(retainedPub("r/1", "replaced", 1, 1))
	if a := five.ack(packet.PUBACK, 1); a.Reason != packet.Success {
		t.Fatalf("replacing one: %v", a.Reason)
	}
	if s := h.b.Stats(); s.Retained != 2 || s.Refused["retained messages full"] != 2 {
		t.Fatalf("stats %+v", s)
	}
}

func TestReplayOfManyRetainedMessagesFollowsTheReadersPace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) {
		o.Limits.MaxQueued, o.Limits.MaxOutgoingBytes = 10, 1000
	})
	const n = 500
	for i := range n {
		if err := h.b.Publish(t.Context(), Message{Topic: fmt.Sprint("r/", i), Payload: []byte("x"), QoS: 1, Retain: true}); err != nil {
			t.Fatal(err)
		}
	}
	for qos := range packet.QoS(2) {
		reader := h.over(packet.V5, fmt.Sprint("reader", qos))
		reader.subscribe(qos, "r/#")
		for range n {
			if m := expect[*packet.Publish](reader); m.QoS > 0 {
				reader.send(ackOf(packet.PUBACK, m.ID))
			}
		}
		reader.silent()
	}
}

// A message that becomes retained after the SUBSCRIBE and before its replay comes
// once: as the news that it is.
func TestWhatBecomesRetainedBeforeTheReplayComesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store; o.VolatileFilters = []string{"v/#"} })
		put := func(topic, payload string) {
			if err := h.b.Publish(t.Context(), Message{Topic: topic, Payload: []byte(payload), Retain: true}); err != nil {
				t.Fatal(err)
			}
		}
		put("v/old", "1")
		put("v/changed", "2")
		c := h.over(packet.V5, "c", keep)
		synctest.Wait()
		open := store.shut() // the SUBACK waits, and the replay behind it
		c.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "v/#"}}})
		synctest.Wait()
		put("v/changed", "3")
		put("v/new", "4")
		for _, want := range [][2]string{{"v/changed", "3"}, {"v/new", "4"}} {
			if c.message(want[0], want[1]).Retain {
				t.Fatalf("%v came as retained", want)
			}
		}
		open()
		expect[*packet.Suback](c)
		if !c.message("v/old", "1").Retain {
			t.Fatal("the old one came as news")
		}
		c.silent()
	})
}

func TestOneClientDoesNotTakeTheRoomForAllRetainedMessages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxRetainedClient = 2
		a, b := h.over(v, "a"), h.over(v, "b")
		say := func(c *client, topic, payload string, refused bool) {
			t.Helper()
			want := packet.Success
			if refused && v >= packet.V5 {
				want = packet.QuotaExceeded
			}
			c.send(retainedPub(topic, payload, 1, 1))
			if got := c.ack(packet.PUBACK, 1).Reason; got != want {
				t.Fatalf("%s: %v, want %v", topic, got, want)
			}
		}
		say(a, "1", "m", false)
		say(a, "2", "m", false)
		say(a, "3", "m", true)
		say(a, "2", "n", false) // its own again
		say(b, "3", "m", false)
		say(b, "2", "m", false) // now b's
		say(b, "4", "m", true)
		say(a, "4", "m", false)
		say(b, "3", "", false)
		say(b, "5", "m", false)
		if s := h.b.Stats(); s.Retained != 4 || s.Refused["retained messages full"] != 2 {
			t.Fatalf("%+v", s)
		}
	})
}

// While the retained messages for a new subscription are looked for, others come and
// go: each that stays is given once.
func TestManyRetainedMessagesAreLookedForWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		say := func(topic, payload string) {
			if err := h.b.Publish(context.Background(), Message{Topic: topic, Payload: []byte(payload), Retain: true}); err != nil {
				t.Error(err)
			}
		}
		const n = 5000
		for i := range n {
			say(fmt.Sprint("r/", i), "stays")
			say(fmt.Sprint("r/", i, "/x"), "goes")
		}
		c := h.over(v, "c")
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range n {
				say(fmt.Sprint("r/", n-1-i, "/x"), "")
				say(fmt.Sprint("s/", i), "comes")
			}
		}()
		c.subscribe(0, "+/+")
		<-done
		say("end/of", "it")
		got := map[string]int{}
		for {
			m := expect[*packet.Publish](c)
			if m.Topic == "end/of" && !m.Retain {
				break
			}
			got[m.Topic]++
		}
		for len(c.in) > 0 || len(got) < 2*n { // the replay may go on behind it
			m := expect[*packet.Publish](c)
			if m.Topic != "end/of" {
				got[m.Topic]++
			}
		}
		for topic, times := range got {
			if times != 1 {
				t.Fatalf("%s came %d times", topic, times)
			}
		}
		if len(got) != 2*n {
			t.Fatalf("%d topics came, want %d", len(got), 2*n)
		}
	})
}
