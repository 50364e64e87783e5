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

// correctClock orders a device to set its clock if its reports show it further off
// than ClockLimit. It does not wait.
func (c *Control) correctClock(u *unit) {
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
