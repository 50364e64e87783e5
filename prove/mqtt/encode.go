package mqtt

import "encoding/binary"

// AppendConnect adds a whole CONNECT packet. A persistent session of version 5
// never expires.
func AppendConnect(to []byte, c Connect) []byte {
	b := appendString(nil, "MQTT")
	b = append(b, byte(c.Version), connectFlags(c))
	b = binary.BigEndian.AppendUint16(b, c.KeepAlive)
	if c.Version == V5 {
		ps := c.Properties
		if _, there := ps.GetNumber(SessionExpiryInterval); c.Persistent && !there {
			ps = ps[:len(ps):len(ps)].Number(SessionExpiryInterval, 0xffffffff)
		}
		b = appendProperties(b, V5, ps)
	}
	b = appendString(b, c.ClientID)
	if w := c.Will; w != nil {
		b = appendProperties(b, c.Version, w.properties())
		b = appendString(b, w.Topic)
		b = binary.BigEndian.AppendUint16(b, uint16(len(w.Payload)))
		b = append(b, w.Payload...)
	}
	if c.User != "" {
		b = appendString(b, c.User)
		b = appendString(b, c.Password)
	}
	return append(appendHeader(to, CONNECT, 0, len(b)), b...)
}

func (w *Will) properties() Properties {
	if w.Delay == 0 {
		return w.Properties
	}
	return w.Properties[:len(w.Properties):len(w.Properties)].Number(WillDelayInterval, w.Delay)
}

func connectFlags(c Connect) byte {
	var flags byte
	if !c.Persistent {
		flags |= 0x02
	}
	if w := c.Will; w != nil {
		flags |= 0x04 | w.QoS<<3
		if w.Retain {
			flags |= 0x20
		}
	}
	if c.User != "" {
		flags |= 0xc0
	}
	return flags
}

// AppendPublish adds a whole PUBLISH packet.
func AppendPublish(to []byte, v Version, p Publish) []byte {
	length := 2 + len(p.Topic) + len(p.Payload)
	if p.QoS > 0 {
		length += 2
	}
	if v == V5 {
		length += len(appendLength(make([]byte, 0, 4), len(p.Properties))) + len(p.Properties)
	}
	flags := p.QoS << 1
	if p.Dup {
		flags |= 0x08
	}
	if p.Retain {
		flags |= 0x01
	}
	to = appendHeader(to, PUBLISH, flags, length)
	to = binary.BigEndian.AppendUint16(to, uint16(len(p.Topic)))
	to = append(to, p.Topic...)
	if p.QoS > 0 {
		to = binary.BigEndian.AppendUint16(to, p.ID)
	}
	to = appendProperties(to, v, p.Properties)
	return append(to, p.Payload...)
}

// AppendAck adds PUBACK, PUBREC, PUBREL or PUBCOMP; without a reason it is the
// same in both versions, and means success.
func AppendAck(to []byte, t Type, id uint16) []byte {
	return binary.BigEndian.AppendUint16(append(to, byte(t)<<4|requiredFlags(t), 2), id)
}

// AppendSubscribe adds a SUBSCRIBE for filters, each with the same QoS.
func AppendSubscribe(to []byte, v Version, id uint16, qos byte, filters ...string) []byte {
	return appendFilters(to, SUBSCRIBE, v, id, []byte{qos}, filters)
}

// AppendUnsubscribe adds an UNSUBSCRIBE for filters.
func AppendUnsubscribe(to []byte, v Version, id uint16, filters ...string) []byte {
	return appendFilters(to, UNSUBSCRIBE, v, id, nil, filters)
}

func appendFilters(to []byte, t Type, v Version, id uint16, after []byte, filters []string) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = appendProperties(b, v, nil)
	for _, f := range filters {
		b = append(appendString(b, f), after...)
	}
	return append(appendHeader(to, t, requiredFlags(t), len(b)), b...)
}

// AppendReason adds a packet of version 5 that ends with a reason and properties:
// DISCONNECT or AUTH, or an acknowledgement if id is not 0.
func AppendReason(to []byte, t Type, id uint16, code byte, ps Properties) []byte {
	var b []byte
	if id != 0 {
		b = binary.BigEndian.AppendUint16(b, id)
	}
	b = appendProperties(append(b, code), V5, ps)
	return append(appendHeader(to, t, requiredFlags(t), len(b)), b...)
}

// Filter is one filter of a SUBSCRIBE with its options byte: QoS and, of version
// 5, no local (4), retain as published (8) and retain handling (16, 32).
type Filter struct {
	Name    string
	Options byte
}

// AppendSubscribeWith adds a SUBSCRIBE with properties.
func AppendSubscribeWith(to []byte, v Version, id uint16, ps Properties, filters ...Filter) []byte {
	b := appendProperties(binary.BigEndian.AppendUint16(nil, id), v, ps)
	for _, f := range filters {
		b = append(appendString(b, f.Name), f.Options)
	}
	return append(appendHeader(to, SUBSCRIBE, requiredFlags(SUBSCRIBE), len(b)), b...)
}

// AppendFrame adds a packet of any content, right or wrong.
func AppendFrame(to []byte, first byte, body []byte) []byte {
	return append(appendLength(append(to, first), len(body)), body...)
}

// AppendEmpty adds a packet without a body: PINGREQ or DISCONNECT.
func AppendEmpty(to []byte, t Type) []byte { return append(to, byte(t)<<4, 0) }

// requiredFlags are the lower half of the first byte of all but PUBLISH.
func requiredFlags(t Type) byte {
	switch t {
	case PUBREL, SUBSCRIBE, UNSUBSCRIBE:
		return 0x02
	}
	return 0
}

func appendHeader(to []byte, t Type, flags byte, length int) []byte {
	return appendLength(append(to, byte(t)<<4|flags), length)
}

func appendString(to []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(s))), s...)
}
