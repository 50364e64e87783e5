package devices

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/devices/arbiter"
)

// Reach is the part of a property that somebody may see and act on at a moment. The
// zero value is nothing.
type Reach struct {
	all   bool
	sites map[SiteID]bool // whole ones
	zones map[Place]bool
}

// Everything is the whole property, and what belongs to no site of it.
func Everything() Reach { return Reach{all: true} }

// Everything is whether it is the whole property.
func (r Reach) Everything() bool { return r.all }

// And is what is in both.
func (r Reach) And(o Reach) Reach {
	switch {
	case r.all:
		return o
	case o.all:
		return r
	}
	both := Reach{sites: map[SiteID]bool{}, zones: map[Place]bool{}}
	for s := range r.sites {
		if o.sites[s] {
			both.sites[s] = true
		}
	}
	for _, one := range [][2]Reach{{r, o}, {o, r}} {
		for p := range one[0].zones {
			if one[1].Place(p.Site, p.Zone) {
				both.zones[p] = true
			}
		}
	}
	return both
}

// Nothing is whether no place is left.
func (r Reach) Nothing() bool { return !r.all && len(r.sites)+len(r.zones) == 0 }

// Site is whether the whole of a site is in it, with what belongs to no zone there.
func (r Reach) Site(s SiteID) bool { return r.all || r.sites[s] }

// Part is whether a site, or a zone of it, is in it: its name may be known.
func (r Reach) Part(s SiteID) bool {
	if r.Site(s) {
		return true
	}
	for p := range r.zones {
		if p.Site == s {
			return true
		}
	}
	return false
}

// Place is whether a zone of a site is in it. An empty zone stands for what belongs to
// the whole site.
func (r Reach) Place(s SiteID, z ZoneID) bool {
	return r.Site(s) || z != "" && r.zones[Place{s, z}]
}

// Device is whether the place of a device is in it.
func (r Reach) Device(d Device) bool { return r.Place(d.Site, d.Zone) }

// Admits is Place for the bound of a list; nil is no bound.
func (r *Reach) Admits(s SiteID, z ZoneID) bool { return r == nil || r.Place(s, z) }

// Places are the whole sites, and the zones of others, in a fixed order. Not for
// Everything.
func (r Reach) Places() []Place {
	all := make([]Place, 0, len(r.sites)+len(r.zones))
	for s := range r.sites {
		all = append(all, Place{Site: s})
	}
	for p := range r.zones {
		if !r.sites[p.Site] {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Place) int { return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Zone, b.Zone)) })
	return all
}

// Key is the same for two reaches if and only if they are the same.
func (r Reach) Key() string {
	if r.all {
		return "*"
	}
	var b strings.Builder
	for _, p := range r.Places() {
		b.WriteString(string(p.Site) + "/" + string(p.Zone) + "\n")
	}
	return b.String()
}

// Within gives what of a snapshot is in the reach.
func (s Snapshot) Within(r Reach) Snapshot {
	if r.Everything() {
		return s
	}
	s.Sites = kept(s.Sites, func(x Site) bool { return r.Part(x.ID) })
	s.Zones = kept(s.Zones, func(z Zone) bool { return r.Place(z.Site, z.ID) })
	s.Devices = LivesWithin(s.Devices, r)
	s.Commands = kept(s.Commands, func(c Command) bool { return r.Place(c.Site, c.Zone) })
	s.Today = kept(s.Today, func(t Today) bool { return r.Site(t.Site.ID) })
	s.Layers = LayersWithin(s.Layers, r)
	return s
}

// LivesWithin are the devices of a list that are in a reach.
func LivesWithin(all []Live, r Reach) []Live {
	return kept(all, func(l Live) bool { return r.Device(l.Device) })
}

// LayersWithin are the layers of a list that rule something in a reach: also those of
// a whole site of which only a zone is in it.
func LayersWithin(all []Layer, r Reach) []Layer {
	return kept(all, func(l Layer) bool {
		site := SiteID(l.Scope.Site)
		switch l.Scope.Kind {
		case arbiter.OfSite, arbiter.OfGroup:
			return r.Part(site)
		default:
			return r.Place(site, l.Zone)
		}
	})
}

// kept is a new list of those that are to be kept.
func kept[T any](all []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool { return !keep(x) })
}

// Clocks are the sites, each with its time zone.
func (c *Control) Clocks() Clocks {
	c.places.mu.RLock()
	defer c.places.mu.RUnlock()
	all := make(Clocks, len(c.places.index))
	for id, at := range c.places.index {
		all[id] = at.clock
	}
	return all
}
