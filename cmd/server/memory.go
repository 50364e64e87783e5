package main

import (
	"context"
	"runtime/debug"
	"time"
)

// tidying returns memory to the operating system after a crowd of clients came or
// left: what their arrival and their end needed is garbage, and an idle process
// would keep it for minutes.
type tidying struct {
	connections func() int // open now
	free        func()     // collects garbage and returns memory

	tidied int // connections at the last time
	last   int // connections a moment ago
}

const (
	crowd      = 1000        // connections that came or left
	tidyMoment = time.Second // they have to be as many as a moment ago
)

func newTidying(connections func() int) *tidying {
	return &tidying{connections: connections, free: debug.FreeOSMemory}
}

// Run looks now and then, until ctx ends.
func (t *tidying) Run(ctx context.Context) error {
	tick := time.NewTicker(tidyMoment)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			t.look()
		}
	}
}

// look tidies up if a crowd has come or left, and nobody is on the way any more.
func (t *tidying) look() {
	now := t.connections()
	if now == t.last && distance(now, t.tidied) >= crowd {
		t.free()
		t.tidied = now
	}
	t.last = now
}

func distance(a, b int) int { return max(a-b, b-a) }
