package broker

import (
	"sync"
	"sync/atomic"
)

// latch is something that happens once. It has a channel only while somebody
// waits for it: most connections are idle, and a channel weighs a hundred bytes.
type latch struct {
	happened atomic.Bool
	mu       sync.Mutex // a leaf
	c        chan struct{}
}

// set lets it happen.
func (l *latch) set() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.happened.Swap(true) && l.c != nil {
		close(l.c)
	}
}

// isSet says whether it has happened.
func (l *latch) isSet() bool { return l.happened.Load() }

// wait gives a channel that is closed once it has happened.
func (l *latch) wait() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.c == nil {
		l.c = make(chan struct{})
		if l.happened.Load() {
			close(l.c)
		}
	}
	return l.c
}
