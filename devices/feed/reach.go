package feed

import (
	"slices"
	"strings"

	"gatehouse/devices"
)

// Filters are what somebody subscribes to who may watch a part of the property: all of
// its sites, and of its zones what is said there, and which layers the whole site has.
func Filters(r devices.Reach) []string {
	if r.Everything() {
		return []string{AllFilter()}
	}
	var all []string
	for _, p := range r.Places() {
		if p.Zone == "" {
			all = append(all, SiteFilter(p.Site))
			continue
		}
		all = append(all, zoneFilter(p))
		if layers := layersFilter(p.Site); !slices.Contains(all, layers) {
			all = append(all, layers)
		}
	}
	return all
}

func zoneFilter(p devices.Place) string {
	return root + "/" + string(p.Site) + "/" + string(p.Zone) + "/#"
}

func layersFilter(s devices.SiteID) string { return topic(s, "", "layer", "#") }

// MayWatch is whether a filter matches nothing but feed topics of a part of the
// property. A filter that is wider is refused, never thinned.
func MayWatch(r devices.Reach, filter string) bool {
	if r.Everything() {
		return MayRead(nil, filter)
	}
	levels := strings.Split(filter, "/")
	depth := len(strings.Split(root, "/"))
	if !strings.HasPrefix(filter, root+"/") || len(levels) < depth+2 {
		return false
	}
	site, zone, deeper := levels[depth], levels[depth+1], levels[depth+2:]
	if slices.Contains([]string{"+", "#", ""}, site) {
		return false
	}
	s := devices.SiteID(site)
	switch {
	case r.Site(s):
		return true
	case zone == whole:
		return r.Part(s) && len(deeper) > 1 && deeper[0] == "layer"
	case zone == "+" || zone == "#":
		return false
	}
	return len(deeper) > 0 && r.Place(s, devices.ZoneID(zone))
}
