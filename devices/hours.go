package devices

import (
	"fmt"
	"slices"
	"time"
)

// Hours are parts of the week; none are all of it.
type Hours []Span

// Span is a part of some days of the week, in minutes after midnight by the clock on
// the wall: From is in it, To is not. If To is not after From it ends on the next day.
type Span struct {
	Days []time.Weekday `json:"days"` // on which it begins
	From int            `json:"from"` // 0 to 1439
	To   int            `json:"to"`   // 1 to 1440
}

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
)

func (h Hours) check(op string) error {
	if len(h) > mostSpans {
		return invalid(op, "hours", fmt.Sprintf("must be at most %d spans", mostSpans))
	}
	for _, s := range h {
		switch {
		case len(s.Days) == 0 || len(s.Days) > 7:
			return invalid(op, "hours", "each must name one to seven days on which it begins")
		case s.From < 0 || s.From >= minutesOfDay || s.To < 1 || s.To > minutesOfDay || s.From == s.To:
			return invalid(op, "hours", "must be from 00:00 to 24:00, and end at another time than they begin")
		}
		for i, d := range s.Days {
			if d < time.Sunday || d > time.Saturday || slices.Contains(s.Days[:i], d) {
				return invalid(op, "hours", "must name days of the week, each once")
			}
		}
	}
	return nil
}

// hold is whether a moment, by the clock of a site, is in them.
func (h Hours) hold(at time.Time) bool {
	if len(h) == 0 {
		return true
	}
	minute := int(at.Weekday())*minutesOfDay + at.Hour()*60 + at.Minute()
	return slices.ContainsFunc(h, func(s Span) bool { return s.has(minute) })
}

// has is whether a minute of the week, which begins on Sunday, is in the span.
func (s Span) has(minute int) bool {
	length := s.To - s.From
	if length <= 0 {
		length += minutesOfDay
	}
	return slices.ContainsFunc(s.Days, func(d time.Weekday) bool {
		since := minute - int(d)*minutesOfDay - s.From
		return (since+minutesOfWeek)%minutesOfWeek < length
	})
}

// covers is whether every minute of o is in h.
func (h Hours) covers(o Hours) bool {
	if len(h) == 0 {
		return true
	}
	for minute := range minutesOfWeek {
		in := func(s Span) bool { return s.has(minute) }
		if (len(o) == 0 || slices.ContainsFunc(o, in)) && !slices.ContainsFunc(h, in) {
			return false
		}
	}
	return true
}
