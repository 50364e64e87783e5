package devices

import (
	"context"
	"fmt"
)

// RenameSite gives a site another name. NotFound; Invalid: Field is name.
func (c *Control) RenameSite(ctx context.Context, a Actor, id SiteID, name string) (Site, error) {
	const op = "site.rename"
	if err := c.edit.takeFor(ctx, op, "another change of sites and zones"); err != nil {
		return Site{}, err
	}
	defer c.edit.give()
	s, ok := c.places.site(id)
	if !ok {
		return Site{}, notFound(op, "site "+string(id))
	}
	name, err := checkName(op, name)
	if err != nil {
		return Site{}, err
	}
	entry := c.audit(a, op, id, "site:"+string(id), map[string]any{"before": s.Name, "after": name})
	if err := c.d.Store.RenameSite(ctx, id, name, entry); err != nil {
		return Site{}, fmt.Errorf("%s: %w", op, err)
	}
	c.places.renameSite(id, name)
	return c.Site(id)
}

// RenameZone gives a zone another name. NotFound; Invalid: Field is name.
func (c *Control) RenameZone(ctx context.Context, a Actor, id ZoneID, name string) (Zone, error) {
	const op = "zone.rename"
	if err := c.edit.takeFor(ctx, op, "another change of sites and zones"); err != nil {
		return Zone{}, err
	}
	defer c.edit.give()
	z, ok := c.places.zone(id)
	if !ok {
		return Zone{}, notFound(op, "zone "+string(id))
	}
	name, err := checkName(op, name)
	if err != nil {
		return Zone{}, err
	}
	entry := c.audit(a, op, z.Site, "zone:"+string(id), map[string]any{"before": z.Name, "after": name})
	if err := c.d.Store.RenameZone(ctx, id, name, entry); err != nil {
		return Zone{}, fmt.Errorf("%s: %w", op, err)
	}
	c.places.renameZone(id, name)
	z.Name = name
	return z, nil
}

// DeviceEdit says what to change of a device; what is empty stays.
type DeviceEdit struct {
	Name string
	Zone ZoneID // of the device's own site
}

// EditDevice renames a device, moves it to another zone of its site, or both. Its
// connection, its orders and its history go on. NotFound; Invalid: Field is name or
// zone.
func (c *Control) EditDevice(ctx context.Context, a Actor, id DeviceID, e DeviceEdit) (Live, error) {
	const op = "device.edit"
	u, ok := c.places.unit(id)
	if !ok {
		return Live{}, notFound(op, "device "+string(id))
	}
	if e.Name == "" && e.Zone == "" {
		return Live{}, invalid(op, "name", "name or zone must be given")
	}
	if err := c.takeBoth(ctx, op, u); err != nil {
		return Live{}, err
	}
	defer giveBoth(u)
	was := c.live(u)
	if !was.Device.Retired.IsZero() {
		return Live{}, notFound(op, "device "+string(id))
	}
	d, err := c.edited(op, was.Device, e)
	if err != nil || d == was.Device {
		return was, err
	}
	entry := c.audit(a, op, d.Site, "device:"+string(id), map[string]any{
		"before": map[string]any{"name": was.Device.Name, "zone": was.Device.Zone},
		"after":  map[string]any{"name": d.Name, "zone": d.Zone},
	})
	r, err := c.d.Store.EditDevice(ctx, id, d.Zone, d.Name, entry)
	if err != nil {
		return Live{}, fmt.Errorf("%s: %w", op, err)
	}
	c.change(u, r, func(l *Live) { l.Device = d })
	if d.Zone != was.Device.Zone { // its new place is told first: a reader never misses it
		c.d.News.DeviceGone(was)
		c.tells.add(u) // other layers may be over it there
		c.d.PlacesChanged()
	}
	return c.live(u), nil
}

// edited is a device as an edit wants it.
func (c *Control) edited(op string, d Device, e DeviceEdit) (Device, error) {
	if e.Name != "" {
		name, err := checkName(op, e.Name)
		if err != nil {
			return d, err
		}
		d.Name = name
	}
	if e.Zone != "" {
		z, ok := c.places.zone(e.Zone)
		if !ok {
			return d, invalid(op, "zone", "must be the id of a zone that exists")
		}
		if z.Site != d.Site {
			return d, invalid(op, "zone", "must be a zone of the device's own site; a device goes to another site by a transfer, which enrols it anew")
		}
		d.Zone = e.Zone
	}
	return d, nil
}

// takeBoth waits until nobody sends to a device or writes it.
func (c *Control) takeBoth(ctx context.Context, op string, u *unit) error {
	if err := u.lane.takeFor(ctx, op, "something of this device"); err != nil {
		return err
	}
	err := u.turn.takeFor(ctx, op, "something of this device")
	if err != nil {
		u.lane.give()
	}
	return err
}

func giveBoth(u *unit) {
	u.turn.give()
	u.lane.give()
}
