package devices

import (
	"fmt"
	"slices"
	"time"
)

// Place is a site, or one zone of it.
type Place struct {
	Site SiteID `json:"site"`
	Zone ZoneID `json:"zone,omitempty"` // empty: the whole site
}

// Scope limits rights to parts of the property and to hours of the week. The zero
// value limits nothing. What it leaves at a moment is its Reach.
type Scope struct {
	Places []Place `json:"places,omitempty"` // none: the whole property
	Hours  Hours   `json:"hours,omitempty"`  // by the clock of each site; none: always
}

// The most that one scope may name.
const (
	mostPlaces = 500
	mostSpans  = 50
)

// Limited is whether it leaves out a part of the property, or may.
func (s Scope) Limited() bool { return len(s.Places) > 0 }

// Check says what is wrong with a scope, but for places that do not exist: Invalid
// (Field places or hours).
func (s Scope) Check() error {
	const op = "scope.check"
	if len(s.Places) > mostPlaces {
		return invalid(op, "places", fmt.Sprintf("must be at most %d; leave them out for the whole property", mostPlaces))
	}
	for i, p := range s.Places {
		if p.Site == "" {
			return invalid(op, "places", "each must name a site")
		}
		if slices.Contains(s.Places[:i], p) {
			return invalid(op, "places", "must name each place once")
		}
	}
	return s.Hours.check(op)
}

// Covers is whether everything that another scope leaves at any moment is left by
// this one, too: nobody gives away more than they have.
func (s Scope) Covers(o Scope) bool {
	if s.Limited() {
		if !o.Limited() {
			return false
		}
		for _, p := range o.Places {
			if !slices.Contains(s.Places, p) && !slices.Contains(s.Places, Place{Site: p.Site}) {
				return false
			}
		}
	}
	return s.Hours.covers(o.Hours)
}

// Clocks are the sites of a property, each with its time zone.
type Clocks map[SiteID]*time.Location

// Reach is what the scope leaves at a moment. A site without a clock is not reached.
func (s Scope) Reach(at time.Time, clocks Clocks) Reach {
	if s.Limited() {
		r := Reach{sites: map[SiteID]bool{}, zones: map[Place]bool{}}
		for _, p := range s.Places {
			switch clock := clocks[p.Site]; {
			case clock == nil || !s.Hours.hold(at.In(clock)):
			case p.Zone == "":
				r.sites[p.Site] = true
			default:
				r.zones[p] = true
			}
		}
		return r
	}
	if len(s.Hours) == 0 {
		return Everything()
	}
	return s.openSites(at, clocks)
}

// openSites are the sites of the whole property where the hours hold: if they do
// everywhere, that is everything.
func (s Scope) openSites(at time.Time, clocks Clocks) Reach {
	r := Reach{sites: map[SiteID]bool{}}
	for site, clock := range clocks {
		if s.Hours.hold(at.In(clock)) {
			r.sites[site] = true
		}
	}
	if len(r.sites) == len(clocks) && (len(clocks) > 0 || s.Hours.hold(at.UTC())) {
		return Everything()
	}
	return r
}
