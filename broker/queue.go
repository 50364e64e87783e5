package broker

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/broker/packet"
)

// outgoing is what a session has to send at QoS 1 and 2. The packet identifier of
// an entry is a function of its place in the queue, so that it has the same one
// after a crash; waiting ones stand in order, open ones are found by identifier.
type outgoing struct {
	waiting fifo[*entry]      // not sent on this connection, by seq
	bytes   int               // of waiting
	open    map[uint16]*entry // in flight: sent on this connection and not finished
	lastSeq uint64
	freed   freed
	letters []*entry  // of Send, wait for a place in flight
	shared  int       // how many came by a shared subscription
	ends    time.Time // of the first waiting entry that has an end, or before; zero for none
}

// entry is one message for one session.
type entry struct {
	m      *message
	seq    uint64
	id     uint16
	qos    packet.QoS
	retain bool
	stored bool
	state  EntryState
	noted  EntryState // what the store says
	gen    uint64     // durable with it; sent not before
	subIDs []uint32
	shared string  // filter of the shared subscription that it came by
	letter *letter // of Send
	expiry *task   // of letter
}

// idOf gives the packet identifier of a place in the queue: 1 to 65,535, and the
// same again after as many places. An entry whose identifier is still open waits
// for that one to be finished (MQTT-2.2.1-3).
func idOf(seq uint64) uint16 { return uint16(seq%65_535) + 1 }

// letterID gives a free identifier, as far as there is one from those that the
// queue comes to next.
func (o *outgoing) letterID() uint16 {
	for seq := o.lastSeq + 32_768; ; seq++ {
		if id := idOf(seq); o.open[id] == nil { // the window is smaller than the identifiers are many
			return id
		}
	}
}

// begin makes an entry one that is in flight.
func (o *outgoing) begin(e *entry) {
	if o.open == nil {
		o.open = make(map[uint16]*entry)
	}
	o.open[e.id] = e
}

// rewind makes open entries wait again, before the others and in their order,
// for the next connection (MQTT-4.4.0-1, MQTT-4.6.0-1).
func (o *outgoing) rewind() {
	if len(o.open) == 0 {
		return
	}
	again := make([]*entry, 0, len(o.open))
	for _, e := range o.open {
		again = append(again, e)
		o.bytes += e.m.size()
	}
	o.open = nil
	slices.SortFunc(again, func(x, y *entry) int { return cmp.Compare(x.seq, y.seq) })
	o.waiting.set(append(again, o.waiting.all()...))
}

// keep removes the waiting entries for which f is false.
func (o *outgoing) keep(f func(*entry) bool) {
	all := o.waiting.all()
	var kept []*entry
	same := 0 // so many of the first are kept
	for i, e := range all {
		switch {
		case !f(e):
			o.bytes -= e.m.size()
			if kept == nil {
				kept = append(make([]*entry, 0, len(all)-1), all[:same]...)
			}
		case kept != nil:
			kept = append(kept, e)
		default:
			same = i + 1
		}
	}
	if same < len(all) {
		o.waiting.set(kept)
	}
}

// first takes the first waiting entry.
func (o *outgoing) first() *entry {
	e := o.waiting.pop()
	o.bytes -= e.m.size()
	return e
}

// hasRoom says whether one more message may wait.
func (o *outgoing) hasRoom(m *message, l *Limits) bool {
	n := o.waiting.len()
	return n < l.MaxQueued && (n == 0 || o.bytes+m.size() <= l.MaxQueuedBytes)
}

// took notes what a new entry is.
func (o *outgoing) took(e *entry) {
	if e.shared != "" {
		o.shared++
	}
	if end := e.m.expires; !end.IsZero() && (o.ends.IsZero() || end.Before(o.ends)) {
		o.ends = end
	}
}

// hasRoom says whether one more message may wait for a session. What has expired
// takes no place.
func (t *turn) hasRoom(s *session, m *message) bool {
	o, l := &s.out, &t.b.limits
	if o.hasRoom(m, l) {
		return true
	}
	now := t.b.now()
	if o.ends.IsZero() || now.Before(o.ends) {
		return false
	}
	o.ends = time.Time{}
	o.keep(func(e *entry) bool {
		switch end := e.m.expires; {
		case end.IsZero() || e.state != Waiting:
		case !now.Before(end):
			t.forget(s, e)
			t.lost(s, e.m, droppedExpired)
			return false
		case o.ends.IsZero() || end.Before(o.ends):
			o.ends = end
		}
		return true
	})
	return o.hasRoom(m, l)
}

// enqueue gives a message to a session at QoS 1 or 2. A full queue keeps what it
// has: the message is dropped and counted. A client that is connected and falls
// behind on volatile topics is disconnected instead: it would never know what it
// missed.
func (t *turn) enqueue(s *session, m *message, how terms) {
	b, o := t.b, &s.out
	if m.command && s.conn == nil {
		return // never waits for an absent client
	}
	why := droppedQueue
	if t.hasRoom(s, m) {
		why = b.queued.refuses(m, &b.limits)
	}
	if why != 0 {
		t.lost(s, m, why)
		if !s.missed(m, b.retained.order) && m.vital() && s.conn != nil {
			t.drop(s.conn, CauseSlow, packet.QuotaExceeded)
		}
		return
	}
	o.lastSeq++
	e := &entry{m: m, qos: how.qos, retain: how.retain, subIDs: how.ids, shared: how.shared, seq: o.lastSeq, id: idOf(o.lastSeq)}
	o.took(e)
	if s.lasting() && !m.volatile && b.commit.store != nil { // of a store that failed, too: such an entry is never sent
		t.storeEntry(s, e)
	}
	b.queued.add(m)
	t.trace(TraceQueued, m, s.client, "")
	o.waiting.push(e)
	o.bytes += m.size()
	if !e.stored {
		t.pump(s)
	}
}

