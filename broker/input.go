package broker

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"gatehouse/broker/packet"
)

// input is the way in of one connection, used by its reader alone. While nothing
// is on its way in it has no memory of its own worth speaking of: a buffer is
// taken when bytes are there and given back when they are used up.
type input struct {
	nc   net.Conn
	raw  rawReader // without a socket, small reads tell that something is there
	lent *[]byte   // nil, or memory from the pool
	buf  []byte    // nil, or memory whose first used bytes were read: lent, or larger
	used int
	tiny []byte      // for connections without raw
	idle atomic.Bool // the client sends now and then: peek is enough to find out when
	// waits is true while nothing is there to read and nothing that was read is
	// still to be applied. It is set after a read that found nothing, and cleared
	// before the next one; above TLS and WebSocket, whose reads do not tell, for as
	// long as one waits.
	waits atomic.Bool
	peek  [16]byte // whole small packets, without memory from elsewhere
}

const (
	bufferSize = 16 << 10
	tinySize   = 512
)

var buffers = sync.Pool{New: func() any { p := make([]byte, bufferSize); return &p }}

// bytes is what was read and not consumed.
func (in *input) bytes() []byte { return in.buf[:in.used] }

// peeks says that the next bytes are the first ones of an idle client.
func (in *input) peeks() bool { return in.idle.Load() && in.used == 0 }

// rest waits for an idle client until fill need not wait, with next to nothing on the
// stack; false if this connection cannot be waited for like that.
func (in *input) rest() bool {
	if in.raw.raw == nil || in.used > 0 {
		return false
	}
	in.raw.rest(in)
	return true
}

// fill reads once, after waiting until something is there.
func (in *input) fill() error {
	var n int
	var err error
	switch {
	case in.raw.raw != nil:
		n, err = in.raw.read(in)
	case in.used > 0:
		n, err = in.wait(in.space())
	default:
		return in.fillTiny()
	}
	in.used += max(n, 0)
	if err != nil {
		in.release()
	}
	return err
}

// fillTiny waits with a small buffer.
func (in *input) fillTiny() error {
	if in.tiny == nil {
		in.tiny = make([]byte, tinySize)
	}
	n, err := in.wait(in.tiny)
	if n > 0 {
		in.used = copy(in.space(), in.tiny[:n])
		return nil // an error comes again
	}
	return err
}

// wait reads a connection that does not tell whether something is there.
func (in *input) wait(p []byte) (int, error) {
	in.waits.Store(true)
	defer in.waits.Store(false)
	return in.nc.Read(p)
}

// space is where to read to. It grows with what has come, not with what a packet
// claims.
func (in *input) space() []byte {
	if in.buf == nil {
		in.lent, _ = buffers.Get().(*[]byte)
		in.buf = *in.lent
	}
	if in.used == len(in.buf) {
		larger := make([]byte, 2*len(in.buf))
		copy(larger, in.buf)
		in.buf = larger
		in.giveBack()
	}
	return in.buf[in.used:]
}

// release gives the buffer back if nothing is in it.
func (in *input) release() {
	if in.used == 0 {
		in.buf = nil
		in.giveBack()
	}
}

func (in *input) giveBack() {
	if in.lent != nil {
		buffers.Put(in.lent)
		in.lent = nil
	}
}

// abandon gives the memory back whatever is in it: nothing is read any more.
func (in *input) abandon() {
	in.used = 0
	in.release()
}

// consume drops the first n bytes.
func (in *input) consume(n int) {
	in.used = copy(in.buf, in.buf[n:in.used])
	in.release()
}

// next gives the packet that begins at offset of what was read; size is 0 if
// more bytes are needed.
func (in *input) next(offset int, limit uint32) (h packet.Header, body []byte, size int, err error) {
	rest := in.bytes()[offset:]
	h, size, err = packet.Peek(rest, limit)
	switch {
	case errors.Is(err, packet.ErrShort):
		return h, nil, 0, nil
	case err != nil:
		return h, nil, 0, err
	case size > len(rest):
		return h, nil, 0, nil
	}
	return h, rest[size-h.Length : size], size, nil
}
