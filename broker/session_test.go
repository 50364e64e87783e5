package broker

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

func TestSessionIsKeptAndSessionPresentSaysSo(t *testing.T) { // MQTT-3.1.2-4..6, MQTT-3.2.2-2, -3
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c := wire(t, h.pipe(), v)
		if c.mustGreet("c", keep).SessionPresent {
			t.Fatal("a new session was called present")
		}
		c.subscribe(1, "t")
		c.send(&packet.Disconnect{})
		c.ended()
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("while away"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		c = wire(t, h.pipe(), v)
		if !c.mustGreet("c", keep).SessionPresent {
			t.Fatal("the session is not present")
		}
		m := c.message("t", "while away")
		if m.Dup {
			t.Fatal("DUP on the first delivery")
		}
		c.send(ackOf(packet.PUBACK, m.ID), &packet.Disconnect{})
		c.ended()
		c = wire(t, h.pipe(), v)
		if c.mustGreet("c", clean).SessionPresent {
			t.Fatal("clean start found a session")
		}
		if err := h.b.Publish(t.Context(), Message{Topic: "t", QoS: 1}); err != nil {
			t.Fatal(err)
		}
		c.silent()
	})
}

func TestOpenMessagesComeAgainOnReconnectOnly(t *testing.T) { // MQTT-4.4.0-1, MQTT-4.6.0-1
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
		reader.subscribe(2, "t")
		writer.send(pub("t", "1", 1, 1))
		writer.ack(packet.PUBACK, 1)
		for i := 2; i <= 3; i++ {
			writer.exactlyOnce("t", fmt.Sprint(i), uint16(i))
		}
		first, second, third := reader.message("t", "1"), reader.message("t", "2"), reader.message("t", "3")
		reader.send(ackOf(packet.PUBREC, second.ID))
		reader.ack(packet.PUBREL, second.ID)
		reader.silent()
		_ = reader.nc.Close()
		reader.ended()

		again := h.over(v, "reader", keep)
		if m := again.message("t", "1"); m.ID != first.ID || !m.Dup {
			t.Fatalf("got %+v, want %d again", m, first.ID)
		}
		again.ack(packet.PUBREL, second.ID)
		if m := again.message("t", "3"); m.ID != third.ID || !m.Dup {
			t.Fatalf("got %+v, want %d again", m, third.ID)
		}
		again.send(ackOf(packet.PUBCOMP, second.ID), ackOf(packet.PUBACK, first.ID), ackOf(packet.PUBREC, third.ID))
		again.ack(packet.PUBREL, third.ID)
		again.send(ackOf(packet.PUBCOMP, third.ID))
		again.silent()
		_ = again.nc.Close()
		again.ended()
		h.over(v, "reader", keep).silent()
	})
}

func TestIncomingQoS2IsDeliveredOnceUntilItsRelease(t *testing.T) { // MQTT-4.3.3-2
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader"), h.over(v, "writer", keep)
		reader.subscribe(0, "t")
		dup := pub("t", "x", 2, 5)
		writer.send(pub("t", "x", 2, 5))
		writer.ack(packet.PUBREC, 5)
		dup.Dup = true
		writer.send(dup)
		writer.ack(packet.PUBREC, 5)
		_ = writer.nc.Close()
		writer.ended()
		writer = h.over(v, "writer", keep)
		writer.send(dup)
		writer.ack(packet.PUBREC, 5)
		writer.send(ackOf(packet.PUBREL, 5))
		writer.ack(packet.PUBCOMP, 5)
		writer.send(pub("t", "y", 2, 5)) // the identifier is new now
		writer.ack(packet.PUBREC, 5)
		reader.message("t", "x")
		reader.message("t", "y")
		reader.silent()
		writer.send(ackOf(packet.PUBREL, 99))
		want := packet.Success
		if v >= packet.V5 {
			want = packet.PacketIdentifierNotFound
		}
		if a := writer.ack(packet.PUBCOMP, 99); a.Reason != want {
			t.Fatalf("PUBREL of an unknown identifier: %v", a.Reason)
		}
	})
}

