package timetable

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// Slot is a period of a timetable that will come.
type Slot struct {
	Timetable ID
	Name      string
	Site      devices.SiteID
	Coming
	LeftOut bool // somebody leaves it out
}

// Agenda is what timetables did and will do in a span.
type Agenda struct {
	Past   []Run  // the newest first
	Coming []Slot // the first one first
	More   bool   // there are more than MaxPreview
}

// Agenda gives what the timetables of which f is true did and will do in a span. Errors: Invalid
// with Field to.
func (s *Service) Agenda(ctx context.Context, sites []devices.SiteID, f func(Timetable) bool, from, to time.Time) (Agenda, error) {
	if err := checkSpan(from, to); err != nil {
		return Agenda{}, err
	}
	if err := s.ready(ctx); err != nil {
		return Agenda{}, err
	}
	now := s.now()
	past, err := s.d.Store.Runs(ctx, RunQuery{Sites: sites, From: from, To: to, Limit: MaxPreview + 1})
	if err != nil {
		return Agenda{}, fmt.Errorf("timetable.agenda: %w", err)
	}
	a := Agenda{Past: past[:min(len(past), MaxPreview)], More: len(past) > MaxPreview}
	if now.After(from) {
		from = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if f(r.timetable) && from.Before(to) {
			a.add(r, from, to)
		}
	}
	slices.SortFunc(a.Coming, func(a, b Slot) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Timetable, b.Timetable)) })
	if len(a.Coming) > MaxPreview {
		a.Coming, a.More = a.Coming[:MaxPreview], true
	}
	return a, nil
}

func (a *Agenda) add(r *rule, from, to time.Time) {
	t := r.timetable
	bare := *r
	bare.timetable.SkipDue = time.Time{}
	spans, more := bare.coming(from, to, MaxPreview)
	for _, x := range spans {
		whole, _ := r.plan.at(x.Start) // a pause may end in the middle of it
		a.Coming = append(a.Coming, Slot{Timetable: t.ID, Name: t.Name, Site: t.Site, Coming: r.plan.coming(x), LeftOut: whole.Start.Equal(t.SkipDue)})
	}
	a.More = a.More || more
}

// Runs gives runs, the newest first; limit 0: 50, at most 500.
func (s *Service) Runs(ctx context.Context, q RunQuery) ([]Run, error) {
	if q.Limit = cmp.Or(q.Limit, 50); q.Limit < 1 || q.Limit > 500 {
		return nil, invalid("limit", "must be 1 to 500, for example 50")
	}
	runs, err := s.d.Store.Runs(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("timetable.runs: %w", err)
	}
	return runs, nil
}

// Results gives what a run did to each opening; none if there was no such run.
func (s *Service) Results(ctx context.Context, id ID, due time.Time) ([]Result, error) {
	results, err := s.d.Store.Results(ctx, id, due)
	if err != nil {
		return nil, fmt.Errorf("timetable.results: %w", err)
	}
	return results, nil
}

// Covering gives the timetables that cover a device, by name, and how each names it.
func (s *Service) Covering(ctx context.Context, d devices.DeviceID) (all []Covers, _ error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	openings := slices.DeleteFunc(s.d.Layers.Openings(), func(o devices.Opening) bool { return o.Device != d })
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		rank := 0
		for _, o := range openings {
			rank = max(rank, r.timetable.rank(o))
		}
		if rank > 0 {
			all = append(all, Covers{Timetable: r.timetable, How: ranks[rank]})
		}
	}
	slices.SortFunc(all, func(a, b Covers) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// Covers is a timetable that covers a device.
type Covers struct {
	Timetable
	How TargetKind // device: it loses what it names; zone, site: it goes on with the others
}

// Statistics are figures of the switches since a time.
type Statistics struct {
	Since    time.Time
	Switches int // that the clock brought and that were carried out
	Outcomes map[Outcome]int
	// How late they were claimed after their time.
	P50, P99, Max time.Duration
	More          bool // there were more: the newest MaxStatistics count
}

// MaxStatistics is how many runs Statistics looks at.
const MaxStatistics = 20_000

// Statistics gives figures of the switches of sites (nil: all) in the last 30 days.
func (s *Service) Statistics(ctx context.Context, sites []devices.SiteID) (Statistics, error) {
	st := Statistics{Since: s.now().AddDate(0, 0, -30), Outcomes: map[Outcome]int{}}
	runs, err := s.d.Store.Runs(ctx, RunQuery{Sites: sites, From: st.Since, Limit: MaxStatistics + 1})
	if err != nil {
		return st, fmt.Errorf("timetable.statistics: %w", err)
	}
	if st.More = len(runs) > MaxStatistics; st.More {
		runs = runs[:MaxStatistics]
	}
	var late []time.Duration
	for _, r := range runs {
		st.Outcomes[r.Outcome]++
		if r.Outcome == Done && (r.Why == Began || r.Why == Ended) {
			late = append(late, max(r.Claimed.Sub(r.Due), 0))
		}
	}
	if st.Switches = len(late); st.Switches == 0 {
		return st, nil
	}
	slices.Sort(late)
	st.P50, st.P99, st.Max = late[len(late)/2], late[len(late)*99/100], late[len(late)-1]
	return st, nil
}
