package timetable

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/devices/calendar"
)

// horizon is how far ahead the next period is looked for, in days.
const horizon = 5 * 366

// plan is what a timetable says, by the clock of its site and the calendar. It never changes.
type plan struct {
	zone       *time.Location
	week       [len(weekdays) + 3][]Period // in the order of Columns
	exceptions []exceptional               // in order
	days       *almanac
}

// exceptional is a day with periods of its own.
type exceptional struct {
	on      date
	periods []Period
}

func newPlan(t Timetable, zone *time.Location, days *almanac) plan {
	p := plan{zone: zone, days: days}
	for i, c := range Columns() {
		p.week[i] = t.Week[c]
	}
	for _, e := range t.Exceptions {
		p.exceptions = append(p.exceptions, exceptional{dateOf(e.Day), e.Periods})
	}
	slices.SortFunc(p.exceptions, func(a, b exceptional) int { return cmp.Compare(a.on, b.on) })
	return p
}

// from is the exceptions on a day and after it.
func (p plan) from(d date) []exceptional {
	i, _ := slices.BinarySearchFunc(p.exceptions, d, func(e exceptional, d date) int { return cmp.Compare(e.on, d) })
	return p.exceptions[i:]
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
	at := dateOf(d)
	if own := p.from(at); len(own) > 0 && own[0].on == at {
		return p.spans(at, own[0].periods, "")
	}
	column := p.days.year(at.year())[at.day()]
	return p.spans(at, p.week[column], Columns()[column])
}

func (p plan) spans(at date, periods []Period, column Column) (spans []Span) {
	if len(periods) == 0 {
		return nil
	}
	d := at.calendar()
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
	local := after.In(p.zone)
	at := newDate(local.Year(), local.YearDay()-1)
	own := p.from(at)
	for left := horizon; left > 0; at = newDate(at.year()+1, 0) {
		columns := p.days.year(at.year())[at.day():]
		columns = columns[:min(len(columns), left)]
		left -= len(columns)
		for i, column := range columns {
			var spans []Span
			if len(own) > 0 && own[0].on == at+date(i) {
				spans, own = p.spans(own[0].on, own[0].periods, ""), own[1:]
			} else if periods := p.week[column]; len(periods) > 0 {
				spans = p.spans(at+date(i), periods, Columns()[column])
			}
			for _, s := range spans {
				if s.End.After(after) && !f(s) {
					return
				}
			}
		}
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
