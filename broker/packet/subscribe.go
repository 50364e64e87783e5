package packet

import "strings"

// RetainHandling says which retained messages a subscription asks for (MQTT 5.0,
// section 3.8.3.1): 0 always, 1 only if the subscription is new, 2 none.
type RetainHandling byte

// Subscription is one filter of a SUBSCRIBE with its options.
type Subscription struct {
	Filter            string
	QoS               QoS
	NoLocal           bool
	RetainAsPublished bool
	RetainHandling    RetainHandling
}

// Subscribe asks for one or more filters.
type Subscribe struct {
	ID            uint16
	Subscriptions []Subscription
	Properties    Properties
}

// The bits of the subscription options above the QoS.
const (
	optionNoLocal           = 0x04
	optionRetainAsPublished = 0x08
	optionReserved5         = 0xC0
	optionReserved3         = 0xFC
)

// Decode reads a SUBSCRIBE. The filters are valid strings; whether they are
// topic filters is not checked here, because the answer to that is a SUBACK.
func (p *Subscribe) Decode(v Version, h Header, body []byte) error {
	*p = Subscribe{}
	c := open(v, SUBSCRIBE, h, body)
	p.ID = c.id()
	if v >= V5 {
		c.properties(&p.Properties, subscribeProps, false)
	}
	if c.err == nil && len(c.b) == 0 {
		c.fail(ProtocolError, v.clause("MQTT-3.8.3-3", "MQTT-3.8.3-2"), "SUBSCRIBE: has no topic filter")
	}
	for len(c.b) > 0 {
		s := Subscription{Filter: c.str("topic filter")}
		s.options(&c, c.u8("subscription options"))
		p.Subscriptions = append(p.Subscriptions, s)
	}
	return c.end()
}

func (s *Subscription) options(c *cursor, options byte) {
	if c.err != nil {
		return
	}
	v, reserved := c.v, byte(optionReserved5)
	if v < V5 {
		reserved = optionReserved3
	}
	s.QoS = QoS(options & 3)
	s.NoLocal = options&optionNoLocal != 0
	s.RetainAsPublished = options&optionRetainAsPublished != 0
	s.RetainHandling = RetainHandling(options >> 4 & 3)
	switch {
	case options&reserved != 0:
		c.fail(MalformedPacket, v.clause("MQTT-3.8.3-4", "MQTT-3.8.3-5"), "subscription options: a reserved bit is set")
	case s.QoS == 3:
		c.fail(ProtocolError, v.clause("MQTT-3.8.3-4", "MQTT-4.13.1-1"), "subscription options: QoS 3 does not exist")
	case s.RetainHandling == 3:
		c.fail(ProtocolError, "MQTT-4.13.1-1", "subscription options: retain handling 3 does not exist")
	case s.NoLocal && strings.HasPrefix(s.Filter, "$share/"):
		c.fail(ProtocolError, "MQTT-3.8.3-4", "subscription options: no local on a shared subscription")
	}
}

// Append appends the packet in the form of the version; 3.x has no options but
// the QoS.
func (p *Subscribe) Append(dst []byte, v Version) []byte {
	dst, start := begin(dst)
	dst = appendU16(dst, p.ID)
	if v >= V5 {
		dst = appendProperties(dst, &p.Properties, subscribeProps)
	}
	for i := range p.Subscriptions {
		s := &p.Subscriptions[i]
		dst = appendString(dst, s.Filter)
		dst = append(dst, s.byte(v))
	}
	dst, _ = finish(dst, start, SUBSCRIBE, 2, 0)
	return dst
}

func (s *Subscription) byte(v Version) byte {
	options := byte(s.QoS & 3)
	if v < V5 {
		return options
	}
	if s.NoLocal {
		options |= optionNoLocal
	}
	if s.RetainAsPublished {
		options |= optionRetainAsPublished
	}
	return options | byte(s.RetainHandling&3)<<4
}
