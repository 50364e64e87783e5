package schedule

import (
	"context"
	"fmt"
	"maps"
	"time"

	"gatehouse/devices"
)

// rule is a schedule that the runner watches. cursor and next are guarded by
// Service.mu; the rest never changes: an edit makes a new rule.
type rule struct {
	schedule Schedule
	plan     Plan
	cursor   time.Time // due times up to it are dealt with
	next     time.Time // the first due time after cursor; zero: none
}

func newRule(s Schedule, cursor time.Time) (*rule, error) {
	plan, err := ParseCron(s.Cron, s.TimeZone)
	if err != nil {
		return nil, err
	}
	r := &rule{schedule: s, plan: plan}
	r.moveTo(cursor)
	return r, nil
}

func (r *rule) moveTo(cursor time.Time) {
	r.cursor, r.next = cursor, time.Time{}
	if !r.schedule.Paused {
		r.next = r.plan.Next(cursor)
	}
}

// put makes the runner watch a schedule in its new form.
func (s *Service) put(x Schedule, cursor time.Time) {
	r, err := newRule(x, cursor)
	if err != nil {
		s.d.Log.Error("schedule cannot be run", "schedule", x.ID, "name", x.Name, "err", err)
		s.drop(x.ID)
		return
	}
	s.mu.Lock()
	s.rules[x.ID] = r
	s.mu.Unlock()
	s.nudge()
}

func (s *Service) drop(id ID) {
	s.mu.Lock()
	delete(s.rules, id)
	s.mu.Unlock()
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// advance notes that a rule's due times up to one are dealt with.
func (s *Service) advance(r *rule, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if due.After(r.cursor) {
		r.moveTo(due)
	}
}

// replace makes the runner watch what another process made of a rule, unless the
// rule was edited here meanwhile.
func (s *Service) replace(old *rule, x Schedule, cursor time.Time) error {
	r, err := newRule(x, cursor)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rules[x.ID] != old {
		return nil
	}
	if err != nil {
		delete(s.rules, x.ID)
		return fmt.Errorf("schedule %s cannot be run: %w", x.ID, err)
	}
	s.rules[x.ID] = r
	return nil
}

// sameForm is true if two readings of a schedule are of the same form of it.
func sameForm(a, b Schedule) bool {
	return a.Next.Equal(b.Next) && a.Paused == b.Paused && a.Cron == b.Cron && a.TimeZone == b.TimeZone &&
		a.Device == b.Device && a.Action == b.Action && maps.Equal(a.Args, b.Args) &&
		a.Name == b.Name && a.SkipLate == b.SkipLate
}

// forget stops watching a rule, unless it was edited meanwhile.
func (s *Service) forget(r *rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rules[r.schedule.ID] == r {
		delete(s.rules, r.schedule.ID)
	}
}

// cursorOf is up to when a stored schedule's due times are dealt with.
func (s *Service) cursorOf(ctx context.Context, x Schedule) (time.Time, error) {
	cursor := x.Created
	if !x.Next.IsZero() {
		cursor = x.Next.Add(-time.Nanosecond)
	}
	last, err := s.d.Store.LastRun(ctx, x.ID)
	if devices.CodeOf(err) == devices.NotFound {
		return cursor, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if last.Due.After(cursor) {
		cursor = last.Due
	}
	return cursor, nil
}

// load reads every schedule once, before the first tick.
func (s *Service) load(ctx context.Context) error {
	s.edit.Lock()
	defer s.edit.Unlock()
	if s.loaded {
		return nil
	}
	all, err := s.d.Store.Schedules(ctx)
	if err != nil {
		return fmt.Errorf("schedule.load: %w", err)
	}
	for _, x := range all {
		cursor, err := s.cursorOf(ctx, x)
		if err != nil {
			return fmt.Errorf("schedule.load: %w", err)
		}
		s.put(x, cursor)
	}
	s.loaded = true
	return nil
}
