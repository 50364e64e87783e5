package devices

import (
	"slices"
	"time"
)

// clockAgain is how long a device whose clock was ordered right is left alone: one
// that cannot keep the time is shown as wrong, and not ordered about for ever.
const clockAgain = 10 * time.Minute

// clockkeeper is who orders a device to set its clock.
var clockkeeper = Actor{Kind: ActorSystem, ID: "clock", Name: "clock"}

// clockStep is how far the server's own clock was set, or stood still, since its start,
// if that is more than ClockLimit; otherwise 0. See orderClock: what devices are told
// does not follow it.
func (c *Control) clockStep() time.Duration {
	if step := c.d.Now().Sub(c.clock.now()); step.Abs() > ClockLimit {
		return step
	}
	return 0
}

// sayClockStep says once that the server's clock stepped. Only a start mends it.
func (c *Control) sayClockStep() {
	step := c.clockStep()
	if step != 0 && !c.stepSaid {
		c.d.Log.Error("the clock of this server was set since it started: devices are told the time as it was before, and no device's clock is set by it; restart the server", "by", step)
	}
	c.stepSaid = step != 0
}

// correctClock orders a device to set its clock if its reports show it further off
// than ClockLimit, unless it is the server's clock that is. It does not wait.
func (c *Control) correctClock(u *unit) {
	if c.clockStep() != 0 {
		return
	}
	now := c.d.Now()
	u.mu.Lock()
	s := u.live.State
	due := s.Drift.Wrong() && slices.Contains(s.Capabilities, ActionSetTime) && (u.clockSet.IsZero() || now.Sub(u.clockSet) >= clockAgain)
	if due {
		u.clockSet = now
	}
	u.mu.Unlock()
	if !due {
		return
	}
	c.group.start(func() {
		const op = "clock.set"
		key, err := newID(op)
		if err == nil {
			r := Request{Key: key, Action: ActionSetTime, TTL: modeTTL, Reason: "its clock is off by " + s.Drift.By.String()}
			_, err = c.order(c.group.life, op, u, clockkeeper, r, now)
		}
		if err != nil {
			c.d.Log.Warn("clock not set", "device", u.device.ID, "err", err)
		}
	})
}
