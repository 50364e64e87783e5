package packet

// Unsubscribe gives filters back.
type Unsubscribe struct {
	ID         uint16
	Filters    []string
	Properties Properties
}

// Decode reads an UNSUBSCRIBE. The filters are valid strings, and nothing more is
// checked of them.
func (p *Unsubscribe) Decode(v Version, h Header, body []byte) error {
	*p = Unsubscribe{}
	c := open(v, UNSUBSCRIBE, h, body)
	p.ID = c.id()
	if v >= V5 {
		c.properties(&p.Properties, unsubscribeProps, false)
	}
	if c.err == nil && len(c.b) == 0 {
		c.fail(ProtocolError, "MQTT-3.10.3-2", "UNSUBSCRIBE: has no topic filter")
	}
	for len(c.b) > 0 {
		p.Filters = append(p.Filters, c.str("topic filter"))
	}
	return c.end()
}

// Append appends the packet in the form of the version.
func (p *Unsubscribe) Append(dst []byte, v Version) []byte {
	dst, start := begin(dst)
	dst = appendU16(dst, p.ID)
	if v >= V5 {
		dst = appendProperties(dst, &p.Properties, unsubscribeProps)
	}
	for _, f := range p.Filters {
		dst = appendString(dst, f)
	}
	dst, _ = finish(dst, start, UNSUBSCRIBE, 2, 0)
	return dst
}

// Unsuback answers an Unsubscribe; 3.x has no reasons in it.
type Unsuback struct {
	ID         uint16
	Reasons    []ReasonCode
	Properties Properties
}

// Decode reads an UNSUBACK.
func (p *Unsuback) Decode(v Version, h Header, body []byte) error {
	*p = Unsuback{}
	c := open(v, UNSUBACK, h, body)
	p.ID = c.id()
	if v >= V5 {
		c.properties(&p.Properties, ackProps, false)
		p.Reasons = c.reasons(UNSUBACK)
	}
	return c.end()
}

// Append appends the packet in the form of the version.
func (p *Unsuback) Append(dst []byte, v Version) []byte {
	dst, start := begin(dst)
	dst = appendU16(dst, p.ID)
	if v >= V5 {
		dst = appendProperties(dst, &p.Properties, ackProps)
		for _, r := range p.Reasons {
			dst = append(dst, byte(r))
		}
	}
	dst, _ = finish(dst, start, UNSUBACK, 0, 0)
	return dst
}
