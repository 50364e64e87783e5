package feed

import (
	"slices"
	"strings"

	"gatehouse/devices"
)

const root = "gatehouse/v1/feed"

// whole stands for the zone, or the id, of what belongs to the whole site.
const whole = "-"

// AllFilter matches every feed topic.
func AllFilter() string { return root + "/#" }

// SiteFilter matches every feed topic of one site.
func SiteFilter(s devices.SiteID) string { return root + "/" + string(s) + "/#" }

// Kinds are the kinds of feeds that a reader may be limited to. The heartbeat, which says only that
// the platform lives and how far it is, comes with any.
func Kinds() []string { return []string{"device", "command", "alarm", "layer", "today"} }

const heartbeat = "heartbeat"

// KindFilters match every feed topic of some kinds of one site; of no kinds: all of it.
func KindFilters(s devices.SiteID, kinds []string) []string {
	if len(kinds) == 0 {
		return []string{SiteFilter(s)}
	}
	filters := make([]string, 0, len(kinds)+1)
	for _, kind := range append(slices.Clone(kinds), heartbeat) {
		filters = append(filters, topic(s, "+", kind, "#"))
	}
	return filters
}

// MayReadKinds is MayRead for a reader that is limited to some kinds, too; no kinds are all.
func MayReadKinds(sites []devices.SiteID, kinds []string, filter string) bool {
	if !MayRead(sites, filter) || len(kinds) == 0 {
		return MayRead(sites, filter)
	}
	levels := strings.Split(strings.TrimPrefix(filter, root+"/"), "/") // site, zone, kind, id
	return len(levels) > 2 && levels[1] != "#" && (levels[2] == heartbeat || slices.Contains(kinds, levels[2]))
}

// DeviceTopic carries Device, retained.
func DeviceTopic(s devices.SiteID, z devices.ZoneID, id devices.DeviceID) string {
	return topic(s, z, "device", string(id))
}

// CommandTopic carries Command, retained, until a while after the command's end;
// then an empty retained message takes it away.
func CommandTopic(s devices.SiteID, z devices.ZoneID, id devices.CommandID) string {
	return topic(s, z, "command", string(id))
}

// TodayTopic carries Today, retained.
func TodayTopic(s devices.SiteID) string { return topic(s, "", "today", whole) }

// HeartbeatTopic carries Heartbeat, not retained; the zone is empty for what
// belongs to the whole site.
func HeartbeatTopic(s devices.SiteID, z devices.ZoneID) string {
	return topic(s, z, heartbeat, whole)
}

func topic(s devices.SiteID, z devices.ZoneID, kind, id string) string {
	if z == "" {
		z = whole
	}
	return root + "/" + string(s) + "/" + string(z) + "/" + kind + "/" + id
}

// MayRead is whether a filter matches nothing but feed topics of the given sites;
// nil sites are all sites, an empty list is none. A filter that is wider than the
// right is refused, never thinned.
func MayRead(sites []devices.SiteID, filter string) bool {
	rest, ok := strings.CutPrefix(filter, root+"/")
	if !ok || rest == "" {
		return false
	}
	site, _, deeper := strings.Cut(rest, "/")
	if sites == nil {
		return true
	}
	// "root/site" alone is no feed topic; "+" and "#" are no sites.
	return deeper && site != "+" && slices.Contains(sites, devices.SiteID(site))
}
