package broker

import (
	"bytes"
	"time"

	"gatehouse/broker/packet"
)

// message is a Message inside of the broker: shared by everybody who is to have
// it, and never changed. Only number, id, queues, order, place and heads belong to the turn.
type message struct {
	topic    string
	payload  []byte
	qos      packet.QoS
	retain   bool
	volatile bool               // never stored
	command  bool               // on a command topic
	system   bool               // below $SYS: nobody starts again for one that was missed
	props    *packet.Properties // nil if it has none
	expires  time.Time
	from     *author // who published it; nil for the program

	number uint64 // among all that were taken in, for traces

	id     MessageID // of its stored body; 0 while it has none
	queues int       // it is in
	order  uint64    // among all that were ever retained
	place  int32     // on the shelf of its author, if it is retained
	endAt  int32     // in the heap of those that have an end, if it is retained
	heads  *heads    // nil unless it goes to many
}

// newMessage takes over a Message of the program or the store.
func (b *Broker) newMessage(m Message) *message {
	n := &message{topic: m.Topic, payload: m.Payload, qos: m.QoS, retain: m.Retain, expires: m.Expires}
	n.props = keptProperties(&m.Properties)
	b.classify(n)
	return n
}

// classify finds out what kind of topic it is for.
func (b *Broker) classify(m *message) {
	m.command = matchAny(b.opts.CommandFilters, m.topic)
	m.volatile = m.command || matchAny(b.opts.VolatileFilters, m.topic)
}

// public gives the message as the program sees it.
func (m *message) public() Message {
	p := Message{Topic: m.topic, Payload: m.payload, QoS: m.qos, Retain: m.retain, Expires: m.expires}
	if m.props != nil {
		p.Properties = *m.props
	}
	return p
}

// again is a copy that can be stored anew.
func (m *message) again() *message {
	n := *m
	n.id, n.queues, n.heads = 0, 0, nil
	return &n
}

// size is what the message is counted for in queues and the retained messages.
func (m *message) size() int {
	n := len(m.topic) + len(m.payload) + 64
	if p := m.props; p != nil {
		n += len(p.ContentType) + len(p.ResponseTopic) + len(p.CorrelationData)
		for _, u := range p.User {
			n += len(u.Name) + len(u.Value)
		}
	}
	return n
}

// vital says that who misses the message has to start again: nobody has it but
// those who were there.
func (m *message) vital() bool { return m.volatile && !m.system }

// expired asks the clock only if the message has an end.
func (m *message) expired(now func() time.Time) bool {
	return !m.expires.IsZero() && !now().Before(m.expires)
}

// keptProperties copies the properties that travel with a message, out of the
// packet's memory; nil if there are none. What belongs to one hop (alias,
// subscription identifiers) or became Expires stays behind.
func keptProperties(p *packet.Properties) *packet.Properties {
	if p.PayloadFormat == nil && p.ContentType == "" && !p.EmptyContentType && p.ResponseTopic == "" && p.CorrelationData == nil && p.User == nil {
		return nil
	}
	return &packet.Properties{
		PayloadFormat: p.PayloadFormat, ContentType: p.ContentType, EmptyContentType: p.EmptyContentType,
		ResponseTopic: p.ResponseTopic, CorrelationData: bytes.Clone(p.CorrelationData), User: p.User,
	}
}

// expiryOf is the end of a life that a packet gave in seconds.
func expiryOf(seconds *uint32, now func() time.Time) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return now().Add(time.Duration(*seconds) * time.Second)
}

// sending is one PUBLISH to one client.
type sending struct {
	m      *message
	id     uint16
	qos    packet.QoS
	dup    bool
	retain bool
	ids    []uint32
	alias  uint16 // of the topic; 0 for none
	bare   bool   // the topic is left out: the alias says it
}

// append appends the packet. The life that is left is told in whole seconds,
// begun ones counted (MQTT-3.3.2-6).
func (s *sending) append(dst []byte, v packet.Version, now func() time.Time) []byte {
	own := v >= packet.V5 && (s.alias != 0 || s.ids != nil || !s.m.expires.IsZero())
	if s.m.heads != nil && !own {
		return s.m.heads.append(dst, s, v)
	}
	p := s.packet(v)
	if own && !s.m.expires.IsZero() {
		left := uint32(max(0, (s.m.expires.Sub(now())+time.Second-1)/time.Second))
		p.Properties.MessageExpiry = &left
	}
	return p.Append(dst, v)
}

// packet is the PUBLISH, but for the life that is left.
func (s *sending) packet(v packet.Version) (p packet.Publish) {
	p.Dup, p.QoS, p.Retain, p.Topic, p.ID, p.Payload = s.dup, s.qos, s.retain, s.m.topic, s.id, s.m.payload
	if v < packet.V5 {
		return p
	}
	if s.m.props != nil {
		p.Properties = *s.m.props
	}
	p.Properties.SubscriptionIDs, p.Properties.TopicAlias = s.ids, s.alias
	if s.bare {
		p.Topic = ""
	}
	return p
}
