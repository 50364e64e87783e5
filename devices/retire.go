package devices

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/devices/presence"
)

// Retire takes a device out of service for good. Its credential ends, its
// connection is cut, it leaves the feed, nothing can be sent to it; its history
// stays. Retiring it again is no error. NotFound; Invalid: Field is reason.
func (c *Control) Retire(ctx context.Context, a Actor, id DeviceID, reason string) error {
	const op = "device.retire"
	if err := checkReason(op, reason, true); err != nil {
		return err
	}
	if u, ok := c.places.ever(id); ok && u.retired() {
		return c.endDevice(ctx, op, a, id)
	}
	_, err := c.succeed(ctx, op, a, id, reason, nil)
	return err
}

// Replace takes a broken device out of service as Retire does, and registers a new
// one in its place: of the same kind and name in the same zone, with an id of its
// own, so that what the new one says can never pass for the old one's. The history
// goes on, and schedules follow. The new device needs a credential.
func (c *Control) Replace(ctx context.Context, a Actor, id DeviceID, reason string) (Live, error) {
	const op = "device.replace"
	if err := checkReason(op, reason, true); err != nil {
		return Live{}, err
	}
	return c.succeed(ctx, op, a, id, reason, func(old Device) (ZoneID, SiteID, error) { return old.Zone, old.Site, nil })
}

// Transfer moves a device to a zone of another site: it is enrolled anew there, as
// by Replace. Its schedules pause: they are of the old site.
func (c *Control) Transfer(ctx context.Context, a Actor, id DeviceID, to ZoneID, reason string) (Live, error) {
	const op = "device.transfer"
	if err := checkReason(op, reason, true); err != nil {
		return Live{}, err
	}
	z, ok := c.places.zone(to)
	if !ok {
		return Live{}, invalid(op, "zone", "must be the id of a zone that exists")
	}
	return c.succeed(ctx, op, a, id, reason, func(old Device) (ZoneID, SiteID, error) {
		if z.Site == old.Site {
			return "", "", invalid(op, "zone", "must be a zone of another site; within its site a device moves by an edit")
		}
		return z.ID, z.Site, nil
	})
}

// succeed retires a device; place says where its successor stands, nil: there is
// none.
func (c *Control) succeed(ctx context.Context, op string, a Actor, id DeviceID, reason string, place func(Device) (ZoneID, SiteID, error)) (Live, error) {
	u, ok := c.places.unit(id)
	if !ok {
		return Live{}, notFound(op, "device "+string(id))
	}
	q, err := c.retirement(op, u.registered(), place)
	if err != nil {
		return Live{}, err
	}
	// First its connection: what it has said up to now is still its own.
	if err := c.endDevice(ctx, op, a, id); err != nil {
		return Live{}, err
	}
	heir, err := c.retire(ctx, op, a, u, q, reason)
	if err != nil {
		return Live{}, err
	}
	// Again, if somebody gave it a credential meanwhile.
	return heir, c.endDevice(ctx, op, a, id)
}

func (c *Control) retirement(op string, old Device, place func(Device) (ZoneID, SiteID, error)) (Retirement, error) {
	q := Retirement{Device: old.ID, At: c.now()}
	if place == nil {
		return q, nil
	}
	zone, site, err := place(old)
	if err != nil {
		return q, err
	}
	id, err := newID(op)
	if err != nil {
		return q, err
	}
	q.Successor = &Device{ID: DeviceID(id), Site: site, Zone: zone, Kind: old.Kind, Name: old.Name, Created: q.At}
	return q, nil
}

// retire commits a retirement, and then tells of it.
func (c *Control) retire(ctx context.Context, op string, a Actor, u *unit, q Retirement, reason string) (Live, error) {
	if err := c.takeBoth(ctx, op, u); err != nil {
		return Live{}, err
	}
	defer giveBoth(u)
	if u.retired() {
		return Live{}, notFound(op, "device "+string(q.Device))
	}
	detail := map[string]any{"reason": strings.TrimSpace(reason)}
	if q.Successor != nil {
		q.Successor.Name, q.Successor.Zone = c.newest(u, q)
		detail["successor"], detail["site"], detail["zone"] = q.Successor.ID, q.Successor.Site, q.Successor.Zone
	}
	settled := func() {}
	if heir := q.Successor; heir != nil {
		c.places.expect(heir.ID)
		settled = func() { c.places.settle(heir.ID) }
	}
	if err := c.holdsFollow(ctx, a, q); err != nil {
		settled()
		return Live{}, err
	}
	entry := c.audit(a, op, u.device.Site, "device:"+string(q.Device), detail)
	_, r, err := c.d.Store.Retire(ctx, q, entry)
	if err != nil {
		c.doubtRegistry(settled)
		return Live{}, fmt.Errorf("%s: %w", op, err)
	}
	defer settled()
	c.takeOut(u, q)
	c.group.start(func() { c.endLayers(c.group.life) }) // at once, not with the next tick
	if q.Successor == nil {
		return c.live(u), nil
	}
	l := neverSeen(*q.Successor, r)
	l.Device.Replaces = q.Device
	l.Config = u.snapshot().Config
	if l.Device.Site == u.device.Site {
		l.Fire = u.snapshot().Fire
	}
	return c.takeIn(l)
}

