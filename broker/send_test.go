package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

var commands = func(o *Options) { o.CommandFilters = []string{"cmd/#"} }

// steps collects the deliveries of one Send.
func (h *house) sendTo(client ClientID, m Message) (chan Delivery, error) {
	steps := make(chan Delivery, 10)
	return steps, h.b.Send(h.t.Context(), client, m, func(d Delivery) { steps <- d })
}

func (h *house) mustSend(client ClientID, m Message) chan Delivery {
	h.t.Helper()
	steps, err := h.sendTo(client, m)
	if err != nil {
		h.t.Fatal(err)
	}
	return steps
}

func open(expires time.Time) Message {
	return Message{Topic: "cmd/c", Payload: []byte("open"), QoS: 1, Expires: expires}
}

func TestSendTellsWrittenThenAcknowledged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c := h.over(v, "c", keep)
		m := open(time.Now().Add(time.Hour))
		m.Properties = packet.Properties{ResponseTopic: "answer", CorrelationData: []byte("id")}
		steps := h.mustSend("c", m)
		got := c.message("cmd/c", "open")
		if got.QoS != 1 || got.Retain || got.Dup {
			t.Fatalf("got %+v", got)
		}
		if v >= packet.V5 && (got.Properties.ResponseTopic != "answer" || string(got.Properties.CorrelationData) != "id" ||
			got.Properties.MessageExpiry == nil || *got.Properties.MessageExpiry > 3600) {
			t.Fatalf("got %+v", got.Properties)
		}
		if d := <-steps; d.Step != Written || d.At.IsZero() {
			t.Fatalf("first %+v", d)
		}
		a := ackOf(packet.PUBACK, got.ID)
		a.Reason = packet.NoMatchingSubscribers
		c.send(a)
		d := <-steps
		if d.Step != Acknowledged || v >= packet.V5 && d.Reason != packet.NoMatchingSubscribers {
			t.Fatalf("then %+v", d)
		}
		c.silent()
		c.send(&packet.Disconnect{})
		c.ended()
		if len(steps) != 0 {
			t.Fatalf("more: %+v", <-steps)
		}
	})
}

func TestSendToNobodyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	if _, err := h.sendTo("c", open(time.Time{})); !errors.Is(err, ErrNotConnected) {
		t.Fatalf("never seen: %v", err)
	}
	c := h.over(packet.V5, "c", keep)
	c.send(&packet.Disconnect{})
	c.ended()
	steps, err := h.sendTo("c", open(time.Time{}))
	if !errors.Is(err, ErrNotConnected) || len(steps) != 0 {
		t.Fatalf("absent: %v", err)
	}
}

func TestSentMessageEndsWithItsConnectionAndNeverComesAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c := h.over(v, "c", keep)
		steps := h.mustSend("c", open(time.Time{}))
		c.message("cmd/c", "open")
		if d := <-steps; d.Step != Written {
			t.Fatalf("first %+v", d)
		}
		again := h.over(v, "c", keep)
		c.disconnected(packet.SessionTakenOver)
		if d := <-steps; d.Step != Ended || d.Cause != CauseTakeOver {
			t.Fatalf("then %+v", d)
		}
		again.silent()
		if i := h.b.Clients()[0]; i.InFlight != 0 || i.Queued != 0 {
			t.Fatalf("left in the session: %+v", i)
		}
	})
}

func TestSentMessageThatExpiresUnwrittenIsNeverWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, commands)
		c := h.over(packet.V5, "c", receiveMax(1), keepAlive(0))
		first := h.mustSend("c", open(time.Time{}))
		got := c.message("cmd/c", "open")
		second := h.mustSend("c", open(time.Now().Add(5*time.Second))) // the window is full
		<-time.After(4999 * time.Millisecond)
		if len(second) != 0 {
			t.Fatalf("too early: %+v", <-second)
		}
		if d := <-second; d.Step != Ended || d.Cause != CauseExpired {
			t.Fatalf("got %+v", d)
		}
		c.send(ackOf(packet.PUBACK, got.ID))
		c.silent()
		if (<-first).Step != Written || (<-first).Step != Acknowledged {
			t.Fatal("the first one was not delivered")
		}
		third := h.mustSend("c", open(time.Now().Add(5*time.Second)))
		c.message("cmd/c", "open")
		if d := <-third; d.Step != Written {
			t.Fatalf("got %+v", d)
		}
		<-time.After(time.Minute) // it was written in time: the receiver's answer counts
		if len(third) != 0 {
			t.Fatalf("got %+v", <-third)
		}
	})
}

