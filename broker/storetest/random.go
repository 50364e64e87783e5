package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// modelOf is what a store holds after a history: what the plainest store holds.
func modelOf(history []broker.Change) contents {
	m := broker.NewMemoryStore()
	err := m.Apply(context.Background(), history)
	if err != nil {
		panic(err) // the suite wrote a history that nobody may write
	}
	c, err := load(m)
	if err != nil {
		panic(err)
	}
	return c
}

// randomHistories applies random histories, cut into random Applys, and opens
// the store again between them.
func randomHistories(t *testing.T, s broker.Store, reopen func() broker.Store) {
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	g := generator{r: r, next: map[broker.ClientID]uint64{}}
	model := broker.NewMemoryStore()
	for round := range prove.Size(30, 1000) {
		batch := g.batch()
		apply(t, model, batch...)
		apply(t, s, batch...)
		if round%5 == 4 {
			s = reopen()
		}
		if round%3 == 0 {
			same(t, fmt.Sprintf("round %d", round), read(t, s), read(t, model))
		}
	}
	same(t, "at the end", read(t, reopen()), read(t, model))
}

// generator makes changes that a broker could make: sessions before what they
// have, bodies before entries, sequence numbers that rise.
type generator struct {
	r       *rand.Rand
	next    map[broker.ClientID]uint64
	message broker.MessageID
}

func (g *generator) batch() (list []broker.Change) {
	for range 1 + g.r.IntN(30) {
		list = append(list, g.some()...)
	}
	return list
}

func (g *generator) client() broker.ClientID {
	return broker.ClientID(fmt.Sprint("c", g.r.IntN(4)))
}

func (g *generator) id() uint16 { return uint16(1 + g.r.IntN(5)) }

func (g *generator) seq(c broker.ClientID) uint64 {
	if g.next[c] == 0 {
		return 1
	}
	return 1 + uint64(g.r.Int64N(int64(g.next[c])))
}

func (g *generator) body() broker.Message {
	m := message(fmt.Sprint("t/", g.r.IntN(5)), fmt.Sprint(g.r.Int()))
	if g.r.IntN(2) == 0 {
		m.Expires = noon.Add(time.Duration(g.r.IntN(100)) * time.Second)
	}
	return m
}

func (g *generator) some() []broker.Change {
	c := g.client()
	session := broker.PutSession{Session: broker.SessionRecord{Client: c, Identity: "i", Version: packet.V5, Expiry: time.Minute}}
	filter := fmt.Sprint("f/", g.r.IntN(4))
	switch g.r.IntN(12) {
	case 0:
		return []broker.Change{broker.DeleteSession{Client: c}, session}
	case 1:
		return []broker.Change{session, broker.PutSubscription{Client: c, Subscription: packet.Subscription{Filter: filter, QoS: 1}, ID: uint32(g.id())}}
	case 2:
		return []broker.Change{session, broker.DeleteSubscription{Client: c, Filter: filter}}
	case 3, 4, 5:
		return append([]broker.Change{session}, g.enqueue(c)...)
	case 6:
		state := broker.EntryState(1 + g.r.IntN(2))
		return []broker.Change{session, broker.Advance{Client: c, Seq: g.seq(c), State: state}}
	case 7:
		return []broker.Change{session, broker.Dequeue{Client: c, Seq: g.seq(c)}}
	case 8:
		return []broker.Change{session, broker.PutIncoming{Client: c, PacketID: g.id()}}
	case 9:
		return []broker.Change{session, broker.DeleteIncoming{Client: c, PacketID: g.id()}}
	case 10:
		return []broker.Change{session, broker.PutWill{Client: c, Will: broker.WillRecord{Message: g.body()}}, broker.DeleteWill{Client: g.known(c)}}
	default:
		return []broker.Change{broker.PutRetained{Message: g.body()}, broker.DeleteRetained{Topic: fmt.Sprint("t/", g.r.IntN(5))}}
	}
}

// known is c or a client that nobody made.
func (g *generator) known(c broker.ClientID) broker.ClientID {
	if g.r.IntN(2) == 0 {
		return c
	}
	return "nobody"
}

// enqueue puts one body into one or two queues.
func (g *generator) enqueue(c broker.ClientID) []broker.Change {
	g.message++
	list := []broker.Change{broker.PutMessage{ID: g.message, Message: g.body()}}
	for range 1 + g.r.IntN(2) {
		g.next[c]++
		list = append(list, entry(c, g.next[c], g.message))
	}
	return list
}
