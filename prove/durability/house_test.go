package durability

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// house is a data folder and the brokers that live on it, one after the other.
// Clients go on with the next one when theirs is gone.
type house struct {
	mu    sync.Mutex
	now   *server
	moved chan struct{} // closed when now changes
}

func newHouse(s *server) *house { return &house{now: s, moved: make(chan struct{})} }

// move gives the house its next broker.
func (h *house) move(s *server) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = s
	close(h.moved)
	h.moved = make(chan struct{})
}

func (h *house) current() (*server, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now, h.moved
}

// live runs a client through all brokers: work is given a new connection whenever
// the last one ended with its broker. A connection that ends under a living
// broker is an error, and so is a session that a broker does not know again.
func (h *house) live(client string, v mqtt.Version, work func(*mqtt.Conn) error) error {
	for known := false; ; {
		s, moved := h.current()
		c, err := dial(s.Addr, client, v)
		if err == nil {
			if known && !c.Session {
				return &flow.Fault{What: "session of " + client + " forgotten"}
			}
			known = c.Session
			err = work(c)
			_ = c.Close()
		}
		var f *flow.Fault
		switch {
		case err == nil || errors.As(err, &f):
			return err
		case !ends(s, moved):
			return fmt.Errorf("the broker lives, but %s was disconnected: %w", client, err)
		}
	}
}

// ends waits until a broker that has lost a client has ended and the next one is
// there; false if it does not end.
func ends(s *server, moved <-chan struct{}) bool {
	for _, c := range []<-chan struct{}{s.Exited, moved} {
		select {
		case <-c:
		case <-time.After(patience):
			return false
		}
	}
	return true
}

// both runs two clients and waits for them.
func both(t *testing.T, first, second func() error) (wait func()) {
	t.Helper()
	errs := make(chan error, 2)
	for _, f := range []func() error{first, second} {
		go func() { errs <- f() }()
	}
	return func() {
		t.Helper()
		for range 2 {
			select {
			case err := <-errs:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(2 * patience):
				t.Fatal("the clients do not come to an end")
			}
		}
	}
}
