package broker

import "sync"

// turn is one exclusive go at the broker's state: whoever has one holds the lock.
// Methods of turn change the state and nothing else; what must not happen under
// the lock (writing to sockets, asking the program, publishing wills) is noted in
// the turn and done by end.
type turn struct {
	b     *Broker
	flush []*conn // have something to write
	fired []*will // wills without a handler
	given int     // copies of messages

	contested []contested // to be said
}

var turns = sync.Pool{New: func() any { return new(turn) }}

// turn waits for the lock. The caller must defer end, so that a panic leaves
// nothing locked.
func (b *Broker) turn() *turn {
	t, _ := turns.Get().(*turn)
	b.mu.Lock()
	t.b = b
	return t
}

// end gives the lock back and does what was noted.
func (t *turn) end() {
	b := t.b
	for _, c := range t.flush {
		c.touched = false
	}
	commit := b.commit.ready()
	b.mu.Unlock()
	if commit {
		b.commit.nudge()
	}
	for i, c := range t.flush {
		c.flush()
		t.flush[i] = nil
	}
	if len(t.fired) > 0 {
		b.routeWills(t.fired)
		clear(t.fired)
	}
	for _, c := range t.contested {
		b.notices.contested(c)
	}
	t.contested = nil
	t.b, t.flush, t.fired, t.given = nil, t.flush[:0], t.fired[:0], 0
	turns.Put(t)
}

// touch has the connection flushed at the end of the turn.
func (t *turn) touch(c *conn) {
	if !c.touched {
		c.touched = true
		t.flush = append(t.flush, c)
	}
}

// later goes on with the session in a turn of its own.
func (t *turn) later(s *session) {
	b := t.b
	if s.resumes || b.closing {
		return
	}
	s.resumes = true
	b.spawn(func() {
		t := b.turn()
		defer t.end()
		s.resumes = false
		t.pump(s)
		t.draw(s)
	})
}
