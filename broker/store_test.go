package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

// gatedStore is a store whose Apply waits while the gate is shut, and fails when
// told to.
type gatedStore struct {
	*MemoryStore
	mu      sync.Mutex
	gate    chan struct{} // Apply waits for it if it is not nil
	fail    error
	applies int
}

func (s *gatedStore) Apply(ctx context.Context, changes []Change) error {
	s.mu.Lock()
	s.applies++
	gate, fail := s.gate, s.fail
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if fail != nil {
		return fail
	}
	return s.MemoryStore.Apply(ctx, changes)
}

func (s *gatedStore) shut() (open func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(gate)
		s.gate = nil
	}
}

func (s *gatedStore) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func TestNothingIsAcknowledgedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		away := h.over(packet.V5, "away", keep)
		away.subscribe(2, "t")
		_ = away.nc.Close()
		away.ended()
		c := h.over(packet.V5, "c", keep)
		free := h.over(packet.V5, "free")
		free.subscribe(0, "free")
		synctest.Wait()
		open := store.shut()
		c.send(pub("t", "1", 1, 1), pub("t", "2", 2, 2),
			&packet.Subscribe{ID: 3, Subscriptions: []packet.Subscription{{Filter: "x"}}})
		if err := h.b.Publish(t.Context(), Message{Topic: "free", Payload: []byte("flows")}); err != nil {
			t.Fatal(err)
		}
		free.message("free", "flows") // what needs no store does not wait for it
		c.silent()                    // the reader does not either
		open()
		c.ack(packet.PUBACK, 1)
		c.ack(packet.PUBREC, 2)
		expect[*packet.Suback](c)
		synctest.Wait()
		open = store.shut()
		c.send(ackOf(packet.PUBREL, 2))
		c.silent()
		open()
		c.ack(packet.PUBCOMP, 2)
	})
}

func TestOutgoingQoS2MovesOnOnlyWhenStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		c := h.over(packet.V5, "c", keep)
		c.subscribe(2, "t")
		synctest.Wait()
		open := store.shut()
		published := make(chan error, 1)
		go func() {
			published <- h.b.Publish(context.Background(), Message{Topic: "t", Payload: []byte("x"), QoS: 2})
		}()
		synctest.Wait()
		c.silent()
		if len(published) != 0 {
			t.Fatal("Publish returned before its message was stored")
		}
		open()
		m := c.message("t", "x")
		if err := <-published; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		open = store.shut()
		c.send(ackOf(packet.PUBREC, m.ID))
		c.silent()
		open()
		c.ack(packet.PUBREL, m.ID)
	})
}

func TestWaitingChangesShareOneApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		var all []*client
		for i := range 20 {
			all = append(all, h.over(packet.V5, fmt.Sprint("c", i)))
		}
		synctest.Wait()
		open := store.shut()
		before := store.applies
		for i, c := range all {
			c.send(retainedPub(fmt.Sprint("r/", i), "x", 1, 1))
			synctest.Wait()
		}
		open()
		for _, c := range all {
			c.ack(packet.PUBACK, 1)
		}
		if n := store.applies - before; n > 2 {
			t.Fatalf("%d Applys for 20 messages that waited", n)
		}
	})
}

func TestQoS0AndMessagesThatNobodyKeepsNeverTouchTheStore(t *testing.T) {
	t.Parallel()
	store := &gatedStore{MemoryStore: NewMemoryStore()}
	h := newHouse(t, func(o *Options) { o.Store, o.VolatileFilters = store, []string{"feed/#"} })
	reader, writer := h.over(packet.V5, "reader"), h.over(packet.V5, "writer")
	lasting := h.over(packet.V5, "lasting", keep)
	reader.subscribe(1, "#")
	lasting.subscribe(1, "feed/#")
	writer.silent()
	before := store.applies
	writer.send(pub("t", "0", 0, 0), pub("t", "1", 1, 1), pub("t", "2", 2, 2), retainedPub("feed/x", "3", 1, 3))
	writer.ack(packet.PUBACK, 1)
	writer.ack(packet.PUBREC, 2)
	writer.ack(packet.PUBACK, 3)
	lasting.message("feed/x", "3")
	if store.applies != before {
		t.Fatalf("%d Applys", store.applies-before)
	}
}

