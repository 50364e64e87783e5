package devices

import (
	"slices"
	"sync"
	"time"
)

// places is the registry in memory. Devices leave it for retired only.
type places struct {
	mu    sync.RWMutex // guards what follows
	sites []Site       // Revision is not kept here: see pulse
	index map[SiteID]place
	zones []Zone
	units map[DeviceID]*unit
	order []*unit // in the order of their making

	retired  map[DeviceID]*unit // found by ever and line only
	expected map[DeviceID]bool  // about to be registered
}

// place is a site with its time zone, which is read from disk once.
type place struct {
	site  Site
	clock *time.Location
}

func newPlaces() *places {
	return &places{index: map[SiteID]place{}, units: map[DeviceID]*unit{}, retired: map[DeviceID]*unit{}, expected: map[DeviceID]bool{}}
}

func (p *places) addSite(s Site) error {
	clock, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return &Error{Op: "site.load", Code: Internal, Message: "the time zone of site " + string(s.ID) + " is not known here", Err: err}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sites = append(p.sites, s)
	p.index[s.ID] = place{s, clock}
	return nil
}

// addZone takes a zone that is not there yet.
func (p *places) addZone(z Zone) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.ContainsFunc(p.zones, func(o Zone) bool { return o.ID == z.ID }) {
		p.zones = append(p.zones, z)
	}
}

// addUnit gives the unit that is there: another one if somebody found the device
// first.
func (p *places) addUnit(u *unit) *unit {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.everLocked(u.device.ID); ok {
		return known
	}
	p.units[u.device.ID] = u
	p.order = append(p.order, u)
	return u
}

func (p *places) site(id SiteID) (Site, bool) {
	at, ok := p.place(id)
	return at.site, ok
}

func (p *places) place(id SiteID) (place, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	at, ok := p.index[id]
	return at, ok
}

func (p *places) zone(id ZoneID) (Zone, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, z := range p.zones {
		if z.ID == id {
			return z, true
		}
	}
	return Zone{}, false
}

func (p *places) unit(id DeviceID) (*unit, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	u, ok := p.units[id]
	return u, ok
}

func (p *places) allSites() []Site {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.sites)
}

func (p *places) allZones() []Zone {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.zones)
}

// allUnits is for reading only.
func (p *places) allUnits() []*unit {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.order
}
