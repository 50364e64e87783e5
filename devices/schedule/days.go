package schedule

import (
	"context"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Calendar says which kind of day days are at a site; calendar.Service does.
type Calendar interface {
	Book(ctx context.Context, site devices.SiteID) (calendar.Book, error)
}

// days is a look into the calendar, which is read once for each site. Its first error is
// kept in err, and what it says after that means nothing.
type days struct {
	ctx      context.Context //nolint:containedctx // a look lives as long as the question that it is for
	calendar Calendar
	books    map[devices.SiteID]calendar.Book
	err      error
}

func (s *Service) look(ctx context.Context) *days {
	return &days{ctx: ctx, calendar: s.d.Calendar, books: map[devices.SiteID]calendar.Book{}}
}

func (d *days) book(site devices.SiteID) calendar.Book {
	known, ok := d.books[site]
	if !ok && d.err == nil {
		known, d.err = d.calendar.Book(d.ctx, site)
		d.books[site] = known
	}
	return known
}

// dated is a plan whose due times are those on some kinds of days only.
type dated struct {
	Plan
	site  devices.SiteID
	kinds []calendar.Kind // empty: all
	days  *days
}

// dated is the plan of a schedule with its days.
func (d *days) dated(x Schedule, p Plan) dated {
	return dated{Plan: p, site: x.Site, kinds: x.Days, days: d}
}

// counts is whether due times on the day of an instant count.
func (d dated) counts(at time.Time) bool {
	return len(d.kinds) == 0 || slices.Contains(d.kinds, d.days.book(d.site).Kind(calendar.Of(at.In(d.zone))))
}

// Next is the first due time after an instant that counts, in UTC; the zero time if none
// comes within five years, and after an error of the calendar.
func (d dated) Next(after time.Time) time.Time {
	return d.by(after, after.AddDate(neverYears, 0, 0))
}

// by is Next, or the zero time if it is after an instant: the calendar is not asked there.
func (d dated) by(after, last time.Time) time.Time {
	for {
		due := d.Plan.Next(after)
		switch {
		case due.IsZero() || due.After(last) || d.failed():
			return time.Time{}
		case d.counts(due):
			if d.failed() {
				return time.Time{}
			}
			return due
		}
		after = d.endOfDay(due)
	}
}

func (d dated) failed() bool { return d.days != nil && d.days.err != nil }

// endOfDay is the last moment of the day of an instant, on the wall.
func (d dated) endOfDay(at time.Time) time.Time {
	local := at.In(d.zone)
	end := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, d.zone).Add(-time.Nanosecond)
	if !end.After(at) { // a midnight that does not exist
		return at
	}
	return end.UTC()
}

// mayCount is whether a day may be of these kinds for all that is known: the holidays of
// a year that are not published yet may be any days, and the days worked for them any
// Saturday or Sunday.
func (d dated) mayCount(at time.Time) bool {
	if d.counts(at) {
		return true
	}
	day := calendar.Of(at.In(d.zone))
	if a := d.days.book(d.site).On(day); a.Published || a.Layers[0].Source != calendar.ByWeekday {
		return false
	}
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	return slices.Contains(d.kinds, calendar.Holiday) || weekend && slices.Contains(d.kinds, calendar.Workday)
}

// ever is whether a due time may come within five years.
func (d dated) ever(from time.Time) bool {
	last := from.AddDate(neverYears, 0, 0)
	for at := d.Plan.Next(from); !at.IsZero() && at.Before(last); at = d.Plan.Next(d.endOfDay(at)) {
		if d.mayCount(at) || d.failed() {
			return true
		}
	}
	return false
}
