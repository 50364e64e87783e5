package devices

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// coalesce is how long changes of a tally are gathered before it is told again.
const coalesce = 200 * time.Millisecond

// todays has the last tally that was told of each site.
type todays struct {
	changed *queue[SiteID]

	mu   sync.Mutex // guards last
	last map[SiteID]Today
}

func newTodays() *todays { return &todays{changed: newQueue[SiteID](), last: map[SiteID]Today{}} }

func (t *todays) all() []Today {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Today, 0, len(t.last))
	for _, day := range t.last {
		all = append(all, day)
	}
	slices.SortFunc(all, func(a, b Today) int { return strings.Compare(string(a.Site.ID), string(b.Site.ID)) })
	return all
}

// TodayChanged asks for a new tally of a site. It never blocks; many calls make
// one tally.
func (c *Control) TodayChanged(s SiteID) {
	if _, ok := c.places.site(s); ok {
		c.today.changed.add(s)
	}
}

// tellTodays tells tallies until ctx ends. It is the only one that does, so a
// site's tallies are told in order.
func (c *Control) tellTodays(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		id, ok := c.today.changed.next(ctx)
		if !ok {
			return
		}
		changed := []SiteID{id}
		for id, ok = c.today.changed.take(); ok; id, ok = c.today.changed.take() {
			changed = append(changed, id)
		}
		next := coalesce
		for _, id := range changed { // what changes meanwhile waits for its turn
			if err := c.tellToday(ctx, id); err != nil && ctx.Err() == nil {
				c.d.Log.Error("cannot count the day", "site", id, "err", err)
				c.today.changed.add(id)
				next = 5 * coalesce
			}
		}
		pause.Reset(next)
	}
}

func (c *Control) tellToday(ctx context.Context, id SiteID) error {
	at, ok := c.places.place(id)
	if !ok {
		return nil
	}
	s := at.site
	day, from, to := dayOf(at.clock, c.d.Now())
	t, err := c.d.Store.Tally(ctx, id, from, to)
	if err != nil {
		return err
	}
	c.today.mu.Lock()
	c.today.last[id] = Today{Site: s, Day: day, Tally: t}
	c.today.mu.Unlock()
	c.d.News.Today(s, day, t)
	c.said(id, "", t.Revision)
	return nil
}

// newDays asks for a tally of every site whose day is over.
func (c *Control) newDays() {
	now := c.d.Now()
	for _, t := range c.today.all() {
		if at, ok := c.places.place(t.Site.ID); ok && now.In(at.clock).Format(time.DateOnly) != t.Day {
			c.TodayChanged(t.Site.ID)
		}
	}
}

// dayOf gives the day of a time zone at a time: its name, and [from, to). A day
// that the clocks change in has 23 or 25 hours.
func dayOf(clock *time.Location, at time.Time) (day string, from, to time.Time) {
	local := at.In(clock)
	y, m, d := local.Date()
	return local.Format(time.DateOnly), begin(clock, y, m, d), begin(clock, y, m, d+1)
}

// begin is the first instant of a day. Where the clocks go forward at midnight
// the day begins at one o'clock.
func begin(clock *time.Location, y int, m time.Month, d int) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, clock)
	t := time.Date(y, m, d, 0, 0, 0, 0, clock)
	if t.Day() != noon.Day() {
		_, t = t.ZoneBounds()
	}
	return t.UTC()
}
