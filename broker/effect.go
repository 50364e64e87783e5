package broker

import "gatehouse/broker/packet"

// effect is something that a client is told once the changes that it speaks of
// are durable. Effects of a session happen in the order in which they were put.
type effect struct {
	kind   effectKind
	c      *conn
	gen    uint64            // happens when this is durable
	id     uint16            // packet identifier of effectRelease and effectComplete
	seq    uint64            // of the receipt
	reason packet.ReasonCode // of the acknowledgement
	bytes  []byte            // of effectBytes: whole packets
	begun  []*subscription   // of effectBytes: what was there for them follows
}

type effectKind byte

const (
	effectWelcome  effectKind = iota // CONNACK: bytes, and the queue begins to flow
	effectPuback                     // the receipt of a QoS 1 message is ready
	effectPubrec                     // the receipt of a QoS 2 message is ready
	effectRelease                    // PUBREL
	effectComplete                   // PUBCOMP
	effectBytes                      // SUBACK or UNSUBACK
	effectNothing                    // counts while it waits
)

// then lets an effect happen: now, or when what the session waits for is durable;
// never, once the store has failed.
func (t *turn) then(s *session, e effect, mark int) {
	if t.b.commit.broken != nil {
		return
	}
	t.waits(s, mark)
	if len(s.effects) == 0 && t.durable(s.ticket) {
		t.happen(e)
		return
	}
	e.gen = s.ticket
	s.effects = append(s.effects, e)
}

// settle lets happen what has become durable, and sends what may be sent.
func (t *turn) settle(s *session) {
	n := 0
	for n < len(s.effects) && t.durable(s.effects[n].gen) {
		t.happen(s.effects[n])
		n++
	}
	if s.effects = s.effects[n:]; len(s.effects) == 0 {
		s.effects = nil
	}
	if n > 0 && s.conn != nil {
		s.conn.makeRoom()
	}
	t.pump(s)
	t.refill(s)
}

func (t *turn) happen(e effect) {
	c := e.c
	if c.dead {
		return
	}
	switch e.kind {
	case effectWelcome:
		c.out.greet(e.bytes)
		t.touch(c)
		c.ready = true
		c.makeRoom()
		t.pump(c.session)
		t.refill(c.session)
	case effectPuback:
		c.acks[0].ready(e.seq, e.reason)
		t.acknowledge(c, packet.PUBACK, &c.acks[0])
	case effectPubrec:
		c.acks[1].ready(e.seq, e.reason)
		t.acknowledge(c, packet.PUBREC, &c.acks[1])
	case effectRelease:
		t.sendAck(c, packet.PUBREL, e.id, packet.Success)
	case effectComplete:
		t.sendAck(c, packet.PUBCOMP, e.id, e.reason)
	case effectBytes:
		t.send(c, e.bytes)
		t.begin(c.session, e.begun)
		t.pump(c.session)
	}
}

// send appends a whole packet.
func (t *turn) send(c *conn, p []byte) {
	c.out.append(func(dst []byte) []byte { return append(dst, p...) })
	t.touch(c)
}

func (t *turn) sendAck(c *conn, kind packet.Type, id uint16, r packet.ReasonCode) {
	a := packet.Ack{Type: kind, ID: id, Reason: r}
	c.out.append(func(dst []byte) []byte { return a.Append(dst, c.version) })
	t.touch(c)
}

// acknowledge sends the acknowledgements that are ready, in the order in which
// the messages came (MQTT-4.6.0-2, MQTT-4.6.0-3).
func (t *turn) acknowledge(c *conn, kind packet.Type, r *receipts) {
	for {
		x, ok := r.next()
		if !ok {
			break
		}
		t.sendAck(c, kind, x.id, x.reason)
	}
	c.makeRoom()
}
