package devices

import (
	"cmp"
	"slices"

	"gatehouse/devices/arbiter"
	"gatehouse/devices/presence"
)

// Opening is what can be open or closed by itself: a gate, or one direction of a
// turnstile, in service.
type Opening struct {
	Site      SiteID
	Zone      ZoneID
	Device    DeviceID
	Direction string // of a turnstile; else empty
	Kind      KindName
	Name      string // of the device
}

// Standing is what an opening is to be, and what it reports.
type Standing struct {
	Opening
	Stack    arbiter.Stack // its layers that count now, the one that rules first
	Reported Mode          // empty: nothing on this connection yet
	Online   bool
	Able     bool // by its last report it can take modes (ActionMode); false if it is connected and has not reported yet
}

// Openings gives every opening in service, by device and then direction.
func (c *Control) Openings() []Opening {
	units := c.places.allUnits()
	all := make([]Opening, 0, len(units))
	for _, u := range units {
		d := u.registered()
		for _, direction := range u.kind.Openings() {
			all = append(all, openingOf(d, direction))
		}
	}
	slices.SortFunc(all, func(a, b Opening) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Direction, b.Direction))
	})
	return all
}

func openingOf(d Device, direction string) Opening {
	return Opening{Site: d.Site, Zone: d.Zone, Device: d.ID, Direction: direction, Kind: d.Kind, Name: d.Name}
}

// ModesTaken is whether every opening of a device reports the mode that its layers make.
// That is not known while the device is away, or has not reported on its connection yet.
func (c *Control) ModesTaken(id DeviceID) (taken, known bool) {
	u, ok := c.places.unit(id)
	if !ok {
		return false, false
	}
	state, current := u.reportedNow()
	if !current {
		return false, false
	}
	for _, direction := range u.kind.Openings() {
		if state.ModeOf(direction) != c.stack(u, direction).Mode() {
			return false, true
		}
	}
	return true, true
}

// Standing gives what one opening is to be and what it reports; false if there is no
// such opening in service.
func (c *Control) Standing(id DeviceID, direction string) (Standing, bool) {
	u, ok := c.places.unit(id)
	if !ok || !hasOpening(u.kind, direction) {
		return Standing{}, false
	}
	state, current := u.reportedNow()
	s := Standing{
		Opening: openingOf(u.registered(), direction), Stack: c.stack(u, direction),
		Online: u.linkNow().Status == presence.Online, Able: slices.Contains(state.Capabilities, ActionMode),
	}
	if current {
		s.Reported = state.ModeOf(direction)
	}
	return s, true
}
