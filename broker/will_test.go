package broker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

var gone = packet.Will{Topic: "will", Payload: []byte("gone"), QoS: 1, Retain: true}

func delayed(seconds uint32) packet.Will {
	w := gone
	w.Properties.WillDelay = seconds
	return w
}

func TestWillIsPublishedUnlessTheClientSaidGoodbye(t *testing.T) { // MQTT-3.1.2-8, -10, -15
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader := h.over(v, "reader")
		reader.subscribe(1, "will")
		for _, end := range []struct {
			how  string
			do   func(*client)
			want bool
		}{
			{"goodbye", func(c *client) { c.send(&packet.Disconnect{}) }, false},
			{"socket closed", func(c *client) { _ = c.nc.Close() }, true},
			{"protocol error", func(c *client) { c.sendBytes([]byte{0x00, 0x00}) }, true},
			{"kicked", func(*client) { h.b.Kick("c", packet.AdministrativeAction) }, true},
		} {
			c := h.over(v, "c", withWill(gone))
			end.do(c)
			for c.next() != nil { //nolint:revive // until it has ended
			}
			if !end.want {
				reader.silent()
				continue
			}
			m := reader.message("will", "gone")
			reader.send(ackOf(packet.PUBACK, m.ID))
		}
		late := h.over(v, "late")
		late.subscribe(1, "will")
		if !late.message("will", "gone").Retain {
			t.Fatal("the will was not retained")
		}
	})
}

func TestDisconnectWithWillPublishesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader, c := h.over(packet.V5, "reader"), h.over(packet.V5, "c", withWill(gone))
	reader.subscribe(0, "will")
	c.send(&packet.Disconnect{Reason: packet.DisconnectWithWill})
	c.ended()
	reader.message("will", "gone")
}

func TestWillIsUntouchedByWhatFollowsItsConnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader := h.over(packet.V5, "reader")
	reader.subscribe(0, "will")
	w := gone
	w.Properties.CorrelationData = []byte("the device's number")
	p := packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 60, HasUsername: true, Username: "c", Will: &w}
	out := p.Append(nil)
	for range 40 {
		out = pub("other", "of somebody else altogether", 0, 0).Append(out, packet.V5)
	}
	c := wire(t, h.pipe(), packet.V5)
	c.sendBytes(out)
	expect[*packet.Connack](c)
	_ = c.nc.Close()
	m := reader.message("will", "gone")
	if got := string(m.Properties.CorrelationData); got != "the device's number" {
		t.Fatalf("correlation data %q", got)
	}
}

func TestWillWaitsForItsDelayOrTheEndOfTheSession(t *testing.T) { // MQTT-3.1.3-9
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
		reader := h.over(packet.V5, "reader", keepAlive(0))
		reader.subscribe(0, "will")
		for _, c := range []struct {
			delay, expiry uint32
			want          time.Duration
		}{{3, 3600, 3 * time.Second}, {30, 5, 5 * time.Second}, {30, 0, 0}} {
			keepFor := func(p *packet.Connect) { p.Properties.SessionExpiry = &c.expiry }
			lost := h.over(packet.V5, "c", withWill(delayed(c.delay)), keepFor)
			begin := time.Now()
			_ = lost.nc.Close()
			reader.message("will", "gone")
			if d := time.Since(begin); d != c.want {
				t.Fatalf("delay %d, session %d: published after %v", c.delay, c.expiry, d)
			}
		}
	})
}

func TestWillIsNotPublishedIfTheClientIsBackInTime(t *testing.T) { // MQTT-3.1.3-9
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
		reader := h.over(packet.V5, "reader", keepAlive(0))
		reader.subscribe(0, "will")
		c := h.over(packet.V5, "c", withWill(delayed(10)), keep)
		_ = c.nc.Close()
		<-time.After(9 * time.Second)
		c = h.over(packet.V5, "c", keep, keepAlive(0))
		<-time.After(time.Minute)
		reader.silent()
		c.silent()
	})
}

func TestTakeOverPublishesTheWillBeforeTheNewClientSpeaks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader := h.over(v, "reader")
		reader.subscribe(0, "will")
		h.over(v, "c", withWill(gone), keep)
		again := h.over(v, "c", keep)
		again.send(retainedPub("will", "back", 0, 0))
		reader.message("will", "gone")
		reader.message("will", "back")
	})
}

func TestCleanStartEndsTheSessionAndPublishesItsWaitingWill(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reader := h.over(packet.V5, "reader")
	reader.subscribe(0, "will")
	c := h.over(packet.V5, "c", withWill(delayed(1000)), keep)
	_ = c.nc.Close()
	c.ended()
	reader.silent()
	h.over(packet.V5, "c", clean)
	reader.message("will", "gone")
}

func TestWillNeedsItsRightAtConnectAndWhenItIsPublished(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.CommandFilters = []string{"cmd/#"} })
	reader := h.over(packet.V5, "reader")
	reader.subscribe(0, "#")
	h.rules.of("c").noPublish = []string{"secret/#"}
	for _, topic := range []string{"secret/x", "cmd/open", "$SYS/x"} {
		refused := wire(t, h.pipe(), packet.V5)
		if a := refused.greet("c", withWill(packet.Will{Topic: topic})); a.Reason != packet.NotAuthorized {
			t.Fatalf("will to %s: %v", topic, a.Reason)
		}
		refused.ended()
	}
	if n := h.b.Stats().Refused["will not permitted"]; n != 3 {
		t.Fatalf("counted %d", n)
	}
	dropped := func() uint64 { return h.b.Stats().Dropped["will's right ended"] }
	for i, lose := range []func(*rights){
		func(r *rights) { r.noPublish = []string{"will"} },
		func(r *rights) { r.revoked = true },
	} {
		c := h.over(packet.V5, "c", withWill(gone))
		h.rules.of("c").change(lose)
		_ = c.nc.Close()
		c.ended()
		prove.Eventually(t, "the will is dropped and counted", func() bool { return dropped() == uint64(i+1) })
		reader.silent()
		h.rules.of("c").change(func(r *rights) { r.revoked, r.noPublish = false, nil })
	}
}

