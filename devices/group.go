package devices

import (
	"context"
	"sync"
	"time"
)

// group owns every goroutine of a Control and every call that may start one.
type group struct {
	life context.Context // ends when the Control ends
	end  context.CancelFunc
	// lasting ends lastWords after life, or with close: for what must still be written.
	lasting context.Context
	endLast context.CancelFunc

	mu     sync.Mutex // guards closed, and that nothing is added after it
	closed bool
	wg     sync.WaitGroup
}

func newGroup() *group {
	g := &group{}
	g.life, g.end = context.WithCancel(context.Background())
	g.lasting, g.endLast = context.WithCancel(context.Background())
	return g
}

// enter keeps the group from ending until leave; false if it has ended.
func (g *group) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.wg.Add(1)
	return true
}

func (g *group) leave() { g.wg.Done() }

// start runs f until it returns; f must return soon after life has ended. False
// if the group has ended already.
func (g *group) start(f func()) bool {
	if !g.enter() {
		return false
	}
	go func() {
		defer g.leave()
		f()
	}()
	return true
}

// close ends life and waits for everything that was started.
func (g *group) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.end()
	last := time.AfterFunc(lastWords, g.endLast)
	defer last.Stop()
	g.wg.Wait()
	g.endLast()
}

func stopping(op string) error {
	return &Error{Op: op, Code: Unavailable, Message: "the server is stopping"}
}
