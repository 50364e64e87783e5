package packet

// Suback answers a Subscribe with one reason per filter, in their order.
type Suback struct {
	ID         uint16
	Reasons    []ReasonCode
	Properties Properties
}

// Decode reads a SUBACK.
func (p *Suback) Decode(v Version, h Header, body []byte) error {
	*p = Suback{}
	c := open(v, SUBACK, h, body)
	p.ID = c.id()
	if v >= V5 {
		c.properties(&p.Properties, ackProps, false)
	}
	p.Reasons = c.reasons(SUBACK)
	return c.end()
}

// reasons reads one reason code per filter to the end of the packet.
func (c *cursor) reasons(t Type) []ReasonCode {
	clause := "MQTT-3.9.3-2"
	if t == UNSUBACK {
		clause = "MQTT-3.11.3-2"
	}
	if c.err == nil && len(c.b) == 0 {
		c.malformed(t.String() + ": has no reason code")
	}
	if c.err != nil {
		return nil
	}
	reasons := make([]ReasonCode, 0, len(c.b))
	for len(c.b) > 0 {
		r := ReasonCode(c.u8("reason code"))
		if c.v < V5 && r.Failed() && r != UnspecifiedError {
			c.fail(ProtocolError, clause, "return code: not one of 0, 1, 2 and 0x80")
		}
		c.listed(r, t, clause)
		reasons = append(reasons, r)
	}
	return reasons
}

// Append appends the packet in the form of the version; 3.x has one code for
// every failure.
func (p *Suback) Append(dst []byte, v Version) []byte {
	dst, start := begin(dst)
	dst = appendU16(dst, p.ID)
	if v >= V5 {
		dst = appendProperties(dst, &p.Properties, ackProps)
	}
	for _, r := range p.Reasons {
		if v < V5 && r.Failed() {
			r = UnspecifiedError
		}
		dst = append(dst, byte(r))
	}
	dst, _ = finish(dst, start, SUBACK, 0, 0)
	return dst
}
