package timetable

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// place names an opening.
type place struct {
	device    devices.DeviceID
	direction string
}

// carryOut makes the schedule layers what the timetables say, in one write, and finishes the
// runs that are open. An error means that it is to be done again.
func (s *Service) carryOut(ctx context.Context) error {
	s.mu.Lock()
	look := s.news.places
	s.news.places = false
	s.mu.Unlock()
	if !look && len(s.open) == 0 && s.spreads.IsZero() {
		return nil
	}
	err := s.followDevices(ctx)
	if err == nil {
		err = s.switchOver(ctx)
	}
	if err != nil {
		s.PlacesChanged()
	}
	return err
}

// followDevices reads again what the timetables cover that name a device that is not in service
// any more: they were given its successor, or lost it.
func (s *Service) followDevices(ctx context.Context) error {
	missing := map[*rule]bool{}
	for _, r := range s.all() {
		if slices.ContainsFunc(r.timetable.Targets, func(x Target) bool {
			_, ok := s.d.Places.Registered(devices.DeviceID(x.ID))
			return x.Kind == OfDevice && !ok
		}) {
			missing[r] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	stored, err := s.d.Store.Timetables(ctx)
	if err != nil {
		return fmt.Errorf("timetable.follow: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range stored {
		if r := s.rules[t.ID]; missing[r] {
			r.timetable.Targets = t.Targets
		}
	}
	return nil
}

func (s *Service) switchOver(ctx context.Context) error {
	now := s.now()
	set := s.d.Layers.ScheduleLayers()
	s.dropLate(set, now)
	w := s.wanted(now)
	settings := w.differences(set)
	if len(settings) > 0 {
		if _, err := s.d.Layers.SetSchedules(ctx, settings); err != nil {
			return fmt.Errorf("timetable.set: %w", err)
		}
	}
	runs, results := s.finished(w, settings, now)
	if len(runs)+len(results) > 0 {
		if err := s.d.Store.Finish(ctx, runs, results); err != nil {
			return fmt.Errorf("timetable.finish: %w", err)
		}
	}
	for _, run := range runs {
		s.d.Changed(run.Site)
	}
	s.planChecks(runs)
	s.open, s.spreads = nil, s.spreading(now)
	return nil
}

// dropLate skips the beginnings that were claimed in time and could not be carried out in time,
// because the store or the layers refused.
func (s *Service) dropLate(set []devices.Layer, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, run := range s.open {
		r := s.rules[run.Timetable]
		if run.Outcome != Claimed || run.Mode == devices.Controlled || r == nil || !r.isLate(run.Due, now) || run.Why != Began || run.isLayered(set) {
			continue
		}
		s.open[i].Outcome, s.open[i].Detail = Skipped, late(run.Due, now)
		if r.active != nil && r.active.run.Due.Equal(run.Due) {
			r.active = nil
		}
	}
}

// finished is the open runs as they are stored now, and what each did to every opening that it
// covers; and the openings whose moment came after theirs was.
func (s *Service) finished(w wishes, settings []devices.ScheduleSetting, now time.Time) (runs []Run, results []Result) {
	changed := make(map[place]devices.ScheduleSetting, len(settings))
	for _, x := range settings {
		changed[place{x.Device, x.Direction}] = x
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := map[*rule][]Run{}
	for _, run := range s.open {
		if run.Outcome == Claimed || run.Outcome == Done {
			run.Outcome = Done
			if r := s.rules[run.Timetable]; r != nil {
				of[r] = append(of[r], run)
			}
		}
		runs = append(runs, run)
	}
	for at, x := range w {
		for _, r := range x.covers {
			for _, run := range of[r] {
				set, isChanged := changed[at]
				result := Result{Timetable: run.Timetable, Due: run.Due, Device: at.device, Direction: at.direction, At: now}
				result.Effect, result.Detail = x.effect(r, run, isChanged, set.Mode, now)
				results = append(results, result)
			}
		}
	}
	slices.SortFunc(results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Timetable, b.Timetable), a.Due.Compare(b.Due), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Direction, b.Direction))
	})
	return runs, append(results, s.begunLater(w, changed, now)...)
}

// effect is what a run of a rule that covers the opening did to it, and who holds it instead.
func (x *wish) effect(r *rule, run Run, isChanged bool, to devices.Mode, now time.Time) (_ Effect, detail string) {
	switch {
	case run.FirstArrival && r.active != nil && r.active.arrived[x.opening.Device]:
		return Arrived, "" // it came before the run was finished
	case x.winner != nil && x.winner != r:
		return Left, x.winner.timetable.Name
	case x.winner == r && isChanged:
		return Set, ""
	case run.Mode == devices.Controlled && isChanged && to == devices.Controlled:
		return Released, ""
	case r.active.isLater(x.opening.Device, now):
		return Later, ""
	case run.FirstArrival && x.winner == nil:
		return Waiting, ""
	}
	return Nothing, ""
}
