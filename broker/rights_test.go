package broker

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

func TestPublishWithoutTheRightReachesNobody(t *testing.T) { // MQTT-3.3.5-2 of 3.1.1
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, c := h.over(v, "reader"), h.over(v, "c", keep)
		reader.subscribe(0, "#")
		h.rules.of("c").noPublish = []string{"secret/#"}
		want := packet.NotAuthorized
		if v < packet.V5 {
			want = packet.Success
		}
		c.send(retainedPub("secret/x", "0", 0, 0), retainedPub("secret/x", "1", 1, 1), retainedPub("secret/x", "2", 2, 2))
		if a := c.ack(packet.PUBACK, 1); a.Reason != want {
			t.Fatalf("QoS 1: %v", a.Reason)
		}
		if a := c.ack(packet.PUBREC, 2); a.Reason != want {
			t.Fatalf("QoS 2: %v", a.Reason)
		}
		if v < packet.V5 {
			c.send(ackOf(packet.PUBREL, 2))
			c.ack(packet.PUBCOMP, 2)
		}
		c.send(pub("free", "3", 1, 3))
		c.ack(packet.PUBACK, 3)
		reader.message("free", "3")
		reader.silent()
		if s := h.b.Stats(); s.Refused["publish not permitted"] != 3 || s.Retained != 0 {
			t.Fatalf("stats %+v", s)
		}
	})
}

func TestClientsDoNotWriteSystemTopics(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	c.send(pub("$SYS/x", "x", 1, 1))
	if a := c.ack(packet.PUBACK, 1); a.Reason != packet.NotAuthorized {
		t.Fatalf("answered %v", a.Reason)
	}
}

func TestFiltersThatCannotBeGrantedAreRefusedOneByOne(t *testing.T) { // MQTT-3.8.4-5..7
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.b.limits.MaxFilters = 2
		h.b.limits.MaxTopicLevels = 4
		h.rules.of("c").noRead = []string{"#", "secret"}
		c := h.over(v, "c", keep)
		s := &packet.Subscribe{ID: 5}
		for _, f := range []string{"a", "#", "secret", "$share/g/#", "$local/secret", "$share/g", "$queue/a/#/b", "a/#/b", "1/2/3/4/5", "b", "c"} {
			s.Subscriptions = append(s.Subscriptions, packet.Subscription{Filter: f, QoS: 1})
		}
		c.send(s)
		want := []packet.ReasonCode{
			1, packet.NotAuthorized, packet.NotAuthorized, packet.NotAuthorized, packet.NotAuthorized,
			packet.TopicFilterInvalid, packet.TopicFilterInvalid, packet.TopicFilterInvalid, packet.TopicFilterInvalid, 1, packet.QuotaExceeded,
		}
		if v < packet.V5 {
			for i := range want {
				if want[i].Failed() {
					want[i] = packet.UnspecifiedError
				}
			}
		}
		if got := expect[*packet.Suback](c).Reasons; !slices.Equal(got, want) {
			t.Fatalf("answered %v, want %v", got, want)
		}
		if n := h.b.Clients()[0].Filters; n != 2 {
			t.Fatalf("%d filters granted", n)
		}
	})
}

func TestRevokedClientIsCutAndNothingOfItIsAccepted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, c := h.over(v, "reader"), h.over(v, "c", keep)
		reader.subscribe(0, "#")
		c.subscribe(1, "for/c")
		h.rules.of("c").change(func(r *rights) { r.revoked = true })
		h.b.Recheck("c")
		if err := h.b.Publish(t.Context(), Message{Topic: "for/c", Payload: []byte("secret"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		c.disconnected(packet.AdministrativeAction)
		reader.message("for/c", "secret")
		reader.silent()
	})
}

func TestRightsThatEndTogetherWithoutRecheckEndAtTheNextByte(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader, c, d := h.over(packet.V5, "reader"), h.over(packet.V5, "c"), h.over(packet.V5, "d")
	reader.subscribe(0, "from/c")
	d.subscribe(0, "for/d")
	h.rules.of("c").change(func(r *rights) { r.revoked = true })
	h.rules.of("d").change(func(r *rights) { r.revoked = true })
	c.send(pub("from/c", "x", 0, 0))
	c.disconnected(packet.AdministrativeAction)
	reader.silent()
	reader.send(pub("for/d", "x", 0, 0))
	d.disconnected(packet.AdministrativeAction)
}

