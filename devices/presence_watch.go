package devices

import (
	"context"
	"slices"
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
	if i := u.owes(channel); i >= 0 {
		u.owed[i].epoch = epoch
		return
	}
	u.owed = append(u.owed, owing{channel, epoch})
}

// owes finds what a channel waits with; -1: nothing. u.mu is held.
func (u *unit) owes(channel wire.Channel) int {
	return slices.IndexFunc(u.owed, func(o owing) bool { return o.channel == channel })
}

// taken notes that the message is taken. The time in which the device was owed
// something is none of its silence.
func (u *unit) taken(channel wire.Channel, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	i := u.owes(channel)
	if i < 0 {
		return
	}
	u.owed = slices.Delete(u.owed, i, i+1)
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
	return u.link.Status == presence.Online && len(u.owed) == 0 && now.After(u.patience(from))
}

// patience is until when an online device need not report, see FreshUntil. u.mu is held.
func (u *unit) patience(from time.Time) time.Time {
	heard := u.heard
	if heard.Before(from) {
		heard = from
	}
	return heard.Add(u.live.State.HeartbeatEvery() * 3 / 2)
}

// grownOld is what the clock alone has changed of a device, which is nothing for nearly
// all of them: whether it is silent, and whether the doubt of what it does is another one
// than was told. While its reports wait for the disk it is not silent, and what it said
// last grows old.
func (u *unit) grownOld(now, from time.Time) (silent, doubted bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now.Before(u.calm) {
		return false, false
	}
	silent, doubted = u.silent(now, from), u.live.DoubtAt(now) != u.doubtTold
	if !silent && !doubted {
		u.calm = u.calmUntil(now, from)
	}
	return silent, doubted
}

// doubted is whether the doubt of what a device does is another one than was told.
func (u *unit) doubted(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.live.DoubtAt(now) != u.doubtTold
}

// lookEvery is how often a device is looked at of which the clock is not going to change
// anything: something else may have happened to it since.
const lookEvery = 3 * time.Second

// calmUntil is when the device is to be looked at again. u.mu is held.
func (u *unit) calmUntil(now, from time.Time) time.Time {
	until := now.Add(lookEvery)
	for _, due := range [...]time.Time{u.patience(from), u.live.State.FreshUntil()} {
		if !due.Before(now) && due.Before(until) {
			until = due
		}
	}
	return until
}
