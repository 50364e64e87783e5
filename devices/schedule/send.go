package schedule

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gatehouse/devices"
)

const (
	// commandTTL is how long a timed command may be on its way: one that comes
	// late is worse than one that never comes.
	commandTTL = 5 * time.Second
	// sendWithin and finishWithin bound the two steps of a claimed run, which are
	// taken to their end also while the program stops.
	sendWithin   = 5 * time.Second
	finishWithin = 5 * time.Second
)

// catchUp deals with every due time of a rule up to now, in order: the newest is
// sent if it is not too late, the others are recorded as skipped. An error means
// that nothing was lost: the rule is due still.
func (s *Service) catchUp(ctx context.Context, r *rule, read *readings) error {
	if fresh, err := read.fresh(ctx, r.watched); err != nil || !fresh {
		return err
	}
	s.mu.Lock()
	cursor := r.cursor
	s.mu.Unlock()
	now := s.now()
	days := s.look(ctx)
	m := days.dated(r.schedule, r.plan).missed(cursor, now)
	if days.err != nil {
		return fmt.Errorf("schedule %s: %w", r.schedule.ID, days.err)
	}
	if m.block != nil {
		if err := s.skip(ctx, r, m.block.last, m.block.String()+": "+late(m.block.last, now)); err != nil {
			return err
		}
	}
	if err := s.catchUpOn(ctx, r, r.reached(m.single, now), now); err != nil {
		return err
	}
	s.advance(r, r.passed(cursor, now))
	return nil
}