// newest is the name and zone of a successor, if the device was edited meanwhile.
func (c *Control) newest(u *unit, q Retirement) (name string, zone ZoneID) {
	now := u.registered()
	if q.Successor.Site != now.Site {
		return now.Name, q.Successor.Zone
	}
	return now.Name, now.Zone
}

// takeOut makes a stored retirement true here. Its caller holds turn and lane.
func (c *Control) takeOut(u *unit, q Retirement) {
	u.mu.Lock()
	was := copyLive(u.live)
	u.live.Device.Retired = q.At
	if u.live.Link.Status != presence.NeverSeen {
		u.live.Link = presence.Link{Status: presence.Offline, Since: q.At, Cause: CauseRetired, Epoch: u.live.Link.Epoch}
	}
	u.link, u.spans = u.live.Link, nil
	u.mu.Unlock()
	c.places.retire(u)
	c.unsettled.put(u, false)
	c.configs.add(u)
	c.later.put(u, false)
	c.d.News.DeviceGone(was)
	c.d.PlacesChanged()
}

// neverSeen is a device that was just registered.
func neverSeen(d Device, r Revision) Live {
	return Live{Device: d, Link: presence.Link{Status: presence.NeverSeen}, State: State{Physical: Unknown}, Revision: r}
}

// takeIn makes a device that is stored known here.
func (c *Control) takeIn(l Live) (Live, error) {
	k, ok := KindOf(l.Device.Kind)
	if !ok {
		return Live{}, &Error{Op: "device.load", Code: Internal, Message: "device " + string(l.Device.ID) + " has an unknown kind"}
	}
	u := c.places.addUnit(newUnit(l, k))
	if err := u.turn.take(c.group.life); err != nil {
		return Live{}, stopping("device.load")
	}
	defer u.turn.give()
	c.change(u, l.Revision, func(*Live) {})
	c.configs.add(u)
	if l.Fire.Group != "" { // a release that stands is of it too
		c.fires.join(fireKey{u.device.Site, l.Fire.Group}, newProofs(u))
		c.alarmed.add(u)
	}
	c.d.PlacesChanged()
	return c.live(u), nil
}

// endDevice ends the credential of a device, and with it its connection.
func (c *Control) endDevice(ctx context.Context, op string, a Actor, id DeviceID) error {
	if c.d.Enrolment == nil {
		return nil
	}
	if err := c.d.Enrolment.EndDevice(ctx, a, id); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// doubtRegistry reads the registry again after a change whose commit was
// reported as an error: it may be stored all the same. settled is called after.
func (c *Control) doubtRegistry(settled func()) {
	c.group.start(func() {
		defer settled()
		c.retry(c.group.life, "registry", func() error {
			zones, err := c.d.Store.Zones(c.group.life)
			if err != nil {
				return err
			}
			for _, z := range zones {
				c.places.addZone(z)
			}
			lives, err := c.d.Store.Devices(c.group.life)
			if err != nil {
				return err
			}
			for _, l := range lives {
				if err := c.agree(l); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// agree makes one device here what the store says of its being in service.
func (c *Control) agree(l Live) error {
	u, known := c.places.ever(l.Device.ID)
	gone := !l.Device.Retired.IsZero()
	switch {
	case !known && !gone:
		_, err := c.takeIn(l)
		return err
	case known && gone && !u.retired():
		if err := c.takeBoth(c.group.life, "device.load", u); err != nil {
			return err
		}
		defer giveBoth(u)
		if !u.retired() {
			c.takeOut(u, Retirement{Device: l.Device.ID, At: l.Device.Retired})
		}
	}
	return nil
}
