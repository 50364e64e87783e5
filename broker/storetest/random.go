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
	h := NewHistory(prove.Seed(t))
	model := broker.NewMemoryStore()
	for round := range prove.Size(30, 1000) {
		batch := h.Next()
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

// History makes random changes that a broker could make, for tests of a store's
// own: sessions before what they have, bodies before entries, sequence numbers that
// rise.
type History struct {
	r       *rand.Rand
	next    map[broker.ClientID]uint64
	message broker.MessageID
}

// NewHistory makes the history of a seed.
func NewHistory(seed int64) *History {
	return &History{r: rand.New(rand.NewPCG(uint64(seed), 1)), next: map[broker.ClientID]uint64{}}
}

// Next gives the changes of the next Apply.
func (h *History) Next() (list []broker.Change) {
	for range 1 + h.r.IntN(30) {
		list = append(list, h.some()...)
	}
	return list
}

func (h *History) client() broker.ClientID {
	return broker.ClientID(fmt.Sprint("c", h.r.IntN(4)))
}

func (h *History) identity() string { return []string{"", "i", "device:é"}[h.r.IntN(3)] }

func (h *History) id() uint16 { return uint16(1 + h.r.IntN(5)) }

func (h *History) seq(c broker.ClientID) uint64 {
	if h.next[c] == 0 {
		return 1
	}
	return 1 + uint64(h.r.Int64N(int64(h.next[c])))
}

func (h *History) body() broker.Message {
	m := message(fmt.Sprint("t/", h.r.IntN(5)), fmt.Sprint(h.r.Int()))
	if h.r.IntN(2) == 0 {
		m.Expires = noon.Add(time.Duration(h.r.IntN(100)) * time.Second)
	}
	return m
}

func (h *History) some() []broker.Change {
	c := h.client()
	session := broker.PutSession{Session: broker.SessionRecord{Client: c, Identity: "i", Version: packet.V5, Expiry: time.Minute}}
	filter := fmt.Sprint("f/", h.r.IntN(4))
	switch h.r.IntN(14) {
	case 0:
		return []broker.Change{broker.DeleteSession{Client: c}, session}
	case 1:
		return []broker.Change{session, broker.PutSubscription{Client: c, Subscription: packet.Subscription{Filter: filter, QoS: 1}, ID: uint32(h.id())}}
	case 2:
		return []broker.Change{session, broker.DeleteSubscription{Client: c, Filter: filter}}
	case 3, 4, 5:
		return append([]broker.Change{session}, h.enqueue(c)...)
	case 6:
		state := broker.EntryState(1 + h.r.IntN(2))
		return []broker.Change{session, broker.Advance{Client: c, Seq: h.seq(c), State: state}}
	case 7:
		return []broker.Change{session, broker.Dequeue{Client: c, Seq: h.seq(c)}}
	case 8:
		return []broker.Change{session, broker.PutIncoming{Client: c, PacketID: h.id()}}
	case 9:
		return []broker.Change{session, broker.DeleteIncoming{Client: c, PacketID: h.id()}}
	case 10:
		return []broker.Change{session, broker.PutWill{Client: c, Will: broker.WillRecord{Message: h.body(), Identity: h.identity()}}, broker.DeleteWill{Client: h.known(c)}}
	case 11:
		return []broker.Change{session, broker.PutAttached{Client: c, Filter: filter, QoS: packet.QoS(h.r.IntN(3))}}
	case 12:
		return []broker.Change{session, broker.DeleteAttached{Client: c, Filter: filter}}
	default:
		return []broker.Change{broker.PutRetained{Message: h.body(), By: broker.Publisher{Client: c, Identity: h.identity()}}, broker.DeleteRetained{Topic: fmt.Sprint("t/", h.r.IntN(5))}}
	}
}

// known is c or a client that nobody made.
func (h *History) known(c broker.ClientID) broker.ClientID {
	if h.r.IntN(2) == 0 {
		return c
	}
	return "nobody"
}

// enqueue puts one body into one or two queues.
func (h *History) enqueue(c broker.ClientID) []broker.Change {
	h.message++
	list := []broker.Change{broker.PutMessage{ID: h.message, Message: h.body()}}
	for range 1 + h.r.IntN(2) {
		h.next[c]++
		list = append(list, entry(c, h.next[c], h.message))
	}
	return list
}
