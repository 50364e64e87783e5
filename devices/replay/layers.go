package replay

import (
	"encoding/json"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// LayerOf reads what a row of the audit trail tells of a hold, a lockdown or a fire
// release; false: it tells of something else, or of what was refused. What timetables
// hold has its runs.
func LayerOf(r devices.AuditRow) (devices.Layer, bool) {
	if r.Outcome != devices.OutcomeOK {
		return devices.Layer{}, false
	}
	var detail struct {
		Mode   devices.Mode `json:"mode"`
		Reason string       `json:"reason"`
		Until  time.Time    `json:"until"`
	}
	_ = json.Unmarshal([]byte(r.Detail), &detail) // it may have been erased: what there is counts
	l := devices.Layer{Setting: arbiter.Setting{
		Mode: detail.Mode, Reason: detail.Reason, Until: detail.Until, Since: r.At,
		By: arbiter.Who{Kind: string(r.Actor.Kind), ID: r.Actor.ID, Name: r.Actor.Name},
	}}
	if group, of := strings.CutPrefix(r.Object, "fire:"); of {
		l.Layer, l.Scope = arbiter.Fire, arbiter.Scope{Kind: arbiter.OfGroup, Site: string(r.Site), ID: group}
		switch r.Verb {
		case "fire.release":
			l.Set, l.Mode = true, devices.FireRelease
			return l, true
		case "fire.end":
			l.Mode = devices.Controlled
			return l, true
		}
		return devices.Layer{}, false
	}
	id, of := strings.CutPrefix(r.Object, "layer:")
	if !of || !strings.HasPrefix(r.Verb, "layer.") {
		return devices.Layer{}, false
	}
	l.Layer, l.Scope = scopeOf(id, r.Site)
	l.Set = l.Mode != devices.Controlled
	return l, true
}

// scopeOf takes the id of a layer apart: see devices.Layer.ID.
func scopeOf(id string, site devices.SiteID) (arbiter.Layer, arbiter.Scope) {
	layer, rest, _ := strings.Cut(id, ".")
	kind, of, _ := strings.Cut(rest, ".")
	s := arbiter.Scope{Kind: arbiter.ScopeKind(kind), Site: string(site), ID: of}
	if s.Kind == arbiter.OfDevice {
		for _, direction := range []string{"in", "out"} {
			if device, cut := strings.CutSuffix(of, "."+direction); cut {
				s.ID, s.Direction = device, direction
			}
		}
	}
	return arbiter.Layer(layer), s
}
