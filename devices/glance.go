package devices

import (
	"time"

	"gatehouse/devices/wire"
)

// Glance sees a message of a device as soon as it has arrived, before its turn, because
// what is ahead of it may wait for the disk: what a fire input says is obeyed, and the
// answer to an order is kept in mind. It never blocks, and the message comes to
// HandleReports all the same.
func (c *Control) Glance(r Report) {
	u, known := c.places.unit(r.Device)
	if !known || u.device.Site != r.Site {
		return
	}
	u.mu.Lock()
	waits := u.owes(r.Channel) >= 0
	input := u.live.Fire.Input != ""
	u.mu.Unlock()
	switch {
	case r.Channel == wire.Event && input:
		c.group.start(func() { c.glanceEvent(u, r) })
	case r.Channel == wire.Answer && waits:
		c.group.start(func() { c.glanceAnswer(u, r) })
	}
}

func (c *Control) glanceEvent(u *unit, r Report) {
	if p, err := wire.DecodeEvent(r.Payload); err == nil && p.Type == wire.EventFire {
		_ = c.fireInput(c.group.life, u, eventOf(u.registered(), p, r.Arrived)) // it comes again, and is logged
	}
}

func (c *Control) glanceAnswer(u *unit, r Report) {
	if p, err := wire.DecodeAnswer(r.Payload); err == nil {
		u.answered(p, r.Arrived.UTC().Truncate(time.Millisecond))
	}
}
