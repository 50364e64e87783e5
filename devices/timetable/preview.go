package timetable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

const (
	previewNext = 10
	// MaxPreview is how many periods a preview or an agenda gives at most.
	MaxPreview = 2000
	// MaxPreviewSpan is how long the span of a preview or an agenda may be.
	MaxPreviewSpan = 62 * 24 * time.Hour
	overlapsWithin = 31 * 24 * time.Hour
)

// Coming is a period that will come, and what clocks do around it.
type Coming struct {
	Span
	StartSkipped, EndSkipped bool // daylight saving skips its time: it is the end of the gap
	StartTwice, EndTwice     bool // its time comes twice: the first one counts
}

func (p plan) coming(s Span) Coming {
	shown := func(at time.Time, c Clock) bool {
		local := at.In(p.zone)
		return Clock(local.Hour()*60+local.Minute())%endOfDay == c%endOfDay
	}
	start := instant(p.zone, s.Day, s.From) // a pause may have moved that of the span
	return Coming{
		Span: s, StartSkipped: !shown(start, s.From), EndSkipped: !shown(s.End, s.To),
		StartTwice: twice(p.zone, start), EndTwice: twice(p.zone, s.End),
	}
}

// Preview is what a draft will do.
type Preview struct {
	TimeZone string
	Now      *Coming  // the period that it has now, which begins as soon as it is kept
	Next     []Coming // the next ten
	Month    []Coming // those of the span that was asked for
	More     bool     // there are more in it than MaxPreview
	Overlaps []Overlap
}

// Overlap is when another timetable says something of the same openings at the same time.
type Overlap struct {
	With       ID
	Name       string
	Start, End time.Time // of the first time within a month
	Openings   int       // that both cover
	Wins       bool      // the draft does, for the first of them
	Why        Reason    // why
}

// Reason is why one of two timetables counts.
type Reason string

// The reasons, the first one that tells counts.
const (
	MoreExact Reason = "more_exact" // it names the opening more exactly
	Closes    Reason = "closes"     // it holds closed
	Older     Reason = "older"
)

// Preview says what a draft will do, without keeping it. id is the timetable that it would
// replace; empty: none. Errors as those of Create, and Invalid with Field from or to.
func (s *Service) Preview(ctx context.Context, d Draft, id ID, from, to time.Time) (Preview, error) {
	r, err := s.drafted(ctx, d, id)
	if err != nil {
		return Preview{}, err
	}
	if err := checkSpan(from, to); err != nil {
		return Preview{}, err
	}
	now := s.now()
	p := Preview{TimeZone: r.plan.zone.String()}
	if x, ok := r.plan.at(now); ok && !r.timetable.paused(now) {
		c := r.plan.coming(x)
		p.Now = &c
	}
	next, _ := r.coming(now, now.AddDate(5, 0, 0), previewNext)
	month, more := r.plan.between(from, to, MaxPreview)
	for _, x := range next {
		p.Next = append(p.Next, r.plan.coming(x))
	}
	for _, x := range month {
		p.Month = append(p.Month, r.plan.coming(x))
	}
	p.More = more
	p.Overlaps = s.overlaps(r, now)
	return p, nil
}

func checkSpan(from, to time.Time) error {
	switch {
	case !from.Before(to):
		return invalid("to", "must be after from")
	case to.Sub(from) > MaxPreviewSpan:
		return invalid("to", fmt.Sprintf("is more than %d days after from: ask for a month at a time", MaxPreviewSpan/(24*time.Hour)))
	}
	return nil
}

// drafted is the rule that a draft would make in place of a timetable.
func (s *Service) drafted(ctx context.Context, d Draft, id ID) (*rule, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	t, err := s.checked(ctx, d)
	if err != nil {
		return nil, err
	}
	now := s.now()
	t.ID, t.Created, t.Changed, t.Why = id, now, now, Edited
	if id != "" {
		old, err := s.find("timetable.preview", id)
		if err != nil {
			return nil, err
		}
		t.Created, t.Paused, t.PausedUntil = old.Created, old.Paused, old.PausedUntil
		if err := s.leaveOut(ctx, &t, old); err != nil {
			return nil, err
		}
	} else {
		t.ID = "~" // after every other: it would be the newest
	}
	p, err := s.planOf(ctx, t)
	if err != nil {
		return nil, err
	}
	return newRule(t, p, now), nil
}

// overlaps are the timetables that say something of the same openings at the same time.
func (s *Service) overlaps(r *rule, now time.Time) (all []Overlap) {
	covered := slices.DeleteFunc(s.d.Layers.Openings(), func(o devices.Opening) bool { return r.timetable.rank(o) == 0 })
	mine, _ := r.coming(now, now.Add(overlapsWithin), MaxPreview)
	s.mu.Lock()
	defer s.mu.Unlock()
	others, common := indexed(s.rules, r.timetable.ID), map[*rule][]devices.Opening{}
	for _, o := range covered {
		for _, other := range covering(others, o) {
			common[other] = append(common[other], o)
		}
	}
	for other, openings := range common {
		theirs, _ := other.coming(now, now.Add(overlapsWithin), MaxPreview)
		if a, b, ok := meeting(mine, theirs); ok {
			all = append(all, overlapOf(r, other, a, b, openings))
		}
	}
	slices.SortFunc(all, func(a, b Overlap) int { return a.Start.Compare(b.Start) })
	return all
}

// meeting is the first spans of two that overlap.
func meeting(mine, theirs []Span) (a, b Span, ok bool) {
	for i, j := 0, 0; i < len(mine) && j < len(theirs); {
		a, b = mine[i], theirs[j]
		switch {
		case !a.Start.Before(b.End):
			j++
		case !b.Start.Before(a.End):
			i++
		default:
			return a, b, true
		}
	}
	return a, b, false
}

func overlapOf(r, other *rule, a, b Span, common []devices.Opening) Overlap {
	o := Overlap{With: other.timetable.ID, Name: other.timetable.Name, Start: a.Start, End: a.End, Openings: len(common)}
	if b.Start.After(o.Start) {
		o.Start = b.Start
	}
	if b.End.Before(o.End) {
		o.End = b.End
	}
	mine, theirs := r.timetable.rank(common[0]), other.timetable.rank(common[0])
	switch {
	case mine != theirs:
		o.Wins, o.Why = mine > theirs, MoreExact
	case a.Mode != b.Mode:
		o.Wins, o.Why = a.Mode == devices.HeldClosed, Closes
	default:
		o.Wins, o.Why = r.timetable.ID < other.timetable.ID, Older
	}
	return o
}
