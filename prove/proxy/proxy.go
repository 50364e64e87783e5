package proxy

import (
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is what is bad about a line. Its zero value is a good one.
type Fault struct {
	Latency time.Duration // each way
	Rate    int           // bytes in a second, each way; 0: any number
	Slice   int           // bytes that are written at once, at most; 0: any number
	Reset   int           // a connection is reset after so many bytes on average, both ways together; 0: never
}

// Proxy carries connections to one address.
type Proxy struct {
	target   atomic.Pointer[string]
	fault    atomic.Pointer[Fault]
	swallows atomic.Bool
	listener net.Listener
	work     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	lines  map[*line]struct{}
	resets int
	closed bool
}

// New listens on a port of its own and carries what comes to target.
func New(target string, f Fault, seed int64) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, random: rand.New(rand.NewPCG(uint64(seed), 0)), lines: map[*line]struct{}{}} //nolint:gosec // a test's dice
	p.target.Store(&target)
	p.fault.Store(&f)
	p.work.Go(p.accept)
	return p, nil
}

// Addr is where to connect.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Aim has connections that come from now on carried to another address.
func (p *Proxy) Aim(target string) { p.target.Store(&target) }

// Change makes the line another one, for what comes from now on.
func (p *Proxy) Change(f Fault) { p.fault.Store(&f) }

// Swallow makes the line lose all bytes and ends, in both directions, while its
// connections stay open; or stops that, for new connections. On those that lost
// something nothing arrives any more.
func (p *Proxy) Swallow(on bool) { p.swallows.Store(on) }

// Resets is how many connections were reset because Fault says so.
func (p *Proxy) Resets() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resets
}

// Cut resets every connection, on both sides.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.reset()
	}
}

// Close ends the proxy with all of its connections, and waits.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for l := range p.lines {
		l.reset()
	}
	p.mu.Unlock()
	p.work.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.work.Go(func() { p.carry(client) })
		}
	}
}

// carry serves one connection until both of its directions have ended.
func (p *Proxy) carry(client net.Conn) {
	server, err := net.Dial("tcp", *p.target.Load())
	if err != nil {
		_ = client.Close()
		return
	}
	l := &line{p: p, client: client.(*net.TCPConn), server: server.(*net.TCPConn), over: make(chan struct{})}
	if !p.add(l) {
		l.reset()
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { l.copy(l.server, l.client) })
	ways.Go(func() { l.copy(l.client, l.server) })
	ways.Wait()
	l.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, l)
}

// add notes a connection and decides when it is reset.
func (p *Proxy) add(l *line) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.fault.Load(); f.Reset > 0 {
		l.left.Store(1 + p.random.Int64N(2*int64(f.Reset)))
	}
	if !p.closed {
		p.lines[l] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) countReset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resets++
}
