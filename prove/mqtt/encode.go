package mqtt

import "encoding/binary"

// AppendConnect adds a whole CONNECT packet. A persistent session of version 5
// never expires.
func AppendConnect(to []byte, c Connect) []byte {
	b := appendString(nil, "MQTT")
	b = append(b, byte(c.Version), connectFlags(c))
	b = binary.BigEndian.AppendUint16(b, c.KeepAlive)
	if c.Version == V5 {
		if c.Persistent {
			b = append(b, 5, 0x11, 0xff, 0xff, 0xff, 0xff) // Session Expiry Interval
		} else {
			b = append(b, 0)
		}
	}
	b = appendString(b, c.ClientID)
	if w := c.Will; w != nil {
		b = appendWillProperties(b, c.Version, w.Delay)
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

func appendWillProperties(to []byte, v Version, delay uint32) []byte {
	if v != V5 || delay == 0 {
		return appendEmptyProperties(to, v)
	}
	return binary.BigEndian.AppendUint32(append(to, 5, 0x18), delay) // Will Delay Interval
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
		length++
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
	to = appendEmptyProperties(to, v)
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
	b = appendEmptyProperties(b, v)
	for _, f := range filters {
		b = append(appendString(b, f), after...)
	}
	return append(appendHeader(to, t, requiredFlags(t), len(b)), b...)
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
	to = append(to, byte(t)<<4|flags)
	for length >= 0x80 {
		to = append(to, byte(length)|0x80)
		length >>= 7
	}
	return append(to, byte(length))
}

func appendString(to []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(s))), s...)
}

// appendEmptyProperties adds the length of no properties, which only version 5 has.
func appendEmptyProperties(to []byte, v Version) []byte {
	if v == V5 {
		to = append(to, 0)
	}
	return to
}
