package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/broker/failpoint"
)

// commit gathers the changes of the stored state and what waits for them. One
// goroutine takes all that has gathered, has it stored by one Apply, and then
// settles every session that waited. Its fields belong to the turn.
//
// Changes gather in generations: gen is the one that gathers, done the last that
// is durable. "Durable" is a comparison of two numbers, and what waits costs no
// goroutine.
type commit struct {
	store Store // nil: nothing is stored and everything is durable at once

	changes []Change
	gen     uint64
	done    uint64
	full    bool         // the store has no space: what waits goes on waiting
	touched []*session   // wait for gen
	waiters []chan error // wait for gen
	broken  error        // the store failed: nothing is ever durable again

	lastMessage MessageID
	wake        chan struct{} // holds a token while there may be work
	failed      chan error
}

func newCommit(store Store) commit {
	return commit{store: store, gen: 1, wake: make(chan struct{}, 1), failed: make(chan error, 1)}
}

// ready says whether there is something to store.
func (c *commit) ready() bool {
	return c.broken == nil && (len(c.changes) > 0 || len(c.touched) > 0 || len(c.waiters) > 0)
}

func (c *commit) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// change notes a change of the stored state.
func (t *turn) change(ch Change) {
	if t.stores() && !(failpoint.Enabled && planted(ch)) {
		t.b.commit.changes = append(t.b.commit.changes, ch)
	}
}

// planted says whether a bug that was planted for a test forgets the change.
func planted(ch Change) bool {
	switch ch := ch.(type) {
	case PutIncoming:
		return failpoint.Planted(failpoint.ForgetIncoming)
	case Dequeue:
		return ch.Seq%50 == 0 && failpoint.Planted(failpoint.DoubleDelivery)
	case Advance:
		return ch.Seq%50 == 0 && ch.State == Released && failpoint.Planted(failpoint.DoubleDelivery)
	}
	return false
}

// mark is a point to ask waits about.
func (t *turn) mark() int { return len(t.b.commit.changes) }

// waits makes the session wait for the changes since the mark, if there are any.
func (t *turn) waits(s *session, mark int) {
	if len(t.b.commit.changes) > mark {
		t.settled(s)
	}
}

// settled has the session settled when what gathers now is durable.
func (t *turn) settled(s *session) {
	if c := &t.b.commit; s.ticket != c.gen {
		s.ticket = c.gen
		c.touched = append(c.touched, s)
	}
}

// durable says whether a generation is stored.
func (t *turn) durable(gen uint64) bool {
	return gen <= t.b.commit.done || failpoint.Planted(failpoint.AckBeforeCommit)
}

// runCommit stores what gathers until end is closed; what gathered before that
// is stored first.
func (b *Broker) runCommit(end <-chan struct{}) {
	for {
		select {
		case <-b.commit.wake:
			for b.commitOnce() {
			}
		case <-end:
			for b.commitOnce() {
			}
			b.release(ErrClosed)
			return
		}
	}
}

// commitOnce stores one generation.
func (b *Broker) commitOnce() bool {
	b.mu.Lock()
	c := &b.commit
	if !c.ready() {
		b.mu.Unlock()
		return false
	}
	changes, touched, waiters, gen := c.changes, c.touched, c.waiters, c.gen
	c.changes, c.touched, c.waiters = nil, nil, nil
	c.gen++
	b.mu.Unlock()

	failpoint.Here(failpoint.BeforeCommit)
	if err := b.storeInTheEnd(changes); err != nil {
		b.fail(err)
		answer(waiters, err)
		return false
	}
	failpoint.Here(failpoint.AfterCommit)
	b.settleAll(touched, gen)
	failpoint.Here(failpoint.AfterAck)
	answer(waiters, nil)
	return true
}

// How often a full store is asked whether it has space again.
const fullPause = 100 * time.Millisecond

// storeInTheEnd stores the changes, and waits while the store is full: nothing is
// acknowledged until there is space, and what needs no store goes on. A broker
// that closes does not wait: what was not acknowledged comes again.
//
// Clients are let in meanwhile, although the wills that they bring and the ends
// of the sessions that they throw away would be lost with the process: commands
// have to reach them.
func (b *Broker) storeInTheEnd(changes []Change) error {
	err := b.store(changes)
	if !errors.Is(err, ErrNoSpace) {
		return err
	}
	b.log.Error("the store is full: acknowledgements wait until there is space", "error", err)
	b.setFull(true)
	defer b.setFull(false)
	for errors.Is(err, ErrNoSpace) {
		select {
		case <-b.endAll:
			return err
		case <-time.After(fullPause):
		}
		err = b.store(changes)
	}
	if err == nil {
		b.log.Warn("the store has space again: everything goes on")
	}
	return err
}

// setFull notes that the store is full, or is so no more, and lets in the clients
// that wait for it.
func (b *Broker) setFull(full bool) {
	t := b.turn()
	defer t.end()
	b.commit.full = full
	for c := range b.conns {
		if s := c.session; full && s != nil && len(s.effects) > 0 && s.effects[0].kind == effectWelcome {
			welcome := s.effects[0]
			s.effects = s.effects[1:]
			t.happen(welcome)
		}
	}
}

// store has the changes made durable. It is never cut off: half a generation
// would be no state.
func (b *Broker) store(changes []Change) (err error) {
	if len(changes) == 0 || b.commit.store == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store panicked: %v", p)
		}
	}()
	return b.commit.store.Apply(context.Background(), changes)
}

func (b *Broker) settleAll(touched []*session, gen uint64) {
	t := b.turn()
	defer t.end()
	b.commit.done = gen
	for _, s := range touched {
		t.settle(s)
	}
}

// fail ends all acknowledging: the program is told by Failed and Serve, and is to
// exit.
func (b *Broker) fail(err error) {
	b.mu.Lock()
	b.commit.broken = fmt.Errorf("broker: store: %w", err)
	b.commit.changes, b.commit.touched = nil, nil
	b.mu.Unlock()
	b.release(err)
	b.log.Error("the store failed: nothing is acknowledged any more", "error", err)
	b.commit.failed <- b.commit.broken // has room for the only one
	close(b.broken)
}

// release answers everybody who waits.
func (b *Broker) release(err error) {
	b.mu.Lock()
	waiters := b.commit.waiters
	b.commit.waiters = nil
	b.mu.Unlock()
	answer(waiters, err)
}

func answer(waiters []chan error, err error) {
	for _, w := range waiters {
		w <- err // has room
	}
}

// Failed gives the error of the store after which nothing is acknowledged any
// more: the program must end, and start again from what is stored. Serve returns
// the same error.
func (b *Broker) Failed() <-chan error { return b.commit.failed }