func TestSubscriptionAndQueueEndWithTheRightToRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		c := h.over(v, "c", keep)
		c.subscribe(1, "secret/x", "open")
		publish := func(topic, payload string) {
			t.Helper()
			if err := h.b.Publish(t.Context(), Message{Topic: topic, Payload: []byte(payload), QoS: 1}); err != nil {
				t.Fatal(err)
			}
		}
		h.rules.of("c").change(func(r *rights) { r.noRead = []string{"secret/x"} })
		h.b.Recheck("c")
		publish("secret/x", "connected")
		c.silent()

		h.rules.of("c").change(func(r *rights) { r.noRead = nil })
		c.subscribe(1, "secret/x")
		_ = c.nc.Close()
		c.ended()
		publish("secret/x", "absent")
		publish("open", "absent")
		h.rules.of("c").change(func(r *rights) { r.noRead = []string{"secret/x"} })
		c = h.over(v, "c", keep)
		c.message("open", "absent")
		publish("secret/x", "back")
		c.silent()
		if n := h.b.Stats().Dropped["receiver's right ended"]; n != 1 {
			t.Fatalf("counted %d", n)
		}
	})
}

func TestForgetDeletesTheSessionsOfAnIdentity(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
	reader := h.over(packet.V5, "reader")
	reader.subscribe(0, "will")
	a, b := h.over(packet.V5, "a", as("u"), keep, withWill(gone)), h.over(packet.V5, "b", as("u"), keep)
	a.subscribe(1, "t")
	_ = b.nc.Close()
	b.ended()
	h.b.Forget("u")
	a.disconnected(packet.AdministrativeAction)
	reader.silent()
	if n := len(h.b.Clients()); n != 1 {
		t.Fatalf("%d sessions", n)
	}
	again := wire(t, h.pipe(), packet.V5)
	if again.mustGreet("a", as("u"), keep).SessionPresent {
		t.Fatal("the session is still there")
	}
}

func TestKickTellsTheReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	if !h.b.Kick("c", packet.ServerBusy) || h.b.Kick("nobody", packet.ServerBusy) {
		t.Fatal("kick gave the wrong answer")
	}
	c.disconnected(packet.ServerBusy)
}

// Why a connection ended is still known when the client is back.
func TestTheLastCauseOutlastsTheReturn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		first := h.over(v, "c", keep)
		h.b.Kick("c", packet.AdministrativeAction)
		first.disconnected(packet.AdministrativeAction)
		h.over(v, "c", keep)
		if i := h.b.Clients()[0]; !i.Connected || i.Cause != CauseKicked {
			t.Fatalf("got %+v", i)
		}
	})
}

func TestWatchersSeeEpochsRiseAndUpBeforeDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	seen := make(chan Presence, 100)
	h.b.Watch(func(p Presence) { seen <- p })
	one := h.over(packet.V5, "c", keep)
	two := h.over(packet.V5, "c", keep)
	one.disconnected(packet.SessionTakenOver)
	two.send(&packet.Disconnect{})
	two.ended()
	three := h.over(packet.V5, "c")
	h.b.Kick("c", packet.AdministrativeAction)
	three.disconnected(packet.AdministrativeAction)
	four := h.over(packet.V5, "c")
	_ = four.nc.Close()
	var got []string
	for range 8 {
		p := <-seen
		got = append(got, fmt.Sprintf("%d%v%s", p.Epoch, p.Up, p.Cause))
		if p.Client != "c" || p.Identity != "c" || p.At.IsZero() || p.Remote == "" {
			t.Fatalf("incomplete: %+v", p)
		}
	}
	want := []string{
		"1true", "1falsetake-over", "2true", "2falsedisconnect", "3true", "3falsekicked", "4true", "4falseconnection lost",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
}

