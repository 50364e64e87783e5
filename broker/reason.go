package broker

import (
	"strings"
	"unicode/utf8"

	"gatehouse/broker/packet"
)

// maxWhy bounds the reason strings, in bytes: they are for people who look for a
// mistake in a client, and name nothing but what that client sent itself.
const maxWhy = 200

// whyOf is the reason string for a packet that is not as it has to be.
func whyOf(e *packet.Error) string { return e.Detail + " (" + e.Clause + ")" }

// reasonString is the text as it can be sent; none to a client that wants none
// (MQTT-3.1.2-29).
func (c *conn) reasonString(why string) string {
	if c.terse {
		return ""
	}
	why = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == utf8.RuneError {
			return -1
		}
		return r
	}, why)
	for len(why) > maxWhy {
		_, n := utf8.DecodeLastRuneInString(why)
		why = why[:len(why)-n]
	}
	return why
}

// goodbye is a DISCONNECT that the client takes: without its text if that would be
// too much (MQTT-3.14.2-3), or none.
func (c *conn) goodbye(reason packet.ReasonCode, why string) []byte {
	if !reason.ValidIn(packet.DISCONNECT) {
		reason = packet.UnspecifiedError
	}
	p := packet.Disconnect{Reason: reason}
	p.Properties.ReasonString = c.reasonString(why)
	return c.shortened(func() []byte { return p.Append(nil, c.version) }, &p.Properties)
}

// denial is a CONNACK that says no, as goodbye (MQTT-3.2.2-19).
func (c *conn) denial(reason packet.ReasonCode, why string) []byte {
	if !reason.ValidIn(packet.CONNACK) {
		reason = packet.NotAuthorized
	}
	p := packet.Connack{Reason: reason}
	p.Properties.ReasonString = c.reasonString(why)
	return c.shortened(func() []byte { return p.Append(nil, c.version) }, &p.Properties)
}

// shortened is a packet with its properties, without them, or nil, as the client
// takes it.
func (c *conn) shortened(packed func() []byte, p *packet.Properties) []byte {
	if out := packed(); c.takes(out) {
		return out
	}
	*p = packet.Properties{}
	if out := packed(); c.takes(out) {
		return out
	}
	return nil
}
