package proxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is one connection through the proxy.
type line struct {
	p              *Proxy
	client, server *net.TCPConn
	left           atomic.Int64 // bytes until it is reset; 0: it is not
	lost           atomic.Bool  // bytes of it were swallowed
	once           sync.Once
	over           chan struct{} // closed at the end
}

// end closes both sides in an orderly way.
func (l *line) end() {
	l.once.Do(func() {
		close(l.over)
		_ = l.client.Close()
		_ = l.server.Close()
	})
}

// reset has both sides see a reset.
func (l *line) reset() {
	_ = l.client.SetLinger(0) // it may have ended
	_ = l.server.SetLinger(0)
	l.end()
}

// piece is bytes on their way, and when they are to arrive. The last one of a
// direction has none and says how it ended.
type piece struct {
	bytes []byte
	at    time.Time
	err   error
}

// copy carries one direction. What is read waits on its way without holding up
// what comes behind it.
func (l *line) copy(to, from *net.TCPConn) {
	way := make(chan piece, 1<<12)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(way)
		for {
			b := make([]byte, 4096)
			n, err := from.Read(b)
			latency := l.p.fault.Load().Latency
			if n > 0 && !l.put(way, piece{bytes: b[:n], at: time.Now().Add(latency)}) {
				return
			}
			if err != nil {
				l.put(way, piece{at: time.Now().Add(latency), err: err})
				return
			}
		}
	})
	l.deliver(to, way)
	reader.Wait()
}

func (l *line) put(way chan<- piece, x piece) bool {
	select {
	case way <- x:
		return true
	case <-l.over:
		return false
	}
}

// deliver writes what is on its way until the direction ends.
func (l *line) deliver(to *net.TCPConn, way <-chan piece) {
	for x := range way {
		if !l.wait(time.Until(x.at)) {
			return
		}
		switch {
		case l.p.swallows.Load() || l.lost.Load():
			l.lost.Store(true)
		case x.err != nil:
			if !errors.Is(x.err, io.EOF) {
				l.reset()
				return
			}
			_ = to.CloseWrite() // it may have ended
		case !l.write(to, x.bytes):
			return
		}
	}
	if l.lost.Load() { // nobody is told
		<-l.over
	}
}

// write writes bytes as the line is: slice by slice, no faster than it can, up to
// the place where it is reset.
func (l *line) write(to *net.TCPConn, b []byte) bool {
	for len(b) > 0 {
		f := l.p.fault.Load()
		n := len(b)
		if f.Slice > 0 {
			n = min(n, f.Slice)
		}
		last := false
		if left := l.left.Load(); left > 0 {
			n = min(n, int(left))
			last = l.left.Add(-int64(n)) <= 0
		}
		if _, err := to.Write(b[:n]); err != nil {
			return false
		}
		if last {
			l.p.countReset()
			l.reset()
			return false
		}
		b = b[n:]
		if f.Rate > 0 && !l.wait(time.Duration(n)*time.Second/time.Duration(f.Rate)) {
			return false
		}
	}
	return true
}

// wait is false if the line ends meanwhile.
func (l *line) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.over:
		return false
	}
}