func TestTakeOverEndsTheOlderConnection(t *testing.T) { // MQTT-3.1.4-3
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		old := h.over(v, "c", keep)
		old.subscribe(1, "t")
		c := wire(t, h.pipe(), v)
		if !c.mustGreet("c", keep).SessionPresent {
			t.Fatal("the session was not taken over")
		}
		old.disconnected(packet.SessionTakenOver)
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("x"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		c.message("t", "x")
	})
}

func TestSessionIsNeverGivenToAnotherIdentity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		owner := h.over(v, "c", keep, as("owner"))
		owner.subscribe(1, "t")
		tries := []struct {
			o    []option
			want packet.ReasonCode
		}{
			{[]option{as("thief"), keep}, packet.ClientIdentifierNotValid},
			{[]option{as("thief"), clean}, packet.ClientIdentifierNotValid},
			{[]option{as("owner"), clean, password("wrong")}, packet.BadUserNameOrPassword},
			{[]option{as("owner"), clean, password("broken")}, packet.ServerUnavailable},
		}
		attack := func() {
			for _, try := range tries {
				thief := wire(t, h.pipe(), v)
				if a := thief.greet("c", try.o...); a.Reason != try.want || a.SessionPresent {
					t.Fatalf("answered %+v, want %v", a, try.want)
				}
				thief.ended()
			}
		}
		attack()
		owner.silent()
		owner.send(&packet.Disconnect{})
		owner.ended()
		if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("mine"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		attack()
		owner = wire(t, h.pipe(), v)
		if !owner.mustGreet("c", keep, as("owner")).SessionPresent {
			t.Fatal("the owner's session is gone")
		}
		owner.message("t", "mine")
	})
}

func TestIdentityHasAtMostItsNumberOfSessions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.rules.of("u").sessions = 2
		h.over(v, "a", as("u"), keep)
		second := h.over(v, "b", as("u"))
		refused := wire(t, h.pipe(), v)
		want := packet.QuotaExceeded
		if v < packet.V5 {
			want = packet.ServerUnavailable // the return code that 3.1.1 has for it
		}
		if a := refused.greet("c", as("u")); a.Reason != want {
			t.Fatalf("answered %v", a.Reason)
		}
		refused.ended()
		h.over(v, "a", as("u"), keep) // its own again
		second.send(&packet.Disconnect{})
		second.ended()
		h.over(v, "c", as("u"))
		if n := h.b.Stats().Refused["too many sessions"]; n != 1 {
			t.Errorf("counted %d", n)
		}
	})
}

func TestHoldersOfOneCredentialWhoFightLeaveOneConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		const holders = 2
		times := prove.Size(60, 500)
		balance := make(chan int, 10*holders*times)
		h.b.Watch(func(p Presence) {
			switch {
			case p.Up:
				balance <- 1
			case p.Cause == CauseTakeOver:
				balance <- -1
			default:
				balance <- -1000
			}
		})
		var fight sync.WaitGroup
		for range holders {
			fight.Go(func() {
				for range times {
					c := wire(t, h.pipe(), v)
					c.hail("c", as("c"), keep)
					if a, ok := c.next().(*packet.Connack); ok && a.Reason != packet.Success { // it may have been taken over before
						t.Errorf("answered %v", a.Reason)
					}
				}
			})
		}
		fight.Wait()
		for left, up := 2*holders*times-1, 0; left > 0; left-- {
			if up += <-balance; up < 0 || up > 1 {
				t.Fatalf("%d are up", up)
			}
		}
		c := h.b.Clients()
		if len(c) != 1 || !c[0].Connected || h.b.Connections() != 1 {
			t.Errorf("%d connections of %d sessions are left", h.b.Connections(), len(c))
		}
	})
}

func TestSessionEndsWithItsExpiry(t *testing.T) { // MQTT-3.1.2-23
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, func(o *Options) {
					o.Store = NewMemoryStore()
					o.Limits.SessionExpiry311 = time.Hour
				})
				for _, away := range []struct {
					d    time.Duration
					want bool
				}{{59 * time.Minute, true}, {61 * time.Minute, false}} {
					c := h.over(v, "c", keep)
					_ = c.nc.Close()
					c.ended()
					<-time.After(away.d)
					c = wire(t, h.pipe(), v)
					if got := c.mustGreet("c", keep).SessionPresent; got != away.want {
						t.Fatalf("after %v present=%v", away.d, got)
					}
				}
			})
		})
	}
}

