package devices

import "sync"

// pulse knows the newest revision that was said of each zone; zone "" is what
// belongs to the whole site.
type pulse struct {
	mu     sync.Mutex // guards newest
	newest map[pulseKey]Revision
}

type pulseKey struct {
	site SiteID
	zone ZoneID
}

func newPulse() *pulse { return &pulse{newest: map[pulseKey]Revision{}} }

func (p *pulse) note(s SiteID, z ZoneID, r Revision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := pulseKey{s, z}
	p.newest[k] = max(p.newest[k], r)
}

func (p *pulse) of(s SiteID, z ZoneID) Revision {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newest[pulseKey{s, z}]
}

// ofSites is the newest revision of anything that was said of each site.
func (p *pulse) ofSites() map[SiteID]Revision {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[SiteID]Revision{}
	for k, r := range p.newest {
		all[k.site] = max(all[k.site], r)
	}
	return all
}
