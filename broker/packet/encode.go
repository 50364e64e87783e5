package packet

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxField is the largest string or binary field: its length has two bytes.
const maxField = 65_535

// reserved is what begin leaves free for the first byte and the longest
// remaining length.
const reserved = 5

// begin makes room for a fixed header. The body is appended after it, and finish
// closes the gap: nothing is measured beforehand, so no second piece of code
// has to agree with the one that writes.
func begin(dst []byte) (out []byte, start int) {
	return append(dst, make([]byte, reserved)...), len(dst)
}

// finish writes the fixed header of a packet that began at start and whose body
// is the rest of dst and extra bytes that the caller appends afterwards. shift is
// how far the body moved to the front. A packet longer than MaxLength cannot be
// said: it is taken back, and shift is -1.
func finish(dst []byte, start int, t Type, flags byte, extra int) (out []byte, shift int) {
	body := dst[start+reserved:]
	length := len(body) + extra
	if length > MaxLength {
		return dst[:start], -1
	}
	head := append(dst[:start], byte(t)<<4|flags)
	head = appendVarint(head, uint32(length)) // at most MaxLength
	out = append(head, body...)               // moves to the front: append copies like copy
	return out, len(dst) - len(out)
}

func appendU16(dst []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(dst, v) }

func appendU32(dst []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(dst, v) }

// appendString writes a string. One that is too long is cut at a character, so
// that the packets behind it stay readable; Publish.Check refuses such
// messages before they come here.
func appendString(dst []byte, s string) []byte {
	if len(s) > maxField {
		n := maxField
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	dst = appendU16(dst, uint16(len(s))) // at most maxField
	return append(dst, s...)
}

func appendBinary(dst, p []byte) []byte {
	if len(p) > maxField {
		p = p[:maxField]
	}
	dst = appendU16(dst, uint16(len(p))) // at most maxField
	return append(dst, p...)
}