func TestStoreFailureEndsAcknowledgingAndTellsTheProgram(t *testing.T) {
	t.Parallel()
	store := &gatedStore{MemoryStore: NewMemoryStore()}
	h := newHouse(t, func(o *Options) { o.Store = store })
	c, other := h.over(packet.V5, "c", keep), h.over(packet.V5, "other", keep)
	store.breaks(errors.New("input/output error"))
	c.send(retainedPub("r", "x", 1, 1))
	if err := <-h.b.Failed(); err == nil {
		t.Fatal("no error")
	}
	store.breaks(nil)
	c.send(retainedPub("r", "x", 1, 2), retainedPub("r", "x", 2, 3))
	c.silent()
	other.send(retainedPub("r", "x", 1, 1), ackOf(packet.PUBREL, 7)) // nothing of its session waits
	other.silent()
	if err := h.b.Publish(t.Context(), Message{Topic: "r", Retain: true, Payload: []byte("x")}); err == nil {
		t.Fatal("Publish said that it is stored")
	}
	if err := h.b.Close(); err == nil {
		t.Fatal("Close did not tell")
	}
	c.disconnected(packet.ServerShuttingDown)
}

func TestServeReturnsTheStoresError(t *testing.T) {
	t.Parallel()
	store := &gatedStore{MemoryStore: NewMemoryStore()}
	h := newHouse(t, func(o *Options) { o.Store = store })
	served := h.serving()
	broken := errors.New("input/output error")
	store.breaks(broken)
	_ = h.b.Publish(t.Context(), Message{Topic: "r", Retain: true, Payload: []byte("x")}) // its error is seen elsewhere
	if err := <-served; !errors.Is(err, broken) {
		t.Fatalf("Serve: %v", err)
	}
}

// crash ends the broker as a crash would: what was not stored is gone. The next
// broker starts on the same store.
func (h *house) crash(store Store, change func(*Options)) *house {
	h.t.Helper()
	h.close()
	return newHouse(h.t, func(o *Options) {
		o.Store = store
		if change != nil {
			change(o)
		}
	})
}

func TestEverythingStoredComesBack(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			store := NewMemoryStore()
			h := newHouse(t, func(o *Options) { o.Store = store })
			c, writer := h.over(v, "c", keep), h.over(v, "writer", keep)
			c.subscribe(2, "t")
			writer.send(retainedPub("r", "kept", 1, 1), pub("t", "1", 1, 2), pub("t", "2", 2, 3), pub("t", "3", 2, 4))
			writer.ack(packet.PUBACK, 1)
			writer.ack(packet.PUBACK, 2)
			writer.ack(packet.PUBREC, 3)
			writer.ack(packet.PUBREC, 4)
			one, two, three := c.message("t", "1"), c.message("t", "2"), c.message("t", "3")
			c.send(ackOf(packet.PUBREC, two.ID))
			c.ack(packet.PUBREL, two.ID)
			h = h.crash(store, nil)

			if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("4"), QoS: 1}); err != nil {
				t.Fatal(err)
			}
			c = wire(t, h.pipe(), v)
			if !c.mustGreet("c", keep).SessionPresent {
				t.Fatal("the session is gone")
			}
			if m := c.message("t", "1"); m.ID != one.ID || !m.Dup {
				t.Fatalf("got %+v", m)
			}
			c.ack(packet.PUBREL, two.ID)
			if m := c.message("t", "3"); m.ID != three.ID || !m.Dup {
				t.Fatalf("got %+v", m)
			}
			if m := c.message("t", "4"); m.Dup {
				t.Fatalf("got %+v", m)
			}
			writer = h.over(v, "writer", keep)
			dup := pub("t", "2", 2, 3)
			dup.Dup = true
			writer.send(dup)
			writer.ack(packet.PUBREC, 3)
			c.silent()
			reader := h.over(v, "reader")
			reader.subscribe(0, "r")
			if !reader.message("r", "kept").Retain {
				t.Fatal("not retained")
			}
		})
	}
}

