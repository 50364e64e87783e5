package timetable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// mostAhead is how far the clock may go back before what a period holds, and would hold before
// its time then, is released. A small correction must not cost the whole period: it is claimed,
// and does not begin again.
const mostAhead = time.Hour

// releaseAhead gives up the periods that were begun by a clock that was far ahead and was set
// right since. Their runs say so, also to the next life of the program.
func (s *Service) releaseAhead(ctx context.Context, now time.Time) error {
	runs := s.ahead(now)
	if len(runs) == 0 {
		return nil
	}
	if err := s.d.Store.Finish(ctx, runs, nil); err != nil {
		return fmt.Errorf("timetable.ahead: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, run := range runs {
		s.d.Log.Warn("a timetable releases what it held by a clock that was ahead", "timetable", run.Timetable, "due", run.Due)
		is := func(o Run) bool { return o.Timetable == run.Timetable && o.Due.Equal(run.Due) }
		s.open = slices.DeleteFunc(s.open, is)
		s.checks = slices.DeleteFunc(s.checks, func(c check) bool { return is(c.run) })
		s.rules[run.Timetable].active = nil
	}
	s.news.places = true
	return nil
}

// ahead is the runs that hold something long before their time.
func (s *Service) ahead(now time.Time) (runs []Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if r.active == nil || r.active.run.Mode == devices.Controlled || r.active.run.Due.Sub(now) <= mostAhead {
			continue
		}
		runs = append(runs, givenUp(r.active.run, now))
	}
	return runs
}

func givenUp(run Run, now time.Time) Run {
	run.Outcome, run.Detail = Skipped, "the clock was ahead when it was carried out: released at "+now.Format(time.RFC3339)
	return run
}

// newest is the newest run of a timetable by the present clock, for the newest that is stored: it
// may be of a clock that was far ahead, and is given up then. The zero Run: there is none. One
// that no layer shows was over by that clock, and does not begin again.
func (s *Service) newest(ctx context.Context, stored Run, set []devices.Layer) (Run, error) {
	now := s.now()
	if stored.Due.Sub(now) <= mostAhead {
		return stored, nil
	}
	if stored.Mode != devices.Controlled && stored.Outcome != Skipped {
		if err := s.d.Store.Finish(ctx, []Run{givenUp(stored, now)}, nil); err != nil {
			return Run{}, fmt.Errorf("timetable.ahead: %w", err)
		}
	}
	runs, err := s.d.Store.Runs(ctx, RunQuery{Timetable: stored.Timetable, To: now.Add(mostAhead), Limit: 1})
	if err != nil || len(runs) == 0 {
		return Run{}, err
	}
	run := runs[0]
	if run.Outcome == Done && now.Before(run.Until) && !run.isLayered(set) {
		run.Mode = devices.Controlled
	}
	return run, nil
}
