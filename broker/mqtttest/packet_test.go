package mqtttest

import (
	"fmt"
	"slices"
	"strings"
)

// packet is one that a server sent. Which fields are set follows from its type.
type packet struct {
	kind    byte // CONNACK to AUTH
	flags   byte // of the fixed header
	body    []byte
	id      int
	code    byte   // of CONNACK, acknowledgements, DISCONNECT, AUTH
	codes   []byte // of SUBACK, UNSUBACK
	session bool   // of CONNACK: session present
	dup     bool
	qos     byte
	retain  bool
	topic   string
	payload string
	props   properties
}

// parse takes a packet apart, and says what is wrong with it if the standard does
// not let a server send it.
func parse(version, first byte, body []byte) (packet, error) {
	p := packet{kind: first >> 4, flags: first & 15, body: body}
	r := &reader{rest: body}
	if want := byte(0); p.kind != PUBLISH {
		if p.kind == PUBREL {
			want = 2
		}
		if p.flags != want {
			r.fail("header flags %04b", p.flags)
		}
	}
	v5 := version == 5
	switch p.kind {
	case CONNACK:
		p.connack(r, v5)
	case PUBLISH:
		p.publish(r, v5)
	case PUBACK, PUBREC, PUBREL, PUBCOMP:
		if p.id = r.u16(); p.id == 0 {
			r.fail("packet identifier 0")
		}
		p.reason(r, v5)
	case SUBACK, UNSUBACK:
		p.suback(r, v5)
	case PINGRESP:
	case DISCONNECT, AUTH:
		if !v5 {
			r.fail("only of version 5")
		}
		p.reason(r, v5)
	default:
		r.fail("a server does not send it")
	}
	if len(r.rest) > 0 {
		r.fail("%d bytes too many", len(r.rest))
	}
	if v5 {
		p.reasons(r)
	}
	if r.err != nil {
		return p, fmt.Errorf("packet of type %d, % x: %w", p.kind, body, r.err)
	}
	return p, nil
}

func (p *packet) connack(r *reader, v5 bool) {
	flags := r.byte()
	p.session = flags == 1
	if flags > 1 {
		r.fail("acknowledge flags %08b (MQTT-3.2.2-1)", flags)
	}
	p.code = r.byte()
	if v5 {
		p.props = r.properties(CONNACK)
	} else if p.code > 5 {
		r.fail("return code %d", p.code)
	}
	if p.session && p.code != 0 {
		r.fail("session present with code %#x", p.code)
	}
}

func (p *packet) publish(r *reader, v5 bool) {
	p.dup, p.qos, p.retain = p.flags&8 != 0, p.flags>>1&3, p.flags&1 != 0
	p.topic = r.str()
	if p.qos > 0 {
		if p.id = r.u16(); p.id == 0 {
			r.fail("packet identifier 0")
		}
	}
	if p.qos == 3 || p.qos == 0 && p.dup {
		r.fail("QoS %d, DUP %v", p.qos, p.dup)
	}
	if v5 {
		p.props = r.properties(PUBLISH)
	}
	if p.topic == "" && !p.props.has(topicAlias) || strings.ContainsAny(p.topic, "+#") {
		r.fail("topic %q", p.topic)
	}
	p.payload, r.rest = string(r.rest), nil
}

// reason is the rest of acknowledgements, DISCONNECT and AUTH, which may leave it
// out.
func (p *packet) reason(r *reader, v5 bool) {
	if !v5 || len(r.rest) == 0 {
		return
	}
	p.code = r.byte()
	if len(r.rest) > 0 {
		p.props = r.properties(p.kind)
	}
}

func (p *packet) suback(r *reader, v5 bool) {
	if p.id = r.u16(); p.id == 0 {
		r.fail("packet identifier 0")
	}
	if v5 {
		p.props = r.properties(p.kind)
	}
	p.codes, r.rest = r.rest, nil
	if p.kind == UNSUBACK && !v5 && len(p.codes) > 0 {
		r.fail("UNSUBACK with a payload")
	}
	if !v5 && slices.ContainsFunc(p.codes, func(c byte) bool { return c > 2 && c != 0x80 }) {
		r.fail("return codes % x (MQTT-3.9.3-2)", p.codes)
	}
}