func TestWhatWaitsInTheReaderIsJudgedAgainAfterRecheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.Limits.ReceiveMaximum = 2 })
		k := &taker{fail: func(int, Incoming) error { return errNotNow }}
		handled(t, h, "in", k)
		reader, c := h.over(packet.V5, "reader", keepAlive(0)), h.over(packet.V311, "c", keepAlive(0))
		reader.subscribe(0, "#")
		c.send(pub("in", "1", 1, 1), pub("in", "2", 1, 2), pub("in", "3", 1, 3), // the third waits for an acknowledgement
			&packet.Subscribe{ID: 7, Subscriptions: []packet.Subscription{{Filter: "private"}, {Filter: "free"}}},
			pub("other", "forbidden", 1, 4))
		synctest.Wait()
		h.rules.of("c").change(func(r *rights) { r.noRead, r.noPublish = []string{"private"}, []string{"other"} })
		h.b.Recheck("c")
		k.set(nil)
		for range 5 {
			if a, ok := c.next().(*packet.Suback); ok && (!a.Reasons[0].Failed() || a.Reasons[1].Failed()) {
				t.Fatalf("answered %v", a.Reasons)
			}
		}
		for _, topic := range []string{"private", "free"} {
			if err := h.b.Publish(t.Context(), Message{Topic: topic, Payload: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		c.message("free", "x")
		c.silent()
		for _, payload := range []string{"1", "2", "3", "x", "x"} {
			if m := expect[*packet.Publish](reader); string(m.Payload) != payload {
				t.Fatalf("got %q %q, want %q", m.Topic, m.Payload, payload)
			}
		}
		reader.silent()
	})
}

// asked is a Grant that shows when it is asked for a filter.
type asked struct {
	*rights
	first func() // runs after the first answer
}

func (g *asked) MaySubscribe(filter string) bool {
	ok := g.rights.MaySubscribe(filter)
	if f := g.first; f != nil {
		g.first = nil
		f()
	}
	return ok
}

type authorizerFunc func(ConnectRequest) (Grant, error)

func (f authorizerFunc) Connect(_ context.Context, r ConnectRequest) (Grant, error) { return f(r) }

func TestResumedSessionIsJudgedAgainIfRecheckComesBetween(t *testing.T) {
	t.Parallel()
	g := &asked{rights: &rights{identity: "c"}}
	h := newHouse(t, func(o *Options) {
		o.Authorizer = authorizerFunc(func(ConnectRequest) (Grant, error) { return g, nil })
	})
	c := h.over(packet.V5, "c", keep)
	c.subscribe(1, "private")
	_ = c.nc.Close()
	c.ended()
	prove.Eventually(t, "absent", func() bool { return !h.b.Clients()[0].Connected })
	if err := h.b.Publish(t.Context(), Message{Topic: "private", Payload: []byte("x"), QoS: 1}); err != nil {
		t.Fatal(err)
	}
	g.first = func() {
		g.change(func(r *rights) { r.noRead = []string{"private"} })
		h.b.Recheck("c")
	}
	c = h.over(packet.V5, "c", keep)
	c.silent()
	if n := h.b.Clients()[0].Filters; n != 0 {
		t.Fatalf("%d filters are left", n)
	}
}

// latecomer is a Grant that ends, with Forget, while its client is about to be given
// a session.
type latecomer struct {
	*rights
	asked  int
	forget func()
}

func (g *latecomer) Valid() bool {
	valid := g.rights.Valid()
	if g.asked++; g.asked == 1 {
		g.change(func(r *rights) { r.revoked = true })
		g.forget()
	}
	return valid
}

func TestWhoIsForgottenWhileHeConnectsLeavesNoSession(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		g := &latecomer{rights: &rights{identity: "c"}}
		h := newHouse(t, func(o *Options) {
			o.Authorizer = authorizerFunc(func(ConnectRequest) (Grant, error) { return g, nil })
		})
		g.forget = func() { h.b.Forget("c") }
		c := wire(t, h.pipe(), v)
		if a := c.greet("c", keep); a.Reason != packet.NotAuthorized {
			t.Fatalf("answered %v", a.Reason)
		}
		c.ended()
		if list := h.b.Clients(); len(list) != 0 {
			t.Fatalf("left behind: %+v", list)
		}
	}
}
