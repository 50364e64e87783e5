package broker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

var errCrash = errors.New("crash")

// crashingStore fails at a random Apply, before or after it was stored, and at
// every one after that: what the broker does from then on does not exist.
type crashingStore struct {
	*MemoryStore
	mu    sync.Mutex
	left  int // Applys until the crash
	after bool
}

func (s *crashingStore) Apply(ctx context.Context, changes []Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	if s.left > 0 || s.left == 0 && s.after {
		if err := s.MemoryStore.Apply(ctx, changes); err != nil || s.left > 0 {
			return err
		}
	}
	return errCrash
}

func (s *crashingStore) arm(r *rand.Rand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.after = 5+r.IntN(60), r.IntN(2) == 0
}

// exactSender publishes numbers at QoS 2 by the book: it keeps what is open
// through its connections.
type exactSender struct {
	open []openFlow // in order
	sent int
	done int
}

type openFlow struct {
	id       uint16
	payload  string
	received bool // PUBREC came
}

// run sends until the connection ends or total flows were begun and all are done.
func (s *exactSender) run(c *client, total int) {
	for i := range s.open {
		f := &s.open[i]
		if f.received {
			c.try(ackOf(packet.PUBREL, f.id))
			continue
		}
		p := pub("t", f.payload, 2, f.id)
		p.Dup = true
		c.try(p)
	}
	for s.done < total {
		for len(s.open) < 5 && s.sent < total {
			f := openFlow{id: uint16(s.sent%1000 + 1), payload: fmt.Sprint(s.sent)}
			s.sent++
			s.open = append(s.open, f)
			c.try(pub("t", f.payload, 2, f.id))
		}
		a, ok := c.next().(*packet.Ack)
		if !ok {
			return
		}
		i := slices.IndexFunc(s.open, func(f openFlow) bool { return f.id == a.ID })
		switch {
		case i < 0:
		case a.Type == packet.PUBREC:
			s.open[i].received = true
			c.try(ackOf(packet.PUBREL, a.ID))
		case a.Type == packet.PUBCOMP:
			s.open = slices.Delete(s.open, i, i+1)
			s.done++
		}
	}
}

// exactReceiver takes QoS 2 messages by the book, through its connections.
type exactReceiver struct {
	got  []string
	held map[uint16]bool
}

func (x *exactReceiver) run(c *client, total int) {
	for len(x.got) < total || len(x.held) > 0 {
		switch p := c.next().(type) {
		case *packet.Publish:
			if !x.held[p.ID] {
				x.held[p.ID] = true
				x.got = append(x.got, string(p.Payload))
			}
			c.try(ackOf(packet.PUBREC, p.ID))
		case *packet.Ack:
			delete(x.held, p.ID)
			c.try(ackOf(packet.PUBCOMP, p.ID))
		default:
			return
		}
	}
}

// try sends to a connection that may have ended.
func (c *client) try(p appender) { _, _ = c.nc.Write(p.Append(nil, c.v)) }

// A crash at any commit loses nothing, doubles nothing and keeps the order.
func TestQoS2IsExactlyOnceThroughCrashes(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	store := &crashingStore{MemoryStore: NewMemoryStore()}
	sender, receiver := &exactSender{}, &exactReceiver{held: map[uint16]bool{}}
	kills := prove.Size(40, 300)
	total := kills * 20
	prepared := false
	for life := 0; sender.done < total || len(receiver.got) < total || len(receiver.held) > 0; life++ {
		store.left = 1 << 30
		h := newHouse(t, func(o *Options) { o.Store = store })
		out, in := h.over(packet.V5, "sender", keep), h.over(packet.V5, "receiver", keep)
		if !prepared {
			in.subscribe(2, "t")
			prepared = true
		}
		if life < kills {
			store.arm(r)
		}
		var both sync.WaitGroup
		both.Go(func() { sender.run(out, total) })
		both.Go(func() { receiver.run(in, total) })
		ended := make(chan struct{})
		go func() { both.Wait(); close(ended) }()
		select {
		case <-h.b.Failed():
		case <-ended:
		}
		h.close()
		<-ended
		if t.Failed() {
			return
		}
		if life > 10*kills {
			t.Fatal("no end")
		}
	}
	want := make([]string, total)
	for i := range want {
		want[i] = fmt.Sprint(i)
	}
	if !slices.Equal(receiver.got, want) {
		for i := range min(len(want), len(receiver.got)) {
			if receiver.got[i] != want[i] {
				t.Fatalf("%d flows, %d received: from number %d: %s", total, len(receiver.got), i, receiver.got[(i-min(i, 5)):min(i+40, len(receiver.got))])
			}
		}
		t.Fatalf("%d flows, %d received", total, len(receiver.got))
	}
	prove.Record(t, "QoS 2 through crashes at random commits", "0 lost, 0 doubled, in order",
		fmt.Sprintf("%d flows, %d crashes: 0 lost, 0 doubled, in order", total, kills))
}
