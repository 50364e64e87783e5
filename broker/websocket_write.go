package broker

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// frameWriter writes the server's frames, which are not masked. mu is held while
// something is written and guards the fields below it.
type frameWriter struct {
	conn     net.Conn
	deadline writeDeadline
	pending  atomic.Pointer[[]byte] // payload of the last ping that is not answered
	why      atomic.Uint32          // 0, or the code to close with and a bit above it

	mu     sync.Mutex
	head   [ws.MaxHeaderSize]byte
	before []byte // frame bytes that go out before any payload
	owed   int    // payload bytes that the frame on the wire still lacks
	closed bool   // a close frame is the last thing that is sent
	bufs   net.Buffers
	vector [2][]byte
}

// write makes p a frame, or the rest of the one that an earlier write began.
func (w *frameWriter) write(p []byte) (n int, err error) {
	w.mu.Lock()
	for len(p) > 0 && err == nil {
		if w.closed {
			err = net.ErrClosed
			break
		}
		if w.owed == 0 {
			w.takePong()
			w.begin(ws.OpBinary, len(p))
			w.owed = len(p)
		}
		var k int
		k, err = w.send(p[:min(w.owed, len(p))])
		w.owed -= k
		p = p[k:]
		n += k
	}
	w.mu.Unlock()
	w.flushPong() // one may have come while the lock was held
	return n, err
}

// begin puts a frame header behind the bytes that still have to go out.
func (w *frameWriter) begin(op ws.OpCode, size int) {
	if len(w.before) == 0 {
		w.before = w.head[:0]
	}
	w.before = append(w.before, 0x80|byte(op))
	switch {
	case size < 126:
		w.before = append(w.before, byte(size))
	case size <= 0xFFFF:
		w.before = binary.BigEndian.AppendUint16(append(w.before, 126), uint16(size))
	default:
		w.before = binary.BigEndian.AppendUint64(append(w.before, 127), uint64(size))
	}
}

// send writes what goes before and then p, in one system call where the
// connection can, and gives how many bytes of p went out.
func (w *frameWriter) send(p []byte) (int, error) {
	total, err := w.writeBoth(p)
	k := min(total, len(w.before))
	w.before = w.before[k:]
	return total - k, err
}

func (w *frameWriter) writeBoth(p []byte) (int, error) {
	switch {
	case len(w.before) == 0:
		return w.conn.Write(p)
	case len(p) == 0:
		return w.conn.Write(w.before)
	}
	if tcp, ok := w.conn.(*net.TCPConn); ok {
		w.vector = [2][]byte{w.before, p}
		w.bufs = w.vector[:]
		n, err := w.bufs.WriteTo(tcp)
		w.vector = [2][]byte{}
		return int(n), err
	}
	both := make([]byte, 0, len(w.before)+len(p))
	return w.conn.Write(append(append(both, w.before...), p...))
}

// pong answers a ping, or leaves the answer to a write that is under way. Of
// several pings only the last need be answered (RFC 6455, section 5.5.3), so a
// flood of them costs no memory.
func (w *frameWriter) pong(payload []byte) {
	w.pending.Store(&payload)
	w.flushPong()
}

// flushPong sends a pending pong unless somebody else holds the lock, who will do
// it after letting go.
func (w *frameWriter) flushPong() {
	for w.pending.Load() != nil && w.mu.TryLock() {
		ready := w.owed == 0 && !w.closed && len(w.before) == 0
		if ready {
			w.takePong()
			w.deadline.during(answerTimeout, func() { _, _ = w.send(nil) }) // what is left goes before the next frame
		}
		w.mu.Unlock()
		if !ready {
			return
		}
	}
}

// takePong moves a pending pong in front of the next frame.
func (w *frameWriter) takePong() {
	if len(w.before) > 0 {
		return
	}
	if payload := w.pending.Swap(nil); payload != nil {
		w.begin(ws.OpPong, len(*payload))
		w.before = append(w.before, *payload...)
	}
}

// close sends a close frame if one can be sent at once: not in the middle of a
// frame, and not behind a writer that is stuck. Code 0 is one without a code. Of
// several calls the first one says why, even if it could not send.
func (w *frameWriter) close(code ws.StatusCode, limit time.Duration) {
	if !w.why.CompareAndSwap(0, 1<<16|uint32(code)) {
		code = ws.StatusCode(w.why.Load()) // its lower 16 bits
	}
	if !w.mu.TryLock() {
		return
	}
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	if w.owed > 0 || len(w.before) > 0 {
		return
	}
	if code == 0 {
		w.begin(ws.OpClose, 0)
	} else {
		w.begin(ws.OpClose, 2)
		w.before = binary.BigEndian.AppendUint16(w.before, uint16(code))
	}
	w.deadline.during(limit, func() { _, _ = w.send(nil) }) // the connection ends with it or without it
}
