package operators

import (
	"sync"
	"time"
)

// Some failures are free; after them each one doubles the wait, up to a longest
// that still lets the right person in. Nothing is locked for good: who waits, or
// signs in, starts again.
const (
	accountFree    = 5
	accountLongest = 15 * time.Second
	sourceFree     = 20 // a whole site may sit behind one address
	sourceLongest  = time.Minute
	forgetAfter    = 15 * time.Minute
	maxTries       = 10_000
	maxShares      = 64 // accounts of which an address knows how much of its failures is theirs
)

// throttle slows down guessing, by key.
type throttle struct {
	free    int
	longest time.Duration

	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	failures int
	last     time.Time
	next     time.Time // no attempt before it

	shares map[string]int // failures, by whose account was tried
}

func newThrottle(free int, longest time.Duration) *throttle {
	return &throttle{free: free, longest: longest, tries: make(map[string]*tries)}
}

// begin counts an attempt as a failure before it is made, so that many at once do
// not slip through; clear, forgive or undo takes that back. share says whose it is, if several share
// the key. wait > 0: not now.
func (t *throttle) begin(key, share string, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.tries[key]
	if x == nil || now.Sub(x.last) > forgetAfter {
		t.makeRoom(now)
		x = &tries{}
		t.tries[key] = x
	}
	if wait := x.next.Sub(now); wait > 0 {
		return wait
	}
	x.failures++
	x.last = now
	x.count(share)
	if over := x.failures - t.free; over > 0 {
		x.next = now.Add(min(time.Second<<min(over-1, 20), t.longest))
	}
	return 0
}

func (x *tries) count(share string) {
	if x.shares == nil {
		x.shares = make(map[string]int)
	}
	if _, known := x.shares[share]; known || len(x.shares) < maxShares {
		x.shares[share]++
	}
}

// undo takes back an attempt that was not judged.
func (t *throttle) undo(key, share string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.tries[key]; x != nil && x.failures > 0 {
		x.failures--
		x.shares[share] = max(x.shares[share]-1, 0)
		x.next = time.Time{}
	}
}

// forgive takes back what one share has of the failures of a key, with the attempt that was right.
func (t *throttle) forgive(key, share string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.tries[key]
	if x == nil {
		return
	}
	x.failures = max(x.failures-max(x.shares[share], 1), 0)
	delete(x.shares, share)
	if x.failures < t.free {
		x.next = time.Time{}
	}
}

// clear forgets the failures of a key.
func (t *throttle) clear(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, key)
}

// makeRoom keeps the memory bounded: first what is forgotten anyway goes, then
// whatever the map gives.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.tries) < maxTries {
		return
	}
	for key, x := range t.tries {
		if now.Sub(x.last) > forgetAfter {
			delete(t.tries, key)
		}
	}
	for key := range t.tries {
		if len(t.tries) < maxTries {
			return
		}
		delete(t.tries, key)
	}
}
