package timetable

import (
	"time"

	"gatehouse/devices/calendar"
)

// horizon is how far ahead the next period is looked for, in days.
const horizon = 5 * 366

// plan is what a timetable says, by the clock of its site and the calendar. It never changes.
type plan struct {
	zone       *time.Location
	week       Week
	exceptions map[calendar.Day][]Period
	days       calendar.Book
}

func newPlan(t Timetable, zone *time.Location, days calendar.Book) plan {
	p := plan{zone: zone, week: t.Week, exceptions: make(map[calendar.Day][]Period, len(t.Exceptions)), days: days}
	for _, e := range t.Exceptions {
		p.exceptions[e.Day] = e.Periods
	}
	return p
}

// Span is a period on one day.
type Span struct {
	Start, End time.Time // UTC, half open, not empty
	Period
	Day    calendar.Day
	Column Column // whose periods count on the day; empty: an exception's
}

// on is the spans of one day, in order. A period that lies in an hour that daylight saving
// skips has none.
func (p plan) on(d calendar.Day) []Span {
	periods, special := p.exceptions[d]
	column := Column("")
	if !special {
		column = columnOf(d, p.days.Kind(d))
		periods = p.week[column]
	}
	var spans []Span
	for _, x := range periods {
		s := Span{Start: instant(p.zone, d, x.From), End: instant(p.zone, d, x.To), Period: x, Day: d, Column: column}
		if s.Start.Before(s.End) {
			spans = append(spans, s)
		}
	}
	return spans
}

// each calls f for every span that ends after an instant, in order, until f gives false or the
// horizon is reached.
func (p plan) each(after time.Time, f func(Span) bool) {
	d := calendar.Of(after.In(p.zone))
	for range horizon {
		for _, s := range p.on(d) {
			if s.End.After(after) && !f(s) {
				return
			}
		}
		d = d.Add(1)
	}
}

// at is the span that an instant lies in. It may be of the next day, where the clock goes back
// over midnight.
func (p plan) at(t time.Time) (found Span, ok bool) {
	today := calendar.Of(t.In(p.zone))
	for _, d := range []calendar.Day{today, today.Add(1)} {
		for _, s := range p.on(d) {
			if !t.Before(s.Start) && t.Before(s.End) {
				return s, true
			}
		}
	}
	return Span{}, false
}

// next is the first beginning or end of a span after an instant; the zero time if there is none.
func (p plan) next(after time.Time) (found time.Time) {
	p.each(after, func(s Span) bool {
		found = s.End
		if s.Start.After(after) {
			found = s.Start
		}
		return false
	})
	return found
}

// between is the spans that lie in [from, to) in part or whole, at most some of them.
func (p plan) between(from, to time.Time, most int) (spans []Span, more bool) {
	p.each(from, func(s Span) bool {
		switch {
		case !s.Start.Before(to):
			return false
		case len(spans) == most:
			more = true
			return false
		}
		spans = append(spans, s)
		return true
	})
	return spans, more
}
