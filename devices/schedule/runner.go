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
	// together is how many devices are sent to at once.
	together = 32
	// probe is how many are tried while the store refuses: a long outage must not
	// cost the machine.
	probe = 8
)

// Run sends what is due until ctx ends; it gives nil then. Due times that passed
// while nothing ran are sent if they are not too late, or recorded as skipped.
// One Run at a time.
func (s *Service) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error { s.keepChecking(ctx); return nil })
	group.Go(func() error { s.keepSending(ctx); return nil })
	return group.Wait()
}

func (s *Service) keepSending(ctx context.Context) {
	for {
		timer := time.NewTimer(s.tick(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
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
	read := s.newReadings()
	var group errgroup.Group
	group.SetLimit(together)
	for _, r := range due {
		group.Go(func() error { return s.catchUp(ctx, r, read) })
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
	for _, w := range s.watched {
		for _, r := range w.rules {
			if r.cursor.After(now) && w.schedule.PausedUntil.Before(r.cursor) {
				r.moveTo(now) // the clock went back; the claims keep it from running twice
			}
			if !r.next.IsZero() && !r.next.After(now) {
				due = append(due, r)
			}
		}
	}
	return due
}

func (s *Service) sleep() time.Duration {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	sleep := maxSleep
	for _, w := range s.watched {
		for _, r := range w.rules {
			if !r.next.IsZero() {
				sleep = min(sleep, r.next.Sub(now))
			}
		}
	}
	return max(sleep, 0)
}
