package presence

import (
	"slices"
	"time"
)

// Span is one time of being online in the history of a device.
type Span struct {
	Up     time.Time // names the span: no two of a device are the same
	Down   time.Time // zero: it is online
	Cause  string    // why it ended
	Remote string
	// Missed is how many spans before this one, and after the one before it, were not
	// kept: the disk stood still for longer than they could wait.
	Missed int
}

// Trace adds what a step from one link to the next says to spans that wait to be
// stored: the end of what was online, the beginning of what is. At most keep wait, and
// three: beyond it the oldest but the first is given up, and counted by the one that
// follows. The first may be the end of one that is stored without it, which would
// then stay online for ever. What is stored already is only named by its Up.
func Trace(waiting []Span, before, after Link, keep int) []Span {
	if before.Status == Online && (after.Status != Online || !after.Since.Equal(before.Since)) {
		end := Span{Up: before.Since, Down: after.Since, Cause: after.Cause, Remote: before.Remote}
		if after.Status == Online {
			end.Cause = CauseTakeOver
		}
		waiting = put(waiting, end)
	}
	if after.Status == Online && (before.Status != Online || !after.Since.Equal(before.Since)) {
		waiting = put(waiting, Span{Up: after.Since, Remote: after.Remote})
	}
	return shorten(waiting, keep)
}

// Join is what waits after older spans that could not be stored.
func Join(older, newer []Span, keep int) []Span {
	for _, s := range newer {
		older = put(older, s)
	}
	return shorten(older, keep)
}

func shorten(waiting []Span, keep int) []Span {
	for len(waiting) > max(keep, 3) {
		waiting[2].Missed += waiting[1].Missed + 1
		waiting = slices.Delete(waiting, 1, 2)
	}
	return waiting
}

// put adds a span, or ends the one with its Up.
func put(waiting []Span, s Span) []Span {
	if n := len(waiting); n > 0 && waiting[n-1].Up.Equal(s.Up) {
		s.Missed = waiting[n-1].Missed
		waiting[n-1] = s
		return waiting
	}
	return append(waiting, s)
}

// Period is a part of time; To is not in it.
type Period struct{ From, To time.Time }

// Availability is how a device was reachable in a part of time. Unknown is what
// nobody can say: the server did not run, or the device was not in service.
type Availability struct {
	Up, Down, Unknown time.Duration
	Drops             int // ends of connections
	Outages           int // of these, those that lasted longer than the grace time
}

// Share is the part of the known time in which it was online, from 0 to 1; false
// if nothing is known.
func (a Availability) Share() (float64, bool) {
	if known := a.Up + a.Down; known > 0 {
		return float64(a.Up) / float64(known), true
	}
	return 0, false
}

// Add is the sum of two parts.
func (a Availability) Add(b Availability) Availability {
	return Availability{a.Up + b.Up, a.Down + b.Down, a.Unknown + b.Unknown, a.Drops + b.Drops, a.Outages + b.Outages}
}

// Available sums up a part of time. spans and known are in their order and do not
// overlap; known is when the server ran and the device was in service. grace is
// that of the device's kind. A span without an end lasts to the end of what is
// known. Ends that the server or a person made are no outage by themselves. If the
// server's clock was set back they may overlap: no moment counts twice.
func Available(spans []Span, known []Period, grace time.Duration, in Period) Availability {
	return available(spans, known, grace, in, in.To, func(string, time.Duration) {})
}

// available is Available; who was not back by until was gone until then. lost hears
// of each time offline, why it began; empty: spans do not say.
func available(spans []Span, known []Period, grace time.Duration, in Period, until time.Time, lost func(string, time.Duration)) Availability {
	var a Availability
	var covered time.Duration
	counted := in.From // all before it
	for _, k := range known {
		p := k.cut(Period{counted, in.To})
		if !p.From.Before(p.To) {
			continue
		}
		counted = p.To
		covered += p.To.Sub(p.From)
		a.Up += upWithin(p, spans, lost)
	}
	a.Down = covered - a.Up
	a.Unknown = max(0, in.To.Sub(in.From)) - covered
	a.Drops, a.Outages = ends(spans, known, grace, in, until)
	return a
}

// upWithin is how much of a part of time a device was online.
func upWithin(p Period, spans []Span, lost func(string, time.Duration)) (sum time.Duration) {
	upTo, cause := p.From, ""
	for _, s := range spans {
		if !s.Up.Before(p.To) {
			break
		}
		up := Period{s.Up, s.end(p.To)}.cut(Period{upTo, p.To})
		if up.From.Before(up.To) {
			lost(cause, up.From.Sub(upTo))
			sum += up.To.Sub(up.From)
			upTo = up.To
		}
		cause = s.Cause
	}
	lost(cause, p.To.Sub(upTo))
	return sum
}

// ends counts those of connections, and how many of them were outages.
func ends(spans []Span, known []Period, grace time.Duration, in Period, until time.Time) (drops, outages int) {
	for i, s := range spans {
		if s.Down.IsZero() || s.Down.Before(in.From) || !s.Down.Before(in.To) {
			continue
		}
		drops += 1 + s.Missed
		back := until
		if i+1 < len(spans) {
			back = spans[i+1].Up
		}
		if downWithin(Period{s.Down, back}, known) >= graceAfter(s.Cause, grace) {
			outages++
		}
	}
	return drops, outages
}

// downWithin is how much of a part of time is known.
func downWithin(p Period, known []Period) (sum time.Duration) {
	for _, k := range known {
		if c := k.cut(p); c.From.Before(c.To) {
			sum += c.To.Sub(c.From)
		}
	}
	return sum
}

func (s Span) end(open time.Time) time.Time {
	if s.Down.IsZero() {
		return open
	}
	return s.Down
}

// cut is what of p lies within in; it may be empty.
func (p Period) cut(in Period) Period {
	if p.From.Before(in.From) {
		p.From = in.From
	}
	if p.To.After(in.To) {
		p.To = in.To
	}
	return p
}

// Gaps is what of in lies in none of the periods, which are in their order.
func Gaps(known []Period, in Period) []Period {
	var gaps []Period
	from := in.From
	for _, k := range known {
		k = k.cut(in)
		if !k.From.Before(k.To) {
			continue
		}
		if from.Before(k.From) {
			gaps = append(gaps, Period{from, k.From})
		}
		from = k.To
	}
	if from.Before(in.To) {
		gaps = append(gaps, Period{from, in.To})
	}
	return gaps
}
