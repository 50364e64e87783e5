package broker

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// output is the way out of one connection. Packets are appended to it at any
// time and written by whoever flushes: directly as far as the socket takes them
// at once, the rest by a goroutine that lives only as long as the client is slow.
// At most one of them writes at a time.
//
// Bytes wait in segments that end where a packet ends. Between two segments the
// letters go first: a command never waits behind a backlog, and is looked at
// once more at the very last moment.
type output struct {
	nc   net.Conn
	raw  syscall.RawConn  // nil: every write needs a goroutine
	gone chan struct{}    // closed when the connection is
	idle func(lost error) // called when the writing is over: nothing waits any more, or the connection is lost

	mu      sync.Mutex // taken under the broker's lock; only leaves are taken under it
	welcome []byte     // CONNACK: goes before everything, letters too (MQTT-3.2.0-1)
	segs    [][]byte
	size    int
	letters []*letter
	busy    bool // somebody writes
	slow    bool // a goroutine does
	starved bool // somebody found no room: idle is called when there is
	closing bool // nothing is appended any more; closed once all is written
	failed  bool
}

// segment is where a segment of waiting bytes ends, rounded up to a packet.
const segment = 64 << 10

var segments = sync.Pool{New: func() any { p := make([]byte, 0, 4<<10); return &p }}

func getSegment() []byte {
	p, _ := segments.Get().(*[]byte)
	return (*p)[:0]
}

func putSegment(p []byte) {
	if cap(p) <= 2*segment {
		segments.Put(&p)
	}
}

// append adds what f appends: whole packets. It does not write.
func (o *output) append(f func(dst []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed {
		return
	}
	last := len(o.segs) - 1
	if last < 0 || len(o.segs[last]) >= segment {
		o.segs = append(o.segs, getSegment())
		last++
	}
	before := len(o.segs[last])
	o.segs[last] = f(o.segs[last])
	o.size += len(o.segs[last]) - before
}

// greet adds the first packet of the connection.
func (o *output) greet(connack []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing && !o.failed {
		o.welcome = connack
	}
}

// post adds a letter.
func (o *output) post(l *letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing && !o.failed {
		o.letters = append(o.letters, l)
	}
}

// waiting is how many bytes wait.
func (o *output) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.size
}

// hasRoom says whether fewer bytes wait than the limit. Who is told no hears from
// idle when nothing waits any more.
func (o *output) hasRoom(limit int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.size < limit {
		return true
	}
	o.starved = true
	return false
}

// finish makes the connection close after what waits, and goodbye, were written
// or grace has passed. discard throws away what waits.
func (o *output) finish(goodbye []byte, discard bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return
	}
	if discard {
		o.segs, o.size = nil, 0
	}
	o.letters = nil
	if len(goodbye) > 0 && !o.failed {
		o.segs = append(o.segs, append(getSegment(), goodbye...))
		o.size += len(goodbye)
	}
	o.closing = true
}

// hurry ends what may block: the reader at once, the writer after grace.
func (o *output) hurry(grace time.Duration) {
	_ = o.nc.SetReadDeadline(time.Unix(1, 0)) // a closed connection needs no deadline
	_ = o.nc.SetWriteDeadline(time.Now().Add(grace))
}

// flush writes what waits as far as that is possible at once.
func (o *output) flush(spawn func(func())) {
	o.mu.Lock()
	if o.busy || o.empty() && !o.closing {
		o.mu.Unlock()
		return
	}
	o.busy = true
	if o.raw == nil {
		o.slow = true
		o.mu.Unlock()
		spawn(func() { o.drain(nil, nil) })
		return
	}
	for {
		p, l := o.take()
		if p == nil {
			break
		}
		o.mu.Unlock()
		n, err := tryWrite(o.raw, p)
		if err != nil {
			l.resolve(false)
			o.fail(err)
			return
		}
		if n < len(p) {
			o.mu.Lock()
			o.slow = true
			o.mu.Unlock()
			spawn(func() { o.drain(p[n:], l) })
			return
		}
		o.written(p, l)
		o.mu.Lock()
	}
	if o.starved && !o.closing { // more is to come: not at the expense of whoever flushes
		o.slow = true
		o.mu.Unlock()
		spawn(func() { o.drain(nil, nil) })
		return
	}
	o.rest()
}

// empty says that nothing waits. mu is held.
func (o *output) empty() bool { return o.welcome == nil && len(o.segs) == 0 && len(o.letters) == 0 }

// rest ends a turn of writing: mu is held, nothing waits.
func (o *output) rest() {
	slow, closing := o.slow, o.closing
	o.busy, o.slow, o.starved = false, false, false
	if closing {
		o.busy = true // for ever
	}
	o.mu.Unlock()
	switch {
	case closing:
		o.close()
	case slow:
		o.idle(nil)
	}
}

// take gives the next piece to write: the welcome, a letter, or a segment. mu is
// held.
func (o *output) take() ([]byte, *letter) {
	if p := o.welcome; p != nil {
		o.welcome = nil
		return p, nil
	}
	for len(o.letters) > 0 {
		l := o.letters[0]
		if o.letters = o.letters[1:]; len(o.letters) == 0 {
			o.letters = nil
		}
		if p := l.take(); p != nil {
			return p, l
		}
	}
	if len(o.segs) == 0 {
		o.segs = nil
		return nil, nil
	}
	p := o.segs[0]
	o.segs[0] = nil
	o.segs = o.segs[1:]
	o.size -= len(p)
	if len(p) == 0 {
		return o.take()
	}
	return p, nil
}

func (o *output) written(p []byte, l *letter) {
	if l != nil {
		l.resolve(true)
		return
	}
	putSegment(p)
}

// drain writes until nothing waits, and waits for the client.
func (o *output) drain(p []byte, l *letter) {
	for {
		if len(p) > 0 {
			if _, err := o.nc.Write(p); err != nil {
				l.resolve(false)
				o.fail(err)
				return
			}
			l.resolve(true)
		}
		o.mu.Lock()
		if p, l = o.take(); p == nil {
			o.rest()
			return
		}
		o.mu.Unlock()
	}
}

// fail gives up after a write error: nothing is written any more.
func (o *output) fail(err error) {
	o.mu.Lock()
	closing := o.closing
	o.failed, o.closing = true, true
	o.welcome, o.segs, o.size, o.letters = nil, nil, 0, nil
	o.mu.Unlock()
	o.close()
	if !closing {
		o.idle(err)
	}
}

// close is called once, by the last writer.
func (o *output) close() {
	_ = o.nc.Close() // there is nobody left to tell
	close(o.gone)
}
