package broker

import (
	"time"

	"gatehouse/broker/packet"
)

// apply applies decoded packets; false if the connection has ended meanwhile.
func (c *conn) apply(ops []op) bool {
	for len(ops) > 0 {
		n, next := c.applySome(ops)
		ops = ops[n:]
		switch {
		case next == ended:
			return false
		case len(ops) == 0:
		case next == judge:
			c.judgeAgain(ops)
		case next == room && !c.waitForRoom():
			return false
		}
	}
	return true
}

// waitForRoom stops the reader until answers that the client waits for have left.
func (c *conn) waitForRoom() bool {
	select {
	case <-c.room:
		return true
	case <-c.done.wait():
		return false
	}
}

// maxEffects bounds the answers of one client that wait for the store. Those to
// its messages are bounded by Receive Maximum anyway.
const maxEffects = 1000

// full says that the packet has to wait: the client is not yet welcome
// (MQTT-3.2.0-1), has more answers open than it may have, or is a 3.x client with
// more messages open, which could not be told a maximum.
func (c *conn) full(o *op) bool {
	return !c.ready || len(c.session.effects) >= maxEffects ||
		o.kind == packet.PUBLISH && o.m.qos > 0 && c.version < packet.V5 &&
			c.acks[0].list.len()+c.acks[1].list.len() >= int(c.b.limits.ReceiveMaximum)
}

// waitsForRoom has makeRoom heard from now on.
func (c *conn) waitsForRoom() {
	if c.room == nil {
		c.room = make(chan struct{}, 1)
	}
}

// maxGiven bounds how long one client keeps the turn, as maxBatch does: in copies of
// its messages. Those for a crowd are many for each packet.
const maxGiven = 16_384

// next is what has to happen before the packets that are left are applied.
type next byte

const (
	goOn  next = iota // let others have a turn
	judge             // the rights may have changed
	room              // the client has as much open as it may have
	ended             // nothing: the connection has ended
)

// applySome applies packets in one turn, until one would be more than the client
// may have open, or has to be judged again, or the turn has become long.
func (c *conn) applySome(ops []op) (n int, what next) {
	t := c.b.turn()
	defer t.end()
	for i := range ops {
		if c.dead {
			return i, ended
		}
		o := &ops[i]
		switch {
		case o.stale(c.b):
			return i, judge
		case c.full(o):
			c.waitsForRoom()
			return i, room
		case t.given >= maxGiven:
			return i, goOn
		}
		t.apply(c, o)
		if c.overfull() {
			t.drop(c, CauseSlow, packet.QuotaExceeded)
		}
	}
	if c.dead {
		return len(ops), ended
	}
	return len(ops), goOn
}

func (t *turn) apply(c *conn, o *op) {
	s := c.session
	switch o.kind {
	case packet.PUBLISH:
		t.applyPublish(c, s, o)
	case packet.PUBACK:
		t.applyPuback(s, o)
	case packet.PUBREC:
		t.applyPubrec(c, s, o)
	case packet.PUBREL:
		t.applyPubrel(c, s, o)
	case packet.PUBCOMP:
		if e := s.out.open[o.id]; e != nil && e.state == Released {
			t.finish(s, e, o.reason)
		}
	case packet.SUBSCRIBE:
		t.applySubscribe(c, s, o)
	case packet.UNSUBSCRIBE:
		t.applyUnsubscribe(c, s, o)
	case packet.PINGREQ:
		c.out.append(packet.AppendPingresp) // MQTT-3.12.4-1
		t.touch(c)
	case packet.DISCONNECT:
		t.applyDisconnect(c, s, o)
	}
}

// applyPublish takes a message in. Whatever the QoS and the fate of the message,
// its acknowledgement leaves when the changes that it made are durable.
func (t *turn) applyPublish(c *conn, s *session, o *op) {
	b := t.b
	b.tally.received.Add(1)
	b.tally.receivedBytes.Add(uint64(len(o.m.payload)))
	reason := o.reason
	if reason != packet.Success && c.version < packet.V5 {
		reason = packet.Success // MQTT-3.3.5-2: acknowledged, and dropped
	}
	var number uint64
	switch o.m.qos {
	case 1:
		if t.tooMany(c, s) {
			return
		}
		number = c.acks[0].add(o.id)
	case 2:
		if _, known := s.incoming[o.id]; known {
			t.repeated(c, s, o)
			return
		}
		if t.tooMany(c, s) {
			return
		}
		number = c.acks[1].add(o.id)
	}
	t.number(o.m)
	t.trace(TraceReceived, o.m, "", "")
	if o.reason != packet.Success {
		t.traceReason(TraceRefused, o.m, "", o.reason)
		t.answer(c, o.m.qos, number, reason, t.mark())
		return
	}
	if o.h != nil {
		t.handOver(c, s, o, number)
		return
	}
	mark := t.mark()
	reason = t.route(o.m)
	if reason != packet.Success && c.version < packet.V5 {
		reason = packet.Success
	}
	t.own(s, o.m, o.id, reason)
	t.answer(c, o.m.qos, number, reason, mark)
}