// catchUpOn deals with due times whose instants have come.
func (s *Service) catchUpOn(ctx context.Context, r *rule, all []time.Time, now time.Time) (err error) {
	for i, due := range all {
		at := r.instant(due)
		switch {
		case due.Equal(r.schedule.LeftOut.Due):
			err = s.skip(ctx, r, due, "left out by "+r.schedule.LeftOut.By)
		case !r.schedule.inTime(now.Sub(at)):
			err = s.skip(ctx, r, due, late(at, now))
		case i < len(all)-1:
			err = s.skip(ctx, r, due, "a later run took its place")
		default:
			err = s.send(ctx, r, due)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reached are the due times before the first whose instant has not come.
func (r *rule) reached(all []time.Time, now time.Time) []time.Time {
	for i, due := range all {
		if r.instant(due).After(now) {
			return all[:i]
		}
	}
	return all
}

// passed is the newest due time after a cursor whose instant has come, whether the day
// counts or not; the cursor if there is none.
func (r *rule) passed(cursor, now time.Time) time.Time {
	// What is due before this has come, whatever its part of the jitter is.
	if certain := now.Add(-r.schedule.Jitter); certain.After(cursor) {
		cursor = certain
	}
	for due := r.plan.Next(cursor); !due.IsZero() && !r.instant(due).After(now); due = r.plan.Next(due) {
		cursor = due
	}
	return cursor
}

func late(due, now time.Time) string {
	return fmt.Sprintf("too late by %s: nothing ran when it was due", now.Sub(due).Round(time.Second))
}

// run is the claim of a due time of a rule.
func (s *Service) run(ctx context.Context, r *rule, due time.Time) Run {
	run := Run{Schedule: r.schedule.ID, Device: r.device, Site: r.schedule.Site, Due: due, At: r.instant(due), Claimed: s.now()}
	if d, err := s.d.Registry.Device(ctx, r.device); err == nil {
		run.Zone = d.Zone
	}
	return run
}

// skip claims a due time as skipped; somebody else's claim is as good.
func (s *Service) skip(ctx context.Context, r *rule, due time.Time, why string) error {
	run := s.run(ctx, r, due)
	run.Outcome, run.Detail = Skipped, why
	claimed, err := s.d.Store.Claim(ctx, run)
	if err != nil {
		return fmt.Errorf("schedule %s, due %s: %w", r.schedule.ID, due.Format(time.RFC3339), err)
	}
	if claimed {
		s.d.Changed(run.Site)
		s.d.Log.Warn("scheduled run skipped", "schedule", r.schedule.ID, "device", r.device, "due", due, "why", why)
	}
	s.advance(r, due)
	return nil
}

// send claims a due time and sends its command. Only the one who inserted the
// claim sends; whatever happens after it, nobody sends again.
func (s *Service) send(ctx context.Context, r *rule, due time.Time) error {
	run := s.run(ctx, r, due)
	run.Outcome = Claimed
	claimed, err := s.d.Store.Claim(ctx, run)
	if err != nil {
		return fmt.Errorf("schedule %s, due %s: %w", r.schedule.ID, due.Format(time.RFC3339), err)
	}
	s.advance(r, due)
	if !claimed {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	// The claim may have waited for a slow disk.
	if now := s.now(); !r.schedule.inTime(now.Sub(run.At)) {
		run.Outcome, run.Detail = Skipped, late(run.At, now)
	} else {
		actor := devices.Actor{Kind: devices.ActorSchedule, ID: string(run.Schedule), Name: r.schedule.Name}
		run = s.command(ctx, r.schedule, run, actor, Key(run.Schedule, run.Due))
	}
	s.finish(ctx, run)
	return nil
}

// command makes the command of a claimed run and says what became of it.
func (s *Service) command(ctx context.Context, x Schedule, run Run, by devices.Actor, key string) Run {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	made, err := s.d.Sender.Send(ctx, by, run.Device, requestOf(x, key))
	if err != nil {
		run.Outcome, run.Detail = Broken, reason(err)
		s.d.Log.Error("scheduled command could not be made", "schedule", x.ID, "device", run.Device, "due", run.Due, "err", err)
		return run
	}
	run.Outcome, run.Command = SentOut, made.ID
	if x.Check > 0 {
		run.CheckAt = s.now().Add(x.Check)
	}
	return run
}

// requestOf is what a schedule wants of a device.
func requestOf(x Schedule, key string) devices.Request {
	return devices.Request{Key: key, Action: x.Action, Args: x.Args, Reason: x.Name, TTL: commandTTL}
}

// reason is what people read of an error.
func reason(err error) string {
	var e *devices.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return err.Error()
}

// Key is the idempotency key of the command of one due time.
func Key(id ID, due time.Time) string {
	return "schedule:" + string(id) + ":" + strconv.FormatInt(due.Unix(), 10)
}

// finish stores the outcome. If that fails the run stays claimed, which is what
// its row then says; the command has a row of its own.
func (s *Service) finish(ctx context.Context, run Run) {
	ctx, cancel := context.WithTimeout(ctx, finishWithin)
	defer cancel()
	if err := s.d.Store.FinishRun(ctx, run); err != nil {
		s.d.Log.Error("outcome of a scheduled run could not be stored", "schedule", run.Schedule, "device", run.Device, "due", run.Due, "outcome", run.Outcome, "err", err)
	}
	s.d.Changed(run.Site)
}

// settle records the due times of a form of a schedule that ends now.
func (s *Service) settle(ctx context.Context, old Schedule, now time.Time) error {
	if old.Paused {
		return nil
	}
	cursors, err := s.cursors(ctx, old)
	if err != nil {
		return err
	}
	w, err := newWatched(old, cursors)
	if err != nil {
		return nil // what cannot be read has no due times; it is being replaced
	}
	days := s.look(ctx)
	for _, r := range w.rules {
		m := days.dated(old, w.plan).missed(r.cursor, now)
		if days.err != nil {
			return fmt.Errorf("schedule %s: %w", old.ID, days.err)
		}
		if err := s.settleRule(ctx, r, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) settleRule(ctx context.Context, r *rule, m missed) error {
	const why = "the schedule was changed before it ran"
	if m.block != nil {
		if err := s.skip(ctx, r, m.block.last, m.block.String()+": "+why); err != nil {
			return err
		}
	}
	for _, due := range m.single {
		if err := s.skip(ctx, r, due, why); err != nil {
			return err
		}
	}
	return nil
}
