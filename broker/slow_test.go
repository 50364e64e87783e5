package broker

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// stuck connects a client over a socket that reads CONNACK and SUBACK and then
// nothing any more.
func (h *house) stuck(id, filter string, qos packet.QoS) net.Conn {
	h.t.Helper()
	nc, err := net.Dial("tcp", h.listen())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = nc.Close() })
	if err := nc.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil { // or the system takes tens of megabytes
		h.t.Fatal(err)
	}
	connect := packet.Connect{Version: packet.V5, ClientID: id, CleanStart: true, KeepAlive: 60, HasUsername: true, Username: id}
	subscribe := packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: filter, QoS: qos}}}
	if _, err := nc.Write(subscribe.Append(connect.Append(nil), packet.V5)); err != nil {
		h.t.Fatal(err)
	}
	prove.Eventually(h.t, "subscribed", func() bool { return h.b.Stats().Subscriptions == 1 })
	return nc
}

func TestSlowReaderCostsBoundedMemoryAndNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 100_000 })
	h.stuck("stuck", "t", 0)
	payload := make([]byte, 10_000)
	prove.Eventually(t, "dropped", func() bool {
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: payload}); err != nil {
			t.Fatal(err)
		}
		return h.b.Stats().Dropped["receiver does not read"] > 100
	})
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	for c := range h.b.conns {
		if n := c.out.waiting(); n > 100_000+len(payload)+100 {
			t.Fatalf("%d bytes wait", n)
		}
	}
}

func TestMessagesForASlowReaderWaitInItsQueueToTheLimit(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxQueued = 50 })
	h.stuck("stuck", "t", 1)
	for i := range 1000 {
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte(fmt.Sprint(i)), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	i := h.b.Clients()[0]
	if i.InFlight != 256 || i.Queued != 50 || i.Dropped != 1000-306 || h.b.Stats().Dropped["queue full"] != 1000-306 {
		t.Fatalf("%+v", i)
	}
}

func TestReaderOfVolatileTopicsThatFallsBehindIsDisconnected(t *testing.T) {
	t.Parallel()
	for qos := range packet.QoS(2) {
		t.Run(fmt.Sprint("QoS", qos), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *Options) {
				o.VolatileFilters = []string{"feed/#"}
				o.Limits.MaxQueued, o.Limits.MaxOutgoingBytes = 50, 100_000
			})
			ended := make(chan Presence, 10)
			h.b.Watch(func(p Presence) { ended <- p })
			h.stuck("stuck", "feed/#", qos)
			payload := make([]byte, 10_000)
			prove.Eventually(t, "disconnected", func() bool {
				if err := h.b.Publish(t.Context(), Message{Topic: "feed/x", Payload: payload, QoS: qos}); err != nil {
					t.Fatal(err)
				}
				return len(h.b.Clients()) == 0
			})
			if <-ended; (<-ended).Cause != CauseSlow {
				t.Fatal("another cause")
			}
		})
	}
}

func TestClientThatAsksButDoesNotReadIsDisconnected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes, o.Limits.MaxPacketSize = 10_000, 10_000 })
	ended := make(chan Presence, 10)
	h.b.Watch(func(p Presence) { ended <- p })
	server, nc := net.Pipe()
	go h.b.serveConn(server, h.b.front)
	t.Cleanup(func() { _ = nc.Close() })
	connect := packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 60}
	if _, err := nc.Write(connect.Append(nil)); err != nil {
		t.Fatal(err)
	}
	<-ended
	pings := bytes.Repeat(packet.AppendPingreq(nil), 1000)
	for range 100 {
		if _, err := nc.Write(pings); err != nil {
			break
		}
	}
	select {
	case p := <-ended:
		if p.Cause != CauseSlow {
			t.Fatalf("ended: %v", p.Cause)
		}
	case <-time.After(patience):
		t.Fatal("it was not disconnected")
	}
}

func TestRepeatedSubscriptionsHoldOneReplayOfEachFilter(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxInFlight = 1 })
	for i := range 10 {
		if err := h.b.Publish(t.Context(), Message{Topic: fmt.Sprint("r/", i), Payload: []byte("x"), QoS: 1, Retain: true}); err != nil {
			t.Fatal(err)
		}
	}
	c := h.over(packet.V5, "c")
	s := &packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "#", QoS: 1}, {Filter: "r/+", QoS: 1}, {Filter: "#", QoS: 1}}}
	for range 50 {
		c.send(s)
	}
	for acks := 0; acks < 50; {
		if _, ok := c.next().(*packet.Suback); ok {
			acks++
		}
	}
	c.silent()
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	if n := len(h.b.sessions["c"].replay); n > 2 {
		t.Fatalf("%d replays of two filters wait", n)
	}
}

func TestFastReaderGetsMoreRetainedMessagesThanMayWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 64 << 10 })
	const n = 300
	for i := range n {
		if err := h.b.Publish(t.Context(), Message{Topic: fmt.Sprint("r/", i), Payload: make([]byte, 1000), Retain: true}); err != nil {
			t.Fatal(err)
		}
	}
	nc, err := net.Dial("tcp", h.listen())
	if err != nil {
		t.Fatal(err)
	}
	c := wire(t, nc, packet.V5)
	c.mustGreet("c")
	c.subscribe(0, "r/#")
	for range n {
		expect[*packet.Publish](c)
	}
	c.silent()
}

func TestReaderThatCatchesUpGetsEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes, o.Limits.MaxInFlight = 20_000, 5 })
	nc := h.stuck("stuck", "t", 1)
	payload := make([]byte, 100_000)
	for i := range 50 {
		copy(payload, fmt.Sprintf("%03d", i))
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: append([]byte(nil), payload...), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	c := wire(t, nc, packet.V5)
	expect[*packet.Connack](c)
	expect[*packet.Suback](c)
	for i := range 50 {
		m := expect[*packet.Publish](c)
		if got := string(m.Payload[:3]); got != fmt.Sprintf("%03d", i) {
			t.Fatalf("message %d is %s", i, got)
		}
		c.send(ackOf(packet.PUBACK, m.ID))
	}
	c.silent()
}

// What changes while a slow reader gets its retained messages, and is dropped as
// news because it does not read, still comes in its turn.
func TestASlowReaderOfRetainedMessagesGetsAllOfThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 64 << 10 })
	const n = 1000
	put := func(payload []byte) {
		for i := range n {
			if err := h.b.Publish(t.Context(), Message{Topic: fmt.Sprint("r/", i), Payload: payload, Retain: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	older, newer := bytes.Repeat([]byte("o"), 20_000), bytes.Repeat([]byte("n"), 20_000)
	put(older)
	nc := h.stuck("stuck", "r/#", 0)
	prove.Eventually(t, "the replay waits", func() bool {
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		s := h.b.sessions["stuck"]
		o := &s.conn.out
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(s.replay) == 1 && s.replay[0].found && o.slow && len(s.replay[0].names) < n-4
	})
	put(newer)
	c := wire(t, nc, packet.V5)
	expect[*packet.Connack](c)
	expect[*packet.Suback](c)
	last, changed := map[string]byte{}, 0
	for len(last) < n {
		m := expect[*packet.Publish](c)
		if m.Payload[0] == 'n' {
			changed++
		} else if changed > n/2 {
			t.Fatalf("%s came old after %d new ones", m.Topic, changed)
		}
		last[m.Topic] = m.Payload[0]
	}
	if changed < n/2 {
		t.Fatalf("only %d of %d came changed", changed, n)
	}
}

func TestALetterThatNobodyTookIsEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 100_000 })
	h.stuck("stuck", "t", 0)
	payload := make([]byte, 10_000)
	prove.Eventually(t, "dropped", func() bool {
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: payload}); err != nil {
			t.Fatal(err)
		}
		return h.b.Stats().Dropped["receiver does not read"] > 100
	})
	said := make(chan Delivery, 10)
	if err := h.b.Send(t.Context(), "stuck", Message{Topic: "letter"}, func(d Delivery) { said <- d }); err != nil {
		t.Fatal(err)
	}
	if !h.b.Kick("stuck", packet.AdministrativeAction) {
		t.Fatal("it is not there")
	}
	select {
	case d := <-said:
		if d.Step != Ended || d.Cause != CauseKicked {
			t.Fatalf("%+v", d)
		}
	case <-time.After(patience):
		t.Fatal("nothing was said of it")
	}
}

func TestAllQueuesTogetherHaveALimit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		for _, id := range []string{"a", "b"} {
			c := h.over(v, id, keep)
			c.subscribe(1, "t", id)
			_ = c.nc.Close()
			h.gone(ClientID(id))
		}
		h.b.limits.MaxQueuedAll = 5
		for range 3 {
			h.say("t", "m", 1) // the last one for one of them only
		}
		if s := h.b.Stats(); s.Queued != 5 || s.QueuedBytes != 3*(64+2) || s.Dropped["all queues full"] != 1 {
			t.Fatalf("%+v", s)
		}
		h.b.limits.MaxQueuedAll, h.b.limits.MaxQueuedAllBytes = 100, 4*(64+2)
		h.say("t", "m", 1) // for two sessions it counts once
		h.say("a", "m", 1)
		if s := h.b.Stats(); s.Queued != 7 || s.Dropped["all queues full"] != 2 {
			t.Fatalf("%+v", s)
		}
		a := h.over(v, "a", keep)
		for n := h.b.Clients()[0].Queued + h.b.Clients()[0].InFlight; n > 0; n-- {
			a.send(ackOf(packet.PUBACK, expect[*packet.Publish](a).ID))
		}
		a.silent()
		h.over(v, "b").silent() // a clean start throws its queue away
		if s := h.b.Stats(); s.Queued != 0 || s.QueuedBytes != 0 {
			t.Fatalf("left: %+v", s)
		}
	})
}

// What is encoded for a slow reader is not told apart any more: it goes with the
// connection when the reader loses a subscription, and only then.
func TestWhatWaitsForASlowReaderIsNotGivenOnceItsRightHasEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxOutgoingBytes = 500_000 })
	nc := h.stuck("stuck", "secret", 0)
	payload, sent := make([]byte, 10_000), 0
	prove.Eventually(t, "dropped", func() bool {
		sent++
		if err := h.b.Publish(t.Context(), Message{Topic: "secret", Payload: payload}); err != nil {
			t.Fatal(err)
		}
		return h.b.Stats().Dropped["receiver does not read"] > 100
	})
	h.b.Recheck("stuck")
	if h.b.Stats().Connected != 1 {
		t.Fatal("a slow reader was cut although it lost nothing")
	}
	h.b.mu.Lock()
	waiting := h.b.sessions["stuck"].conn.out.waiting() / len(payload)
	h.b.mu.Unlock()
	h.rules.of("stuck").change(func(r *rights) { r.noRead = []string{"secret"} })
	h.b.Recheck("stuck")
	most := sent - int(h.b.Stats().Dropped["receiver does not read"]) - waiting
	if err := nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(nc)
	if got := len(all) / len(payload); waiting == 0 || got > most {
		t.Fatalf("%d messages waited, %d came, want at most %d; %v", waiting, got, most, err)
	}
}
