package packet

// MaxLength is the largest remaining length that four bytes can say.
const MaxLength = 268_435_455

// Header is the fixed header of a packet (MQTT 5.0, section 2.1).
type Header struct {
	Type   Type
	Flags  byte // the lower four bits of the first byte
	Length int  // remaining length: bytes that follow the fixed header
}

// Peek reads the fixed header at the start of buf and refuses what can be
// refused before the body has come: an unknown type, wrong flag bits
// (MQTT-2.1.3-1, MQTT-3.3.1-4), a remaining length in more bytes than it needs
// (MQTT-1.5.5-1), and a packet of more than limit bytes in all (PacketTooLarge; 0
// means no limit beyond the protocol's own).
//
// size is the length of the whole packet in bytes, so its body is
// buf[size-h.Length : size] once len(buf) >= size. While the header itself is
// not complete the error is ErrShort; any other error is an *Error.
func Peek(buf []byte, limit uint32) (h Header, size int, err error) {
	if len(buf) == 0 {
		return h, 0, ErrShort
	}
	h = Header{Type: Type(buf[0] >> 4), Flags: buf[0] & 0x0F}
	if e := h.checkFlags(); e != nil {
		return h, 0, e
	}
	length, n, state := varint(buf[1:])
	switch state {
	case varintShort:
		return h, 0, ErrShort
	case varintBad:
		return h, 0, &Error{MalformedPacket, "MQTT-1.5.5-1", "remaining length: not a shortest variable byte integer"}
	}
	h.Length = int(length)
	size = 1 + n + h.Length
	if limit > 0 && uint64(size) > uint64(limit) {
		return h, size, &Error{PacketTooLarge, "MQTT-3.2.2-15", h.Type.String() + ": larger than the limit"}
	}
	if h.Length > 0 && (h.Type == PINGREQ || h.Type == PINGRESP) {
		return h, size, &Error{MalformedPacket, "MQTT-4.13.1-1", h.Type.String() + ": has a body"}
	}
	return h, size, nil
}

// checkFlags compares the flag bits with those that the type demands.
func (h Header) checkFlags() *Error {
	switch h.Type {
	case PUBLISH:
		return h.checkPublishFlags()
	case PUBREL:
		return h.wantFlags(2, "MQTT-3.6.1-1")
	case SUBSCRIBE:
		return h.wantFlags(2, "MQTT-3.8.1-1")
	case UNSUBSCRIBE:
		return h.wantFlags(2, "MQTT-3.10.1-1")
	case DISCONNECT:
		return h.wantFlags(0, "MQTT-3.14.1-1")
	case AUTH:
		return h.wantFlags(0, "MQTT-3.15.1-1")
	case CONNECT, CONNACK, PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK, PINGREQ, PINGRESP:
		return h.wantFlags(0, "MQTT-2.1.3-1")
	default:
		return &Error{MalformedPacket, "MQTT-4.13.1-1", "packet type 0 does not exist"}
	}
}

func (h Header) wantFlags(want byte, clause string) *Error {
	if h.Flags == want {
		return nil
	}
	return &Error{MalformedPacket, clause, h.Type.String() + ": wrong flag bits in the fixed header"}
}

func (h Header) checkPublishFlags() *Error {
	switch qos := h.Flags >> 1 & 3; {
	case qos == 3:
		return &Error{MalformedPacket, "MQTT-3.3.1-4", "PUBLISH: QoS 3 does not exist"}
	case qos == 0 && h.Flags&flagDup != 0:
		return &Error{ProtocolError, "MQTT-3.3.1-2", "PUBLISH: DUP is set at QoS 0"}
	}
	return nil
}

// How reading a variable byte integer ended.
const (
	varintOK = iota
	varintShort
	varintBad
)

// varint reads a variable byte integer (MQTT 5.0, section 1.5.5): its value, the
// bytes it took, and how it ended. Five bytes and padding are bad at once.
func varint(b []byte) (value uint32, n, state int) {
	for i, c := range b[:min(len(b), 4)] {
		value |= uint32(c&0x7F) << (7 * i)
		if c >= 0x80 {
			continue
		}
		if c == 0 && i > 0 {
			return 0, 0, varintBad // MQTT-1.5.5-1: not the shortest form
		}
		return value, i + 1, varintOK
	}
	if len(b) < 4 {
		return 0, 0, varintShort
	}
	return 0, 0, varintBad
}

// appendVarint writes v, which is at most MaxLength, in its shortest form.
func appendVarint(dst []byte, v uint32) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}
