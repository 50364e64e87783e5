package statistics

import (
	"context"
	"fmt"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// Series is what a Report is, by day and not by device: of the same devices, and all its
// days together are the sum of the report.
type Series struct {
	Site devices.Site
	presence.Period
	Days []SeriesDay // oldest first, those on which nothing was, too
}

// SeriesDay is what the devices did on one day.
type SeriesDay struct {
	devices.Period
	Counts   Counts
	Presence presence.Day
}

// Series sums up each day of a site.
func (s *Service) Series(ctx context.Context, q Query) (Series, error) {
	const op = "statistics.series"
	site, days, err := s.asked(q)
	if err != nil {
		return Series{}, err
	}
	if err := s.count(ctx); err != nil {
		return Series{}, fmt.Errorf("%s: %w", op, err)
	}
	of := s.of(q)
	stored, err := s.d.Store.Days(ctx, ids(of), days[0].Day, days[len(days)-1].Day)
	if err != nil {
		return Series{}, fmt.Errorf("%s: %w", op, err)
	}
	online, err := s.d.Places.DailyAvailability(ctx, q.Site, ids(of), days)
	if err != nil {
		return Series{}, fmt.Errorf("%s: %w", op, err)
	}
	r := Series{Site: site, Period: presence.Period{From: days[0].From, To: days[len(days)-1].To}}
	at := make(map[string]int, len(days))
	for i, d := range days {
		at[d.Day] = i
		r.Days = append(r.Days, SeriesDay{Period: d})
	}
	active := make(map[devices.DeviceID]bool, len(of))
	for _, d := range stored {
		active[d.Device] = true
		r.Days[at[d.Day]].Counts.Merge(d.Counts)
	}
	for _, d := range of {
		r.add(d, active[d.ID], online[d.ID])
	}
	return r, nil
}

// add adds how a device was reachable, unless it was gone.
func (r *Series) add(d devices.Device, active bool, daily []presence.Day) {
	var whole presence.Availability
	for _, day := range daily {
		whole = whole.Add(day.Availability)
	}
	if gone(d, active, whole) {
		return
	}
	for i, day := range daily {
		r.Days[i].Presence = r.Days[i].Presence.Add(day)
	}
}
