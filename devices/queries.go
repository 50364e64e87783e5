package devices

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Snapshot is everything that the wall shows.
type Snapshot struct {
	At       time.Time
	Sites    []Site // Revision: everything up to it is in the snapshot, or newer
	Zones    []Zone
	Devices  []Live
	Commands []Command // open, or ended less than a minute ago
	Today    []Today
	Layers   []Layer // those that are set
}

// Today is the tally of one site's present day.
type Today struct {
	Site  Site
	Day   string // YYYY-MM-DD in the site's time zone
	Tally Tally
}

// Snapshot gives everything from memory. It never waits for the store.
func (c *Control) Snapshot() Snapshot {
	s := Snapshot{At: c.now(), Sites: c.Sites(), Zones: c.Zones()} // revisions before what they are of
	s.Devices = c.Devices()
	s.Commands = c.orders.all()
	s.Today = c.today.all()
	s.Layers = c.Layers()
	return s
}

// Sites gives every site, with the newest revision that was said of it.
func (c *Control) Sites() []Site {
	revisions := c.pulse.ofSites()
	sites := c.places.allSites()
	for i := range sites {
		sites[i].Revision = revisions[sites[i].ID]
	}
	return sites
}

// Site gives one site.
func (c *Control) Site(id SiteID) (Site, error) {
	s, ok := c.places.site(id)
	if !ok {
		return Site{}, notFound("site.get", "site "+string(id))
	}
	s.Revision = c.pulse.ofSites()[id]
	return s, nil
}

// Zones gives every zone.
func (c *Control) Zones() []Zone { return c.places.allZones() }

// Devices gives every device as it is now.
func (c *Control) Devices() []Live {
	units := c.places.allUnits()
	all := make([]Live, len(units))
	for i, u := range units {
		all[i] = c.live(u)
	}
	return all
}

// Device gives one device as it is now, or as it was when it was retired.
func (c *Control) Device(_ context.Context, id DeviceID) (Live, error) {
	u, ok := c.places.ever(id)
	if !ok {
		return Live{}, notFound("device.get", "device "+string(id))
	}
	return c.live(u), nil
}

// Retired gives the devices that are out of service, the newest first.
func (c *Control) Retired() []Live {
	units := c.places.allRetired()
	all := make([]Live, len(units))
	for i, u := range units {
		all[i] = c.live(u)
	}
	slices.SortFunc(all, func(a, b Live) int {
		return cmp.Or(b.Device.Retired.Compare(a.Device.Retired), cmp.Compare(a.Device.ID, b.Device.ID))
	})
	return all
}

// Registered says where a device stands; false if the registry does not know it,
// or has retired it.
// It never blocks.
func (c *Control) Registered(id DeviceID) (Device, bool) {
	u, ok := c.places.unit(id)
	if !ok {
		return Device{}, false
	}
	return u.registered(), true
}

// Command gives one command as it was last committed, or as it is known while its
// record is pending.
func (c *Control) Command(ctx context.Context, id CommandID) (Command, error) {
	if cmd, ok := c.orders.get(id); ok {
		return cmd, nil
	}
	return c.d.Store.Command(ctx, id)
}

// Commands of a device, and then of those whose place it took, newest first. Invalid
// names olderThan if that is no command of theirs.
func (c *Control) Commands(ctx context.Context, q CommandQuery) ([]Command, error) {
	if _, ok := c.places.ever(q.Device); !ok {
		return nil, notFound("command.list", "device "+string(q.Device))
	}
	line := c.places.line(q.Device)
	older, err := c.commandOfLine(ctx, line, q.Older)
	if err != nil {
		return nil, err
	}
	stored, err := alongLine(line[max(0, slices.Index(line, older)):], q.Limit, func(d DeviceID, limit int) ([]Command, error) {
		part := q
		part.Device, part.Limit = d, limit
		if d != older {
			part.Older = ""
		}
		return c.d.Store.Commands(ctx, part)
	})
	if err != nil || q.Older != "" {
		return stored, err
	}
	return c.withPending(q, stored), nil
}

// commandOfLine is the device of a line that a command went to; empty without one.
func (c *Control) commandOfLine(ctx context.Context, line []DeviceID, id CommandID) (DeviceID, error) {
	if id == "" {
		return "", nil
	}
	cmd, err := c.Command(ctx, id)
	if err == nil && slices.Contains(line, cmd.Device) {
		return cmd.Device, nil
	}
	if err != nil && CodeOf(err) != NotFound {
		return "", err
	}
	return "", &Error{Op: "command.list", Code: Invalid, Field: "olderThan", Message: "must be the next of the page before"}
}

// withPending puts the commands whose record is pending among those that are stored.
func (c *Control) withPending(q CommandQuery, stored []Command) []Command {
	u, ok := c.places.unit(q.Device)
	if !ok {
		return stored
	}
	for _, x := range u.executions() { // oldest first
		shown := x.shown()
		if !shown.RecordPending || !q.Selects(shown) {
			continue
		}
		stored = slices.DeleteFunc(stored, func(s Command) bool { return s.ID == shown.ID })
		stored = slices.Insert(stored, 0, shown)
	}
	return stored
}

// RecordPending gives the commands whose record is pending, oldest first.
func (c *Control) RecordPending() []Command {
	return slices.DeleteFunc(c.orders.all(), func(cmd Command) bool { return !cmd.RecordPending })
}

// Events selects what devices said, newest first. Those of one device go on with
// those of the devices whose place it took.
func (c *Control) Events(ctx context.Context, q EventQuery) ([]Event, error) {
	if q.Device == "" {
		return c.d.Store.Events(ctx, q)
	}
	return alongLine(c.places.line(q.Device), q.Limit, func(d DeviceID, limit int) ([]Event, error) {
		q.Device, q.Limit = d, limit
		return c.d.Store.Events(ctx, q)
	})
}

// Event gives one event of a device.
func (c *Control) Event(ctx context.Context, d DeviceID, id EventID) (Event, error) {
	return c.d.Store.Event(ctx, d, id)
}

// Quarantined messages, newest first.
func (c *Control) Quarantined(ctx context.Context, limit int) ([]Quarantined, error) {
	return c.d.Store.Quarantined(ctx, limit)
}

// Audit gives rows of the audit trail with an ID under before (0: from the
// newest), newest first.
func (c *Control) Audit(ctx context.Context, before int64, limit int) ([]AuditRow, error) {
	return c.d.Store.Audit(ctx, before, limit)
}
