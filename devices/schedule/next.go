package schedule

import "time"

// Next gives the first due time after an instant, in UTC, or the zero time if none
// comes within five years.
//
// A rule that names hours goes by the clock on the wall: a time that the clock
// skips is due at the first instant after the gap, and a time that the clock
// shows twice is due the first time only. A rule that runs in every hour goes by
// the time that passes: in a gap nothing is missing, and an hour that comes twice
// is two hours.
func (p Plan) Next(after time.Time) time.Time {
	last := after.AddDate(neverYears, 0, 0)
	seg := p.segment(after)
	// wall is exclusive: the last moment of wall time that is not asked for.
	wall := seg.wall(after)
	if end, ok := p.repeatedUntil(seg); ok && wall.Before(end) {
		wall = justBefore(end)
	}
	for {
		due := p.wall.Next(wall)
		if !due.IsZero() {
			if t := seg.instant(due); seg.end.IsZero() || t.Before(seg.end) {
				return t
			}
		}
		if seg.end.IsZero() || seg.end.After(last) {
			return time.Time{}
		}
		next := p.segment(seg.end)
		if next.start.Before(seg.end) {
			next.start = seg.end // the library cut one in two
		}
		if p.skippedDue(seg, next) && seg.end.After(after) {
			return seg.end
		}
		wall = justBefore(next.wall(seg.end))
		if end, ok := p.repeatedUntil(next); ok {
			wall = justBefore(end)
		}
		seg = next
	}
}

// segment is a span of time in which a zone keeps one offset from UTC.
type segment struct {
	start, end time.Time // half open; zero: unbounded
	offset     time.Duration
}

func (p Plan) segment(t time.Time) segment {
	local := t.In(p.zone)
	start, end := local.ZoneBounds()
	s := segment{offset: offsetOf(local)}
	if !start.IsZero() {
		s.start = start.UTC()
	}
	if !end.IsZero() {
		s.end = end.UTC()
	}
	// Past the years that a zone's table has, the library's years have 365 days: on the last day
	// of a leap year it gives an end that is over.
	if !end.IsZero() && !s.end.After(t) {
		s.end = s.end.Add(24 * time.Hour)
	}
	return s
}

func offsetOf(local time.Time) time.Duration {
	_, seconds := local.Zone()
	return time.Duration(seconds) * time.Second
}

// wall gives the time on the wall at an instant, written as if it were UTC.
func (s segment) wall(t time.Time) time.Time { return t.UTC().Add(s.offset) }

// instant is the reverse of wall.
func (s segment) instant(wall time.Time) time.Time { return wall.Add(-s.offset) }

// justBefore makes the library look for t itself too: it looks from the next
// full second on.
func justBefore(t time.Time) time.Time { return t.Add(-time.Nanosecond) }

// repeatedUntil gives the wall time up to which a segment repeats what the one
// before it has shown already.
func (p Plan) repeatedUntil(s segment) (wall time.Time, ok bool) {
	if p.hourly || s.start.IsZero() {
		return time.Time{}, false
	}
	before := offsetOf(s.start.Add(-time.Nanosecond).In(p.zone))
	if before <= s.offset {
		return time.Time{}, false
	}
	return s.start.Add(before), true
}

// skippedDue is true if a due time lies in the gap between two segments.
func (p Plan) skippedDue(old, next segment) bool {
	if p.hourly || next.offset <= old.offset {
		return false
	}
	due := p.wall.Next(justBefore(old.wall(old.end)))
	return !due.IsZero() && due.Before(next.wall(old.end))
}
