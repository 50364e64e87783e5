package broker

import "gatehouse/broker/packet"

// heads are what stands before the payload of a message that goes to many: it is
// encoded once for each version and QoS, whatever the number of receivers. They
// belong to the turn.
type heads [2][3]head

// head is one of them; empty until somebody needs it.
type head struct {
	bytes []byte
	id    int // index of the packet identifier; -1 at QoS 0
}

// headRoom is what a head has besides the topic, mostly.
const headRoom = 16

// append appends the packet to a receiver. Nothing in it is the receiver's own but
// the identifier and the flags.
func (h *heads) append(dst []byte, s *sending, v packet.Version) []byte {
	form := 0
	if v >= packet.V5 {
		form = 1
	}
	f := &h[form][s.qos]
	if f.id == 0 {
		p := s.packet(v)
		if f.bytes, f.id = p.AppendHeader(make([]byte, 0, len(p.Topic)+headRoom), v); f.id == 0 {
			return dst // too large for any packet
		}
	}
	start := len(dst)
	dst = append(dst, f.bytes...)
	dst[start] = f.bytes[0] &^ 0x09 // the first receiver's flags
	if s.qos > 0 {
		packet.PutID(dst[start:], f.id, s.id)
		if s.dup {
			packet.SetDup(dst[start:])
		}
	}
	packet.SetRetain(dst[start:], s.retain)
	return append(dst, s.m.payload...)
}
