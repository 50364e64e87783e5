package broker

import (
	"net"
	"sync"
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
	nc    net.Conn
	raw   rawWriter // without a socket, every write needs a goroutine
	owner owner
	sent  *traffic // counts what is taken to be written

	mu      sync.Mutex // taken under the broker's lock; only leaves are taken under it
	welcome []byte     // CONNACK: goes before everything, letters too (MQTT-3.2.0-1)
	segs    []*segment // begins in one, which is enough for most
	one     [1]*segment
	size    int
	letters []*letter
	busy    bool // somebody writes
	slow    bool // a goroutine does
	starved bool // somebody found no room: written is called when there is
	closing bool // nothing is appended any more; closed once all is written
	failed  bool
	shut    bool // closed, or about to be by whoever wrote last
}

// owner is told of the writing.
type owner interface {
	written(lost error) // nothing waits any more, or the connection is lost
	closed()            // the connection is closed: once
}

// segment is a piece of the waiting bytes, whole packets.
type segment struct {
	bytes   []byte
	packets int
}

// segmentEnd is where a segment ends, rounded up to a packet.
const segmentEnd = 64 << 10

var segments = sync.Pool{New: func() any { return &segment{bytes: make([]byte, 0, 4<<10)} }}

func putSegment(s *segment) {
	if s != nil && cap(s.bytes) <= 2*segmentEnd {
		s.bytes, s.packets = s.bytes[:0], 0
		segments.Put(s)
	}
}

// begin adds an empty segment.
func (o *output) begin() *segment {
	s, _ := segments.Get().(*segment)
	if len(o.segs) == 0 {
		o.segs = o.one[:0]
	}
	o.segs = append(o.segs, s)
	return s
}

// discard throws away what waits.
func (o *output) discard() { o.segs, o.one, o.size = nil, [1]*segment{}, 0 }

// append adds the packet that f appends, or nothing. It does not write.
func (o *output) append(f func(dst []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed {
		return
	}
	var s *segment
	if n := len(o.segs); n > 0 && len(o.segs[n-1].bytes) < segmentEnd {
		s = o.segs[n-1]
	} else {
		s = o.begin()
	}
	before := len(s.bytes)
	s.bytes = f(s.bytes)
	if n := len(s.bytes) - before; n > 0 {
		o.size += n
		s.packets++
	}
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

// behind says that the client is slow and that bytes wait for it which nobody writes
// yet.
func (o *output) behind() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.slow && o.size > 0
}

// hasRoom says whether fewer bytes wait than the limit. Who is told no hears from
// owner.written when nothing waits any more.
func (o *output) hasRoom(limit int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.size < limit {
		return true
	}
	o.starved = true
	return false
}

// finish makes the connection close after what waits, and goodbye, were written.
// discard throws away what waits. It gives the letters that nobody took.
func (o *output) finish(goodbye []byte, discard bool) (left []*letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	left, o.letters = o.letters, nil
	if o.closing {
		return left
	}
	if discard {
		o.discard()
	}
	if len(goodbye) > 0 && !o.failed {
		s := o.begin()
		s.bytes = append(s.bytes, goodbye...)
		s.packets++
		o.size += len(goodbye)
	}
	o.closing = true
	return left
}

// hurry ends what may block: the reader at once, the writer after grace.
func (o *output) hurry(grace time.Duration) {
	_ = o.nc.SetReadDeadline(time.Unix(1, 0)) // a closed connection needs no deadline
	_ = o.nc.SetWriteDeadline(time.Now().Add(grace))
}

// flush writes what waits as far as that is possible at once, and says whether
// there is more to do: somebody else writes.
func (o *output) flush(spawn func(func())) (goesOn bool) {
	o.mu.Lock()
	if o.busy || o.empty() && !o.closing {
		defer o.mu.Unlock()
		return o.busy && !o.shut
	}
	o.busy = true
	if o.raw.raw == nil {
		o.slow = true
		o.mu.Unlock()
		spawn(func() { o.drain(piece{}) })
		return true
	}
	for {
		x := o.take()
		if x.bytes == nil {
			break
		}
		o.mu.Unlock()
		n, err := o.raw.try(x.bytes)
		if err != nil {
			x.letter.resolve(false)
			o.fail(err)
			return false
		}
		if n < len(x.bytes) {
			o.mu.Lock()
			o.slow = true
			o.mu.Unlock()
			x.bytes = x.bytes[n:]
			spawn(func() { o.drain(x) })
			return true
		}
		x.written()
		o.mu.Lock()
	}
	if o.starved && !o.closing { // more is to come: not at the expense of whoever flushes
		o.slow = true
		o.mu.Unlock()
		spawn(func() { o.drain(piece{}) })
		return true
	}
	o.rest()
	return false
}

// empty says that nothing waits. mu is held.
func (o *output) empty() bool { return o.welcome == nil && len(o.segs) == 0 && len(o.letters) == 0 }

// rest ends a turn of writing: mu is held, nothing waits.
func (o *output) rest() {
	slow, closing := o.slow, o.closing
	o.busy, o.slow, o.starved = false, false, false
	if closing {
		o.busy, o.shut = true, true // for ever
	}
	o.mu.Unlock()
	switch {
	case closing:
		o.close()
	case slow:
		o.owner.written(nil)
	}
}

// piece is what is written at once: the welcome, a letter, or a segment.
type piece struct {
	bytes   []byte
	letter  *letter
	segment *segment
}

// written ends a piece that is wholly written.
func (x piece) written() {
	x.letter.resolve(true)
	putSegment(x.segment)
}

// take gives the next piece to write; one without bytes says that nothing waits.
// mu is held.
func (o *output) take() piece {
	if p := o.welcome; p != nil {
		o.welcome = nil
		o.sent.add(len(p), 1)
		return piece{bytes: p}
	}
	for len(o.letters) > 0 {
		l := o.letters[0]
		if o.letters = o.letters[1:]; len(o.letters) == 0 {
			o.letters = nil
		}
		if p := l.take(); p != nil {
			o.sent.add(len(p), 1)
			return piece{bytes: p, letter: l}
		}
	}
	for len(o.segs) > 0 {
		s := o.segs[0]
		o.segs[0] = nil
		o.segs = o.segs[1:]
		o.size -= len(s.bytes)
		if len(s.bytes) > 0 {
			o.sent.add(len(s.bytes), s.packets)
			return piece{bytes: s.bytes, segment: s}
		}
		putSegment(s)
	}
	o.segs = nil
	return piece{}
}

// drain writes a piece and what waits behind it, and waits for the client.
func (o *output) drain(x piece) {
	for {
		if len(x.bytes) > 0 {
			if _, err := o.nc.Write(x.bytes); err != nil {
				x.letter.resolve(false)
				o.fail(err)
				return
			}
			x.written()
		}
		o.mu.Lock()
		if x = o.take(); x.bytes == nil {
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
	o.failed, o.closing, o.shut = true, true, true
	o.welcome = nil
	o.discard()
	o.mu.Unlock()
	if !closing {
		o.owner.written(err)
	}
	o.close()
}

// close is called once, by the last writer.
func (o *output) close() {
	_ = o.nc.Close() // there is nobody left to tell
	o.owner.closed()
}
