package devices

import (
	"context"
	"time"

	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
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
		u.heard = c.d.Now()
	}
	u.mu.Unlock()
	c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) { return presence.Heard(l, epoch, c.now()) })
}

// offered notes that a message of a device came on a channel, and is not taken yet.
// Until it is the device may wait for us, and is not silent: its acknowledgements leave
// in order, so a message that waits for the disk keeps those of all later ones, and
// many devices say nothing more without them.
func (u *unit) offered(channel wire.Channel, epoch uint64, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if epoch < u.link.Epoch {
		return
	}
	if len(u.owed) == 0 {
		u.owedSince = now
	}
	if u.owed == nil {
		u.owed = map[wire.Channel]uint64{}
	}
	u.owed[channel] = epoch
}

// taken notes that the message is taken. The time in which the device was owed
// something is none of its silence.
func (u *unit) taken(channel wire.Channel, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, is := u.owed[channel]; !is {
		return
	}
	delete(u.owed, channel)
	if len(u.owed) == 0 {
		u.heard = u.heard.Add(now.Sub(u.owedSince))
		if u.heard.After(now) {
			u.heard = now
		}
	}
}

// owing is whether a message of the device, which is connected, waits to be taken.
func (u *unit) owing() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.link.Status == presence.Online && len(u.owed) > 0
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
			silent, doubted := u.grownOld(now, from)
			if silent {
				c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) {
					if !u.silent(now, from) { // it has reported since
						return l, false
					}
					return presence.Silence(l, now.UTC().Truncate(time.Millisecond))
				})
			}
			if doubted {
				c.links.add(u)
			}
		}
		for _, u := range c.later.all() {
			c.moveLink(u, 0, func(l presence.Link) (presence.Link, bool) { return presence.Calm(l, now) })
			c.later.put(u, false)
			if u.toldLater(now) { // looked at after it was taken out: what comes between is not lost
				c.later.put(u, true)
			}
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
// the time that the server has listened since from. u.mu is held.
func (u *unit) silent(now, from time.Time) bool {
	if u.link.Status != presence.Online || len(u.owed) > 0 {
		return false
	}
	heard := u.heard
	if heard.Before(from) {
		heard = from
	}
	return now.Sub(heard) > u.live.State.HeartbeatEvery()*3/2 // see FreshUntil
}

// grownOld is what the clock alone has changed of a device, which is nothing for nearly
// all of them: whether it is silent, and whether the doubt of what it does is another one
// than was told. While its reports wait for the disk it is not silent, and what it said
// last grows old.
func (u *unit) grownOld(now, from time.Time) (silent, doubted bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.silent(now, from), u.live.DoubtAt(now) != u.doubtTold
}
