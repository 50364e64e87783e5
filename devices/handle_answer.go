package devices

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

// handleAnswer records a device's own word on a command.
func (c *Control) handleAnswer(ctx context.Context, u *unit, r Report) error {
	p, err := wire.DecodeAnswer(r.Payload)
	if err != nil {
		return err
	}
	if c.fires.answered(u, fireKey{u.device.Site, u.fireGroup()}, p) {
		return nil
	}
	if x := u.answered(p, r.Arrived); x != nil {
		return settle(ctx, []*execution{x})
	}
	return c.lateAnswer(ctx, u, CommandID(p.ID), command.Rung{Step: stepOf(p), At: r.Arrived, Detail: p.Reason})
}

// stepOf is what an answer says of its command.
func stepOf(p wire.AnswerPayload) command.Step {
	if p.Outcome == "refused" {
		return command.Refused
	}
	return command.Done
}

// answered records an answer to a command that is in memory, and gives that; nil: it
// is not. Once more it changes nothing.
func (u *unit) answered(p wire.AnswerPayload, at time.Time) *execution {
	step := stepOf(p)
	x := u.execution(CommandID(p.ID))
	if x == nil || !x.record(step, at, p.Reason) {
		return nil
	}
	if step == command.Done {
		x.shownAlready()
	}
	return x
}

// shownAlready records "confirmed" if a report that came between the order and
// the answer shows the effect. The report is in memory before it looks for
// commands, and the answer is recorded before it looks at the report: one of the
// two sees the other.
func (x *execution) shownAlready() {
	s := x.unit.snapshot().State
	x.mu.Lock()
	accepted, restart := x.cmd.Ladder.Rungs[0].At, x.cmd.Action == ActionRestart
	x.mu.Unlock()
	if restart {
		return // whoever restarts reports afterwards
	}
	if !s.ReportedAt.IsZero() && !s.ReportedAt.Before(accepted) {
		x.shownBy(State{Physical: Unknown}, s)
	}
}

// lateAnswer records an answer to a command that is not in memory any more. It
// has ended, so nothing that is shown changes.
func (c *Control) lateAnswer(ctx context.Context, u *unit, id CommandID, rung command.Rung) error {
	unknown := refuse(UnknownAnswer, "id", fmt.Sprintf("no command %q was sent to this device", id))
	if err := u.turn.take(ctx); err != nil { // one at a time: each reads, adds and saves
		return err
	}
	defer u.turn.give()
	cmd, err := c.d.Store.Command(ctx, id)
	switch {
	case CodeOf(err) == NotFound:
		return unknown
	case err != nil:
		return fmt.Errorf("command.record: %w", err)
	case cmd.Device != u.device.ID:
		return unknown
	}
	ladder, changed := command.Record(cmd.Ladder, rung)
	if !changed {
		return nil
	}
	cmd.Ladder = ladder
	if _, err := c.d.Store.SaveLadder(ctx, cmd); err != nil {
		return fmt.Errorf("command.record: %w", err)
	}
	return nil
}
