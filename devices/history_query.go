package devices

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices/presence"
)

// Days is a choice of days, first and last, as YYYY-MM-DD in a site's time zone.
// Without a Last it is the present day, without a First as many days as the caller
// has by default.
type Days struct{ First, Last string }

// PresenceHistory is when a device was online.
type PresenceHistory struct {
	Link    presence.Link
	Spans   []presence.Span   // newest first
	More    bool              // there are older ones in these days
	Unknown []presence.Period // nobody knows: the server did not run, or the device had never been connected, or was retired
	Days    []PresenceDay     // oldest first
	Total   presence.Availability
	Causes  map[string]int // ends by their cause
	Missed  int            // ends that are counted and have no span
}

// PresenceDay is one day of a device.
type PresenceDay struct {
	Period
	presence.Availability
}

// Period is one day of a site's time zone, YYYY-MM-DD; with a change of the clocks it
// has 23 or 25 hours, and the present one ends now.
type Period struct {
	Day string
	presence.Period
}

// PresenceHistory tells when a device was online, and before it those whose place it
// took, as far as they stood within a reach; nil: wherever they stood. By default it is
// of the last seven days. A device that is retired still has its own.
func (c *Control) PresenceHistory(ctx context.Context, id DeviceID, days Days, in *Reach) (PresenceHistory, error) {
	const op = "presence.history"
	u, ok := c.places.ever(id)
	if !ok {
		return PresenceHistory{}, notFound(op, "device "+string(id))
	}
	l := u.snapshot()
	list, err := c.Days(l.Device.Site, days, 7, maxDays)
	if err != nil {
		return PresenceHistory{}, err
	}
	whole := presence.Period{From: list[0].From, To: list[len(list)-1].To}
	until := presence.Period{From: whole.From, To: whole.To.Add(time.Millisecond)} // what begins now, too
	line := c.lineOf(id, in)
	knownOf, err := c.known(ctx, whole, line...)
	if err != nil {
		return PresenceHistory{}, fmt.Errorf("%s: %w", op, err)
	}
	var spans []presence.Span
	var known []presence.Period
	for _, member := range line {
		its, err := c.d.Store.Spans(ctx, member.Device.ID, until)
		if err != nil {
			return PresenceHistory{}, fmt.Errorf("%s: %w", op, err)
		}
		spans, known = append(spans, its...), append(known, knownOf(member)...)
	}
	h := PresenceHistory{Link: l.Link, Causes: map[string]int{}, Unknown: presence.Gaps(known, whole)}
	for _, p := range list {
		d := PresenceDay{p, presence.Available(spans, known, Grace(l.Device.Kind), p.Period)}
		h.Total = h.Total.Add(d.Availability)
		h.Days = append(h.Days, d)
	}
	h.tell(spans, whole)
	return h, nil
}

// Line is a device with those whose place it took, the newest first.
func (c *Control) Line(id DeviceID) []DeviceID { return c.places.line(id) }

// lineOf is a device after those whose place it took and that stood within a reach, the
// oldest first.
func (c *Control) lineOf(id DeviceID, in *Reach) []Live {
	var line []Live
	for _, member := range c.places.line(id) {
		u, ok := c.places.ever(member)
		if !ok {
			continue
		}
		if l := u.snapshot(); member == id || in.Admits(l.Device.Site, l.Device.Zone) {
			line = append(line, l)
		}
	}
	slices.Reverse(line)
	return line
}

// tell fills in spans and causes.
func (h *PresenceHistory) tell(spans []presence.Span, in presence.Period) {
	for _, s := range spans {
		if !s.Down.IsZero() && !s.Down.Before(in.From) && s.Down.Before(in.To) {
			h.Causes[s.Cause]++
			h.Missed += s.Missed
		}
	}
	h.Spans = slices.Clone(spans)
	slices.Reverse(h.Spans)
	if len(h.Spans) > maxSpans {
		h.Spans, h.More = h.Spans[:maxSpans], true
	}
}

// Runs are when the server ran, up to now.
func (c *Control) Runs(ctx context.Context, in presence.Period) ([]presence.Period, error) {
	now := c.now()
	if in.To.After(now) {
		in.To = now
	}
	runs, err := c.d.Store.Runs(ctx, in)
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(p presence.Period) bool { return !p.From.Before(c.started) })
	if c.started.Before(in.To) {
		runs = append(runs, presence.Period{From: c.started, To: now})
	}
	return runs, nil
}

