package timetable

import (
	"context"
	"time"
)

// For the tests of this package.
const (
	EndOfDay   = endOfDay
	RetryAfter = retryAfter
)

// Work is one tick.
func (s *Service) Work(ctx context.Context) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.work(ctx)
}

// Tick is one tick, and how long to sleep after it.
func (s *Service) Tick(ctx context.Context) time.Duration { return s.tick(ctx) }

// Woken is whether the runner was woken since it was asked last.
func (s *Service) Woken() bool {
	select {
	case <-s.wake:
		return true
	default:
		return false
	}
}
