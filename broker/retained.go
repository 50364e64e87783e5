package broker

import (
	"container/heap"
	"slices"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// retained are the retained messages, by topic. They belong to the turn.
type retained struct {
	names topic.Names[*message]
	bytes int
	by    map[ClientID]int      // how many of them are whose
	of    map[string][]*message // by the identity of their authors: its shelf
	order uint64                // how many were ever put

	removed uint64 // how many were ever removed or replaced
	ends    byEnd
}

func (r *retained) put(m *message) {
	r.remove(m.topic)
	r.order++
	m.order = r.order
	r.names.Put(m.topic, m)
	r.bytes += m.size()
	if m.from != nil {
		r.shelve(m)
	}
	if !m.expires.IsZero() {
		heap.Push(&r.ends, m)
	}
}

func (r *retained) remove(name string) bool {
	old, ok := r.names.Get(name)
	if ok {
		r.removed++
		r.names.Delete(name)
		r.bytes -= old.size()
		if old.from != nil {
			r.unshelve(old)
		}
		if !old.expires.IsZero() {
			heap.Remove(&r.ends, int(old.endAt))
		}
	}
	return ok
}

// shelve notes whose a message is.
func (r *retained) shelve(m *message) {
	if r.by == nil {
		r.by, r.of = make(map[ClientID]int), make(map[string][]*message)
	}
	r.by[m.from.client]++
	shelf := r.of[m.from.identity]
	m.place = int32(len(shelf))
	r.of[m.from.identity] = append(shelf, m)
}

// unshelve undoes shelve: the last one of the shelf takes the place.
func (r *retained) unshelve(m *message) {
	if n := r.by[m.from.client]; n > 1 {
		r.by[m.from.client] = n - 1
	} else {
		delete(r.by, m.from.client)
	}
	shelf := r.of[m.from.identity]
	last := len(shelf) - 1
	shelf[m.place] = shelf[last]
	shelf[m.place].place = m.place
	shelf[last] = nil
	if r.of[m.from.identity] = shelf[:last]; last == 0 {
		delete(r.of, m.from.identity)
	}
}

// retain makes the message the retained one of its topic; an empty one clears it
// (MQTT-3.3.1-5, MQTT-3.3.1-6, MQTT-3.3.1-7).
func (t *turn) retain(m *message) packet.ReasonCode {
	b := t.b
	r := &b.retained
	t.lapse()
	if len(m.payload) == 0 {
		if r.remove(m.topic) {
			t.dropRetained(m)
		}
		return packet.Success
	}
	if !r.hasRoom(m, &b.limits) {
		b.tally.count(refusedRetain)
		return packet.QuotaExceeded
	}
	r.put(m)
	t.keepRetained(m)
	return packet.Success
}

// hasRoom says whether the message may become the retained one of its topic.
func (r *retained) hasRoom(m *message, l *Limits) bool {
	count, size, mine := r.names.Len()+1, r.bytes+m.size(), r.by[m.from.name()]+1
	if old, replaces := r.names.Get(m.topic); replaces {
		count--
		size -= old.size()
		if old.from.is(m.from.name()) {
			mine--
		}
	}
	return count <= l.MaxRetained && size <= l.MaxRetainedBytes && (m.from == nil || mine <= l.MaxRetainedClient)
}

// replay is the retained messages that one new subscription has still to get: by
// name, so that nothing is sent that is no longer the retained message.
type replay struct {
	sub     *subscription
	cursor  *topic.Cursor[*message] // looks for names
	removed uint64                  // of the retained messages, when it began to
	found   bool                    // names are all
	names   []string
}

// find looks on for the retained messages of a subscription whose turn has come,
// for a while, and says whether it has them all: one list of names is all that a
// session holds, and nobody waits while a million are looked through.
func (t *turn) find(p *replay) bool {
	r := &t.b.retained
	if p.cursor == nil {
		plain, _ := topic.Plain(p.sub.Filter)
		p.cursor, p.removed = r.names.Find(plain), r.removed
	}
	if p.cursor.Next(retainedStep, func(name string, _ *message) { p.names = append(p.names, name) }) {
		return false
	}
	if r.removed != p.removed { // a cursor may then give a name twice
		slices.Sort(p.names)
		p.names = slices.Compact(p.names)
	}
	p.cursor, p.found = nil, true
	return true
}

// begin gives new subscriptions what was there before them: the retained messages,
// or to a shared one, which has none of those (MQTT 5.0, section 4.8.2), what waits
// for absent members. The replay of one that was replaced or has ended goes.
func (t *turn) begin(s *session, list []*subscription) {
	s.replay = slices.DeleteFunc(s.replay, func(p replay) bool { return p.sub.ended })
	var groups []*group
	for _, sub := range list {
		switch {
		case sub.ended:
		case sub.group != nil:
			groups = append(groups, sub.group)
		default:
			s.replay = append(s.replay, replay{sub: sub})
		}
	}
	if len(groups) > 0 {
		t.drawOn(s, groups)
	}
}

// pumpReplay goes on with the replays as far as the client keeps up. They are
// not stored: a connection that ends before its replay does subscribes anew, or
// has the messages in no queue.
func (t *turn) pumpReplay(s *session, c *conn) {
	for len(s.replay) > 0 && c.hasRoomFor(2) && s.out.waiting.len() == 0 && len(s.out.open) < c.window {
		p := &s.replay[0]
		if !p.sub.ended && !p.found && !t.find(p) {
			t.later(s)
			return
		}
		if p.sub.ended || len(p.names) == 0 {
			s.replay = s.replay[1:]
			continue
		}
		name := p.names[0]
		p.names = p.names[1:]
		// What became retained after the subscription has come by it already.
		if m, ok := t.b.retained.names.Get(name); ok && m.order <= p.sub.after && !t.lapsed(m) {
			t.giveRetained(s, m, p.sub)
		}
	}
	if len(s.replay) == 0 {
		s.replay = nil
	}
}

// missed notes that a retained message could not be given to a session as news.
// Replays that go on give it, perhaps once more than needed; false if there is
// none.
func (s *session) missed(m *message, order uint64) bool {
	if !m.retain || len(s.replay) == 0 {
		return false
	}
	for i := range s.replay {
		s.replay[i].sub.after = order
	}
	return true
}

func (t *turn) giveRetained(s *session, m *message, sub *subscription) {
	var ids []uint32
	if sub.id != 0 {
		ids = []uint32{sub.id}
	}
	t.give(s, m.again(), terms{qos: min(m.qos, sub.QoS), retain: true, ids: ids}) // MQTT-3.3.1-8
}

// lapseStep is how many retained messages end in one turn.
const lapseStep = 1000

// lapse removes retained messages whose end has come: they take no place.
func (t *turn) lapse() {
	r := &t.b.retained
	for range lapseStep {
		if len(r.ends) == 0 || !t.lapsed(r.ends[0]) {
			return
		}
	}
}

// byEnd are the retained messages that have an end, as a heap: the first to end is
// the first.
type byEnd []*message

func (h byEnd) Len() int           { return len(h) }
func (h byEnd) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }
func (h byEnd) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].endAt, h[j].endAt = int32(i), int32(j)
}

// Push implements heap.Interface.
func (h *byEnd) Push(x any) {
	m, _ := x.(*message)
	m.endAt = int32(len(*h))
	*h = append(*h, m)
}

// Pop implements heap.Interface.
func (h *byEnd) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return m
}

// lapsed removes a retained message whose end has come.
func (t *turn) lapsed(m *message) bool {
	if !m.expired(t.b.now) {
		return false
	}
	t.b.retained.remove(m.topic)
	t.dropRetained(m)
	return true
}