func TestSentMessageThatAStuckSocketHoldsUpExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, commands)
		nc := h.pipe()
		c := &client{t: t, nc: nc, v: packet.V5, in: make(chan any, 10)}
		connect := packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 60}
		c.sendBytes(connect.Append(nil))
		synctest.Wait() // CONNACK is stuck in the pipe
		steps := h.mustSend("c", open(time.Now().Add(time.Second)))
		if d := <-steps; d.Step != Ended || d.Cause != CauseExpired {
			t.Fatalf("got %+v", d)
		}
		go c.read()
		expect[*packet.Connack](c)
		c.silent()
		_ = nc.Close()
		for range c.in {
		}
	})
}

func TestSendOvertakesWhatWaitsForASlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, commands)
		c := &client{t: t, nc: h.pipe(), v: packet.V5, in: make(chan any, 1000)}
		connect := packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 60}
		subscribe := packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "#"}}}
		c.sendBytes(subscribe.Append(connect.Append(nil), packet.V5))
		synctest.Wait()
		big := make([]byte, 60<<10)
		for range 8 {
			if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: big}); err != nil {
				t.Fatal(err)
			}
		}
		steps := h.mustSend("c", open(time.Time{}))
		go c.read()
		expect[*packet.Connack](c)
		before := 0
		for {
			if m, ok := c.next().(*packet.Publish); ok && m.Topic == "cmd/c" {
				break
			}
			before++
		}
		if before > 3 { // SUBACK and two segments
			t.Fatalf("%d messages came before the command", before)
		}
		if d := <-steps; d.Step != Written {
			t.Fatalf("got %+v", d)
		}
		_ = c.nc.Close()
		for range c.in {
		}
	})
}

func TestSendRefusesWhatNoClientMayBeSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	h.over(packet.V5, "c", func(p *packet.Connect) { p.Properties.MaximumPacketSize = 100 })
	for what, m := range map[string]Message{
		"retained":  {Topic: "t", Retain: true},
		"QoS 2":     {Topic: "t", QoS: 2},
		"wildcard":  {Topic: "t/#"},
		"no topic":  {},
		"too large": {Topic: "t", Payload: make([]byte, 200)},
		"bad text":  {Topic: "t", Properties: packet.Properties{ContentType: "\xff"}},
	} {
		if _, err := h.sendTo("c", m); err == nil || errors.Is(err, ErrNotConnected) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSendAtQoS0EndsWithWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	c := h.over(packet.V311, "c")
	steps := h.mustSend("c", Message{Topic: "time", Payload: []byte("1")})
	c.message("time", "1")
	if d := <-steps; d.Step != Written {
		t.Fatalf("got %+v", d)
	}
	_ = c.nc.Close()
	c.ended()
	h.close()
	if len(steps) != 0 {
		t.Fatalf("then %+v", <-steps)
	}
}

