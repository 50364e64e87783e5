package packet

import (
	"errors"
	"testing"
)

// codec is what every packet type can do, whatever its version argument.
type codec interface {
	decode(v Version, h Header, body []byte) error
	append(v Version) []byte
}

type (
	connectCodec struct{ *Connect }
	plainCodec   struct {
		p interface {
			Decode(v Version, h Header, body []byte) error
			Append(dst []byte, v Version) []byte
		}
	}
	pingCodec struct{ t Type }
)

func (c connectCodec) decode(_ Version, h Header, body []byte) error { return c.Decode(h, body) }
func (c connectCodec) append(Version) []byte                         { return c.Append(nil) }

func (c plainCodec) decode(v Version, h Header, body []byte) error { return c.p.Decode(v, h, body) }
func (c plainCodec) append(v Version) []byte                       { return c.p.Append(nil, v) }

func (pingCodec) decode(Version, Header, []byte) error { return nil }
func (c pingCodec) append(Version) []byte {
	if c.t == PINGREQ {
		return AppendPingreq(nil)
	}
	return AppendPingresp(nil)
}

// blank gives an empty packet of a type.
func blank(t Type) codec {
	switch t {
	case CONNECT:
		return connectCodec{new(Connect)}
	case CONNACK:
		return plainCodec{new(Connack)}
	case PUBLISH:
		return plainCodec{new(Publish)}
	case SUBSCRIBE:
		return plainCodec{new(Subscribe)}
	case SUBACK:
		return plainCodec{new(Suback)}
	case UNSUBSCRIBE:
		return plainCodec{new(Unsubscribe)}
	case UNSUBACK:
		return plainCodec{new(Unsuback)}
	case PINGREQ, PINGRESP:
		return pingCodec{t}
	case DISCONNECT:
		return plainCodec{new(Disconnect)}
	case AUTH:
		return plainCodec{new(Auth)}
	default:
		return plainCodec{new(Ack)}
	}
}

// read does what a connection does with a buffer: it takes one packet off its
// front. rest is what follows.
func read(v Version, buf []byte) (c codec, rest []byte, err error) {
	h, size, err := Peek(buf, 0)
	if err != nil {
		return nil, nil, err
	}
	if size > len(buf) {
		return nil, nil, ErrShort
	}
	c = blank(h.Type)
	return c, buf[size:], c.decode(v, h, buf[size-h.Length:size:size])
}

// wantError fails unless err is an *Error of that reason and clause.
func wantError(t *testing.T, err error, reason ReasonCode, clause string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error of %s", err, clause)
	}
	if e.Reason != reason || e.Clause != clause {
		t.Fatalf("got %v, want %v (%s)", e, reason, clause)
	}
}
