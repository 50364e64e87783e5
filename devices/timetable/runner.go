package timetable

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

const (
	// maxSleep bounds how long a step of the clock goes unnoticed.
	maxSleep = 5 * time.Second
	// spreadEach is how often the devices whose moment has come within a jitter are switched.
	spreadEach = time.Second
	// retryAfter is the pause after the store or the layers refused something.
	retryAfter = time.Second
	// writeWithin bounds each step that writes; what was claimed is taken to its end also
	// while the program stops.
	writeWithin = 10 * time.Second

	// keepRuns is how long what timetables did is kept, and forgetEach how often a few of the
	// older runs are dropped.
	keepRuns   = 400 * 24 * time.Hour
	forgetEach = time.Hour
	forgetMost = 50
)

// Run carries out what is due until ctx ends; it gives nil then. One Run at a time.
func (s *Service) Run(ctx context.Context) error {
	for {
		timer := time.NewTimer(s.tick(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-s.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// PlacesChanged tells that openings came, went or moved. It never blocks.
func (s *Service) PlacesChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.places = true
	s.nudge()
}

// CalendarChanged tells that days of a site, or of the whole property (the empty site), are
// other ones. It never blocks.
func (s *Service) CalendarChanged(of devices.SiteID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.sites[of] = true
	s.nudge()
}

// tick deals with everything that is due and says how long to sleep.
func (s *Service) tick(ctx context.Context) time.Duration {
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := s.work(ctx); err != nil {
		if ctx.Err() == nil {
			s.d.Log.Error("timetables cannot be carried out; trying again", "err", err)
		}
		return retryAfter
	}
	return s.sleep()
}

func (s *Service) work(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	now := s.now()
	if err := s.takeCalendars(ctx, now); err != nil {
		return err
	}
	if err := s.claimDue(ctx, now); err != nil {
		return err
	}
	if err := s.takePassages(ctx, now); err != nil { // after it: the first one may come with the beginning
		return err
	}
	for _, step := range []func(context.Context) error{
		s.carryOut,
		func(ctx context.Context) error { return s.checkDue(ctx, s.now()) },
		func(ctx context.Context) error { return s.forget(ctx, now) },
	} {
		if err := toItsEnd(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// toItsEnd takes a step that writes to its end, also while the program stops.
func toItsEnd(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
	defer cancel()
	return step(ctx)
}

// forget drops a few runs that are old enough, now and then: a crowd of them takes its time and
// keeps nobody waiting.
func (s *Service) forget(ctx context.Context, now time.Time) error {
	if now.Before(s.forgets) && s.forgets.Sub(now) <= forgetEach {
		return nil
	}
	n, err := s.d.Store.Forget(ctx, now.Add(-keepRuns), forgetMost)
	if err != nil {
		return fmt.Errorf("timetable.forget: %w", err)
	}
	s.forgets = now.Add(forgetEach)
	if n == forgetMost {
		s.forgets = now.Add(maxSleep)
	}
	return nil
}

// claimDue claims what is due, all in one write, and then counts with it. An error means that
// nothing was lost: it is due still.
func (s *Service) claimDue(ctx context.Context, now time.Time) error {
	if err := s.releaseAhead(ctx, now); err != nil {
		return err
	}
	rules, dues, runs := s.due(now)
	if len(rules) == 0 {
		return nil
	}
	var claimed []bool
	if len(runs) > 0 {
		var err error
		if claimed, err = s.d.Store.Claim(ctx, runs); err != nil {
			return fmt.Errorf("timetable.claim: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i, r := range rules {
		ours := true // whoever claimed the newest of its switches before has carried it out
		for range dues[i].runs {
			ours = claimed[n]
			if run := runs[n]; claimed[n] {
				s.note(run)
			}
			n++
		}
		if ours {
			r.active = dues[i].active
		}
		r.moveTo(now)
	}
	return nil
}

// note keeps a run that was claimed until it is finished.
func (s *Service) note(run Run) {
	if run.Outcome == Claimed {
		s.open = append(s.open, run)
	} else {
		s.d.Log.Warn("switch of a timetable skipped", "timetable", run.Timetable, "due", run.Due, "why", run.Detail)
		s.d.Changed(run.Site)
	}
}

// due is the rules of which something is due, what is to be done of each, and all their runs.
func (s *Service) due(now time.Time) (rules []*rule, dues []due, runs []Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		r.goBack(now)
		if r.next.IsZero() || r.next.After(now) {
			continue
		}
		d := r.catchUp(now)
		rules, dues, runs = append(rules, r), append(dues, d), append(runs, d.runs...)
	}
	return rules, dues, runs
}

func (s *Service) sleep() time.Duration {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	sleep := maxSleep
	for _, r := range s.rules {
		if !r.next.IsZero() {
			sleep = min(sleep, r.next.Sub(now))
		}
	}
	if !s.spreads.IsZero() {
		sleep = min(sleep, spreadEach)
	}
	for _, c := range s.checks {
		sleep = min(sleep, c.at.Sub(now))
	}
	return max(sleep, 0)
}
