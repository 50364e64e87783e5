package packet

// Ack is PUBACK, PUBREC, PUBREL or PUBCOMP: the four have one form.
type Ack struct {
	Type       Type
	ID         uint16
	Reason     ReasonCode
	Properties Properties
}

// Decode reads the packet of the four that the header names; another type is a
// protocol error.
func (p *Ack) Decode(v Version, h Header, body []byte) error {
	*p = Ack{Type: h.Type}
	want := h.Type
	if want < PUBACK || want > PUBCOMP {
		want = PUBACK
	}
	c := open(v, want, h, body)
	p.ID = c.id()
	if v >= V5 {
		c.reasonTail(&p.Reason, &p.Properties, p.Type, ackProps)
	}
	return c.end()
}

// reasonTail reads a reason code and properties, each of which may be left out at
// the end: no code means Success, no length means no properties.
func (c *cursor) reasonTail(r *ReasonCode, p *Properties, t Type, allowed propSet) {
	if len(c.b) == 0 {
		return
	}
	*r = ReasonCode(c.u8("reason code"))
	c.listed(*r, t, reasonClause(t))
	if len(c.b) > 0 {
		c.properties(p, allowed, false)
	}
}

// reasonClause is the statement that lists the reason codes of a packet.
func reasonClause(t Type) string {
	switch t {
	case PUBACK:
		return "MQTT-3.4.2-1"
	case PUBREC:
		return "MQTT-3.5.2-1"
	case PUBREL:
		return "MQTT-3.6.2-1"
	case PUBCOMP:
		return "MQTT-3.7.2-1"
	case DISCONNECT:
		return "MQTT-3.14.2-1"
	default:
		return "MQTT-3.15.2-1"
	}
}

// Append appends the packet in the form of the version: in v5 as short as its
// content allows, in 3.x without a reason.
func (p *Ack) Append(dst []byte, v Version) []byte {
	var flags byte
	if p.Type == PUBREL {
		flags = 2 // MQTT-3.6.1-1
	}
	if v < V5 || p.Reason == Success && p.Properties.bare() {
		return append(dst, byte(p.Type)<<4|flags, 2, byte(p.ID>>8), byte(p.ID)) // both halves
	}
	dst, start := begin(dst)
	dst = appendU16(dst, p.ID)
	dst = appendReasonTail(dst, p.Reason, &p.Properties, ackProps)
	dst, _ = finish(dst, start, p.Type, flags, 0)
	return dst
}

// appendReasonTail writes a reason code, and properties if there are any.
func appendReasonTail(dst []byte, r ReasonCode, p *Properties, allowed propSet) []byte {
	dst = append(dst, byte(r))
	mark := len(dst)
	dst = appendProperties(dst, p, allowed)
	if dst[mark] == 0 {
		return dst[:mark]
	}
	return dst
}

// bare reports that none of the properties is set that an acknowledgement may
// carry.
func (p *Properties) bare() bool { return p.ReasonString == "" && len(p.User) == 0 }