func TestWillGoesToItsHandlerUntilThatTakesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
		tries := make(chan Sender, 10)
		err := h.b.Handle("will", HandlerFunc(func(_ context.Context, from Sender, batch []Incoming) []error {
			tries <- from
			if len(tries) < 3 {
				return []error{errors.New("not now")}
			}
			return make([]error, len(batch))
		}))
		if err != nil {
			t.Fatal(err)
		}
		reader, c := h.over(packet.V5, "reader"), h.over(packet.V5, "c", withWill(gone))
		reader.subscribe(0, "will")
		_ = c.nc.Close()
		reader.message("will", "gone")
		if from := <-tries; from.Client != "c" || from.Epoch != 2 || len(tries) != 2 {
			t.Fatalf("from %+v, %d more tries", from, len(tries))
		}
	})
}

func TestTheHandlerTakesTheWillBeforeWhatTheNextConnectionSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		status, other := &taker{fail: func(int, Incoming) error { return errNotNow }}, &taker{}
		handled(t, h, "will", status)
		handled(t, h, "other", other)
		watcher := h.over(packet.V5, "watcher")
		watcher.subscribe(1, "will")
		for range 2 { // the second will waits behind the first
			first := h.over(packet.V5, "c", withWill(gone))
			_ = first.nc.Close()
			first.ended()
		}
		c := h.over(packet.V5, "c")
		c.send(retainedPub("will", "back", 1, 1), pub("other", "answer", 1, 2))
		<-time.After(time.Minute)
		if !other.has(1) {
			t.Fatal("another handler's message waits")
		}
		c.silent() // PUBACKs leave in the order of the messages
		status.set(nil)
		c.ack(packet.PUBACK, 1)
		c.ack(packet.PUBACK, 2)
		if got := fmt.Sprint(status.taken); got != "[gone gone back]" {
			t.Fatalf("taken: %v", got)
		}
		for _, want := range []string{"gone", "gone", "back"} {
			watcher.send(ackOf(packet.PUBACK, watcher.message("will", want).ID))
		}
	})
}

func TestAWillComesBehindWhatItsConnectionSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		gate := make(chan struct{})
		k := &taker{fail: func(call int, _ Incoming) error {
			if call == 1 {
				<-gate
			}
			return nil
		}}
		handled(t, h, "will", k)
		c := h.over(packet.V5, "c", withWill(gone))
		c.send(pub("will", "first", 0, 0))
		synctest.Wait() // the handler has it
		c.send(pub("will", "online", 0, 0))
		synctest.Wait()
		_ = c.nc.Close()
		c.ended()
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if got := fmt.Sprint(k.taken); got != "[first online gone]" {
			t.Fatalf("taken: %v", got)
		}
	})
}

func TestQoS0BehindAWaitingWillIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		k := &taker{fail: func(int, Incoming) error { return errNotNow }}
		handled(t, h, "will", k)
		c := h.over(packet.V5, "c", withWill(gone))
		_ = c.nc.Close()
		c.ended()
		c = h.over(packet.V5, "c")
		c.send(pub("will", "back", 0, 0), &packet.Disconnect{})
		c.ended()
		synctest.Wait()
		k.set(nil)
		<-time.After(time.Minute)
		synctest.Wait()
		if got := fmt.Sprint(k.taken); got != "[gone back]" {
			t.Fatalf("taken: %v", got)
		}
	})
}

func TestTheNewestWillIsStoredWhileOlderOnesLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		h := newHouse(t, func(o *Options) { o.Store = store })
		k := &taker{fail: func(int, Incoming) error { return errNotNow }}
		handled(t, h, "will", k)
		for _, payload := range []string{"first", "second"} {
			c := h.over(packet.V5, "c", withWill(packet.Will{Topic: "will", Payload: []byte(payload)}))
			_ = c.nc.Close()
			c.ended()
			synctest.Wait()
		}
		k.set(func(_ int, m Incoming) error {
			if string(m.Payload) == "first" {
				return nil
			}
			return errNotNow
		})
		<-time.After(time.Minute)
		h.close()
		h = newHouse(t, func(o *Options) { o.Store = store })
		k = &taker{}
		handled(t, h, "will", k)
		h.over(packet.V5, "somebody")
		synctest.Wait()
		if got := fmt.Sprint(k.taken); got != "[second]" {
			t.Fatalf("after the restart: %v", got)
		}
	})
}

func TestASessionThatEndedLeavesNothingInTheStore(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(*client){
		"goodbye": func(c *client) { c.send(&packet.Disconnect{}) },
		"lost":    func(c *client) { _ = c.nc.Close() },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := NewMemoryStore()
				h := newHouse(t, func(o *Options) { o.Store = store })
				c := h.over(packet.V5, "c", withWill(packet.Will{Topic: "will"}))
				end(c)
				c.ended()
				synctest.Wait()
				err := store.Load(t.Context(), func(ch Change) error {
					t.Errorf("left: %T %+v", ch, ch)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}
