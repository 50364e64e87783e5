package broker

import (
	"encoding/binary"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
)

// deframer takes a client's byte stream of WebSocket frames apart (RFC 6455,
// section 5). It works in place: application data moves to the front of the
// bytes it is fed, so a connection needs no buffer of its own and a claimed
// length reserves nothing. One goroutine, the connection's reader, owns it.
type deframer struct {
	head [ws.MaxHeaderSize]byte
	have int // bytes of head that have come

	op         ws.OpCode // of the present frame
	mask       [4]byte
	left       uint64 // payload bytes of the present frame that have not come
	pos        int    // offset in the mask
	fragmented bool   // a data message has begun and not ended

	control []byte // payload of the present control frame, at most 125 bytes
	ping    []byte // payload of the last ping that is not answered; nil if none
	close   []byte // payload of the close frame; nil if none has come
}

// feed unpacks p and gives the length of the application data that now stands at
// its front. The error is a *packet.Error; data before it is good. After a close
// frame or an error nothing more may be fed.
func (d *deframer) feed(p []byte) (n int, err error) {
	for i := 0; i < len(p) && d.close == nil; {
		if d.left == 0 {
			used, err := d.header(p[i:])
			if err != nil {
				return n, err
			}
			i += used
			continue
		}
		k := int(min(d.left, uint64(len(p)-i))) // at most len(p)
		ws.Cipher(p[i:i+k], d.mask, d.pos)
		if d.op.IsControl() {
			d.control = append(d.control, p[i:i+k]...)
		} else {
			n += copy(p[n:], p[i:i+k])
		}
		i += k
		d.left -= uint64(k) // k is not negative
		d.pos = (d.pos + k) & 3
		if d.left == 0 {
			if err := d.finish(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// header takes bytes of a frame header and gives how many it took.
func (d *deframer) header(p []byte) (used int, err error) {
	for _, b := range p {
		d.head[d.have] = b
		d.have++
		used++
		if d.have == 2 {
			if err := d.check(); err != nil {
				return used, err
			}
		}
		if d.have >= 2 && d.have == d.headerSize() {
			return used, d.begin()
		}
	}
	return used, nil
}

// headerSize is known from the second byte on; a client's frame is masked.
func (d *deframer) headerSize() int {
	switch d.head[1] & 0x7F {
	case 126:
		return 2 + 2 + 4
	case 127:
		return 2 + 8 + 4
	default:
		return 2 + 4
	}
}

// check judges the first two bytes: type, fragmentation, reserved bits, mask, and
// the length of a control frame.
func (d *deframer) check() error {
	h := ws.Header{
		Fin:    d.head[0]&0x80 != 0,
		Rsv:    d.head[0] >> 4 & 7,
		OpCode: ws.OpCode(d.head[0] & 0x0F),
		Masked: d.head[1]&0x80 != 0,
		Length: int64(d.head[1] & 0x7F), // 126 and 127 are both too long for control
	}
	state := ws.StateServerSide
	if d.fragmented {
		state |= ws.StateFragmented
	}
	if h.OpCode == ws.OpText {
		return textFrame()
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return badFrame(err.Error())
	}
	d.op = h.OpCode
	if !d.op.IsControl() {
		d.fragmented = !h.Fin
	}
	return nil
}

// begin reads the rest of a complete header.
func (d *deframer) begin() error {
	size := d.have
	d.have, d.pos = 0, 0
	d.left = uint64(d.head[1] & 0x7F)
	switch d.left {
	case 126:
		d.left = uint64(binary.BigEndian.Uint16(d.head[2:]))
		if d.left < 126 {
			return badFrame("frame length is not in its shortest form")
		}
	case 127:
		d.left = binary.BigEndian.Uint64(d.head[2:])
		if d.left <= 0xFFFF || d.left>>63 != 0 {
			return badFrame("frame length is not in its shortest form, or its first bit is set")
		}
	}
	d.mask = [4]byte(d.head[size-4 : size])
	d.control = d.control[:0]
	if d.left == 0 {
		return d.finish()
	}
	return nil
}

// finish ends a frame whose payload is complete.
func (d *deframer) finish() error {
	switch d.op {
	case ws.OpPing:
		d.ping = append(make([]byte, 0, len(d.control)), d.control...)
	case ws.OpClose:
		return d.finishClose()
	}
	return nil
}

func (d *deframer) finishClose() error {
	d.close = append(make([]byte, 0, len(d.control)), d.control...)
	if len(d.control) == 0 {
		return nil
	}
	if len(d.control) == 1 {
		return badFrame("close frame of one byte")
	}
	if err := ws.CheckCloseFrameData(ws.ParseCloseFrameData(d.control)); err != nil {
		return badFrame(err.Error())
	}
	return nil
}

// textFrame is the error for text where only binary frames are allowed.
func textFrame() error {
	return &packet.Error{Reason: packet.ProtocolError, Clause: "MQTT-6.0.0-1", Detail: "WebSocket: text frame"}
}

func badFrame(what string) error {
	return &packet.Error{Reason: packet.ProtocolError, Clause: "RFC 6455", Detail: "WebSocket: " + what}
}
