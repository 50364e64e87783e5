package timetable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// early is how long before the beginning of a period a passage may be told and still be in it.
const early = time.Second

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
	s.news.places = true // their openings are looked at
	return nil
}

// arrivals are the first ones among passages. Its caller holds mu.
func (s *Service) arrivals(passages []devices.Event, now time.Time) (results []Result) {
	seen := map[string]bool{}
	for _, e := range passages {
		directions := s.directionsOf(e.Device)
		for _, r := range s.awaiting {
			key := string(r.timetable.ID) + " " + string(e.Device)
			if seen[key] || !r.waitsFor(e, now) {
				continue
			}
			for _, direction := range directions {
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
	return !e.DeviceTime.Before(a.run.Due.Add(-devices.ClockLimit)) && !e.ArrivedAt.Before(a.run.Due.Add(-early))
}

// directionsOf is the directions of the openings of a device in service.
func (s *Service) directionsOf(id devices.DeviceID) []string {
	d, ok := s.d.Places.Registered(id)
	if !ok {
		return nil
	}
	kind, ok := devices.KindOf(d.Kind)
	if !ok {
		return nil
	}
	return kind.Openings()
}

// Happened tells of an event of a device: a granted passage may be a first arrival. It never
// blocks, and costs next to nothing where none is waited for: devices have many passages.
func (s *Service) Happened(e devices.Event) {
	if e.Type != "passage" || e.Result != "granted" || e.Direction == "out" {
		return
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.awaiting {
		if r.mayWaitFor(e, now) {
			s.news.passages = append(s.news.passages, e)
			s.nudge()
			return
		}
	}
}

// mayWaitFor is whether a passage may be a first arrival for a rule, now or once what is due is
// claimed.
func (r *rule) mayWaitFor(e devices.Event, now time.Time) bool {
	waits := r.active != nil && r.active.run.FirstArrival && !r.active.arrived[e.Device]
	comes := !r.next.IsZero() && r.next.Sub(now) <= early
	return (waits || comes) && r.timetable.names(e)
}

// names is whether a timetable covers some opening of the device of an event.
func (t Timetable) names(e devices.Event) bool {
	return slices.ContainsFunc(t.Targets, func(x Target) bool {
		switch x.Kind {
		case OfDevice:
			return x.ID == string(e.Device)
		case OfZone:
			return x.ID == string(e.Zone)
		}
		return t.Site == e.Site
	})
}

// awaits is whether some period waits for first arrivals.
func (t Timetable) awaits() bool {
	first := func(p Period) bool { return p.FirstArrival }
	for _, periods := range t.Week {
		if slices.ContainsFunc(periods, first) {
			return true
		}
	}
	return slices.ContainsFunc(t.Exceptions, func(e Exception) bool { return slices.ContainsFunc(e.Periods, first) })
}