// known gives, for each of some devices, the parts of a time in which it could be known
// whether it was reachable: the server ran, and the device had been connected once and
// was not retired.
func (c *Control) known(ctx context.Context, in presence.Period, of ...Live) (func(Live) []presence.Period, error) {
	runs, err := c.Runs(ctx, in)
	if err != nil {
		return nil, err
	}
	ids := make([]DeviceID, len(of))
	for i, l := range of {
		ids[i] = l.Device.ID
	}
	first, err := c.d.Store.FirstConnected(ctx, ids)
	if err != nil {
		return nil, err
	}
	return func(l Live) []presence.Period {
		from, is := first[l.Device.ID]
		switch {
		case is:
		case l.Link.Status == presence.Online: // not saved yet
			from = l.Link.Since
		case l.Link.Status == presence.Offline: // its connections are forgotten
			from = l.Device.Created
		default:
			return nil
		}
		return within(runs, from, l.Device.Retired)
	}, nil
}

// within cuts periods; a zero end is none.
func within(all []presence.Period, from, to time.Time) []presence.Period {
	var cut []presence.Period
	for _, p := range all {
		if p.From.Before(from) {
			p.From = from
		}
		if !to.IsZero() && p.To.After(to) {
			p.To = to
		}
		if p.From.Before(p.To) {
			cut = append(cut, p)
		}
	}
	return cut
}

// SiteAvailability is how each device of a site, those that are retired too, was
// reachable in a part of time.
func (c *Control) SiteAvailability(ctx context.Context, id SiteID, in presence.Period) (map[DeviceID]presence.Availability, error) {
	const op = "presence.site"
	spans, err := c.d.Store.SiteSpans(ctx, id, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	of := slices.DeleteFunc(append(c.Devices(), c.Retired()...), func(l Live) bool { return l.Device.Site != id })
	known, err := c.known(ctx, in, of...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	all := make(map[DeviceID]presence.Availability, len(of))
	for _, l := range of {
		all[l.Device.ID] = presence.Available(spans[l.Device.ID], known(l), Grace(l.Device.Kind), in)
	}
	return all, nil
}

// Clock is the time zone of a site; UTC if there is no such site.
func (c *Control) Clock(s SiteID) *time.Location {
	if at, ok := c.places.place(s); ok {
		return at.clock
	}
	return time.UTC
}

// Days gives the days of a choice in a site's time zone, oldest first, the present
// one up to now; without a First as many as byDefault. More than most are Invalid.
func (c *Control) Days(s SiteID, d Days, byDefault, most int) ([]Period, error) {
	const op = "days"
	at, ok := c.places.place(s)
	if !ok {
		return nil, notFound(op, "site "+string(s))
	}
	return daysOf(op, at.clock, c.now(), d, byDefault, most)
}

func daysOf(op string, clock *time.Location, now time.Time, d Days, byDefault, most int) ([]Period, error) {
	first, last := now.In(clock), now.In(clock)
	for _, given := range []struct {
		field, text string
		to          *time.Time
	}{{"to", d.Last, &last}, {"from", d.First, &first}} {
		if given.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, given.text)
		if err != nil {
			return nil, invalid(op, given.field, "must be a day as YYYY-MM-DD")
		}
		y, m, day := t.Date()
		*given.to = time.Date(y, m, day, 12, 0, 0, 0, clock)
	}
	if d.First == "" {
		first = last.AddDate(0, 0, 1-byDefault)
	}
	var list []Period
	y, m, day := first.Date()
	for i := 0; ; i++ {
		from, to := begin(clock, y, m, day+i), begin(clock, y, m, day+i+1)
		if from.After(now) || from.After(last) {
			break
		}
		if i == most {
			return nil, invalid(op, "from", fmt.Sprintf("must be at most %d days before to", most-1))
		}
		if to.After(now) {
			to = now
		}
		name := time.Date(y, m, day+i, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
		list = append(list, Period{Day: name, Period: presence.Period{From: from, To: to}})
	}
	if len(list) == 0 {
		return nil, invalid(op, "from", "must be a day that has begun, and not after to")
	}
	return list, nil
}