func TestDisconnectMayChangeTheExpiryButNotFromZero(t *testing.T) { // MQTT-3.14.2-2
	t.Parallel()
	h := newHouse(t, nil)
	hour, zero := uint32(3600), uint32(0)
	c := h.over(packet.V5, "c")
	c.send(&packet.Disconnect{Properties: packet.Properties{SessionExpiry: &hour}})
	c.disconnected(packet.ProtocolError)
	c = h.over(packet.V5, "c", keep)
	c.send(&packet.Disconnect{Properties: packet.Properties{SessionExpiry: &zero}})
	c.ended()
	prove.Eventually(t, "the session ended", func() bool { return len(h.b.Clients()) == 0 })
}

func TestClientWithoutIdentifierGetsOne(t *testing.T) { // MQTT-3.1.3-6, -7
	t.Parallel()
	h := newHouse(t, nil)
	one, two := wire(t, h.pipe(), packet.V5), wire(t, h.pipe(), packet.V5)
	a, b := one.mustGreet("").Properties.AssignedClientID, two.mustGreet("").Properties.AssignedClientID
	if a == "" || a == b {
		t.Fatalf("assigned %q and %q", a, b)
	}
	three := wire(t, h.pipe(), packet.V311)
	if r := three.greet("", keep).Reason; r != packet.ClientIdentifierNotValid { // MQTT-3.1.3-8 of 3.1.1
		t.Fatalf("empty identifier with a session to keep: %v", r)
	}
	wire(t, h.pipe(), packet.V311).mustGreet("")
}

func TestConnackTellsTheLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) {
		o.Limits.MaxKeepAlive, o.Limits.MaxSessionExpiry = 100*time.Second, time.Minute
		o.Limits.ReceiveMaximum, o.Limits.MaxPacketSize, o.Limits.TopicAliasMaximum = 7, 1000, 3
	})
	p := wire(t, h.pipe(), packet.V5).mustGreet("c", keep, keepAlive(0)).Properties
	if p.ServerKeepAlive == nil || *p.ServerKeepAlive != 100 || p.SessionExpiry == nil || *p.SessionExpiry != 60 ||
		p.ReceiveMaximum != 7 || p.MaximumPacketSize != 1000 || p.TopicAliasMaximum != 3 {
		t.Fatalf("told %+v", p)
	}
}

func TestSilentClientIsGivenUpAfterOneAndAHalfKeepAlives(t *testing.T) { // MQTT-3.1.2-22
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				c := h.over(v, "c", keepAlive(10))
				for range 3 {
					<-time.After(14 * time.Second)
					c.silent() // a ping
				}
				<-time.After(14 * time.Second)
				c.sendBytes([]byte{0x30}) // not a packet: it does not count
				begin := time.Now()
				c.disconnected(packet.KeepAliveTimeout)
				if d := time.Since(begin); d != time.Second {
					t.Fatalf("given up %v after 14 s of silence", d)
				}
			})
		})
	}
}

// A program that publishes at QoS 0, ends and is started again at once says
// nothing in vain.
func TestWhatWasSentBeforeATakeOverIsNotLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader := h.over(packet.V5, "reader")
	reader.subscribe(0, "t")
	address := h.listen()
	for i := range prove.Size(300, 3000) {
		nc, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		hello := packet.Connect{Version: packet.V311, ClientID: "writer", CleanStart: true}
		p := pub("t", fmt.Sprint(i), 0, 0).Append(hello.Append(nil), packet.V311)
		if _, err := nc.Write(p); err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Read(make([]byte, 4)); err != nil { // CONNACK: the client knows that it is in
			t.Fatal(err)
		}
		if _, err := nc.Write(pub("t", fmt.Sprint(i, "again"), 0, 0).Append(nil, packet.V311)); err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
	}
	for i := range prove.Size(300, 3000) {
		reader.message("t", fmt.Sprint(i))
		reader.message("t", fmt.Sprint(i, "again"))
	}
}
