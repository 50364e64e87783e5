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

// execution is one command in memory, from its commit until a while after its
// end. Anybody may record a step, at once and without waiting; its own goroutine
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

	mu      sync.Mutex   // guards what follows; held for copies only
	cmd     Command      // with every recorded step
	saved   Command      // as committed
	told    bool         // saved was published
	done    time.Time    // when the device's "done" was recorded, if it was
	ended   time.Time    // when the end was recorded, if it was
	lost    string       // why the connection ended after the command was on the wire
	gone    bool         // run is over: nothing can be recorded any more
	waiting []chan error // who waits until everything recorded is saved
}

// execute starts the execution of a committed command that was asked for at asked.
// The caller is inside the group.
func (c *Control) execute(u *unit, cmd Command, asked time.Time) *execution {
	x := &execution{
		c: c, unit: u, id: cmd.ID, seq: cmd.Seq, wake: make(chan struct{}, 1),
		expires: asked.Add(cmd.TTL), silent: asked.Add(cmd.TTL + answerGrace),
		cmd: cmd, saved: cmd,
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

// committed is a copy of the command as it was last saved.
func (x *execution) committed() Command {
	x.mu.Lock()
	defer x.mu.Unlock()
	return copyCommand(x.saved)
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
		case r.Wire || command.Has(x.cmd.Ladder, command.Sent):
			x.lost = r.Cause // it may still answer on its next connection
		case r.Cause == LinkExpired || !x.c.d.Now().Before(x.expires):
			x.recordLocked(command.Expired, at, "the deadline passed before it could be sent")
		default:
			x.recordLocked(command.Failed, at, "the connection ended before it was sent: "+r.Cause)
		}
	}
}

// shownBy records "confirmed" if the state report shows the effect.
func (x *execution) shownBy(before, after State) {
	x.mu.Lock()
	defer x.mu.Unlock()
	done := command.Has(x.cmd.Ladder, command.Done)
	if x.unit.kind.ShownByState(x.cmd, before, after, done) {
		x.recordLocked(command.Confirmed, after.ReportedAt, "")
	}
}

// shownByEvent records "confirmed" if the event shows the effect.
func (x *execution) shownByEvent(e Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.unit.kind.ShownByEvent(x.cmd, e) {
		x.recordLocked(command.Confirmed, e.ArrivedAt, "")
	}
}

// settled waits until everything that was recorded so far is saved. After a
// failure to save it returns the error; the saving goes on.
func (x *execution) settled(ctx context.Context) error {
	x.mu.Lock()
	if x.gone || len(x.saved.Ladder.Rungs) == len(x.cmd.Ladder.Rungs) {
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
