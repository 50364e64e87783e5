package broker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// MemoryStore is a Store that lives as long as it is referenced: for tests, and
// as the plainest statement of what a Store does. Its methods are safe for
// concurrent use.
type MemoryStore struct {
	mu       sync.Mutex
	sessions map[ClientID]*memorySession
	messages map[MessageID]*memoryMessage
	retained map[string]PutRetained
	wills    map[ClientID]WillRecord // one may outlive its session
}

type memorySession struct {
	record   SessionRecord
	subs     map[string]PutSubscription
	attached map[string]PutAttached
	queue    map[uint64]QueueEntry
	incoming map[uint16]struct{}
}

type memoryMessage struct {
	message Message
	uses    int // queue entries that name it
}

// NewMemoryStore makes an empty one.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		sessions: make(map[ClientID]*memorySession),
		messages: make(map[MessageID]*memoryMessage),
		retained: make(map[string]PutRetained),
		wills:    make(map[ClientID]WillRecord),
	}
}

// Load implements Store: sessions and what they have, each message before the
// first entry that names it, entries in the order of their queue.
func (m *MemoryStore) Load(_ context.Context, f func(Change) error) error {
	for _, c := range m.snapshot() {
		if err := f(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *MemoryStore) snapshot() (list []Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.messages)) {
		list = append(list, PutMessage{ID: id, Message: m.messages[id].message})
	}
	for _, client := range slices.Sorted(maps.Keys(m.sessions)) {
		list = m.sessions[client].snapshot(client, list)
	}
	for _, client := range slices.Sorted(maps.Keys(m.wills)) {
		list = append(list, PutWill{Client: client, Will: m.wills[client]})
	}
	for _, name := range slices.Sorted(maps.Keys(m.retained)) {
		list = append(list, m.retained[name])
	}
	return list
}

func (s *memorySession) snapshot(client ClientID, list []Change) []Change {
	list = append(list, PutSession{Session: s.record})
	for _, f := range slices.Sorted(maps.Keys(s.subs)) {
		list = append(list, s.subs[f])
	}
	for _, f := range slices.Sorted(maps.Keys(s.attached)) {
		list = append(list, s.attached[f])
	}
	for _, seq := range slices.Sorted(maps.Keys(s.queue)) {
		list = append(list, Enqueue{Entry: s.queue[seq]})
	}
	for _, id := range slices.Sorted(maps.Keys(s.incoming)) {
		list = append(list, PutIncoming{Client: client, PacketID: id})
	}
	return list
}

// Apply implements Store.
func (m *MemoryStore) Apply(ctx context.Context, changes []Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		if err := m.check(c, changes); err != nil {
			return err
		}
	}
	for _, c := range changes {
		m.apply(c)
	}
	m.collect(changes)
	return nil
}

// check finds what no caller may do: all or none is applied.
func (m *MemoryStore) check(c Change, all []Change) error {
	e, ok := c.(Enqueue)
	if !ok || m.messages[e.Entry.Message] != nil {
		return nil
	}
	named := slices.ContainsFunc(all, func(c Change) bool {
		p, ok := c.(PutMessage)
		return ok && p.ID == e.Entry.Message
	})
	if !named {
		return fmt.Errorf("memory store: entry %d of %q names message %d, which does not exist", e.Entry.Seq, e.Entry.Client, e.Entry.Message)
	}
	return nil
}

func (m *MemoryStore) apply(c Change) {
	switch c := c.(type) {
	case PutSession:
		m.session(c.Session.Client).record = c.Session
	case DeleteSession:
		m.deleteSession(c.Client)
	case PutSubscription:
		m.session(c.Client).subs[c.Subscription.Filter] = c
	case DeleteSubscription:
		delete(m.existing(c.Client).subs, c.Filter)
	case PutAttached:
		m.session(c.Client).attached[c.Filter] = c
	case DeleteAttached:
		delete(m.existing(c.Client).attached, c.Filter)
	case PutMessage:
		if m.messages[c.ID] == nil {
			m.messages[c.ID] = &memoryMessage{message: c.Message}
		}
	case PutRetained:
		m.retained[c.Message.Topic] = c
	case DeleteRetained:
		delete(m.retained, c.Topic)
	default:
		m.applyFlow(c)
	}
}

func (m *MemoryStore) applyFlow(c Change) {
	switch c := c.(type) {
	case Enqueue:
		m.session(c.Entry.Client).queue[c.Entry.Seq] = c.Entry
		m.messages[c.Entry.Message].uses++
	case Advance:
		m.existing(c.Client).advance(c)
	case Dequeue:
		s := m.existing(c.Client)
		if e, ok := s.queue[c.Seq]; ok {
			m.release(e.Message)
			delete(s.queue, c.Seq)
		}
	case PutIncoming:
		m.session(c.Client).incoming[c.PacketID] = struct{}{}
	case DeleteIncoming:
		delete(m.existing(c.Client).incoming, c.PacketID)
	case PutWill:
		m.wills[c.Client] = c.Will
	case DeleteWill:
		delete(m.wills, c.Client)
	}
}

// existing is the session, or an empty one that is not kept.
func (m *MemoryStore) existing(client ClientID) *memorySession {
	if s := m.sessions[client]; s != nil {
		return s
	}
	return &memorySession{}
}

func (s *memorySession) advance(c Advance) {
	if e, ok := s.queue[c.Seq]; ok {
		e.State = c.State
		s.queue[c.Seq] = e
	}
}

func (m *MemoryStore) session(client ClientID) *memorySession {
	s := m.sessions[client]
	if s == nil {
		s = &memorySession{
			record: SessionRecord{Client: client},
			subs:   make(map[string]PutSubscription), attached: make(map[string]PutAttached), queue: make(map[uint64]QueueEntry), incoming: make(map[uint16]struct{}),
		}
		m.sessions[client] = s
	}
	return s
}

func (m *MemoryStore) deleteSession(client ClientID) {
	if s := m.sessions[client]; s != nil {
		for _, e := range s.queue {
			m.release(e.Message)
		}
		delete(m.sessions, client)
	}
	delete(m.wills, client)
}

func (m *MemoryStore) release(id MessageID) {
	if b := m.messages[id]; b != nil {
		if b.uses--; b.uses <= 0 {
			delete(m.messages, id)
		}
	}
}

// collect removes the bodies that came without an entry.
func (m *MemoryStore) collect(changes []Change) {
	for _, c := range changes {
		if p, ok := c.(PutMessage); ok {
			if b := m.messages[p.ID]; b != nil && b.uses <= 0 {
				delete(m.messages, p.ID)
			}
		}
	}
}
