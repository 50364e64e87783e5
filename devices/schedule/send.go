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
func (s *Service) catchUp(ctx context.Context, r *rule) error {
	r, err := s.fresh(ctx, r)
	if err != nil || r == nil {
		return err
	}
	s.mu.Lock()
	cursor := r.cursor
	s.mu.Unlock()
	now := s.now()
	m := r.plan.missed(cursor, now)
	if m.block != nil {
		if err := s.skip(ctx, r, m.block.last, m.block.String()+": "+late(m.block.last, now)); err != nil {
			return err
		}
	}
	for i, due := range m.single {
		isLate := now.Sub(due) > r.schedule.SkipLate
		switch {
		case isLate:
			err = s.skip(ctx, r, due, late(due, now))
		case i < len(m.single)-1:
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

func late(due, now time.Time) string {
	return fmt.Sprintf("too late by %s: nothing ran when it was due", now.Sub(due).Round(time.Second))
}

// fresh reads the schedule again, so that what another process changed counts. It
// gives nil if this form of it is not to be run any more.
func (s *Service) fresh(ctx context.Context, r *rule) (*rule, error) {
	x, err := s.d.Store.Schedule(ctx, r.schedule.ID)
	if devices.CodeOf(err) == devices.NotFound {
		s.forget(r)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("schedule %s: %w", r.schedule.ID, err)
	}
	if sameForm(x, r.schedule) {
		return r, nil
	}
	cursor, err := s.cursorOf(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("schedule %s: %w", x.ID, err)
	}
	return nil, s.replace(r, x, cursor)
}

// skip claims a due time as skipped; somebody else's claim is as good.
func (s *Service) skip(ctx context.Context, r *rule, due time.Time, why string) error {
	claimed, err := s.d.Store.Claim(ctx, Run{Schedule: r.schedule.ID, Due: due, Claimed: s.now(), Outcome: Skipped, Detail: why})
	if err != nil {
		return fmt.Errorf("schedule %s, due %s: %w", r.schedule.ID, due.Format(time.RFC3339), err)
	}
	if claimed {
		s.d.Log.Warn("scheduled run skipped", "schedule", r.schedule.ID, "due", due, "why", why)
	}
	s.advance(r, due)
	return nil
}

// send claims a due time and sends its command. Only the one who inserted the
// claim sends; whatever happens after it, nobody sends again.
func (s *Service) send(ctx context.Context, r *rule, due time.Time) error {
	run := Run{Schedule: r.schedule.ID, Due: due, Claimed: s.now(), Outcome: Claimed}
	claimed, err := s.d.Store.Claim(ctx, run)
	if err != nil {
		return fmt.Errorf("schedule %s, due %s: %w", r.schedule.ID, due.Format(time.RFC3339), err)
	}
	s.advance(r, due)
	if !claimed {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	s.finish(ctx, s.command(ctx, r.schedule, run))
	return nil
}

// command makes the command of a claimed run and says what became of it.
func (s *Service) command(ctx context.Context, x Schedule, run Run) Run {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	// The claim may have waited for a slow disk.
	if now := s.now(); now.Sub(run.Due) > x.SkipLate {
		run.Outcome, run.Detail = Skipped, late(run.Due, now)
		return run
	}
	actor := devices.Actor{Kind: devices.ActorSchedule, ID: string(x.ID), Name: x.Name}
	made, err := s.d.Sender.Send(ctx, actor, x.Device, devices.Request{
		Key: Key(x.ID, run.Due), Action: x.Action, Args: x.Args, Reason: x.Name, TTL: commandTTL,
	})
	if err != nil {
		run.Outcome, run.Detail = Broken, reason(err)
		s.d.Log.Error("scheduled command could not be made", "schedule", x.ID, "due", run.Due, "err", err)
		return run
	}
	run.Outcome, run.Command = SentOut, made.ID
	return run
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
		s.d.Log.Error("outcome of a scheduled run could not be stored", "schedule", run.Schedule, "due", run.Due, "outcome", run.Outcome, "err", err)
	}
}

// settle records the due times of a form of a schedule that ends now.
func (s *Service) settle(ctx context.Context, old Schedule, now time.Time) error {
	if old.Paused {
		return nil
	}
	cursor, err := s.cursorOf(ctx, old)
	if err != nil {
		return err
	}
	r, err := newRule(old, cursor)
	if err != nil {
		return nil // what cannot be read has no due times; it is being replaced
	}
	const why = "the schedule was changed before it ran"
	m := r.plan.missed(cursor, now)
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
