package devices

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gatehouse/devices/command"
)

const (
	// answerGrace is how long after its deadline a command that was on the wire
	// waits for the answer of a device that acted in time.
	answerGrace = 500 * time.Millisecond
	// moveGrace is added to the travel time before "did not move".
	moveGrace = 5 * time.Second
	// afterglow is how long an ended command stays on the feed.
	afterglow = 60 * time.Second
)

// execution is one command in memory, from its commit, or from when it is sent if
// its record is pending, until a while after its end. Anybody may record a step, at once and without waiting; its own goroutine
// (run) saves and publishes the steps, one after the other, and watches the
// clock.
type execution struct {
	c    *Control
	unit *unit
	id   CommandID
	seq  int64
	wake chan struct{} // holds one token while there may be something to do

	// Readings of the clock with their monotonic part; they never change.
	expires time.Time // must be on the wire by then
	silent  time.Time // must have been answered by then

	mu        sync.Mutex   // guards what follows; held for copies only
	cmd       Command      // with every recorded step
	saved     Command      // as committed
	row       *recording   // on its way to the store; nil: it is there
	pending   bool         // shown before it is saved
	recall    func() bool  // takes it back from the link; nil: it was never there
	told      bool         // saved was published
	toldRungs int          // how many steps were published while the record was pending
	done      time.Time    // when the device's "done" was recorded, if it was
	ended     time.Time    // when the end was recorded, if it was
	lost      string       // why the connection ended after the command was on the wire
	gone      bool         // run is over: nothing can be recorded any more
	waiting   []chan error // who waits until everything recorded is saved
}

// execute starts the execution of a command that was asked for at asked. Without row
// it is committed; with row its record is pending. The caller is inside the group.
func (c *Control) execute(u *unit, cmd Command, asked time.Time, row *recording) *execution {
	x := &execution{
		c: c, unit: u, id: cmd.ID, seq: cmd.Seq, wake: make(chan struct{}, 1),
		expires: asked.Add(cmd.TTL), silent: asked.Add(cmd.TTL + answerGrace),
		cmd: cmd, saved: cmd, row: row, pending: row != nil,
	}
	if x.pending {
		x.markPending()
	}
	if command.Ended(cmd.Ladder) {
		x.ended = c.d.Now()
	}
	c.orders.add(x)
	c.group.wg.Add(1) // the caller is inside, so the group cannot be waiting for zero
	go func() {
		defer c.group.leave()
		x.run(c.group.life)
	}()
	return x
}

// shown is a copy of the command as it was last saved, or as it is known while its
// record is pending.
func (x *execution) shown() Command {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.pending {
		return copyCommand(x.saved)
	}
	c := copyCommand(x.cmd)
	c.RecordPending, c.Revision = true, 0
	return c
}

func copyCommand(c Command) Command {
	c.Args = maps.Clone(c.Args)
	c.Ladder.Rungs = slices.Clone(c.Ladder.Rungs)
	return c
}

// record adds a step. It never blocks. False if the execution is over, and the
// step has to be recorded in the store.
func (x *execution) record(s command.Step, at time.Time, detail string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.recordLocked(s, at, detail)
}

func (x *execution) recordLocked(s command.Step, at time.Time, detail string) bool {
	if x.gone {
		return false
	}
	ladder, changed := command.Record(x.cmd.Ladder, command.Rung{Step: s, At: at, Detail: detail})
	if !changed {
		return true
	}
	x.cmd.Ladder = ladder
	if s == command.Done && x.done.IsZero() {
		x.done = x.c.d.Now()
	}
	if x.ended.IsZero() && command.Ended(ladder) {
		x.ended = x.c.d.Now()
	}
	x.poke()
	return true
}

func (x *execution) poke() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// onLink takes what becomes of the command on its way to the device.
func (x *execution) onLink(r LinkReport) {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := r.At.UTC().Truncate(time.Millisecond)
	switch r.Step {
	case LinkWritten:
		x.recordLocked(command.Sent, at, "")
	case LinkAcknowledged:
		x.recordLocked(command.Delivered, at, "")
	case LinkEnded:
		switch {
		case r.Cause == LinkRecalled: // whoever did it records it
		case r.Wire || command.Has(x.cmd.Ladder, command.Sent):
			x.lost = r.Cause // it may still answer on its next connection
		case r.Cause == LinkExpired || !x.c.d.Now().Before(x.expires):
			x.recordLocked(command.Expired, at, "the deadline passed before it could be sent")
		default:
			x.recordLocked(command.Failed, at, "the connection ended before it was sent: "+r.Cause)
		}
	}
}

// shownBy records "confirmed" if the state report shows the effect; then it is true.
func (x *execution) shownBy(before, after State) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	done := command.Has(x.cmd.Ladder, command.Done)
	if !x.unit.kind.ShownByState(x.cmd, before, after, done) {
		return false
	}
	x.recordLocked(command.Confirmed, after.ReportedAt, "")
	return true
}

// shownByEvent records "confirmed" if the event shows the effect; then it is true.
func (x *execution) shownByEvent(e Event) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.unit.kind.ShownByEvent(x.cmd, e) {
		return false
	}
	x.recordLocked(command.Confirmed, e.ArrivedAt, "")
	return true
}

// settled waits until everything that was recorded so far is saved. After a
// failure to save it returns the error; the saving goes on.
func (x *execution) settled(ctx context.Context) error {
	x.mu.Lock()
	if x.gone || x.clean() {
		x.mu.Unlock()
		return nil
	}
	saved := make(chan error, 1)
	x.waiting = append(x.waiting, saved)
	x.mu.Unlock()
	select {
	case err := <-saved:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-x.c.group.life.Done():
		return stopping("command.record")
	}
}
