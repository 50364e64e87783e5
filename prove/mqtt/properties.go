package mqtt

import (
	"encoding/binary"
	"fmt"
)

// Property is the identifier of a property of version 5.
type Property byte

// The properties, named as in the standard (MQTT 5.0, table 2-4).
const (
	PayloadFormatIndicator   Property = 0x01
	MessageExpiryInterval    Property = 0x02
	ContentType              Property = 0x03
	ResponseTopic            Property = 0x08
	CorrelationData          Property = 0x09
	SubscriptionIdentifier   Property = 0x0B
	SessionExpiryInterval    Property = 0x11
	AssignedClientIdentifier Property = 0x12
	ServerKeepAlive          Property = 0x13
	AuthenticationMethod     Property = 0x15
	AuthenticationData       Property = 0x16
	RequestProblem           Property = 0x17
	WillDelayInterval        Property = 0x18
	RequestResponse          Property = 0x19
	ResponseInformation      Property = 0x1A
	ServerReference          Property = 0x1C
	ReasonString             Property = 0x1F
	ReceiveMaximum           Property = 0x21
	TopicAliasMaximum        Property = 0x22
	TopicAlias               Property = 0x23
	MaximumQoS               Property = 0x24
	RetainAvailable          Property = 0x25
	UserProperty             Property = 0x26
	MaximumPacketSize        Property = 0x27
	WildcardSubscription     Property = 0x28
	SubscriptionIDAvailable  Property = 0x29
	SharedSubscription       Property = 0x2A
)

// kind is how the value of a property lies on the wire.
type kind byte

const (
	unknown kind = iota
	one          // byte
	two
	four
	varint
	text // or binary: two bytes of length before it
	pair
)

func (p Property) kind() kind {
	switch p {
	case PayloadFormatIndicator, RequestProblem, RequestResponse, MaximumQoS, RetainAvailable,
		WildcardSubscription, SubscriptionIDAvailable, SharedSubscription:
		return one
	case ServerKeepAlive, ReceiveMaximum, TopicAliasMaximum, TopicAlias:
		return two
	case MessageExpiryInterval, SessionExpiryInterval, WillDelayInterval, MaximumPacketSize:
		return four
	case SubscriptionIdentifier:
		return varint
	case ContentType, ResponseTopic, CorrelationData, AssignedClientIdentifier, AuthenticationMethod,
		AuthenticationData, ResponseInformation, ServerReference, ReasonString:
		return text
	case UserProperty:
		return pair
	}
	return unknown
}

// Properties are the properties of a packet of version 5 as they lie on the wire,
// without the length before them. Whoever makes them may make wrong ones: nothing
// is checked on the way out.
type Properties []byte

// Number adds a property whose value is a number.
func (ps Properties) Number(p Property, value uint32) Properties {
	ps = append(ps, byte(p))
	switch p.kind() {
	case two:
		return binary.BigEndian.AppendUint16(ps, uint16(value))
	case four:
		return binary.BigEndian.AppendUint32(ps, value)
	case varint:
		return appendLength(ps, int(value))
	}
	return append(ps, byte(value))
}

// Text adds a property whose value is text or binary data.
func (ps Properties) Text(p Property, value string) Properties {
	return appendString(append(ps, byte(p)), value)
}

// User adds a user property.
func (ps Properties) User(name, value string) Properties {
	return appendString(appendString(append(ps, byte(UserProperty)), name), value)
}

// GetNumber is the value of the first property p, if there is one.
func (ps Properties) GetNumber(p Property) (value uint32, there bool) {
	for rest := []byte(ps); len(rest) > 0; {
		found, number, _, n := next(rest)
		if n == 0 {
			break
		}
		if found == p {
			return number, true
		}
		rest = rest[n:]
	}
	return 0, false
}

// GetText is the value of the first property p, if there is one: what stands
// behind the first length. It is good until the next Read.
func (ps Properties) GetText(p Property) (value []byte, there bool) {
	for rest := []byte(ps); len(rest) > 0; {
		found, _, value, n := next(rest)
		if n == 0 {
			break
		}
		if found == p {
			return value, true
		}
		rest = rest[n:]
	}
	return nil, false
}

// check walks through the properties: each is known and whole.
func (ps Properties) check() error {
	for rest := []byte(ps); len(rest) > 0; {
		_, _, _, n := next(rest)
		if n == 0 {
			return fmt.Errorf("known and whole properties expected, % x came", rest[:min(len(rest), 8)])
		}
		rest = rest[n:]
	}
	return nil
}

// next reads the first property of b; n is how many bytes it takes, 0 if it is
// not known or not whole.
func next(b []byte) (p Property, number uint32, value []byte, n int) {
	p = Property(b[0])
	rest := b[1:]
	switch k := p.kind(); {
	case k == one && len(rest) >= 1:
		return p, uint32(rest[0]), nil, 2
	case k == two && len(rest) >= 2:
		return p, uint32(binary.BigEndian.Uint16(rest)), nil, 3
	case k == four && len(rest) >= 4:
		return p, binary.BigEndian.Uint32(rest), nil, 5
	case k == varint:
		length, size := length(rest)
		if size > 0 {
			return p, uint32(length), nil, 1 + size
		}
	case k == text:
		if value, size := counted(rest); size > 0 {
			return p, 0, value, 1 + size
		}
	case k == pair:
		name, size := counted(rest)
		if size == 0 {
			break
		}
		if _, more := counted(rest[size:]); more > 0 {
			return p, 0, name, 1 + size + more
		}
	}
	return p, 0, nil, 0
}

// counted reads bytes with their length before them; n is 0 if they are not whole.
func counted(b []byte) (value []byte, n int) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return nil, 0
	}
	n = 2 + int(binary.BigEndian.Uint16(b))
	return b[2:n], n
}

// length reads a variable byte integer; n is 0 if it is not whole.
func length(b []byte) (value, n int) {
	for k := 0; k < len(b) && k < 4; k++ {
		value |= int(b[k]&0x7f) << (7 * k)
		if b[k]&0x80 == 0 {
			return value, k + 1
		}
	}
	return 0, 0
}

// appendLength adds a variable byte integer.
func appendLength(to []byte, n int) []byte {
	for n >= 0x80 {
		to = append(to, byte(n)|0x80)
		n >>= 7
	}
	return append(to, byte(n))
}

// appendProperties adds properties with their length, which only version 5 has.
func appendProperties(to []byte, v Version, ps Properties) []byte {
	if v != V5 {
		return to
	}
	return append(appendLength(to, len(ps)), ps...)
}

// splitProperties gives the properties at the beginning of b, and what follows.
func splitProperties(b []byte) (ps Properties, rest []byte, err error) {
	n, size := length(b)
	if size == 0 || n > len(b)-size {
		return nil, nil, fmt.Errorf("properties within the packet expected, % x came", b[:min(len(b), 8)])
	}
	ps = b[size : size+n]
	return ps, b[size+n:], ps.check()
}
