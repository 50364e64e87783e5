package devices

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

// handleStatus takes a device's own word on its connection; its will is one.
func (c *Control) handleStatus(u *unit, r Report) error {
	p, err := wire.DecodeStatus(r.Payload)
	if err != nil {
		return err
	}
	change := presence.Change{Up: p.Status == "online", Epoch: r.Epoch, At: r.Arrived}
	if !change.Up {
		change.Cause = p.Cause
		if change.Cause == "" {
			change.Cause = presence.CauseSaidOffline
		}
	}
	c.says(u, change)
	return nil
}

// handleState takes a full state report, and sees which commands it confirms.
func (c *Control) handleState(ctx context.Context, u *unit, r Report) error {
	p, err := wire.DecodeState(r.Payload)
	if err != nil {
		return err
	}
	after := stateOf(p, r.Arrived)
	c.heard(u, r.Epoch)
	c.fireSeen(u, after, r.Epoch)
	before, fresh, err := c.saveState(ctx, u, after, r.Epoch)
	if err != nil {
		return err // and it comes again
	}
	if !fresh {
		return nil
	}
	c.correctClock(u)
	return u.settleShown(ctx, func(x *execution) bool { return x.shownBy(before, after) })
}

// saveState commits and publishes a report, unless a newer connection of the
// device has reported or come up already, or it says nothing new.
func (c *Control) saveState(ctx context.Context, u *unit, after State, epoch uint64) (before State, fresh bool, err error) {
	if err := u.turn.take(ctx); err != nil {
		return State{}, false, err
	}
	defer u.turn.give()
	u.mu.Lock()
	before, fresh = u.live.State, epoch >= max(u.reported, u.link.Epoch)
	if epoch > u.reported {
		before = State{Physical: Unknown} // that of an older connection says nothing of now
	}
	online := time.Duration(0)
	if epoch == u.link.Epoch {
		online = after.ReportedAt.Sub(u.link.Since)
	}
	after.Drift = MeasureDrift(u.live.State.Drift, after.DeviceTime, c.issued(after.ReportedAt), online)
	if fresh && u.saysNothingNew(after, epoch, c.d.Now()) {
		u.live.State = after
		late := u.live.ConfigStatusAt(c.d.Now()) != u.configTold
		u.mu.Unlock()
		if late { // the time to run what is wanted is over
			c.change(u, 0, func(*Live) {})
		}
		return before, true, nil
	}
	u.mu.Unlock()
	if !fresh {
		return before, false, nil
	}
	revision, err := c.d.Store.SaveState(ctx, u.device.ID, after)
	if err != nil {
		return before, false, fmt.Errorf("state.save: %w", err)
	}
	c.change(u, revision, func(l *Live) {
		l.State = after
		u.reported, u.stated = epoch, after.ReportedAt
	})
	c.tells.add(u)
	return before, true, nil
}

func stateOf(p wire.StatePayload, arrived time.Time) State {
	s := State{
		Mode: Mode(p.Mode), Physical: Physical(p.Physical), Tamper: p.Tamper, Fault: p.Fault, Counters: p.Counters,
		Firmware: p.Firmware, Command: CommandID(p.Command), DeviceTime: time.UnixMilli(p.At).UTC(), ReportedAt: arrived,
		Alarm: Alarm(p.Alarm), Power: Power(p.Power), Signal: int(p.Signal), Heartbeat: time.Duration(p.Heartbeat) * time.Second,
		Config: p.Config, Settings: p.Settings,
	}
	if s.Physical == "" {
		s.Physical = Unknown
	}
	for direction, mode := range p.Modes {
		if s.Modes == nil {
			s.Modes = map[string]Mode{}
		}
		s.Modes[direction] = Mode(mode)
	}
	for _, a := range p.Capabilities {
		s.Capabilities = append(s.Capabilities, Action(a))
	}
	return s
}

// settleShown waits for the record of those commands whose effect a message shows.
// One whose record is late holds up no other message.
func (u *unit) settleShown(ctx context.Context, shown func(*execution) bool) error {
	return settle(ctx, slices.DeleteFunc(u.executions(), func(x *execution) bool { return !shown(x) }))
}

// settle waits until every step that was recorded of these commands is saved.
func settle(ctx context.Context, all []*execution) error {
	for _, x := range all {
		if err := x.settled(ctx); err != nil {
			return fmt.Errorf("command.record: %w", err)
		}
	}
	return nil
}