// own remembers the packet identifier of a QoS 2 message that was taken.
func (t *turn) own(s *session, m *message, id uint16, reason packet.ReasonCode) {
	if m.qos != 2 || reason.Failed() {
		delete(s.incoming, id)
		return
	}
	if s.incoming == nil {
		s.incoming = make(map[uint16]flow)
	}
	s.incoming[id] = flowOwned
	if s.lasting() {
		t.change(PutIncoming{Client: s.client, PacketID: id})
	}
}

// answer acknowledges a message once what it changed is durable.
func (t *turn) answer(c *conn, qos packet.QoS, number uint64, reason packet.ReasonCode, mark int) {
	switch qos {
	case 1:
		t.then(c.session, effect{kind: effectPuback, c: c, seq: number, reason: reason}, mark)
	case 2:
		t.then(c.session, effect{kind: effectPubrec, c: c, seq: number, reason: reason}, mark)
	default:
		if t.mark() > mark { // it was retained: its client waits as others do
			t.then(c.session, effect{kind: effectNothing, c: c}, mark)
		}
	}
}

// repeated answers a QoS 2 message that came before: no second delivery
// (MQTT-4.3.3-2). One that a handler still has is answered when that is through.
func (t *turn) repeated(c *conn, s *session, o *op) {
	if s.incoming[o.id] == flowHeld {
		return
	}
	t.answer(c, 2, c.acks[1].add(o.id), packet.Success, t.mark())
}

// tooMany ends a client that has more messages open than it may: a v5 client was
// told the number (MQTT-3.3.4-9); a 3.x client is slowed down, and may only
// leave many more QoS 2 messages without PUBREL.
func (t *turn) tooMany(c *conn, s *session) bool {
	limit := int(t.b.limits.ReceiveMaximum)
	open := c.acks[0].list.len() + len(s.incoming)
	if c.version < packet.V5 {
		limit, open = 8*limit, len(s.incoming)
	}
	if open < limit {
		return false
	}
	t.b.tally.count(refusedReceiveMax)
	t.drop(c, CauseProtocol, packet.ReceiveMaximumExceeded)
	return true
}

func (t *turn) applyPuback(s *session, o *op) {
	e := s.out.open[o.id]
	if e == nil || e.qos != 1 {
		return
	}
	if e.letter != nil && !e.letter.acknowledge(o.reason) {
		return
	}
	t.finish(s, e, o.reason)
}

// finish ends an entry that its receiver has acknowledged, and goes on.
func (t *turn) finish(s *session, e *entry, reason packet.ReasonCode) {
	t.traceReason(TraceAcknowledged, e.m, s.client, reason)
	t.forget(s, e)
	t.pump(s)
	t.refill(s)
}

// applyPubrec goes on with an outgoing QoS 2 message. PUBREL leaves when it is
// stored that the PUBLISH is not to be sent again (MQTT-4.3.3-1).
func (t *turn) applyPubrec(c *conn, s *session, o *op) {
	e := s.out.open[o.id]
	switch {
	case e == nil || e.qos != 2:
		t.sendAck(c, packet.PUBREL, o.id, packet.PacketIdentifierNotFound)
	case o.reason.Failed():
		t.finish(s, e, o.reason)
	default:
		mark := t.mark()
		e.state = Released
		if t.note(s, e); t.mark() > mark {
			e.gen = t.b.commit.gen // on another connection, too
		}
		t.then(s, effect{kind: effectRelease, c: c, id: o.id}, mark)
	}
}

// applyPubrel ends an incoming QoS 2 message.
func (t *turn) applyPubrel(c *conn, s *session, o *op) {
	mark := t.mark()
	reason := packet.PacketIdentifierNotFound
	if f, known := s.incoming[o.id]; known && f == flowOwned {
		delete(s.incoming, o.id)
		reason = packet.Success
		if s.lasting() {
			t.change(DeleteIncoming{Client: s.client, PacketID: o.id})
		}
	}
	t.then(s, effect{kind: effectComplete, c: c, id: o.id, reason: reason}, mark)
}

func (t *turn) applyDisconnect(c *conn, s *session, o *op) {
	if o.expiry != nil {
		if s.expiry == 0 && *o.expiry != 0 { // MQTT-3.14.2-2
			t.b.tally.count(refusedProtocol)
			t.drop(c, CauseProtocol, packet.ProtocolError)
			return
		}
		t.setExpiry(s, t.b.sessionExpiry(*o.expiry))
	}
	t.drop(c, CauseDisconnect, o.reason)
}

// setExpiry changes how long a session lives; one that shall not outlive its
// connection is not worth a record any more.
func (t *turn) setExpiry(s *session, d time.Duration) {
	if s.expiry != 0 && d == 0 {
		t.dropSession(s)
	}
	s.expiry = d
}
