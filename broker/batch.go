package broker

import (
	"bytes"
	"strings"
	"sync"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// op is one packet of a batch, decoded and judged, so that applying it asks
// nobody anything.
type op struct {
	kind    packet.Type
	id      uint16
	reason  packet.ReasonCode // of acknowledgements; of a PUBLISH: why it is refused
	dup     bool
	m       *message // PUBLISH
	h       *handler // of the PUBLISH, if its topic has one
	sub     *packet.Subscribe
	unsub   *packet.Unsubscribe
	verdict []packet.ReasonCode // SUBSCRIBE: one for each filter
	expiry  *uint32             // DISCONNECT
	judged  uint64              // PUBLISH and SUBSCRIBE: the rechecks that the judgement knows of
}

// batch is the memory for the packets of one read; it is shared by all readers.
type batch struct {
	ops     []op
	publish packet.Publish
	ack     packet.Ack
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// maxBatch bounds how long one client keeps the turn.
const maxBatch = 256

// batch applies the packets that were read, at most maxBatch, and says how many
// and whether there may be more. The error of a bad packet comes after all before
// it were applied.
func (c *conn) batch() (n int, more bool, err error) {
	w, _ := batches.Get().(*batch)
	defer func() {
		clear(w.ops)
		w.ops = w.ops[:0]
		w.publish = packet.Publish{Topic: w.publish.Topic}
		batches.Put(w)
	}()
	if !c.rights().Valid() {
		c.end(CauseRevoked, packet.AdministrativeAction)
	}
	offset := 0
	for more = true; len(w.ops) < maxBatch; {
		h, body, size, bad := c.in.next(offset, c.via.MaxPacketSize)
		if bad == nil && size == 0 {
			more = false
			break
		}
		if bad == nil && h.Type == packet.AUTH {
			if len(w.ops) > 0 {
				break // what came before it is judged and applied first
			}
			err = c.reauthenticate(h, body)
			c.took(size)
			return 1, true, err
		}
		if bad == nil {
			bad = c.decode(w, h, body)
		}
		if bad != nil {
			err = bad
			break
		}
		offset += size
	}
	n = len(w.ops)
	c.b.tally.got.add(offset, n)
	c.in.consume(offset)
	if !c.apply(w.ops) {
		return n, false, nil // the next read says that the connection has ended
	}
	return n, more, err
}

// decode reads one packet into the batch.
func (c *conn) decode(w *batch, h packet.Header, body []byte) error {
	switch h.Type {
	case packet.PUBLISH:
		return c.decodePublish(w, h, body)
	case packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP:
		a := &w.ack
		err := a.Decode(c.version, h, body)
		if err == nil {
			w.ops = append(w.ops, op{kind: a.Type, id: a.ID, reason: a.Reason})
		}
		return err
	case packet.PINGREQ:
		w.ops = append(w.ops, op{kind: h.Type})
		return nil
	default:
		return c.decodeRare(w, h, body)
	}
}

func (c *conn) decodeRare(w *batch, h packet.Header, body []byte) error {
	switch h.Type {
	case packet.SUBSCRIBE:
		s := new(packet.Subscribe)
		err := s.Decode(c.version, h, body)
		if err == nil {
			seen := c.b.rechecks.Load()
			w.ops = append(w.ops, op{kind: h.Type, id: s.ID, sub: s, verdict: c.judge(s), judged: seen})
		}
		return err
	case packet.UNSUBSCRIBE:
		u := new(packet.Unsubscribe)
		err := u.Decode(c.version, h, body)
		if err == nil {
			w.ops = append(w.ops, op{kind: h.Type, id: u.ID, unsub: u})
		}
		return err
	case packet.DISCONNECT:
		var d packet.Disconnect
		err := d.Decode(c.version, h, body)
		if err == nil {
			w.ops = append(w.ops, op{kind: h.Type, reason: d.Reason, expiry: d.Properties.SessionExpiry})
		}
		return err
	default: // MQTT-3.1.0-2, and what only a server sends
		return &packet.Error{Reason: packet.ProtocolError, Clause: "MQTT-4.13.1-1", Detail: h.Type.String() + ": not expected from a connected client"}
	}
}

func (c *conn) decodePublish(w *batch, h packet.Header, body []byte) error {
	p := &w.publish
	if err := p.Decode(c.version, h, body); err != nil {
		return err
	}
	if p.Properties.SubscriptionIDs != nil {
		return &packet.Error{Reason: packet.ProtocolError, Clause: "MQTT-3.3.4-6", Detail: "PUBLISH: a client sent a subscription identifier"}
	}
	if err := c.aliases.name(p, c.b.limits.TopicAliasMaximum); err != nil {
		return err
	}
	if err := topic.ValidName(p.Topic, c.b.limits.MaxTopicLevels); err != nil {
		return &packet.Error{Reason: packet.TopicNameInvalid, Clause: "MQTT-4.7.3-1", Detail: "PUBLISH: " + err.Error()}
	}
	m := &message{
		topic: p.Topic, payload: bytes.Clone(p.Payload), qos: p.QoS, retain: p.Retain, from: c.session.author,
		expires: expiryOf(p.Properties.MessageExpiry, c.b.now),
	}
	if c.version >= packet.V5 {
		m.props = keptProperties(&p.Properties)
	}
	c.b.classify(m)
	seen := c.b.rechecks.Load()
	w.ops = append(w.ops, op{
		kind: packet.PUBLISH, id: p.ID, m: m, h: c.b.handlerFor(m.topic), dup: p.Dup, reason: c.mayPublish(m), judged: seen,
	})
	return nil
}

// mayPublish is Success, or why the message is refused. No client writes to a
// command topic or to a name that begins with "$".
func (c *conn) mayPublish(m *message) packet.ReasonCode {
	reason := packet.NotAuthorized
	switch g := c.rights(); {
	case m.command:
		c.b.tally.count(refusedCommand)
	case strings.HasPrefix(m.topic, "$") || !g.MayPublish(m.topic):
		c.b.tally.count(refusedPublish)
	default:
		if reason = limit(g, m); reason == packet.Success {
			return reason
		}
		c.b.tally.count(refusedPublish)
	}
	c.b.notices.say("publish refused", "client", c.session.client, "topic", m.topic)
	return reason
}

// limit asks for what is more than the topic.
func limit(g Grant, m *message) packet.ReasonCode {
	if l, ok := g.(Limiter); ok {
		return l.Limit(len(m.payload), m.retain)
	}
	return packet.Success
}

// judge says for each filter of a SUBSCRIBE whether it can be granted: the QoS,
// or why not.
func (c *conn) judge(s *packet.Subscribe) []packet.ReasonCode {
	verdict := make([]packet.ReasonCode, len(s.Subscriptions))
	for i, sub := range s.Subscriptions {
		verdict[i] = packet.ReasonCode(sub.QoS)
		switch {
		case topic.ValidSubscription(sub.Filter, c.b.limits.MaxTopicLevels) != nil:
			verdict[i] = packet.TopicFilterInvalid
			c.b.tally.count(refusedFilter)
		case !maySubscribe(c.rights(), sub.Filter):
			verdict[i] = packet.NotAuthorized
			c.b.tally.count(refusedSubscribe)
		}
	}
	return verdict
}

// stale says that the rights may have changed since the packet was judged.
func (o *op) stale(b *Broker) bool {
	return (o.kind == packet.PUBLISH || o.kind == packet.SUBSCRIBE) && o.judged != b.rechecks.Load()
}

// judgeAgain asks once more for what was found permitted and is not yet applied.
func (c *conn) judgeAgain(ops []op) {
	seen := c.b.rechecks.Load()
	for i := range ops {
		o := &ops[i]
		o.judged = seen
		switch {
		case o.kind == packet.PUBLISH && o.reason == packet.Success:
			o.reason = c.mayPublish(o.m)
		case o.kind == packet.SUBSCRIBE:
			for j, sub := range o.sub.Subscriptions {
				if !o.verdict[j].Failed() && !maySubscribe(c.rights(), sub.Filter) {
					o.verdict[j] = packet.NotAuthorized
					c.b.tally.count(refusedSubscribe)
				}
			}
		}
	}
}

// maySubscribe asks for what the filter matches, and for its group.
func maySubscribe(g Grant, filter string) bool {
	plain, shared := topic.Plain(filter)
	if shared {
		if s, ok := g.(Sharer); ok {
			group, _ := topic.Group(filter)
			return s.MayShare(group) && g.MaySubscribe(plain)
		}
	}
	return g.MaySubscribe(plain)
}

func matchAny(filters []string, name string) bool {
	for _, f := range filters {
		if topic.Match(f, name) {
			return true
		}
	}
	return false
}
