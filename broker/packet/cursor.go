package packet

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// cursor reads a body from its front. The first error sticks: after it every
// read gives zero values and nothing is left, so loops over the rest end.
type cursor struct {
	v   Version
	b   []byte
	err *Error
}

// open starts reading a body and checks that the header belongs to it.
func open(v Version, t Type, h Header, body []byte) cursor {
	c := cursor{v: v, b: body}
	switch e := h.checkFlags(); {
	case h.Type != t:
		c.fail(ProtocolError, v.broken(), "expected "+t.String()+", found "+h.Type.String())
	case e != nil:
		c.fail(e.Reason, e.Clause, e.Detail)
	case h.Length != len(body):
		c.fail(MalformedPacket, v.broken(), "body is not of the length that the header says")
	}
	return c
}

// fail notes the first error and stops the reading.
func (c *cursor) fail(reason ReasonCode, clause, detail string) {
	if c.err == nil {
		c.err = &Error{reason, clause, detail}
	}
	c.b = nil
}

func (c *cursor) malformed(detail string) { c.fail(MalformedPacket, c.v.broken(), detail) }

// end refuses bytes that are left over and gives the result of the reading.
func (c *cursor) end() error {
	if len(c.b) > 0 {
		c.malformed("bytes follow the end of the packet")
	}
	return c.result()
}

func (c *cursor) result() error {
	if c.err != nil {
		return c.err
	}
	return nil
}

// take gives the next n bytes, or nil after noting that what ends early.
func (c *cursor) take(n int, what string) []byte {
	if c.err != nil {
		return nil
	}
	if n > len(c.b) {
		c.malformed(what + ": ends early")
		return nil
	}
	p := c.b[:n:n]
	c.b = c.b[n:]
	return p
}

func (c *cursor) u8(what string) byte {
	if p := c.take(1, what); p != nil {
		return p[0]
	}
	return 0
}

func (c *cursor) u16(what string) uint16 {
	if p := c.take(2, what); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

func (c *cursor) u32(what string) uint32 {
	if p := c.take(4, what); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

func (c *cursor) varint(what string) uint32 {
	if c.err != nil {
		return 0
	}
	value, n, state := varint(c.b)
	switch state {
	case varintShort:
		c.malformed(what + ": ends early")
	case varintBad:
		c.fail(MalformedPacket, "MQTT-1.5.5-1", what+": not a shortest variable byte integer")
	default:
		c.b = c.b[n:]
	}
	return value
}

// id reads a packet identifier, which is never 0.
func (c *cursor) id() uint16 {
	id := c.u16("packet identifier")
	if id == 0 && c.err == nil {
		c.fail(ProtocolError, c.v.clause("MQTT-2.3.1-1", "MQTT-2.2.1-3"), "packet identifier: is 0")
	}
	return id
}

// binary reads binary data; the result aliases the body and is never nil
// without an error.
func (c *cursor) binary(what string) []byte {
	return c.take(int(c.u16(what)), what)
}

// text reads a UTF-8 string without copying it.
func (c *cursor) text(what string) []byte {
	p := c.binary(what)
	if e := checkText(c.v, p); e != nil {
		c.fail(e.Reason, e.Clause, what+": "+e.Detail)
		return nil
	}
	return p
}

func (c *cursor) str(what string) string { return string(c.text(what)) }

// topicName reads a topic name: without wildcards, and not empty unless the
// caller has another use for an empty one. last is the name that was read
// before; an equal one shares its memory.
func (c *cursor) topicName(what, clause, last string) string {
	p := c.text(what)
	if c.err == nil && hasWildcard(p) {
		c.fail(TopicNameInvalid, clause, what+": has a wildcard in it")
		return ""
	}
	if string(p) == last {
		return last
	}
	return string(p)
}

func (c *cursor) notEmpty(s, what string) {
	if s == "" && c.err == nil {
		c.fail(TopicNameInvalid, "MQTT-4.7.3-1", what+": is empty")
	}
}

func hasWildcard(p []byte) bool {
	return bytes.IndexByte(p, '+') >= 0 || bytes.IndexByte(p, '#') >= 0
}

// checkText applies the rules for strings: well-formed UTF-8, which excludes
// surrogates, overlong forms and code points above U+10FFFF, and no U+0000. A
// byte-order mark is data (MQTT-1.5.4-3).
func checkText(v Version, p []byte) *Error {
	if bytes.IndexByte(p, 0) >= 0 {
		return &Error{MalformedPacket, v.clause("MQTT-1.5.3-2", "MQTT-1.5.4-2"), "holds U+0000"}
	}
	if !utf8.Valid(p) {
		return &Error{MalformedPacket, v.clause("MQTT-1.5.3-1", "MQTT-1.5.4-1"), "is not well-formed UTF-8"}
	}
	return nil
}
