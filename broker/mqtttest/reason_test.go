package mqtttest

import (
	"bytes"
	"slices"
	"time"
)

// listed are the reason codes that the standard has for what a server sends
// (MQTT 5.0, sections 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3,
// 3.14.2.1 and 3.15.2.1). 0x8C in DISCONNECT is in table 2-6 only.
var listed = map[byte][]byte{
	CONNACK: {
		0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90,
		0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
	},
	PUBACK:   {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREC:   {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREL:   {0x00, 0x92},
	PUBCOMP:  {0x00, 0x92},
	SUBACK:   {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
	UNSUBACK: {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
	DISCONNECT: {
		0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
		0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
	},
	AUTH: {0x00, 0x18},
}

// reasons fails on a reason code that the standard does not list for the packet.
func (p *packet) reasons(r *reader) {
	for _, c := range append(p.codes, p.code) {
		if codes, has := listed[p.kind]; has && !slices.Contains(codes, c) {
			r.fail("reason code %#x in a packet of type %d", c, p.kind)
		}
	}
}

// reasonWas fails unless the server gave one of these reasons for closing the
// connection, or none: it may keep silent.
func (p *peer) reasonWas(got byte, codes ...byte) {
	p.t.Helper()
	if got != 0 && !slices.Contains(codes, got) {
		p.t.Errorf("closed with reason %#x, want one of %#x", got, codes)
	}
}

// wrongVersion takes the answer to a CONNECT of a version that the server does not
// have: none, or a CONNACK that says so in the form of 3.1.1, which is the oldest, or
// of 5.0.
func (p *peer) wrongVersion() {
	p.t.Helper()
	_ = p.nc.SetReadDeadline(time.Now().Add(patience))
	first, _ := p.in.Peek(4)
	if len(first) == 0 {
		return
	}
	want := byte(0x84)
	p.version = 5
	if bytes.Equal(first, []byte{CONNACK << 4, 2, 0, 1}) {
		p.version, want = 4, 1
	}
	if x := p.want(CONNACK); x.code != want {
		p.t.Errorf("answered with %+v, want reason %#x", x, want)
	}
}
