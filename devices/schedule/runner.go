package schedule

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// maxSleep bounds how long a step of the clock goes unnoticed.
	maxSleep = 5 * time.Second
	// retryAfter is the pause after the store refused something.
	retryAfter = time.Second
	// together is how many schedules are sent at once.
	together = 32
	// probe is how many are tried while the store refuses: a long outage must not
	// cost the machine.
	probe = 8
)

// Run sends what is due until ctx ends; it gives nil then. Due times that passed
// while nothing ran are sent if they are not too late, or recorded as skipped.
// One Run at a time.
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

// tick deals with everything that is due and says how long to sleep.
func (s *Service) tick(ctx context.Context) time.Duration {
	if err := s.load(ctx); err != nil {
		if ctx.Err() == nil {
			s.d.Log.Error("schedules cannot be read; trying again", "err", err)
		}
		return retryAfter
	}
	due := s.due()
	all := !s.refused || len(due) <= probe
	if !all {
		due = due[:probe]
	}
	var group errgroup.Group
	group.SetLimit(together)
	for _, r := range due {
		group.Go(func() error { return s.catchUp(ctx, r) })
	}
	err := group.Wait()
	s.refused = err != nil
	if err != nil {
		if ctx.Err() == nil {
			s.d.Log.Error("a due schedule could not be claimed; trying again", "err", err)
		}
		return retryAfter
	}
	if !all {
		return 0
	}
	return s.sleep()
}

func (s *Service) due() []*rule {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*rule
	for _, r := range s.rules {
		if r.cursor.After(now) {
			r.moveTo(now) // the clock went back; the claims keep it from running twice
		}
		if !r.next.IsZero() && !r.next.After(now) {
			due = append(due, r)
		}
	}
	return due
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
	return max(sleep, 0)
}
