package devices

import (
	"context"
	"iter"
	"slices"
	"time"

	"gatehouse/devices/presence"
)

// spansKept is how many changes of one device wait for a disk that stands still:
// enough for any healthy device, and nothing for a site of those that are not.
const spansKept = 16

// tellFlapping is how often, at most, the link of a device that flaps is saved and
// told.
const tellFlapping = 3 * time.Second

// How long the end of a connection waits before it is told, for what may follow at
// once; it ends with what follows. Commands wait for nothing.
const (
	tellTakeOver = time.Second            // the connection that took over
	tellWill     = 200 * time.Millisecond // the broker's own word: it may be that of a take-over
)

// Presence takes news of a device's connection, in any order. It never blocks,
// and acts at once for commands; the link is saved and published by Run.
func (c *Control) Presence(id DeviceID, change presence.Change) {
	u, ok := c.places.unit(id)
	if !ok {
		c.d.Log.Warn("connection of an unknown device", "device", id)
		return
	}
	change.At = change.At.UTC().Truncate(time.Millisecond)
	wait := time.Duration(0)
	if !change.Up && change.Cause == presence.CauseTakeOver {
		wait = tellTakeOver
	}
	c.moveLink(u, wait, func(l presence.Link) (presence.Link, bool) { return presence.Apply(l, change) })
	if !change.Up {
		u.endsFor(change.Epoch, c.d.Now().Add(wait))
		c.links.add(u)
	}
}

// says takes a device's own word on its connection, or its will.
func (c *Control) says(u *unit, change presence.Change) {
	wait := time.Duration(0)
	if !change.Up {
		wait = tellWill
	}
	c.moveLink(u, wait, func(l presence.Link) (presence.Link, bool) { return presence.Apply(l, change) })
}

// endsFor notes when the end of a connection may be told: the broker's own word on it
// has come.
func (u *unit) endsFor(epoch uint64, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.link.Epoch == epoch && u.link.Status == presence.Offline {
		u.linkFrom = at
	}
}

// moveLink takes a step of a link, with what its history has to say of it, and has it
// told after a while. It never blocks.
func (c *Control) moveLink(u *unit, wait time.Duration, step func(presence.Link) (presence.Link, bool)) {
	u.mu.Lock()
	before := u.link
	after, changed := step(before)
	if changed {
		u.link = after
		u.spans = presence.Trace(u.spans, before, after, spansKept)
		u.linkFrom = c.d.Now().Add(wait)
		if after.Status == presence.Online {
			u.heard = c.d.Now()
			// What an older connection brought is offered anew, or gone.
			u.owed = slices.DeleteFunc(u.owed, func(o owing) bool { return o.epoch < after.Epoch })
		}
	}
	u.mu.Unlock()
	if !changed {
		return
	}
	c.later.put(u, after.Flapping || wait > 0)
	c.links.add(u)
	c.alarmed.add(u)
}

// keepLinks saves and publishes links until ctx ends; several run at once, so
// that a whole site that drops shares commits.
func (c *Control) keepLinks(ctx context.Context) {
	for {
		u, ok := c.links.next(ctx)
		if !ok || !c.keepLink(ctx, u) {
			return
		}
	}
}

// keepLink saves the newest word on a link, with its history, in one transaction.
// Several changes that came meanwhile are one publication: only the newest is true.
// That of a device that flaps waits until its time, see watchLinks. A doubt that came
// with time alone is told, too. False if ctx has ended.
func (c *Control) keepLink(ctx context.Context, u *unit) bool {
	return c.retry(ctx, "link of "+string(u.device.ID), func() error {
		if err := u.turn.take(ctx); err != nil {
			return err
		}
		defer u.turn.give()
		link, spans, due := u.takeLink(c.d.Now())
		if !due {
			if u.doubted(c.d.Now()) {
				c.change(u, 0, func(*Live) {})
			}
			return nil
		}
		r, err := c.d.Store.SaveLink(ctx, u.device.ID, link, spans...)
		if err != nil {
			u.giveSpansBack(spans)
			return err
		}
		c.change(u, r, func(l *Live) {
			l.Link = link
			if link.Status == presence.Online && u.reported < link.Epoch {
				l.State = State{Physical: Unknown, Drift: l.State.Drift}
				l.Telemetry = Telemetry{}
			}
		})
		return nil
	})
}

// takeLink is what is to be saved of a link, and whether there is anything, now.
func (u *unit) takeLink(now time.Time) (l presence.Link, spans []presence.Span, due bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.live.Link == u.link && len(u.spans) == 0 {
		return l, nil, false
	}
	if now.Before(u.linkFrom) || u.link.Flapping && u.live.Link.Flapping && now.Before(u.linkTold.Add(tellFlapping)) {
		return l, nil, false
	}
	spans, u.spans, u.linkTold = u.spans, nil, now
	return u.link, spans, true
}

// giveSpansBack has spans that could not be saved wait again.
func (u *unit) giveSpansBack(spans []presence.Span) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.linkTold = time.Time{}
	u.spans = presence.Join(spans, u.spans, spansKept)
}

// Online gives every device whose connection stands, by the newest word: those that
// are to be told the time.
func (c *Control) Online() iter.Seq[Device] {
	return func(yield func(Device) bool) {
		for _, u := range c.places.allUnits() {
			if u.linkNow().Reachable() && !yield(u.registered()) {
				return
			}
		}
	}
}