func TestCommandsAreNeverRetainedQueuedOrWrittenByClients(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			store := NewMemoryStore()
			h := newHouse(t, func(o *Options) { commands(o); o.Store = store })
			reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
			reader.subscribe(1, "cmd/#")
			writer.send(retainedPub("cmd/c", "0", 0, 0), retainedPub("cmd/c", "1", 1, 1), pub("cmd/c", "2", 1, 2))
			for id := uint16(1); id <= 2; id++ {
				if a := writer.ack(packet.PUBACK, id); v >= packet.V5 && a.Reason != packet.NotAuthorized {
					t.Fatalf("answered %v", a.Reason)
				}
			}
			reader.silent()
			if err := h.b.Publish(t.Context(), Message{Topic: "cmd/c", Retain: true, Payload: []byte("x")}); err == nil {
				t.Fatal("the program may retain a command")
			}
			command := Message{Topic: "cmd/c", Payload: []byte("live"), QoS: 1}
			if err := h.b.Publish(t.Context(), command); err != nil {
				t.Fatal(err)
			}
			reader.message("cmd/c", "live")
			_ = reader.nc.Close()
			reader.ended()
			if err := h.b.Publish(t.Context(), command); err != nil {
				t.Fatal(err)
			}
			h.over(v, "reader", keep).silent()
			if s := h.b.Stats(); s.Refused["publish to a command topic"] != 3 || s.Retained != 0 {
				t.Fatalf("stats %+v", s)
			}
			for _, c := range store.snapshot() {
				switch c.(type) {
				case PutMessage, Enqueue, PutRetained:
					t.Fatalf("stored %+v", c)
				}
			}
		})
	}
}

func TestManySendsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	c := h.over(packet.V5, "c", receiveMax(3))
	var all []chan Delivery
	for i := range 20 {
		all = append(all, h.mustSend("c", Message{Topic: "cmd/c", Payload: []byte(fmt.Sprint(i)), QoS: 1}))
	}
	for i := range 20 {
		m := c.message("cmd/c", fmt.Sprint(i))
		c.send(ackOf(packet.PUBACK, m.ID))
	}
	for i, steps := range all {
		if got := []DeliveryStep{(<-steps).Step, (<-steps).Step}; !slices.Equal(got, []DeliveryStep{Written, Acknowledged}) {
			t.Fatalf("command %d: %v", i, got)
		}
	}
}

// gated is a store whose Apply waits until the gate opens.
type gated struct {
	*MemoryStore
	gate chan struct{}
}

func (s gated) Apply(ctx context.Context, changes []Change) error {
	<-s.gate
	return s.MemoryStore.Apply(ctx, changes)
}

func TestSendAtQoS0TakesNoPlaceInTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := gated{NewMemoryStore(), make(chan struct{})}
		h := newHouse(t, func(o *Options) { commands(o); o.Store = store })
		c := wire(t, h.pipe(), packet.V5)
		connect := packet.Connect{Version: packet.V5, ClientID: "c", KeepAlive: 60}
		keep(&connect)
		receiveMax(1)(&connect)
		c.sendBytes(connect.Append(nil))
		synctest.Wait() // CONNACK waits for the store
		early := []chan Delivery{h.mustSend("c", Message{Topic: "time", Payload: []byte("1")}), h.mustSend("c", open(time.Time{}))}
		last := h.mustSend("c", Message{Topic: "time", Payload: []byte("2")})
		close(store.gate)
		expect[*packet.Connack](c)
		c.message("time", "1")
		id := c.message("cmd/c", "open").ID
		c.message("time", "2")
		for _, steps := range append(early, last) {
			if d := <-steps; d.Step != Written {
				t.Fatalf("got %+v", d)
			}
		}
		c.send(ackOf(packet.PUBACK, id))
		h.mustSend("c", open(time.Time{}))
		c.message("cmd/c", "open")
		c.silent()
	})
}

func TestPubackOfASentMessageThatWasNotYetWrittenIsIgnored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, commands)
		c := &client{t: t, nc: h.pipe(), v: packet.V5, in: make(chan any, 10)}
		connect := packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 60}
		c.sendBytes(connect.Append(nil))
		defer func() { _ = c.nc.Close() }()
		synctest.Wait() // CONNACK is stuck in the pipe
		steps := h.mustSend("c", open(time.Time{}))
		c.send(ackOf(packet.PUBACK, 1))
		synctest.Wait()
		go c.read()
		expect[*packet.Connack](c)
		id := c.message("cmd/c", "open").ID
		if d := <-steps; d.Step != Written {
			t.Fatalf("first %+v", d)
		}
		c.send(ackOf(packet.PUBACK, id))
		synctest.Wait()
		if len(steps) != 1 || (<-steps).Step != Acknowledged {
			t.Fatal("then it was not acknowledged")
		}
	})
}
