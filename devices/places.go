package devices

import (
	"slices"
	"sync"
)

// places is the registry in memory: it only grows.
type places struct {
	mu    sync.RWMutex // guards what follows
	sites []Site       // Revision is not kept here: see pulse
	zones []Zone
	units map[DeviceID]*unit
	order []*unit // in the order of their making
}

func newPlaces() *places { return &places{units: map[DeviceID]*unit{}} }

func (p *places) addSite(s Site) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sites = append(p.sites, s)
}

func (p *places) addZone(z Zone) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.zones = append(p.zones, z)
}

func (p *places) addUnit(u *unit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.units[u.device.ID] = u
	p.order = append(p.order, u)
}

func (p *places) site(id SiteID) (Site, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, s := range p.sites {
		if s.ID == id {
			return s, true
		}
	}
	return Site{}, false
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

func (p *places) allUnits() []*unit {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.order)
}
