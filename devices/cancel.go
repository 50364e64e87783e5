package devices

import (
	"context"
	"strings"
	"time"

	"gatehouse/devices/command"
)

// haltedDetail is what is said of a command that was not sent because its batch was
// stopped.
const haltedDetail = "its order to many was stopped"

// Cancel takes a command back that is not sent yet: it ends "cancelled", and
// certainly did not happen. One that was cancelled already is given again. Errors:
// NotFound, Conflict (Message names the step: it was sent, or has ended, or it is a
// mode, which is told as long as its layer rules), Unavailable.
func (c *Control) Cancel(ctx context.Context, a Actor, id CommandID) (Command, error) {
	const op = "command.cancel"
	if !c.group.enter() {
		return Command{}, stopping(op)
	}
	defer c.group.leave()
	x, ok := c.orders.find(id)
	if !ok {
		cmd, err := c.d.Store.Command(ctx, id)
		if err != nil {
			return Command{}, err
		}
		return alreadyEnded(op, cmd)
	}
	cmd, err := x.cancel(ctx, op, cancelledBy(a))
	entry := c.audit(a, op, cmd.Site, "command:"+string(id), map[string]any{"command": id, "device": cmd.Device, "action": cmd.Action})
	if err != nil {
		entry.Outcome = OutcomeRefused
	}
	c.note(ctx, entry)
	return cmd, err
}

// alreadyEnded answers for a command that is over.
func alreadyEnded(op string, cmd Command) (Command, error) {
	step := command.Shown(cmd.Ladder)
	if step == command.Cancelled {
		return cmd, nil
	}
	return cmd, tooLate(op, step)
}

func tooLate(op string, step command.Step) error {
	return &Error{Op: op, Code: Conflict, Message: "it is too late: the command is " + strings.ReplaceAll(string(step), "_", " ")}
}

// cancel takes the command back under the lane, so that nobody is about to hand it
// over; why is said with its end.
func (x *execution) cancel(ctx context.Context, op, why string) (Command, error) {
	if err := x.unit.lane.takeFor(ctx, op, "an earlier command of this device"); err != nil {
		return x.shown(), err
	}
	defer x.unit.lane.give()
	x.mu.Lock()
	known, recall := copyCommand(x.cmd), x.recall
	x.mu.Unlock()
	step := command.Shown(known.Ladder)
	switch {
	case known.Action == ActionMode:
		return known, &Error{Op: op, Code: Conflict, Message: "a mode is told as long as its layer rules: release the layer"}
	case command.Ended(known.Ladder):
		return alreadyEnded(op, x.shown())
	case step != command.Accepted:
		return known, tooLate(op, step)
	case recall == nil || !recall():
		return known, tooLate(op, command.Sent) // it is being written, or was just now
	}
	x.record(command.Cancelled, x.c.now(), why)
	if err := x.settledSoon(ctx); err != nil {
		return x.shown(), &Error{Op: op, Code: Unavailable, Message: "it is cancelled, and that is not recorded yet", Err: err}
	}
	return x.shown(), nil
}

func cancelledBy(a Actor) string { return "cancelled by " + a.Name }

// settledSoon is settled for somebody who waits for an answer. While the record of
// the command is pending there is nothing to wait for.
func (x *execution) settledSoon(ctx context.Context) error {
	if x.shown().RecordPending {
		return nil
	}
	return x.settled(ctx)
}

// recallable keeps what takes the command back from the link.
func (x *execution) recallable(recall func() bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.recall = recall
}

// CancelBatch stops an order to many devices: commands that are not sent are taken
// back, and those that are not made yet are not made. What was sent goes on. Who
// asks twice changes nothing. It returns when nothing of it can be sent any more, or
// after 2 s, or when ctx ends: the rest is taken back all the same. Errors: NotFound,
// Unavailable.
func (c *Control) CancelBatch(ctx context.Context, a Actor, id BatchID) (BatchResult, error) {
	const op = "batch.cancel"
	b, err := c.d.Store.Batch(ctx, id)
	if err != nil {
		return BatchResult{}, err
	}
	c.orders.stop(b) // first those that are not made, so that none slips through
	over := make(chan struct{})
	started := c.group.start(func() {
		defer close(over)
		var made []*execution
		for _, m := range b.Members {
			if x, ok := c.orders.find(m.Command); ok {
				made = append(made, x)
			}
		}
		back := c.takeBack(op, cancelledBy(a), made)
		c.note(c.group.life, c.audit(a, op, b.Site, "batch:"+string(id), map[string]any{"action": b.Action, "devices": len(b.Members), "takenBack": back}))
	})
	if !started {
		return BatchResult{}, stopping(op)
	}
	timer := time.NewTimer(batchWait)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
	case <-ctx.Done():
	}
	return c.Batch(ctx, id)
}
