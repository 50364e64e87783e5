package broker

import (
	"context"
	"fmt"
	"time"
)

// load builds the state from what is stored, and then lets time have passed:
// connections ended with the process, what should have ended since then ends
// soon.
func (b *Broker) load(ctx context.Context) error {
	if b.commit.store == nil {
		return nil
	}
	l := loader{t: &turn{b: b}, bodies: make(map[MessageID]*message), wills: make(map[ClientID]*will), by: make(map[Publisher]*author)}
	if err := b.commit.store.Load(ctx, l.add); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l.finish()
	return nil
}

// loader builds the state. Nobody else knows the broker yet.
type loader struct {
	t      *turn
	bodies map[MessageID]*message
	wills  map[ClientID]*will
	by     map[Publisher]*author
}

func (l *loader) add(c Change) error {
	b := l.t.b
	switch c := c.(type) {
	case PutSession:
		r := c.Session
		s := l.t.newSession(r.Client, r.Identity)
		s.version, s.expiry, s.since, s.stored = r.Version, r.Expiry, r.Disconnected, true
	case PutMessage:
		b.commit.lastMessage = max(b.commit.lastMessage, c.ID)
		l.bodies[c.ID] = b.newMessage(c.Message)
		l.bodies[c.ID].id = c.ID
		l.t.number(l.bodies[c.ID])
	case PutRetained:
		l.addRetained(c)
	case PutWill:
		l.addWill(c)
	default:
		return l.addToSession(c)
	}
	return nil
}

// addToSession adds what belongs to a session that came before.
func (l *loader) addToSession(c Change) error {
	b := l.t.b
	var client ClientID
	switch c := c.(type) {
	case PutSubscription:
		if client = c.Client; b.sessions[client] != nil {
			s := b.sessions[client]
			l.t.putSubscription(s, &subscription{Subscription: c.Subscription, id: c.ID})
			return nil
		}
	case PutAttached:
		if client = c.Client; b.sessions[client] != nil {
			l.t.attachFilter(b.sessions[client], c.Filter, c.QoS)
			return nil
		}
	case Enqueue:
		if client = c.Entry.Client; b.sessions[client] != nil {
			return l.addEntry(b.sessions[client], c.Entry)
		}
	case PutIncoming:
		if client = c.Client; b.sessions[client] != nil {
			s := b.sessions[client]
			if s.incoming == nil {
				s.incoming = make(map[uint16]flow)
			}
			s.incoming[c.PacketID] = flowOwned
			return nil
		}
	}
	return fmt.Errorf("the store gave a %T for session %q, which it did not give", c, client)
}

func (l *loader) addEntry(s *session, q QueueEntry) error {
	m := l.bodies[q.Message]
	if m == nil {
		return fmt.Errorf("entry %d of session %q names message %d, which is not there", q.Seq, s.client, q.Message)
	}
	if m.command { // its topic has become one
		l.t.change(Dequeue{Client: q.Client, Seq: q.Seq})
		return nil
	}
	e := &entry{
		m: m, seq: q.Seq, id: idOf(q.Seq), qos: q.QoS, retain: q.Retain, subIDs: q.IDs, shared: q.Shared,
		stored: true, state: q.State, noted: q.State,
	}
	o := &s.out
	if e.seq <= o.lastSeq {
		return fmt.Errorf("entry %d of session %q came after entry %d", q.Seq, s.client, o.lastSeq)
	}
	o.lastSeq = e.seq
	o.took(e)
	o.waiting.push(e)
	l.t.b.queued.add(m)
	o.bytes += m.size()
	return nil
}

// addRetained adds a retained message, unless its topic has become one whose
// messages are not stored.
func (l *loader) addRetained(c PutRetained) {
	m := l.t.b.newMessage(c.Message)
	if m.volatile {
		l.t.change(DeleteRetained{Topic: m.topic})
		return
	}
	if c.By != (Publisher{}) {
		m.from = l.by[c.By]
		if m.from == nil {
			m.from = &author{client: c.By.Client, identity: c.By.Identity}
			l.by[c.By] = m.from
		}
	}
	l.t.b.retained.put(m)
}

func (l *loader) addWill(c PutWill) {
	r := c.Will
	w := &will{
		m: l.t.b.newMessage(r.Message), life: r.Message.Properties.MessageExpiry, client: c.Client, identity: r.Identity, delay: r.Delay, due: r.Due,
	}
	w.m.from = &author{client: c.Client, identity: r.Identity}
	if w.m.command { // its topic has become one: clients do not publish there
		l.t.change(DeleteWill{Client: c.Client})
		return
	}
	l.wills[c.Client], l.t.b.stored[c.Client] = w, w
}

// finish lets sessions and wills wait for what is left of their time. Nothing
// happens before the broker serves: handlers come until then.
func (l *loader) finish() {
	b := l.t.b
	now := b.now()
	for _, s := range b.sessions {
		// Messages on volatile topics had identifiers, too, and are not stored: the
		// receiver may still hold one of them, so the next ones are others for a while.
		s.out.lastSeq += uint64(now.UnixMicro() % 65_535)
		if s.cause = CauseShutdown; s.since.IsZero() {
			s.since = now // it was connected when the process ended
		}
		l.t.expireLater(s, max(0, s.expiry-now.Sub(s.since)))
		l.owe(s)
	}
	for client, w := range l.wills {
		if w.due.IsZero() {
			w.due = now.Add(w.delay)
		}
		if s := b.sessions[client]; s != nil {
			s.will, w.identity = w, s.identity
			l.t.willLater(s, w, max(0, w.due.Sub(now)))
			continue
		}
		b.schedule.at(time.Now(), func() {
			t := b.turn()
			defer t.end()
			if !b.closing {
				t.fire(w)
			}
		})
	}
}

// owe notes what waits for a session by shared subscriptions: nobody is connected.
func (l *loader) owe(s *session) {
	if s.out.shared == 0 {
		return
	}
	for _, e := range s.out.waiting.all() {
		if g := l.t.b.groups[e.shared]; g != nil {
			l.t.owe(g, true)
		}
	}
}
