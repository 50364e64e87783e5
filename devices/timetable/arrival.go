package timetable

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// takePassages looks for first arrivals among the passages that were told. Each is stored before
// it counts. An error means that they are looked at again.
func (s *Service) takePassages(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	passages := s.news.passages
	s.news.passages = nil
	results := s.arrivals(passages, now)
	s.mu.Unlock()
	if len(results) == 0 {
		return nil
	}
	if err := s.d.Store.Finish(ctx, nil, results); err != nil {
		s.mu.Lock()
		s.news.passages = append(passages, s.news.passages...)
		s.mu.Unlock()
		return fmt.Errorf("timetable.arrivals: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range results {
		r := s.rules[x.Timetable]
		r.active.arrive(x.Device)
		if wait := r.timetable.Check; wait > 0 {
			s.checks = append(s.checks, check{run: r.active.run, device: x.Device, at: now.Add(wait)})
		}
	}
	s.arrived = append(s.arrived, results...)
	return nil
}

// arrivals are the first ones among passages. Its caller holds mu.
func (s *Service) arrivals(passages []devices.Event, now time.Time) (results []Result) {
	seen := map[string]bool{}
	for _, e := range passages {
		kind, _ := s.kindOf(e.Device)
		for _, r := range s.rules {
			key := string(r.timetable.ID) + " " + string(e.Device)
			if seen[key] || !r.waitsFor(e, now) {
				continue
			}
			for _, direction := range kind {
				o := devices.Opening{Site: e.Site, Zone: e.Zone, Device: e.Device, Direction: direction}
				if r.timetable.rank(o) == 0 {
					continue
				}
				seen[key] = true
				results = append(results, Result{
					Timetable: r.timetable.ID, Due: r.active.run.Due, Device: e.Device, Direction: direction, Effect: Arrived, At: now,
				})
			}
		}
	}
	return results
}

// waitsFor is whether a passage is the first arrival that a rule waits for at its device. One
// that a device kept while it was offline is of an earlier time and is none.
func (r *rule) waitsFor(e devices.Event, now time.Time) bool {
	a := r.active
	if a == nil || !a.run.FirstArrival || a.arrived[e.Device] || !now.Before(a.run.Until) {
		return false
	}
	return !e.DeviceTime.Before(a.run.Due.Add(-devices.ClockLimit)) && !e.ArrivedAt.Before(a.run.Due.Add(-time.Second))
}

// kindOf is the directions of the openings of a device in service.
func (s *Service) kindOf(id devices.DeviceID) ([]string, bool) {
	d, ok := s.d.Places.Registered(id)
	if !ok {
		return nil, false
	}
	kind, ok := devices.KindOf(d.Kind)
	if !ok {
		return nil, false
	}
	return kind.Openings(), true
}
