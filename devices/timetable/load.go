package timetable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// load reads every timetable once, with what it held. Its caller holds turn.
func (s *Service) load(ctx context.Context) error {
	if s.isLoaded() {
		return nil
	}
	all, err := s.d.Store.Timetables(ctx)
	if err != nil {
		return fmt.Errorf("timetable.load: %w", err)
	}
	runs, err := s.d.Store.Last(ctx)
	if err != nil {
		return fmt.Errorf("timetable.load: %w", err)
	}
	last, set := make(map[ID]Run, len(runs)), s.d.Layers.ScheduleLayers()
	for _, r := range runs {
		if last[r.Timetable], err = s.newest(ctx, r, set); err != nil {
			return fmt.Errorf("timetable.load: %w", err)
		}
	}
	s.open, s.checks = nil, nil // of a load that ended early
	rules := make(map[ID]*rule, len(all))
	zones := map[devices.SiteID]*time.Location{}
	for _, t := range all {
		days, err := s.bookOf(ctx, t.Site)
		if err != nil {
			return fmt.Errorf("timetable.load: %w", err)
		}
		if zones[t.Site] == nil {
			if zones[t.Site], err = s.zoneOf(t.Site); err != nil {
				s.d.Log.Error("timetable cannot be carried out", "timetable", t.ID, "name", t.Name, "err", err)
				continue
			}
		}
		p := newPlan(t, zones[t.Site], days)
		r, err := s.restored(ctx, t, p, last[t.ID], set)
		if err != nil {
			return err
		}
		rules[t.ID] = r
	}
	if err := s.restoreChecks(ctx, rules); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rules {
		s.watch(r)
	}
	s.loaded, s.news.places = true, true
	s.news.sites[""] = true // a calendar may have changed just before the program stopped
	return nil
}

func (s *Service) isLoaded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded
}

// bookOf is the calendar of a site as it is known here.
func (s *Service) bookOf(ctx context.Context, site devices.SiteID) (*almanac, error) {
	if b, ok := s.books[site]; ok {
		return b, nil
	}
	b, err := s.d.Days.Book(ctx, site)
	if err != nil {
		return nil, err
	}
	s.books[site] = newAlmanac(b)
	return s.books[site], nil
}

// restored is the rule of a timetable whose last run is known; the zero Run: it has none.
func (s *Service) restored(ctx context.Context, t Timetable, p plan, last Run, set []devices.Layer) (*rule, error) {
	cursor := t.Changed.Add(-time.Millisecond)
	if !last.Due.Before(t.Changed) {
		cursor = last.Due
	}
	r := newRule(t, p, cursor)
	if last.Timetable == "" {
		return r, nil
	}
	if last.Outcome == Claimed {
		last = s.interrupted(r, last, set)
		s.open = append(s.open, last)
	}
	if last.Outcome == Skipped || last.Mode == devices.Controlled {
		return r, nil
	}
	r.active = &active{run: last}
	if last.Why == Began {
		r.active.jitter = r.active.stillSpread(t.Jitter, set)
	}
	r.moveTo(r.cursor)
	if !last.FirstArrival {
		return r, nil
	}
	results, err := s.d.Store.Results(ctx, t.ID, last.Due)
	if err != nil {
		return nil, fmt.Errorf("timetable.load: %w", err)
	}
	for _, x := range results {
		if x.Effect == Arrived {
			r.active.arrive(x.Device)
		}
	}
	return r, nil
}

// interrupted is what becomes of a run that was claimed and not finished: what the layers show
// was carried out; what was not is, if it is not too late.
func (s *Service) interrupted(r *rule, run Run, set []devices.Layer) Run {
	now := s.now()
	if run.Mode == devices.Controlled || !r.isLate(run.Due, now) {
		return run
	}
	if run.isLayered(set) {
		run.Outcome = Done
		return run
	}
	run.Outcome, run.Detail = Skipped, "the server stopped before it was carried out"
	if !now.Before(run.Until) { // its layers would have ended by now
		run.Outcome, run.Detail = Uncertain, "the server stopped while it was carried out, and came back after its end"
	}
	return run
}

// isLayered is whether some of the layers hold what a run says: it set them, or the period that
// it follows did.
func (run Run) isLayered(set []devices.Layer) bool {
	return slices.ContainsFunc(set, func(l devices.Layer) bool {
		return l.By.ID == string(run.Timetable) && l.Mode == run.Mode && l.Until.After(run.Due)
	})
}

// restoreChecks reads which runs are still to be checked.
func (s *Service) restoreChecks(ctx context.Context, rules map[ID]*rule) error {
	runs, err := s.d.Store.Unchecked(ctx, s.now().Add(-maxCheck-time.Hour))
	if err != nil {
		return fmt.Errorf("timetable.load: %w", err)
	}
	for _, run := range runs {
		if r := rules[run.Timetable]; r != nil && r.timetable.Check > 0 {
			s.checks = append(s.checks, check{run: run, at: run.Claimed.Add(r.timetable.Check + r.active.spread())})
		}
	}
	return nil
}

func (a *active) arrive(d devices.DeviceID) {
	if a.arrived == nil {
		a.arrived = map[devices.DeviceID]bool{}
	}
	a.arrived[d] = true
}
