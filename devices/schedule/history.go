package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// lateFor is how far back Statistics looks.
const lateFor = 30 * 24 * time.Hour

// Runs gives the newest runs of a schedule, newest first; limit 0: 50, at most 500.
func (s *Service) Runs(ctx context.Context, id ID, limit int) ([]Run, error) {
	if _, err := s.d.Store.Schedule(ctx, id); err != nil {
		return nil, fmt.Errorf("schedule.runs: %w", err)
	}
	return s.History(ctx, RunQuery{Schedule: id, Limit: limit})
}

// History gives runs of all schedules, also of those that are deleted, newest first;
// limit 0: 50, at most 500. Errors: Invalid with Field limit, outcome or to.
func (s *Service) History(ctx context.Context, q RunQuery) ([]Run, error) {
	if q.Limit == 0 {
		q.Limit = 50
	}
	switch {
	case q.Limit < 1 || q.Limit > 500:
		return nil, invalid("limit", "must be 1 to 500, for example 50")
	case q.Outcome != "" && !slices.Contains(Outcomes(), q.Outcome):
		return nil, invalid("outcome", fmt.Sprintf("%.40q is not an outcome; they are claimed, sent, skipped and failed, for example \"sent\"", string(q.Outcome)))
	case !q.From.IsZero() && !q.To.IsZero() && !q.To.After(q.From):
		return nil, invalid("to", "must be after from, for example a day later")
	}
	runs, err := s.d.Store.Runs(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("schedule.runs: %w", err)
	}
	return runs, nil
}

// Statistics sums up the due times of the last 30 days.
func (s *Service) Statistics(ctx context.Context, within *devices.Reach) (Lateness, error) {
	sum, err := s.d.Store.Lateness(ctx, s.now().Add(-lateFor), within)
	if err != nil {
		return Lateness{}, fmt.Errorf("schedule.statistics: %w", err)
	}
	return sum, nil
}
