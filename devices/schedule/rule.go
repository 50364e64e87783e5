package schedule

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gatehouse/devices"
)

// watched is a schedule that the runner watches, in one form of it: an edit makes a new
// one.
type watched struct {
	schedule Schedule
	plan     Plan
	rules    []*rule // one for each target
}

// rule is a schedule for one of its targets. cursor and next are guarded by Service.mu.
type rule struct {
	*watched
	device devices.DeviceID
	cursor time.Time // due times up to it are dealt with
	next   time.Time // the instant of the first due time after cursor, whatever the calendar says; zero: none
}

// newWatched makes a schedule that can be watched; cursor says up to when the due times
// of a target are dealt with.
func newWatched(x Schedule, cursor func(Target) time.Time) (*watched, error) {
	plan, err := ParseCron(x.Cron, x.TimeZone)
	if err != nil {
		return nil, err
	}
	w := &watched{schedule: x, plan: plan}
	for _, t := range x.Targets {
		r := &rule{watched: w, device: t.Device}
		r.moveTo(cursor(t))
		w.rules = append(w.rules, r)
	}
	return w, nil
}

// moveTo sets the cursor, which a pause holds ahead of the clock.
func (r *rule) moveTo(cursor time.Time) {
	if held := r.schedule.PausedUntil.Add(-time.Nanosecond); cursor.Before(held) {
		cursor = held
	}
	r.cursor, r.next = cursor, time.Time{}
	if r.schedule.Paused {
		return
	}
	if due := r.plan.Next(cursor); !due.IsZero() {
		r.next = r.instant(due)
	}
}

func (r *rule) instant(due time.Time) time.Time { return r.schedule.Instant(r.device, due) }

// put makes the runner watch a schedule in its new form.
func (s *Service) put(x Schedule, cursor func(Target) time.Time) {
	w, err := newWatched(x, cursor)
	if err != nil {
		s.d.Log.Error("schedule cannot be run", "schedule", x.ID, "name", x.Name, "err", err)
		s.drop(x.ID)
		return
	}
	s.mu.Lock()
	s.watched[x.ID] = w
	s.mu.Unlock()
	s.nudge()
}

// from is the cursor of every target of a form that begins now.
func from(now time.Time) func(Target) time.Time { return func(Target) time.Time { return now } }

func (s *Service) drop(id ID) {
	s.mu.Lock()
	delete(s.watched, id)
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

// replace makes the runner watch what another process made of a schedule, unless it was
// edited here meanwhile.
func (s *Service) replace(ctx context.Context, old *watched, x Schedule) error {
	cursors, err := s.cursors(ctx, x)
	if err != nil {
		return err
	}
	w, err := newWatched(x, cursors)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watched[x.ID] != old {
		return nil
	}
	if err != nil {
		delete(s.watched, x.ID)
		return fmt.Errorf("schedule %s cannot be run: %w", x.ID, err)
	}
	s.watched[x.ID] = w
	return nil
}

// sameForm is true if two readings of a schedule are of the same form of it.
func sameForm(a, b Schedule) bool {
	return a.Next.Equal(b.Next) && a.Paused == b.Paused && a.PausedUntil.Equal(b.PausedUntil) &&
		a.Cron == b.Cron && a.TimeZone == b.TimeZone && a.Action == b.Action && maps.Equal(a.Args, b.Args) &&
		a.Name == b.Name && a.Late == b.Late && a.SkipLate == b.SkipLate && a.Jitter == b.Jitter && a.Check == b.Check &&
		slices.Equal(a.Days, b.Days) && a.LeftOut.By == b.LeftOut.By && a.LeftOut.Due.Equal(b.LeftOut.Due) &&
		slices.EqualFunc(a.Targets, b.Targets, func(a, b Target) bool { return a.Device == b.Device && a.Since.Equal(b.Since) })
}

// unwatch stops watching a schedule, unless it was edited meanwhile.
func (s *Service) unwatch(w *watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watched[w.schedule.ID] == w {
		delete(s.watched, w.schedule.ID)
	}
}

// cursorOf is up to when a target's due times are dealt with, if the newest that was
// claimed is last.
func cursorOf(x Schedule, t Target, last time.Time) time.Time {
	cursor := x.Created
	if !x.Next.IsZero() {
		cursor = x.Next.Add(-time.Nanosecond)
	}
	for _, later := range []time.Time{t.Since, last} {
		if later.After(cursor) {
			cursor = later
		}
	}
	return cursor
}

// cursors reads cursorOf for every target of a schedule.
func (s *Service) cursors(ctx context.Context, x Schedule) (func(Target) time.Time, error) {
	known := make(map[devices.DeviceID]time.Time, len(x.Targets))
	for _, t := range x.Targets {
		last, err := s.d.Store.LastDue(ctx, x.ID, t.Device)
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", x.ID, err)
		}
		known[t.Device] = cursorOf(x, t, last)
	}
	return func(t Target) time.Time { return known[t.Device] }, nil
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
	last, err := s.d.Store.LastDues(ctx)
	if err != nil {
		return fmt.Errorf("schedule.load: %w", err)
	}
	for _, x := range all {
		s.put(x, func(t Target) time.Time { return cursorOf(x, t, last[x.ID][t.Device]) })
	}
	s.loaded = true
	return nil
}