func TestMessagesThatWaitedAreNotMarkedAsSentBefore(t *testing.T) { // MQTT-3.3.1-1
	t.Parallel()
	store := NewMemoryStore()
	h := newHouse(t, func(o *Options) { o.Store = store })
	c := h.over(packet.V5, "c", keep)
	c.subscribe(1, "t")
	c.send(&packet.Disconnect{})
	c.ended()
	if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("x"), QoS: 1}); err != nil {
		t.Fatal(err)
	}
	h = h.crash(store, nil)
	c = h.over(packet.V5, "c", keep)
	if c.message("t", "x").Dup {
		t.Fatal("marked as sent before")
	}
}

func TestStoreIsEmptyWhenEverythingWasDelivered(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore()
	h := newHouse(t, func(o *Options) { o.Store = store })
	c, writer := h.over(packet.V5, "c", keep), h.over(packet.V5, "writer", keep)
	c.subscribe(2, "t")
	for i := range uint16(50) {
		writer.exactlyOnce("t", "x", i+1)
		m := c.message("t", "x")
		c.send(ackOf(packet.PUBREC, m.ID))
		c.ack(packet.PUBREL, m.ID)
		c.send(ackOf(packet.PUBCOMP, m.ID))
	}
	c.silent()
	h.close()
	for _, ch := range store.snapshot() {
		switch ch.(type) {
		case PutSession, PutSubscription:
		default:
			t.Errorf("left: %+v", ch)
		}
	}
}

func TestWillOfAClientThatDidNotComeBackIsPublishedAfterARestart(t *testing.T) {
	t.Parallel()
	for _, lasting := range []bool{true, false} {
		t.Run(fmt.Sprint("lasting=", lasting), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := NewMemoryStore()
				h := newHouse(t, func(o *Options) { o.Store = store })
				reader := h.over(packet.V5, "reader", keep)
				reader.subscribe(1, "will")
				options := []option{withWill(delayed(2))}
				if lasting {
					options = append(options, keep)
				}
				c := h.over(packet.V5, "c", options...)
				c.silent()
				h = h.crash(store, nil)
				reader = h.over(packet.V5, "reader", keep)
				begin := time.Now()
				reader.message("will", "gone")
				if d := time.Since(begin); lasting && d != 2*time.Second || !lasting && d > 2*time.Second {
					t.Fatalf("after %v", d)
				}
				reader.silent()
				h.close()
				for _, ch := range store.snapshot() {
					if w, ok := ch.(PutWill); ok {
						t.Fatalf("still stored: %+v", w)
					}
				}
			})
		})
	}
}

func TestSessionsThatEndedWhileTheBrokerWasDownAreGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		h := newHouse(t, func(o *Options) { o.Store = store })
		c := h.over(packet.V5, "c", keep)
		c.silent()
		h.close()
		<-time.After(2 * time.Hour)
		h = newHouse(t, func(o *Options) { o.Store = store })
		c = wire(t, h.pipe(), packet.V5)
		synctest.Wait()
		if c.mustGreet("c", keep).SessionPresent {
			t.Fatal("the session is still there")
		}
	})
}

func TestDamagedStoreIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	session := PutSession{Session: SessionRecord{Client: "c", Expiry: time.Hour}}
	for what, changes := range map[string][]Change{
		"entry without a body":    {session, Enqueue{Entry: QueueEntry{Client: "c", Seq: 1, Message: 5}}},
		"entry without a session": {PutMessage{ID: 5}, Enqueue{Entry: QueueEntry{Client: "x", Seq: 1, Message: 5}}},
		"entry out of its order": {
			session, PutMessage{ID: 5}, Enqueue{Entry: QueueEntry{Client: "c", Seq: 2, Message: 5}}, Enqueue{Entry: QueueEntry{Client: "c", Seq: 1, Message: 5}},
		},
		"subscription of nobody":     {PutSubscription{Client: "x"}},
		"incoming message of nobody": {PutIncoming{Client: "x", PacketID: 1}},
	} {
		_, err := New(context.Background(), Options{Authorizer: &gatekeeper{}, Store: scripted(changes)})
		if err == nil {
			t.Errorf("%s: the broker started", what)
		}
	}
}

// scripted is a store that loads what it is.
type scripted []Change

func (s scripted) Load(_ context.Context, f func(Change) error) error {
	for _, c := range s {
		if err := f(c); err != nil {
			return err
		}
	}
	return nil
}

func (s scripted) Apply(context.Context, []Change) error { return nil }

