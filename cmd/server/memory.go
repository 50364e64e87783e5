package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// tidying fits the garbage collector to a server of clients that come and go in
// crowds.
//
// It returns memory to the operating system after a crowd came or left, and once more
// when the server comes to rest after that: what their arrival and their end needed is
// garbage, and an idle process would keep it for minutes. And it lets the heap of a
// small server grow to a floor before it is collected: below that, collecting costs a
// reconnecting crowd a fifth of its time and frees nothing worth having. A large server
// at rest is collected early: then it costs little, and its garbage would be most of
// what a small machine has.
type tidying struct {
	connections func() int            // open now
	live        func() uint64         // bytes that the last collection found in use
	allocated   func() uint64         // bytes so far
	free        func()                // collects garbage and returns memory
	setPercent  func(percent int) int // of garbage to what is live; nil if the operator has decided

	percent   int
	before    uint64 // allocated a moment ago
	pace      uint64 // bytes a moment, about the last ten
	rests     bool
	low, high int  // connections since it was tidied
	last      int  // connections a moment ago
	untidy    bool // a crowd was tidied up after, and there was no rest since
}

const (
	crowd      = 1000        // connections that came or left
	tidyMoment = time.Second // they have to be as many as a moment ago
	heapFloor  = 64 << 20    // bytes
	restful    = 25          // percent of garbage at rest
)

func newTidying(connections func() int) *tidying {
	t := &tidying{connections: connections, live: heapLive, allocated: heapAllocated, free: debug.FreeOSMemory}
	if os.Getenv("GOGC") == "" {
		t.setPercent = debug.SetGCPercent
	}
	return t
}

// Run looks now and then, until ctx ends.
func (t *tidying) Run(ctx context.Context) error {
	tick := time.NewTicker(tidyMoment)
	defer tick.Stop()
	for {
		t.look()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look tidies up if a crowd has come or left, and nobody is on the way any more.
func (t *tidying) look() {
	now := t.connections()
	t.low, t.high = min(t.low, now), max(t.high, now)
	if now == t.last && t.high-t.low >= crowd {
		t.free()
		t.low, t.high, t.untidy = now, now, true
	}
	t.last = now
	live := t.live()
	p := percentFor(live)
	if t.atRest(live) && p == 100 {
		p = restful
	}
	if p != t.percent && t.setPercent != nil {
		t.setPercent(p)
		t.percent = p
		if p == restful && t.untidy {
			t.free()
			t.untidy = false
		}
	}
}

// atRest is whether collecting early would be rare: every ten moments at most, and
// until it would be every five.
func (t *tidying) atRest(live uint64) bool {
	now := t.allocated()
	t.pace = (9*t.pace + (now - t.before)) / 10
	t.before = now
	garbage := live * restful / 100
	switch {
	case t.pace*10 < garbage:
		t.rests = true
	case t.pace*5 > garbage:
		t.rests = false
	}
	return t.rests
}

// percentFor gives how much garbage there may be, in percent of what is live: as
// much again, or up to the floor. The steps are coarse, because setting it stops
// everything for a moment.
func percentFor(live uint64) int {
	const least = 4 << 20 // with less, Go counts as if it were this
	percent := 100
	for live = max(live, least); live*uint64(100+2*percent) <= heapFloor*100; {
		percent *= 2
	}
	return percent
}

// heapLive asks the runtime; an unknown heap is treated as Go would.
func heapLive() uint64 { return measured("/gc/heap/live:bytes", heapFloor) }

func heapAllocated() uint64 { return measured("/gc/heap/allocs:bytes", 0) }

func measured(name string, otherwise uint64) uint64 {
	s := []metrics.Sample{{Name: name}}
	if metrics.Read(s); s[0].Value.Kind() != metrics.KindUint64 {
		return otherwise
	}
	return s[0].Value.Uint64()
}
