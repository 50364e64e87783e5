package timetable

import (
	"fmt"
	"time"

	"gatehouse/devices"
)

const (
	// ownRows is how many of the newest missed switches get a row of their own; all older
	// ones share one.
	ownRows = 50
	// lookBack is how far missed switches are counted one by one.
	lookBack = 400 * 24 * time.Hour
)

// event is a moment from which on a timetable says something else.
type event struct {
	due  time.Time
	why  Why
	span *Span  // what it says then; nil: nothing
	skip string // why the span is left out; empty: it is not
}

// events are those in (after, to], in order. What a timetable says of the moment at which it got
// its present form is the first of that form.
func (r *rule) events(after, to time.Time) []event {
	t := r.timetable
	var all []event
	next := r.boundary
	if t.Changed.After(after) {
		next = r.nextEvent // what it held before does not count any more
		if after = t.Changed; !after.After(to) {
			all = append(all, r.stateAt(after, t.Why))
		}
	}
	for at := next(after); !at.IsZero() && !at.After(to); at = next(at) {
		why := Ended
		if t.Paused && at.Equal(t.PausedUntil) {
			why = Resumed
		} else if s, ok := r.plan.at(at); ok && s.Start.Equal(at) {
			why = Began
		}
		all = append(all, r.stateAt(at, why))
	}
	return all
}

// stateAt is what a timetable says of a moment.
func (r *rule) stateAt(at time.Time, why Why) event {
	e := event{due: at, why: why}
	s, ok := r.plan.at(at)
	switch {
	case !ok || r.timetable.paused(at):
	case s.Start.Equal(r.timetable.SkipDue):
		e.skip = "left out by " + r.timetable.SkipBy
	default:
		e.span = &s
	}
	return e
}

// nextEvent is the first event after an instant; the zero time if none comes.
func (r *rule) nextEvent(after time.Time) time.Time {
	t := r.timetable
	if t.Changed.After(after) {
		return t.Changed
	}
	if t.paused(after) {
		return t.PausedUntil // zero if it is for good
	}
	return r.plan.next(after)
}

// due is what is to be done now: the switches that are due, and what rules from then on.
type due struct {
	runs   []Run
	active *active
}

// catchUp deals with every event up to now: the newest one is carried out if it is not too late,
// those before it are recorded as skipped. An end is never too late.
func (r *rule) catchUp(now time.Time) due {
	d := due{active: r.active}
	from := r.cursor
	if past := now.Add(-lookBack); from.Before(past) {
		from = past
	}
	all := r.events(from, now)
	if old := len(all) - ownRows; old > 0 {
		run := r.run(all[old-1], now)
		run.Outcome, run.Mode, run.Until = Skipped, devices.Controlled, time.Time{}
		run.Detail = fmt.Sprintf("%d switches from %s to %s: nothing ran when they were due", old, all[0].due.Format(time.RFC3339), all[old-1].due.Format(time.RFC3339))
		d.runs, d.active, all = append(d.runs, run), nil, all[old:]
	}
	for i, e := range all {
		r.carryOut(&d, e, now, i == len(all)-1)
	}
	return d
}

// carryOut adds what becomes of one event.
func (r *rule) carryOut(d *due, e event, now time.Time, newest bool) {
	run := r.run(e, now)
	switch {
	case e.span == nil && e.skip == "" && d.active == nil:
		return // nothing was held, and nothing is to be
	case d.active != nil && !e.due.After(d.active.run.Due) && !r.isChange(e, d.active):
		return // the clock went back: it was dealt with before what is held now began
	case e.skip != "":
		run.Outcome, run.Detail = Skipped, e.skip
	case !newest:
		run.Outcome, run.Detail = Skipped, "a later switch took its place: nothing ran when it was due"
	case e.span != nil && r.isLate(e.due, now) && !d.active.goesOn(run):
		run.Outcome, run.Detail = Skipped, late(e.due, now)
	}
	was := d.active
	d.active = nil
	if e.span != nil && (run.Outcome == Claimed || was.goesOn(run)) {
		d.active = was.follows(run, r.timetable.Jitter)
	}
	d.runs = append(d.runs, run)
}

// isChange is whether an event is a change that was made after what is held began, by a clock
// that had gone back before that.
func (r *rule) isChange(e event, a *active) bool {
	return e.due.Equal(r.timetable.Changed) && !e.due.Equal(a.run.Due)
}

func (r *rule) isLate(due, now time.Time) bool {
	return r.timetable.Late == Skip && now.Sub(due) > r.timetable.SkipLate
}

func late(due, now time.Time) string {
	return fmt.Sprintf("too late by %s: nothing ran when it was due", now.Sub(due).Round(time.Second))
}

// run is the claim of an event.
func (r *rule) run(e event, now time.Time) Run {
	t := r.timetable
	run := Run{Timetable: t.ID, Site: t.Site, Name: t.Name, Due: e.due, Claimed: now, Why: e.why, Mode: devices.Controlled, Outcome: Claimed}
	if e.due.Equal(t.Changed) {
		run.By = t.By
	}
	if e.span != nil {
		run.Mode, run.Until, run.FirstArrival = e.span.Mode, e.span.End, e.span.FirstArrival
	}
	return run
}
