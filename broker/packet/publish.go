package packet

import "encoding/binary"

// Publish carries an application message.
type Publish struct {
	Dup        bool
	QoS        QoS
	Retain     bool
	Topic      string // may be empty in v5 with a topic alias
	ID         uint16 // 0 at QoS 0
	Properties Properties
	Payload    []byte
}

// Flag bits of the first byte of a PUBLISH.
const (
	flagRetain = 0x01
	flagDup    = 0x08
)

// Decode reads a PUBLISH. Payload and Properties.CorrelationData alias body. If p
// held a message with the same topic before, the string is kept and nothing is
// allocated for it.
//
// What depends on the direction is the caller's to check: a client never sends
// subscription identifiers (MQTT-3.3.4-6), and an alias stays within the maximum
// that was announced (MQTT-3.3.2-9).
func (p *Publish) Decode(v Version, h Header, body []byte) error {
	last := p.Topic
	*p = Publish{
		Dup:    h.Flags&flagDup != 0,
		QoS:    QoS(h.Flags >> 1 & 3),
		Retain: h.Flags&flagRetain != 0,
	}
	c := open(v, PUBLISH, h, body)
	p.Topic = c.topicName("topic name", "MQTT-3.3.2-2", last)
	if p.QoS > 0 {
		p.ID = c.id()
	}
	if v >= V5 {
		c.properties(&p.Properties, publishProps, true)
	}
	if p.Properties.TopicAlias == 0 {
		c.notEmpty(p.Topic, "topic name")
	}
	p.Payload = c.b
	return c.result()
}

// Append appends the packet in the form of the version.
func (p *Publish) Append(dst []byte, v Version) []byte {
	out, id := p.AppendHeader(dst, v)
	if id == 0 {
		return out
	}
	return append(out, p.Payload...)
}

// AppendHeader appends everything before the payload, whose length is already
// counted in, so that one payload can be written behind many headers and one
// packet can be encoded once for many receivers.
//
// id is the index in out of the two bytes of the packet identifier, for PutID; -1
// at QoS 0, which has none; 0 if the message is too large for any packet, and then
// out is dst. The first byte may be changed by SetDup and SetRetain.
func (p *Publish) AppendHeader(dst []byte, v Version) (out []byte, id int) {
	out, start := begin(dst)
	out = appendString(out, p.Topic)
	id = -1
	if p.QoS > 0 {
		id = len(out)
		out = appendU16(out, p.ID)
	}
	if v >= V5 {
		out = appendProperties(out, &p.Properties, publishProps)
	}
	out, shift := finish(out, start, PUBLISH, p.flags(), len(p.Payload))
	switch {
	case shift < 0:
		return out, 0
	case id < 0:
		return out, -1
	}
	return out, id - shift
}

func (p *Publish) flags() byte {
	flags := byte(p.QoS&3) << 1
	if p.Dup && p.QoS > 0 { // MQTT-3.3.1-2
		flags |= flagDup
	}
	if p.Retain {
		flags |= flagRetain
	}
	return flags
}

// PutID writes the packet identifier of an encoded PUBLISH, whose bytes buf are
// those that AppendHeader gave, at the index that it gave.
func PutID(buf []byte, index int, id uint16) { binary.BigEndian.PutUint16(buf[index:], id) }

// SetDup marks an encoded PUBLISH above QoS 0, which starts at frame[0], as sent
// before (MQTT-3.3.1-1).
func SetDup(frame []byte) { frame[0] |= flagDup }

// SetRetain marks an encoded PUBLISH, which starts at frame[0], as retained or not
// (MQTT-3.3.1-8, MQTT-3.3.1-12).
func SetRetain(frame []byte, retain bool) {
	frame[0] &^= flagRetain
	if retain {
		frame[0] |= flagRetain
	}
}
