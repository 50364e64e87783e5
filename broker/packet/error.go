package packet

import "errors"

// ErrShort is the error of Peek when it needs more bytes to answer.
var ErrShort = errors.New("packet: more bytes are needed")

// Error says what is wrong with a packet. The connection it came from is to be
// closed (MQTT-4.8.0-1, MQTT-4.13.1-1).
type Error struct {
	// Reason is what a v5 peer is told: MalformedPacket, ProtocolError,
	// PacketTooLarge, TopicNameInvalid, TopicAliasInvalid,
	// UnsupportedProtocolVersion or ClientIdentifierNotValid.
	Reason ReasonCode
	// Clause is the numbered statement that was broken, like MQTT-3.3.1-4, in the
	// numbering of the connection's version (of 5.0 where it is not yet known).
	Clause string
	// Detail names the field and what is wrong with it.
	Detail string
}

// Error implements error.
func (e *Error) Error() string {
	return e.Reason.String() + ": " + e.Detail + " (" + e.Clause + ")"
}

// clause picks the statement's number in the version's own document.
func (v Version) clause(three, five string) string {
	if v < V5 {
		return three
	}
	return five
}

// broken is the general statement about packets that cannot be read.
func (v Version) broken() string { return v.clause("MQTT-4.8.0-1", "MQTT-4.13.1-1") }
