package broker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/broker/packet"
)

// patience is how long a test waits for a fact. It is the bubble's time where
// there is one.
const patience = 20 * time.Second

// rights is a Grant that a test changes while it is used.
type rights struct {
	identity string
	sessions int

	mu        sync.Mutex
	revoked   bool
	noPublish []string // filters
	noRead    []string // filters
}

func (g *rights) Identity() string { return g.identity }
func (g *rights) Sessions() int    { return g.sessions }

func (g *rights) Valid() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.revoked
}

func (g *rights) MayPublish(topic string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !matchAny(g.noPublish, topic)
}

func (g *rights) MaySubscribe(filter string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !slices.Contains(g.noRead, filter)
}

func (g *rights) change(f func(*rights)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g)
}

// gatekeeper lets everybody in under their user name, except those whose password
// is "wrong"; the rights of each identity can be set beforehand.
type gatekeeper struct {
	mu    sync.Mutex
	known map[string]*rights
}

func (a *gatekeeper) of(identity string) *rights {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = make(map[string]*rights)
	}
	if a.known[identity] == nil {
		a.known[identity] = &rights{identity: identity}
	}
	return a.known[identity]
}

func (a *gatekeeper) Connect(_ context.Context, r ConnectRequest) (Grant, error) {
	switch string(r.Password) {
	case "wrong":
		return nil, &Refusal{Reason: packet.BadUserNameOrPassword, Detail: "wrong"}
	case "broken":
		return nil, errors.New("the database is away")
	case "panic":
		panic("the authorizer has a bug")
	}
	return a.of(r.Username), nil
}

// house is a broker under test, and the doors to it.
type house struct {
	t     testing.TB
	b     *Broker
	rules *gatekeeper
	said  *log
}

// newHouse starts a broker that the test's end closes. change may be nil.
func newHouse(t testing.TB, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, rules: &gatekeeper{}, said: &log{}}
	o := Options{Authorizer: h.rules, Log: slog.New(slog.NewTextHandler(h.said, nil))}
	if change != nil {
		change(&o)
	}
	b, err := New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	h.b = b
	t.Cleanup(func() { h.close() })
	return h
}

func (h *house) close() {
	h.t.Helper()
	if err := h.b.Close(); err != nil && h.b.storeError() == nil {
		h.t.Errorf("Close: %v", err)
	}
}

// log keeps what was logged, for tests that fail.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), s)
}

// pipe opens a connection that has no socket: for tests in a bubble of time.
func (h *house) pipe() net.Conn { return h.pipeVia(h.b.front) }

func (h *house) pipeVia(via *entrance) net.Conn {
	server, client := net.Pipe()
	go h.b.serveConn(server, via)
	return client
}

// listen serves a socket and gives its address.
func (h *house) listen() string {
	h.t.Helper()
	return h.listenWith(Listener{})
}

// listenWith serves a socket with rights and limits of its own.
func (h *house) listenWith(o Listener) string {
	h.t.Helper()
	address, served, cancel := h.listenUntil(o)
	h.t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil && !errors.Is(err, ErrClosed) && h.b.storeError() == nil {
			h.t.Errorf("Serve: %v", err)
		}
	})
	return address
}

// serving serves a socket and gives what Serve returns.
func (h *house) serving() <-chan error {
	h.t.Helper()
	_, served, cancel := h.listenUntil(Listener{})
	h.t.Cleanup(cancel)
	return served
}

func (h *house) listenUntil(o Listener) (address string, served chan error, cancel context.CancelFunc) {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served = make(chan error, 1)
	go func() { served <- h.b.ServeWith(ctx, l, o) }()
	return l.Addr().String(), served, cancel
}