func TestAFullStoreHoldsAcknowledgementsAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) {
			o.Store, o.CommandFilters = store, []string{"command/#"}
		})
		h.over(packet.V5, "absent", keep).subscribe(1, "kept")
		door, c := h.over(packet.V5, "door"), h.over(packet.V5, "c")
		door.subscribe(0, "loud")
		store.breaks(fmt.Errorf("disk: %w", ErrNoSpace))
		c.send(pub("kept", "1", 1, 1))
		c.silent()
		c.send(pub("loud", "2", 0, 0))
		door.message("loud", "2")
		if err := h.b.Send(t.Context(), "door", Message{Topic: "command/open", QoS: 1}, func(Delivery) {}); err != nil {
			t.Fatal(err)
		}
		door.message("command/open", "")
		late := h.over(packet.V5, "late", keep, withWill(gone)) // it needs no store to be let in
		late.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "kept", QoS: 1}}})
		late.silent()
		if err := h.b.Send(t.Context(), "late", Message{Topic: "command/open", QoS: 1}, func(Delivery) {}); err != nil {
			t.Fatal(err)
		}
		late.message("command/open", "")
		store.breaks(nil)
		c.ack(packet.PUBACK, 1)
		expect[*packet.Suback](late)
		if err := h.b.storeError(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestABrokerWithAFullStoreStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore(), fail: ErrNoSpace}
		h := newHouse(t, func(o *Options) { o.Store = store })
		h.over(packet.V5, "c", keep, withWill(gone))
		h.close()
	})
}

func TestAnswersThatWaitForASlowStoreAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		c := h.over(packet.V5, "c", keep)
		synctest.Wait()
		open := store.shut()
		const n = 3 * maxEffects
		go func() {
			for i := range uint16(n) {
				c.send(&packet.Subscribe{ID: i + 1, Subscriptions: []packet.Subscription{{Filter: "x"}}})
			}
		}()
		synctest.Wait()
		h.b.mu.Lock()
		waiting := len(h.b.sessions["c"].effects)
		h.b.mu.Unlock()
		if waiting != maxEffects {
			t.Fatalf("%d answers wait", waiting)
		}
		open()
		for i := range uint16(n) {
			if a := expect[*packet.Suback](c); a.ID != i+1 {
				t.Fatalf("answer %d is for %d", i+1, a.ID)
			}
		}
	})
}

func TestCONNACKIsFirst(t *testing.T) { // MQTT-3.2.0-1, MQTT-3.14.0-1
	t.Parallel()
	for what, second := range map[string][]byte{
		"ping":        packet.AppendPingreq(nil),
		"bad packet":  {0xF0, 0},
		"second hand": ackOf(packet.PUBREC, 7).Append(nil, packet.V5),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &gatedStore{MemoryStore: NewMemoryStore()}
				h := newHouse(t, func(o *Options) { o.Store = store })
				open := store.shut()
				c := wire(t, h.pipe(), packet.V5)
				connect := packet.Connect{Version: packet.V5, ClientID: "c"}
				keep(&connect)
				c.sendBytes(append(connect.Append(nil), second...))
				synctest.Wait()
				if len(c.in) > 0 {
					t.Fatalf("before CONNACK: %v", c.next())
				}
				open()
				if what == "bad packet" { // closed without a word
					c.ended()
					return
				}
				expect[*packet.Connack](c)
				if c.next() == nil {
					t.Fatal("no answer to the second packet")
				}
			})
		})
	}
}

func TestPUBRELWaitsForItsRecordOnANewConnectionToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gatedStore{MemoryStore: NewMemoryStore()}
		h := newHouse(t, func(o *Options) { o.Store = store })
		c := h.over(packet.V5, "c", keep)
		c.subscribe(2, "t")
		if err := h.b.Publish(t.Context(), Message{Topic: "t", QoS: 2}); err != nil {
			t.Fatal(err)
		}
		id := c.message("t", "").ID
		synctest.Wait()
		store.breaks(ErrNoSpace)
		c.send(ackOf(packet.PUBREC, id))
		synctest.Wait()
		_ = c.nc.Close()
		c.ended()
		c = h.over(packet.V5, "c", keep) // a full store lets it in
		c.silent()
		store.breaks(nil)
		c.ack(packet.PUBREL, id)
	})
}
