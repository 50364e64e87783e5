package packet

// Disconnect ends a connection; 3.x clients send it without a body and never
// receive one.
type Disconnect struct {
	Reason     ReasonCode
	Properties Properties
}

// Decode reads a DISCONNECT.
func (p *Disconnect) Decode(v Version, h Header, body []byte) error {
	*p = Disconnect{}
	c := open(v, DISCONNECT, h, body)
	if v >= V5 {
		c.reasonTail(&p.Reason, &p.Properties, DISCONNECT, disconnectProps)
	}
	return c.end()
}

// Append appends the packet in the form of the version.
func (p *Disconnect) Append(dst []byte, v Version) []byte {
	dst, start := begin(dst)
	if v >= V5 {
		dst = appendOptionalTail(dst, p.Reason, &p.Properties, disconnectProps)
	}
	dst, _ = finish(dst, start, DISCONNECT, 0, 0)
	return dst
}

// Auth is one step of an enhanced authentication (v5).
type Auth struct {
	Reason     ReasonCode
	Properties Properties
}

// Decode reads an AUTH, which is a protocol error in 3.x. Properties.AuthData
// aliases body.
func (p *Auth) Decode(v Version, h Header, body []byte) error {
	*p = Auth{}
	c := open(v, AUTH, h, body)
	if v < V5 {
		c.fail(ProtocolError, v.broken(), "AUTH: does not exist before 5.0")
	}
	c.reasonTail(&p.Reason, &p.Properties, AUTH, authProps)
	return c.end()
}

// Append appends the packet in the form of the version; nothing in 3.x.
func (p *Auth) Append(dst []byte, v Version) []byte {
	if v < V5 {
		return dst
	}
	dst, start := begin(dst)
	dst = appendOptionalTail(dst, p.Reason, &p.Properties, authProps)
	dst, _ = finish(dst, start, AUTH, 0, 0)
	return dst
}

// appendOptionalTail is appendReasonTail that leaves out a Success without
// properties.
func appendOptionalTail(dst []byte, r ReasonCode, p *Properties, allowed propSet) []byte {
	mark := len(dst)
	dst = appendReasonTail(dst, r, p, allowed)
	if r == Success && len(dst) == mark+1 {
		return dst[:mark]
	}
	return dst
}
