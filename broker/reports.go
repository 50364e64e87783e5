package broker

import (
	"log/slog"
	"sync"
)

// reports calls functions of the embedding program in the order in which they
// were put in, from one goroutine: whoever has something to tell never waits for
// the listener, and a listener never runs under a lock.
type reports struct {
	log *slog.Logger

	mu    sync.Mutex // a leaf: nothing is called under it
	queue []func()
	ended bool
	wake  chan struct{} // holds a token while queue may not be empty
}

func newReports(log *slog.Logger) *reports {
	return &reports{log: log, wake: make(chan struct{}, 1)}
}

func (r *reports) put(f func()) {
	r.mu.Lock()
	r.queue = append(r.queue, f)
	r.mu.Unlock()
	r.nudge()
}

func (r *reports) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// end makes run return once everything was told.
func (r *reports) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.nudge()
}

func (r *reports) run() {
	for range r.wake {
		for {
			r.mu.Lock()
			list, ended := r.queue, r.ended
			r.queue = nil
			r.mu.Unlock()
			for _, f := range list {
				r.call(f)
			}
			if len(list) > 0 {
				continue
			}
			if ended {
				return
			}
			break
		}
	}
}

func (r *reports) call(f func()) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("a listener panicked", "panic", p)
		}
	}()
	f()
}
