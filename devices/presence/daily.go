package presence

import (
	"cmp"
	"slices"
	"time"
)

// Loss is how long devices were offline for one cause; an empty one is not known.
type Loss struct {
	Cause string
	Time  time.Duration
}

// Day is how devices were reachable on one day, and why not: the times of Lost are
// together Down.
type Day struct {
	Availability
	Lost []Loss // the longest first
}

// Add is the sum of two.
func (d Day) Add(o Day) Day {
	sum := Day{Availability: d.Availability.Add(o.Availability), Lost: slices.Clone(d.Lost)}
	for _, l := range o.Lost {
		sum.lose(l.Cause, l.Time)
	}
	sum.sort()
	return sum
}

func (d *Day) lose(cause string, t time.Duration) {
	if t <= 0 {
		return
	}
	for i := range d.Lost {
		if d.Lost[i].Cause == cause {
			d.Lost[i].Time += t
			return
		}
	}
	d.Lost = append(d.Lost, Loss{cause, t})
}

func (d *Day) sort() {
	slices.SortFunc(d.Lost, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Cause, b.Cause))
	})
}

// Daily is Available for each of some days that follow each other, with why what is
// missing was missing. Its sum is Available for all of them together.
func Daily(spans []Span, known []Period, grace time.Duration, days []Period) []Day {
	all := make([]Day, len(days))
	if len(days) == 0 {
		return all
	}
	until := days[len(days)-1].To
	first := 0
	for i, in := range days {
		for first < len(spans) && spans[first].end(in.To).Before(in.From) {
			first++
		}
		d := &all[i]
		d.Availability = available(about(spans, first, in), known, grace, in, until, d.lose)
		d.sort()
	}
	return all
}

// about are the spans that say something of a day: from the one before first, which says
// why the device was gone at its beginning, to the one after the day, which says when
// the device was back.
func about(spans []Span, first int, in Period) []Span {
	last := first
	for last < len(spans) && spans[last].Up.Before(in.To) {
		last++
	}
	return spans[max(0, first-1):min(len(spans), last+1)]
}
