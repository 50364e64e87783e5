package packet

// Connack answers a Connect. For 3.x the encoder turns Reason into the return
// code of MQTT 3.1.1 table 3.1; see ReasonCode.ReturnCode.
type Connack struct {
	SessionPresent bool
	Reason         ReasonCode
	Properties     Properties
}

// Decode reads a CONNACK. Properties.AuthData aliases body.
func (p *Connack) Decode(v Version, h Header, body []byte) error {
	*p = Connack{}
	c := open(v, CONNACK, h, body)
	flags := c.u8("acknowledge flags")
	if flags > 1 && v > V31 { // in 3.1 the byte is unused
		c.fail(MalformedPacket, "MQTT-3.2.2-1", "acknowledge flags: a reserved bit is set")
	}
	p.SessionPresent = flags&1 != 0 && v > V31
	code := c.u8("reason code")
	p.Reason = ReasonCode(code)
	if v < V5 {
		reason, ok := reasonOf(code)
		if !ok {
			c.malformed("return code: does not exist")
		}
		p.Reason = reason
	} else {
		c.listed(p.Reason, CONNACK, "MQTT-3.2.2-8")
		c.properties(&p.Properties, connackProps, false)
	}
	if p.SessionPresent && p.Reason != Success {
		c.fail(ProtocolError, v.clause("MQTT-3.2.2-4", "MQTT-3.2.2-6"), "acknowledge flags: session present in a refusal")
	}
	return c.end()
}

// Append appends the packet in the form of the version. It appends nothing if the
// version is 3.x and has no return code for the reason: the connection is then
// closed without an answer (MQTT 3.1.1, MQTT-3.2.2-6).
func (p *Connack) Append(dst []byte, v Version) []byte {
	code := byte(p.Reason)
	if v < V5 {
		if code = p.Reason.ReturnCode(); code == NoReturnCode {
			return dst
		}
	}
	dst, start := begin(dst)
	var flags byte
	if p.SessionPresent && p.Reason == Success && v > V31 {
		flags = 1
	}
	dst = append(dst, flags, code)
	if v >= V5 {
		dst = appendProperties(dst, &p.Properties, connackProps)
	}
	dst, _ = finish(dst, start, CONNACK, 0, 0)
	return dst
}

// listed refuses a reason code that the packet may not carry.
func (c *cursor) listed(r ReasonCode, t Type, clause string) {
	if c.err == nil && !r.ValidIn(t) {
		c.fail(ProtocolError, clause, "reason code: not one that "+t.String()+" may carry")
	}
}
