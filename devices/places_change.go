package devices

import (
	"maps"
	"slices"
)

// maxLine bounds how many predecessors of a device its history goes back to.
const maxLine = 20

// ever finds a device in service or retired.
func (p *places) ever(id DeviceID) (*unit, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.everLocked(id)
}

func (p *places) everLocked(id DeviceID) (*unit, bool) {
	if u, ok := p.units[id]; ok {
		return u, true
	}
	u, ok := p.retired[id]
	return u, ok
}

// line is a device with those whose place it took, the newest first.
func (p *places) line(id DeviceID) []DeviceID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	line := []DeviceID{id}
	for len(line) < maxLine {
		u, ok := p.everLocked(line[len(line)-1])
		if !ok {
			break
		}
		before := u.registered().Replaces
		if before == "" {
			break
		}
		line = append(line, before)
	}
	return line
}

// retire takes a device out of service: only its history finds it from now on.
func (p *places) retire(u *unit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.units, u.device.ID)
	p.order = slices.DeleteFunc(slices.Clone(p.order), func(o *unit) bool { return o == u }) // somebody may read the old one
	p.retired[u.device.ID] = u
}

// expect has layers over a device last that is about to be registered; settle ends
// that, whatever came of it.
func (p *places) expect(id DeviceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected[id] = true
}

func (p *places) settle(id DeviceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.expected, id)
}

// inService is whether there is such a device, or is about to be.
func (p *places) inService(id DeviceID) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, is := p.units[id]
	return is || p.expected[id]
}

func (p *places) allRetired() []*unit {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Collect(maps.Values(p.retired))
}

func (p *places) renameSite(id SiteID, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.index[id]
	at.site.Name = name
	p.index[id] = at
	for i := range p.sites {
		if p.sites[i].ID == id {
			p.sites[i].Name = name
		}
	}
}

func (p *places) renameZone(id ZoneID, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.zones {
		if p.zones[i].ID == id {
			p.zones[i].Name = name
		}
	}
}

// alongLine reads a list along a line of devices until it has limit elements; 0 or
// less are 100, as a store has it.
func alongLine[T any](line []DeviceID, limit int, read func(d DeviceID, limit int) ([]T, error)) ([]T, error) {
	if limit <= 0 {
		limit = 100
	}
	var all []T
	for _, d := range line {
		part, err := read(d, limit-len(all))
		if err != nil {
			return nil, err
		}
		if all = append(all, part...); len(all) >= limit {
			break
		}
	}
	return all, nil
}
