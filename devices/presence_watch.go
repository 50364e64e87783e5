package devices

import (
	"context"
	"time"

	"gatehouse/devices/presence"
)

// stoodStill is how late a tick may be before it is the server that slept: then
// nobody was heard because nobody listened.
const stoodStill = 5 * time.Second

// Grace is how long a device of a kind may be gone before it is an outage, see
// presence.Link.Outage. DESIGN.md says why.
func Grace(k KindName) time.Duration {
	if k == Camera {
		return 15 * time.Second
	}
	return 5 * time.Second
}

// heard notes a state report, before it is saved: a device that was silent is back.
func (c *Control) heard(u *unit, epoch uint64) {
	u.mu.Lock()
	if epoch >= u.link.Epoch {
		u.heard, u.taking = c.d.Now(), true
	}
	u.mu.Unlock()
	c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) { return presence.Heard(l, epoch, c.now()) })
}

// taken notes that the report is saved. While it is not, the device waits for the
// disk, or offers it again, and is not silent.
func (u *unit) taken(now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.heard, u.taking = now, false
}

// watchLinks finds devices that are connected and silent, and lets those that flap
// be told and be calm again, until ctx ends.
func (c *Control) watchLinks(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, from := c.d.Now(), c.d.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := c.d.Now()
		if now.Sub(last) > stoodStill {
			from = now
		}
		last = now
		for _, u := range c.places.allUnits() {
			if u.silent(now, from) {
				c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) {
					return presence.Silence(l, now.UTC().Truncate(time.Millisecond))
				})
			}
		}
		for _, u := range c.later.all() {
			c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) { return presence.Calm(l, now) })
			c.later.put(u, u.toldLater(now))
			c.links.add(u)
		}
	}
}

// toldLater is whether the link is not to be told yet.
func (u *unit) toldLater(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.link.Flapping || now.Before(u.linkFrom)
}

// silent is whether an online device has not reported for longer than it may, of
// the time that the server has listened since from.
func (u *unit) silent(now, from time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.link.Status != presence.Online || u.taking {
		return false
	}
	heard := u.heard
	if heard.Before(from) {
		heard = from
	}
	return now.Sub(heard) > u.live.State.HeartbeatEvery()*3/2 // see FreshUntil
}
