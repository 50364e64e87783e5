package mqtttest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The packet types (MQTT 5.0, table 2-1).
const (
	CONNECT = iota + 1
	CONNACK
	PUBLISH
	PUBACK
	PUBREC
	PUBREL
	PUBCOMP
	SUBSCRIBE
	SUBACK
	UNSUBSCRIBE
	UNSUBACK
	PINGREQ
	PINGRESP
	DISCONNECT
	AUTH
)

// The properties (MQTT 5.0, table 2-4).
const (
	payloadFormat      = 0x01
	messageExpiry      = 0x02
	contentType        = 0x03
	responseTopic      = 0x08
	correlationData    = 0x09
	subscriptionID     = 0x0B
	sessionExpiry      = 0x11
	assignedClientID   = 0x12
	serverKeepAlive    = 0x13
	authMethod         = 0x15
	authData           = 0x16
	problemInformation = 0x17
	willDelay          = 0x18
	requestResponse    = 0x19
	responseInfo       = 0x1A
	serverReference    = 0x1C
	reasonString       = 0x1F
	receiveMaximum     = 0x21
	topicAliasMaximum  = 0x22
	topicAlias         = 0x23
	maximumQoS         = 0x24
	retainAvailable    = 0x25
	userProperty       = 0x26
	maximumPacketSize  = 0x27
	wildcardAvailable  = 0x28
	subIDAvailable     = 0x29
	sharedAvailable    = 0x2A
)

// form is how the value of a property is written.
type form byte

const (
	isByte form = iota
	is16
	is32
	isVarint
	isString
	isBinary
	isPair
)

// forms says it for each property, and in which packets a server may send it.
var forms = map[byte]struct {
	form form
	in   []byte
}{
	payloadFormat:      {isByte, []byte{PUBLISH}},
	messageExpiry:      {is32, []byte{PUBLISH}},
	contentType:        {isString, []byte{PUBLISH}},
	responseTopic:      {isString, []byte{PUBLISH}},
	correlationData:    {isBinary, []byte{PUBLISH}},
	subscriptionID:     {isVarint, []byte{PUBLISH}},
	sessionExpiry:      {is32, []byte{CONNACK}},
	assignedClientID:   {isString, []byte{CONNACK}},
	serverKeepAlive:    {is16, []byte{CONNACK}},
	authMethod:         {isString, []byte{CONNACK, AUTH}},
	authData:           {isBinary, []byte{CONNACK, AUTH}},
	problemInformation: {isByte, nil},
	willDelay:          {is32, nil},
	requestResponse:    {isByte, nil},
	responseInfo:       {isString, []byte{CONNACK}},
	serverReference:    {isString, []byte{CONNACK, DISCONNECT}},
	reasonString:       {isString, []byte{CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH}},
	receiveMaximum:     {is16, []byte{CONNACK}},
	topicAliasMaximum:  {is16, []byte{CONNACK}},
	topicAlias:         {is16, []byte{PUBLISH}},
	maximumQoS:         {isByte, []byte{CONNACK}},
	retainAvailable:    {isByte, []byte{CONNACK}},
	userProperty:       {isPair, []byte{CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH}},
	maximumPacketSize:  {is32, []byte{CONNACK}},
	wildcardAvailable:  {isByte, []byte{CONNACK}},
	subIDAvailable:     {isByte, []byte{CONNACK}},
	sharedAvailable:    {isByte, []byte{CONNACK}},
}

// property is one property: the value is an int, a string (binary data too), or a
// pair of strings.
type property struct {
	id    byte
	value any
}

type pair struct{ name, value string }

// properties are those of a packet, in order.
type properties []property

// all gives the values of a property.
func (p properties) all(id byte) (values []any) {
	for _, x := range p {
		if x.id == id {
			values = append(values, x.value)
		}
	}
	return values
}

func (p properties) has(id byte) bool { return len(p.all(id)) > 0 }

// number gives the value of a numeric property, or what stands for its absence.
func (p properties) number(id byte, absent int) int {
	for _, v := range p.all(id) {
		n, _ := v.(int)
		return n
	}
	return absent
}

// text gives the value of a property that is a string; empty if it is absent.
func (p properties) text(id byte) string {
	for _, v := range p.all(id) {
		s, _ := v.(string)
		return s
	}
	return ""
}

// encode gives the properties with their length. It writes whatever it is given,
// sense or not.
func (p properties) encode() []byte {
	var body []byte
	for _, x := range p {
		body = append(body, x.id)
		switch v := x.value.(type) {
		case int:
			switch forms[x.id].form {
			case is16:
				body = append(body, u16(v)...)
			case is32:
				body = append(body, u32(v)...)
			case isVarint:
				body = append(body, varint(v)...)
			default:
				body = append(body, byte(v))
			}
		case string:
			body = append(body, str(v)...)
		case pair:
			body = append(append(body, str(v.name)...), str(v.value)...)
		default:
			panic(fmt.Sprintf("property %#x: %T", x.id, x.value))
		}
	}
	return append(varint(len(body)), body...)
}

func u16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func u32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func str(s string) []byte {
	return append(u16(len(s)), s...)
}

func varint(n int) []byte {
	var b []byte
	for ; n >= 128; n >>= 7 {
		b = append(b, byte(n)|128)
	}
	return append(b, byte(n))
}

// reader takes a packet that a server sent apart. What is wrong with it is kept.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, a...)
	}
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail("%d bytes wanted, %d left", n, len(r.rest))
		r.rest = nil
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte  { return r.take(1)[0] }
func (r *reader) u16() int    { return int(binary.BigEndian.Uint16(r.take(2))) }
func (r *reader) u32() int    { return int(binary.BigEndian.Uint32(r.take(4))) }
func (r *reader) bin() string { return string(r.take(r.u16())) }

// str takes a string, which has to be well-formed and without U+0000
// (MQTT-1.5.4-1, MQTT-1.5.4-2).
func (r *reader) str() string {
	s := r.bin()
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		r.fail("string %q", s)
	}
	return s
}

func (r *reader) varint() (n int) {
	for shift := 0; ; shift += 7 {
		b := r.byte()
		n |= int(b&127) << shift
		switch {
		case b < 128 && b == 0 && shift > 0:
			r.fail("a variable byte integer longer than it has to be (MQTT-1.5.5-1)")
			return n
		case b < 128:
			return n
		case shift == 21:
			r.fail("a variable byte integer of more than four bytes")
			return n
		}
	}
}

// properties takes those of a packet of this type apart.
func (r *reader) properties(kind byte) (list properties) {
	inner := reader{rest: r.take(r.varint())}
	for len(inner.rest) > 0 {
		id := inner.byte()
		f, known := forms[id]
		if !known || !slices.Contains(f.in, kind) {
			r.fail("property %#x in a packet of type %d", id, kind)
			return list
		}
		if id != userProperty && id != subscriptionID && list.has(id) {
			r.fail("property %#x twice", id)
		}
		p := property{id: id}
		switch f.form {
		case isByte:
			p.value = int(inner.byte())
		case is16:
			p.value = inner.u16()
		case is32:
			p.value = inner.u32()
		case isVarint:
			p.value = inner.varint()
		case isString:
			p.value = inner.str()
		case isBinary:
			p.value = inner.bin()
		case isPair:
			p.value = pair{inner.str(), inner.str()}
		}
		list = append(list, p)
	}
	if inner.err != nil {
		r.fail("properties: %w", inner.err)
	}
	return list
}
