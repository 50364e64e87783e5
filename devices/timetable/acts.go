package timetable

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// longestPause is how far ahead the end of a pause may be.
const longestPause = 366 * 24 * time.Hour

// Pause releases what a timetable holds and keeps it from holding anything until a time, or
// (the zero time) until Resume. Errors: NotFound, Invalid with Field until.
func (s *Service) Pause(ctx context.Context, by devices.Actor, id ID, until time.Time) (View, error) {
	until = until.UTC().Truncate(time.Millisecond)
	return s.change(ctx, "timetable.pause", by, id, Paused, func(t Timetable, now time.Time) (Timetable, error) {
		if !until.IsZero() && (!until.After(now) || until.Sub(now) > longestPause) {
			return t, invalid("until", "must be in the future, and at most a year ahead; left out, the pause lasts until somebody ends it")
		}
		t.Paused, t.PausedUntil = true, until
		return t, nil
	})
}

// Resume ends a pause: what the timetable says of the present moment counts at once. NotFound.
func (s *Service) Resume(ctx context.Context, by devices.Actor, id ID) (View, error) {
	return s.change(ctx, "timetable.resume", by, id, Resumed, func(t Timetable, _ time.Time) (Timetable, error) {
		t.Paused, t.PausedUntil = false, time.Time{}
		return t, nil
	})
}

// SkipNext leaves the next beginning out, once, or takes that back. Errors: NotFound, Conflict.
func (s *Service) SkipNext(ctx context.Context, by devices.Actor, id ID, skip bool) (View, error) {
	const op = "timetable.skip"
	return s.keep(ctx, op, by, id, func(r *rule, now time.Time) (Timetable, error) {
		t := r.timetable
		t.SkipDue, t.SkipBy = time.Time{}, ""
		if !skip {
			return t, nil
		}
		bare := rule{timetable: t, plan: r.plan}
		next, _ := bare.coming(now, now.AddDate(5, 0, 0), 1)
		if len(next) == 0 {
			return t, &devices.Error{Op: op, Code: devices.Conflict, Field: "id", Message: "nothing comes that could be left out"}
		}
		whole, _ := r.plan.at(next[0].Start) // a pause may end in the middle of it
		t.SkipDue, t.SkipBy = whole.Start, by.Name
		return t, nil
	})
}

// leaveOut leaves out of a timetable the period that was left out of its old form, also if it was
// moved; if it is gone, none.
func (s *Service) leaveOut(ctx context.Context, made *Timetable, old Timetable) error {
	if old.SkipDue.IsZero() {
		return nil
	}
	was, err := s.planOf(ctx, old)
	if err != nil {
		return err
	}
	is, err := s.planOf(ctx, *made)
	if err != nil {
		return err
	}
	span, ok := was.at(old.SkipDue)
	if !ok {
		return nil
	}
	for _, x := range is.on(span.Day) {
		if x.Start.Before(span.End) && span.Start.Before(x.End) {
			made.SkipDue, made.SkipBy = x.Start, old.SkipBy
			return nil
		}
	}
	return nil
}

// keep changes what of a timetable does not count before a later moment.
func (s *Service) keep(ctx context.Context, op string, by devices.Actor, id ID, f func(r *rule, now time.Time) (Timetable, error)) (View, error) {
	if err := s.ready(ctx); err != nil {
		return View{}, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	now := s.now()
	if err := s.claimDue(ctx, now); err != nil {
		return View{}, fmt.Errorf("%s: %w", op, err)
	}
	if err := s.followDevices(ctx); err != nil {
		return View{}, fmt.Errorf("%s: %w", op, err)
	}
	s.mu.Lock()
	r, ok := s.rules[id]
	s.mu.Unlock()
	if !ok {
		return View{}, notFound(op, id)
	}
	made, err := f(r, now)
	if err != nil {
		return View{}, err
	}
	if err := s.d.Store.PutTimetable(ctx, made, s.audit(by, op, &r.timetable, &made)); err != nil {
		return View{}, fmt.Errorf("%s: %w", op, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.timetable = made
	s.nudge()
	return r.view(now), nil
}

// RunNow begins the period that the timetable has now and does not hold, because it was skipped.
// Errors: NotFound, Conflict if there is none, it holds already, or the timetable is paused.
func (s *Service) RunNow(ctx context.Context, by devices.Actor, id ID) (View, error) {
	const op = "timetable.run"
	return s.change(ctx, op, by, id, Asked, func(t Timetable, now time.Time) (Timetable, error) {
		s.mu.Lock()
		r := s.rules[id]
		span, is := r.plan.at(now)
		held := r.active != nil
		s.mu.Unlock()
		conflict := func(message string) (Timetable, error) {
			return t, &devices.Error{Op: op, Code: devices.Conflict, Field: "id", Message: message}
		}
		switch {
		case t.paused(now):
			return conflict("it is paused: resume it")
		case !is:
			return conflict("it has no period now")
		case held:
			return conflict("its period holds already")
		}
		if t.SkipDue.Equal(span.Start) { // it is not left out any more, whatever comes in the middle of it
			t.SkipDue, t.SkipBy = time.Time{}, ""
		}
		return t, nil
	})
}
