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
	jitter  time.Duration             // over which its beginning is spread
	arrived map[devices.DeviceID]bool // of a period that waits for first arrivals
}

// holds is whether the period counts for a device at an instant: not after its end, also if that
// could not be claimed yet.
func (a *active) holds(d devices.DeviceID, at time.Time) bool {
	return a != nil && at.Before(a.run.Until) && !a.isLater(d, at) && (!a.run.FirstArrival || a.arrived[d])
}

// follows is what a run holds: who arrived in the same period need not come again, because it is
// changed in the middle.
func (a *active) follows(run Run, jitter time.Duration) *active {
	next := &active{run: run}
	if run.Why == Began && !a.goesOn(run) {
		next.jitter = jitter
	}
	if a != nil && run.FirstArrival && a.run.FirstArrival && run.Due.Before(a.run.Until) {
		next.arrived = a.arrived
	}
	return next
}

// goesOn is whether a run is of the same stretch: its openings are held that way already, and
// nothing moves. So it is never late.
func (a *active) goesOn(run Run) bool {
	return a != nil && a.run.Mode == run.Mode && a.run.Until.Equal(run.Due) && !a.run.FirstArrival && !run.FirstArrival
}

func newRule(t Timetable, p plan, cursor time.Time) *rule {
	r := &rule{timetable: t, plan: p}
	r.moveTo(cursor)
	return r
}

func (r *rule) moveTo(cursor time.Time) { r.cursor, r.next = cursor, r.boundary(cursor) }

// boundary is the first instant after another at which a rule may say something else: an event,
// or the end of what it holds, which the calendar may have moved since.
func (r *rule) boundary(after time.Time) time.Time {
	next := r.nextEvent(after)
	if a := r.active; a != nil && a.run.Until.After(after) && (next.IsZero() || a.run.Until.Before(next)) {
		return a.run.Until
	}
	return next
}

// oneMoment is how far switches that are asked for at once may lie ahead of the clock; if it is
// more the clock went back.
const oneMoment = time.Second

// goBack follows a clock that went back: the claims keep switches from being carried out twice. A
// timetable that was changed by a clock that was far ahead would wait for that time to come: it
// counts from now on instead.
func (r *rule) goBack(now time.Time) {
	switch changed := r.timetable.Changed; {
	case changed.Sub(now) > mostAhead:
		r.timetable.Changed = now
		r.moveTo(now.Add(-time.Millisecond))
	case r.cursor.Sub(now) > oneMoment && !changed.After(now):
		r.moveTo(now)
	}
}

// free is an instant, now or just after it, at which no switch was due yet: its claim has to be
// free.
func (r *rule) free(now time.Time) time.Time {
	if ahead := r.cursor.Sub(now); ahead >= 0 && ahead <= oneMoment {
		return r.cursor.Add(time.Millisecond)
	}
	return now
}

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
		return a.run.Mode, a.holds(d, at)
	}
	e := r.stateAt(at, Began)
	if e.span == nil || e.span.FirstArrival || !e.span.Start.After(now) {
		return "", false
	}
	return e.span.Mode, true
}
