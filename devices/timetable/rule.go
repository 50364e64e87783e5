package timetable

import (
	"time"

	"gatehouse/devices"
)

// rule is a timetable that the runner watches.
type rule struct {
	timetable Timetable
	plan      plan
	cursor    time.Time // events up to it are dealt with
	next      time.Time // the first event after cursor; zero: none
	active    *active   // what it holds now; nil: nothing
}

// active is a period that counts.
type active struct {
	run     Run
	arrived map[devices.DeviceID]bool // of a period that waits for first arrivals
}

// holds is whether the period counts for a device.
func (a *active) holds(d devices.DeviceID) bool {
	return a != nil && (!a.run.FirstArrival || a.arrived[d])
}

func newRule(t Timetable, p plan, cursor time.Time) *rule {
	r := &rule{timetable: t, plan: p}
	r.moveTo(cursor)
	return r
}

func (r *rule) moveTo(cursor time.Time) { r.cursor, r.next = cursor, r.nextEvent(cursor) }

// ranks are the kinds of targets by how exactly they name an opening: the higher the more.
var ranks = map[int]TargetKind{4: OfDevice, 3: OfDevice, 2: OfZone, 1: OfSite}

// rank is how exactly a timetable names an opening, of ranks; 0: it does not.
func (t Timetable) rank(o devices.Opening) int {
	best := 0
	for _, x := range t.Targets {
		rank := 0
		switch {
		case x.Kind == OfDevice && x.ID == string(o.Device) && x.Direction == o.Direction && o.Direction != "":
			rank = 4
		case x.Kind == OfDevice && x.ID == string(o.Device) && x.Direction == "":
			rank = 3
		case x.Kind == OfZone && x.ID == string(o.Zone):
			rank = 2
		case x.Kind == OfSite && t.Site == o.Site:
			rank = 1
		}
		best = max(best, rank)
	}
	return best
}

// plannedAt is what a timetable will say of an opening at a later moment, as far as it is known
// now: first arrivals are not.
func (r *rule) plannedAt(at, now time.Time, d devices.DeviceID) (devices.Mode, bool) {
	if a := r.active; a != nil && at.Before(a.run.Until) {
		return a.run.Mode, a.holds(d)
	}
	e := r.stateAt(at, Began)
	if e.span == nil || e.span.FirstArrival || !e.span.Start.After(now) {
		return "", false
	}
	return e.span.Mode, true
}
