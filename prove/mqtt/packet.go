package mqtt

import "strconv"

// Version is the protocol level in CONNECT.
type Version byte

// The versions that this package speaks. Zero means V311.
const (
	V311 Version = 4
	V5   Version = 5
)

// Type is the upper half of a packet's first byte.
type Type byte

// The packet types, named as in the standard.
const (
	CONNECT Type = iota + 1
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
	AUTH // version 5 only
)

// String is the name in the standard.
func (t Type) String() string {
	switch t {
	case CONNECT:
		return "CONNECT"
	case CONNACK:
		return "CONNACK"
	case PUBLISH:
		return "PUBLISH"
	case PUBACK:
		return "PUBACK"
	case PUBREC:
		return "PUBREC"
	case PUBREL:
		return "PUBREL"
	case PUBCOMP:
		return "PUBCOMP"
	case SUBSCRIBE:
		return "SUBSCRIBE"
	case SUBACK:
		return "SUBACK"
	case UNSUBSCRIBE:
		return "UNSUBSCRIBE"
	case UNSUBACK:
		return "UNSUBACK"
	case PINGREQ:
		return "PINGREQ"
	case PINGRESP:
		return "PINGRESP"
	case DISCONNECT:
		return "DISCONNECT"
	case AUTH:
		return "AUTH"
	}
	return "type " + strconv.Itoa(int(t))
}

// Will is what the broker publishes when the connection ends without DISCONNECT.
type Will struct {
	Topic   string
	Payload []byte
	QoS     byte
	Retain  bool
	Delay   uint32 // seconds; version 5 only

	Properties Properties // besides Delay; version 5 only
}

// Connect is the content of CONNECT.
type Connect struct {
	Version    Version
	ClientID   string
	Persistent bool   // the session outlives the connection; without it it starts clean
	KeepAlive  uint16 // seconds; 0: none
	Will       *Will
	User       string // empty: neither user nor password
	Password   string

	Properties Properties // version 5 only; a persistent session without an expiry among them never expires
}

// Publish is the content of PUBLISH. Without a topic it has an alias. One that was received lies in the read
// buffer: Topic and Payload are good until the next Read.
type Publish struct {
	Topic   []byte
	Payload []byte
	ID      uint16 // not 0 with QoS 1 and 2
	QoS     byte
	Dup     bool
	Retain  bool

	Properties Properties // version 5 only; those received are good until the next Read
}

// Packet is one received packet, well-formed. Its bytes are good until the next
// Read.
type Packet struct {
	Type    Type
	ID      uint16 // of PUBLISH with QoS 1 and 2, of acknowledgements, SUBACK, UNSUBACK
	Code    byte   // of CONNACK, acknowledgements and DISCONNECT: reason; 0x80 and above is a refusal
	Codes   []byte // of SUBACK and UNSUBACK: one for each filter
	Session bool   // of CONNACK: the broker has a session of this client
	Publish Publish

	Properties Properties // of version 5
}
