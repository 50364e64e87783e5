package devices

import (
	"context"
	"time"

	"gatehouse/devices/presence"
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
	u.mu.Lock()
	link, changed := presence.Apply(u.link, change)
	u.link = link
	u.mu.Unlock()
	if changed {
		c.links.add(u)
		c.alarmed.add(u)
	}
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

// keepLink saves the newest word on a link. Several changes that came meanwhile
// are one: only the newest is true. False if ctx has ended.
func (c *Control) keepLink(ctx context.Context, u *unit) bool {
	return c.retry(ctx, "link of "+string(u.device.ID), func() error {
		if err := u.turn.take(ctx); err != nil {
			return err
		}
		defer u.turn.give()
		u.mu.Lock()
		link, known := u.link, u.live.Link == u.link
		u.mu.Unlock()
		if known {
			return nil
		}
		r, err := c.d.Store.SaveLink(ctx, u.device.ID, link)
		if err != nil {
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

// Online gives every device that is connected, by the newest word: those that are
// to be told the time.
func (c *Control) Online() []Device {
	var online []Device
	for _, u := range c.places.allUnits() {
		if u.linkNow().Status == presence.Online {
			online = append(online, u.registered())
		}
	}
	return online
}