// storeEntry stores an entry, and the message if it is the first one for it.
func (t *turn) storeEntry(s *session, e *entry) {
	mark := t.mark()
	t.keepBody(e.m)
	if c := s.conn; c != nil && len(s.out.open)+s.out.waiting.len() < c.window {
		e.noted = Sent // it will be, as soon as it is stored
	}
	e.stored = true
	t.change(Enqueue{Entry: QueueEntry{
		Client: s.client, Seq: e.seq, Message: e.m.id, QoS: e.qos, Retain: e.retain, IDs: e.subIDs, Shared: e.shared, State: e.noted,
	}})
	e.gen = t.b.commit.gen
	t.waits(s, mark)
}

// pump sends what may be sent: letters first, then the queue, then retained
// messages for new subscriptions, as far as the window and the way out have room.
func (t *turn) pump(s *session) {
	c := s.conn
	if c == nil || !c.ready || c.dead {
		return
	}
	o := &s.out
	t.pumpLetters(c, o)
	for o.waiting.len() > 0 && len(o.open) < c.window && c.hasRoom() {
		e := o.waiting.all()[0]
		if !t.durable(e.gen) || o.open[e.id] != nil || t.withheld(s, e.id) {
			break
		}
		t.deliver(s, c, o.first())
	}
	if o.waiting.len() == 0 {
		s.former = nil
	}
	t.pumpReplay(s, c)
}

// pumpLetters posts the letters that the window has room for; at QoS 0 they need
// none.
func (t *turn) pumpLetters(c *conn, o *outgoing) {
	kept := o.letters[:0]
	for _, e := range o.letters {
		switch {
		case e.qos > 0 && len(o.open) >= c.window:
			kept = append(kept, e)
			continue
		case e.qos > 0:
			e.id = o.letterID()
			e.letter.sending.id = e.id
			o.begin(e)
		}
		t.trace(TraceSent, e.m, c.session.client, "")
		c.out.post(e.letter)
		t.touch(c)
	}
	clear(o.letters[len(kept):])
	if o.letters = kept; len(kept) == 0 {
		o.letters = nil
	}
}

// deliver sends an entry that was taken from the queue, as far as it has come.
func (t *turn) deliver(s *session, c *conn, e *entry) {
	if e.state == Released {
		s.out.begin(e)
		t.sendAck(c, packet.PUBREL, e.id, packet.Success)
		return
	}
	b := t.b
	if e.state == Waiting && e.m.expired(b.now) { // one that was sent goes on to its end
		t.forget(s, e)
		t.lost(s, e.m, droppedExpired)
		return
	}
	p := sending{m: e.m, id: e.id, qos: e.qos, dup: e.state == Sent, retain: e.retain, ids: e.subIDs}
	if !t.sendMessage(c, p) { // MQTT-3.1.2-25: as if it had been sent
		t.forget(s, e)
		return
	}
	s.out.begin(e)
	e.state = Sent
	t.note(s, e)
}

// note stores how far an entry has come, if that is not what is stored.
func (t *turn) note(s *session, e *entry) {
	if e.stored && e.noted != e.state {
		e.noted = e.state
		t.change(Advance{Client: s.client, Seq: e.seq, State: e.state})
	}
}

// sendMessage appends a PUBLISH; false if it is larger than the client takes
// (MQTT-3.1.2-24).
func (t *turn) sendMessage(c *conn, p sending) bool {
	fits := true
	newAlias := c.given.give(&p)
	c.out.append(func(dst []byte) []byte {
		n := len(dst)
		dst = p.append(dst, c.version, t.b.now)
		if c.maxPacket > 0 && uint64(len(dst)-n) > uint64(c.maxPacket) {
			fits = false
			return dst[:n]
		}
		return dst
	})
	if !fits {
		if newAlias {
			c.given.takeBack(&p)
		}
		t.lost(c.session, p.m, droppedTooLarge)
		return false
	}
	t.trace(TraceSent, p.m, c.session.client, "")
	t.b.tally.delivered.Add(1)
	t.b.tally.deliveredBytes.Add(uint64(len(p.m.payload)))
	t.touch(c)
	return true
}

// forget removes an entry for good.
func (t *turn) forget(s *session, e *entry) {
	if s.out.open[e.id] == e {
		delete(s.out.open, e.id)
	}
	if e.stored {
		t.change(Dequeue{Client: s.client, Seq: e.seq})
		if e.qos == 2 {
			s.out.freed.add(e.id, t.b.commit.gen)
		}
	}
	if e.letter == nil {
		t.b.queued.remove(e.m)
	}
	if e.shared != "" {
		s.out.shared--
	}
	t.b.schedule.cancel(e.expiry)
}
