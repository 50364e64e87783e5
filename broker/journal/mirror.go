package journal

import (
	"fmt"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// mirror knows what is live and where the record of each thing stands. It holds
// no content but that of queue entries, which is small. It is what the records say,
// in their order: at the start and while running by the same function.
type mirror struct {
	segments *segments // which records are live is counted there
	sessions map[broker.ClientID]*session
	bodies   map[broker.MessageID]*body
	retained map[string]ref
	wills    map[broker.ClientID]ref // one may outlive its session
	unused   []*body                 // may have lost their last entry
}

// ref is where a record stands. The zero ref is no place.
type ref struct {
	segment uint32
	at      uint32 // from the beginning of the file
	size    uint32
}

type session struct {
	at       ref // zero while its record stands behind those of what belongs to it
	subs     sorted[string, ref]
	attached sorted[string, ref]
	queue    sorted[uint64, entry]
	incoming sorted[uint16, ref]
}

// entry is a queue entry but for its key.
type entry struct {
	at     ref
	state  broker.EntryState
	qos    packet.QoS
	retain bool
	body   *body
	ids    []uint32
	shared string
}

type body struct {
	id   broker.MessageID
	at   ref // zero while the body stands behind its entries
	uses int // entries that name it
}

func newMirror(s *segments) *mirror {
	return &mirror{
		segments: s, sessions: make(map[broker.ClientID]*session), bodies: make(map[broker.MessageID]*body),
		retained: make(map[string]ref), wills: make(map[broker.ClientID]ref),
	}
}

// apply follows one record, which stands at a place of the log. A record for a
// key replaces what was known of it, and one that removes what is not there does
// nothing: so a log whose beginning is gone says the same as a whole one.
func (m *mirror) apply(rec record, at ref) error {
	switch rec.kind {
	case putSession:
		m.move(&m.session(rec.client).at, at)
	case deleteSession:
		m.deleteSession(rec.client)
	case putSubscription:
		m.move(m.session(rec.client).subs.put(string(rec.name)), at)
	case deleteSubscription:
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			drop(m, &s.subs, string(rec.name))
		}
	case putAttached:
		m.move(m.session(rec.client).attached.put(string(rec.name)), at)
	case deleteAttached:
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			drop(m, &s.attached, string(rec.name))
		}
	case putRetained:
		replace(m, m.retained, string(rec.name), at)
	case deleteRetained:
		forget(m, m.retained, string(rec.name))
	case putWill:
		replace(m, m.wills, broker.ClientID(rec.client), at)
	case deleteWill:
		forget(m, m.wills, broker.ClientID(rec.client))
	default:
		return m.applyFlow(rec, at)
	}
	return nil
}

func (m *mirror) applyFlow(rec record, at ref) error {
	switch rec.kind {
	case putMessage:
		b := m.body(broker.MessageID(rec.num))
		m.move(&b.at, at)
		m.unused = append(m.unused, b)
	case enqueue:
		return m.enqueue(rec, at)
	case advance:
		r := reader{b: rec.rest}
		state := broker.EntryState(r.byte())
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			if e := s.queue.get(rec.num); e != nil {
				e.state = state
			}
		}
		return r.end()
	case dequeue:
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			m.dequeue(s, rec.num)
		}
	case putIncoming:
		m.move(m.session(rec.client).incoming.put(uint16(rec.num)), at)
	case deleteIncoming:
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			drop(m, &s.incoming, uint16(rec.num))
		}
	default:
		return fmt.Errorf("%w: kind %d", errMalformed, rec.kind)
	}
	return nil
}

func (m *mirror) session(client []byte) *session {
	s := m.sessions[broker.ClientID(client)]
	if s == nil {
		s = &session{}
		m.sessions[broker.ClientID(client)] = s
	}
	return s
}

func (m *mirror) body(id broker.MessageID) *body {
	b := m.bodies[id]
	if b == nil {
		b = &body{id: id}
		m.bodies[id] = b
	}
	return b
}

// deleteSession takes all that belongs to a session, and its will.
func (m *mirror) deleteSession(client []byte) {
	forget(m, m.wills, broker.ClientID(client))
	s := m.sessions[broker.ClientID(client)]
	if s == nil {
		return
	}
	m.segments.dead(s.at)
	for _, e := range s.subs.live() {
		m.segments.dead(e.value)
	}
	for _, e := range s.attached.live() {
		m.segments.dead(e.value)
	}
	for _, e := range s.incoming.live() {
		m.segments.dead(e.value)
	}
	for i := range s.queue.live() {
		m.release(&s.queue.live()[i].value)
	}
	delete(m.sessions, broker.ClientID(client))
}

func (m *mirror) enqueue(rec record, at ref) error {
	r := reader{b: rec.rest}
	q := r.entry()
	if err := r.end(); err != nil {
		return err
	}
	b := m.body(q.Message)
	b.uses++ // before an older entry of the same place gives it up
	e := m.session(rec.client).queue.put(rec.num)
	if e.body != nil {
		m.release(e)
	}
	*e = entry{at: at, state: q.State, qos: q.QoS, retain: q.Retain, body: b, ids: q.IDs, shared: q.Shared}
	m.segments.alive(at)
	return nil
}

func (m *mirror) dequeue(s *session, seq uint64) {
	if i, found := s.queue.find(seq); found {
		m.release(&s.queue.items[i].value)
		s.queue.remove(i)
	}
}

// release gives up an entry's record and its use of a body.
func (m *mirror) release(e *entry) {
	m.segments.dead(e.at)
	if e.body.uses--; e.body.uses == 0 {
		m.unused = append(m.unused, e.body)
	}
}

// collect removes the bodies that no entry names. At the start that waits for the
// end of the log: the entry that names a body may stand behind it there.
func (m *mirror) collect() {
	for i, b := range m.unused {
		if b.uses == 0 && m.bodies[b.id] == b {
			m.segments.dead(b.at)
			delete(m.bodies, b.id)
		}
		m.unused[i] = nil
	}
	m.unused = m.unused[:0]
}

// move notes that a thing's record stands somewhere else now.
func (m *mirror) move(where *ref, to ref) {
	m.segments.dead(*where)
	*where = to
	m.segments.alive(to)
}

func replace[K comparable](m *mirror, refs map[K]ref, key K, to ref) {
	m.segments.dead(refs[key])
	refs[key] = to
	m.segments.alive(to)
}

func forget[K comparable](m *mirror, refs map[K]ref, key K) {
	if at, ok := refs[key]; ok {
		m.segments.dead(at)
		delete(refs, key)
	}
}

func drop[K string | uint16](m *mirror, refs *sorted[K, ref], key K) {
	if i, found := refs.find(key); found {
		m.segments.dead(refs.items[i].value)
		refs.remove(i)
	}
}
