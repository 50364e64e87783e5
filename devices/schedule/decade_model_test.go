package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// line is a cron line that was made of what it means.
type line struct {
	minutes, hours, days, months, weekdays []int // empty: every one
}

// text is the line as people write it.
func (l line) text() string {
	field := func(of []int) string {
		if len(of) == 0 {
			return "*"
		}
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(of), " ", ","), "[]")
	}
	return strings.Join([]string{field(l.minutes), field(l.hours), field(l.days), field(l.months), field(l.weekdays)}, " ")
}

// randomLine is mostly of the hours at which clocks are changed.
func randomLine(r *rand.Rand, everyHour bool) line {
	some := func(n, from, below int) (of []int) {
		for range n {
			of = append(of, from+r.IntN(below-from))
		}
		slices.Sort(of)
		return slices.Compact(of)
	}
	l := line{minutes: some(1+r.IntN(2), 0, 60)}
	if everyHour {
		l.months, l.weekdays = some(3, 1, 13), some(2, 0, 7)
		return l
	}
	l.hours = append(some(2, 0, 4), 23)
	switch r.IntN(4) {
	case 0:
		l.days = some(4, 1, 32)
	case 1:
		l.weekdays = some(3, 0, 7)
	case 2:
		l.days, l.weekdays = some(2, 1, 32), some(1, 0, 7)
	}
	return l
}

// matches says whether a wall time, written as if it were UTC, is one of the line's. A line that
// names days of the month and days of the week means either.
func (l line) matches(wall time.Time) bool {
	in := func(of []int, x int) bool { return len(of) == 0 || slices.Contains(of, x) }
	day, weekday := in(l.days, wall.Day()), in(l.weekdays, int(wall.Weekday()))
	either := day && weekday
	if len(l.days) > 0 && len(l.weekdays) > 0 {
		either = day || weekday
	}
	return in(l.minutes, wall.Minute()) && in(l.hours, wall.Hour()) && in(l.months, int(wall.Month())) && either
}

// walk finds the due times of a line in [from, to) by looking at the wall clock of a zone in each
// minute. A line that names hours goes by wall times that the clock shows or jumps over for the
// first time; one that runs in every hour goes by each minute that passes.
func (l line) walk(zone *time.Location, from, to time.Time) (due []time.Time) {
	shown := int64(-1)
	for at := from.Unix() / 60; at < to.Unix()/60; at++ {
		_, offset := time.Unix(at*60, 0).In(zone).Zone()
		wall := at + int64(offset/60)
		first := max(shown+1, wall-30*60)
		switch {
		case shown < 0, len(l.hours) == 0:
			first = wall
		case wall <= shown:
			continue
		}
		shown = max(shown, wall)
		for w := first; w <= wall; w++ {
			if l.matches(time.Unix(w*60, 0).UTC()) {
				due = append(due, time.Unix(at*60, 0).UTC())
				break
			}
		}
	}
	return due
}
