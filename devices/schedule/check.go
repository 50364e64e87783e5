package schedule

import (
	"context"
	"strconv"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

const (
	// lookEvery is how often the store is asked for results to look at.
	lookEvery = 5 * time.Second
	// lookAtOnce bounds one such question.
	lookAtOnce = 100
	// againWithin is how long after its time a check may still send once more: the
	// world has moved on later.
	againWithin = time.Minute
	// keepRuns is how long what became of due times is kept, forgetEvery how often a few of the
	// older ones are dropped, at most forgetAtOnce.
	keepRuns     = 400 * 24 * time.Hour
	forgetEvery  = time.Hour
	forgetAtOnce = 500
)

// keepChecking looks at the results that are due, until ctx ends.
func (s *Service) keepChecking(ctx context.Context) {
	for {
		more := s.checkResults(ctx)
		s.forget(ctx)
		timer := time.NewTimer(lookEvery)
		if more {
			timer.Reset(0)
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// forget drops a few runs that are old enough, now and then: a crowd of them takes its time,
// and nobody waits for it.
func (s *Service) forget(ctx context.Context) {
	now := s.now()
	if now.Before(s.forgets) && s.forgets.Sub(now) <= forgetEvery {
		return
	}
	n, err := s.d.Store.Forget(ctx, now.Add(-keepRuns), forgetAtOnce)
	if err != nil && ctx.Err() == nil {
		s.d.Log.Error("old runs of schedules cannot be dropped; trying again", "err", err)
	}
	s.forgets = now.Add(forgetEvery)
	if n == forgetAtOnce {
		s.forgets = now.Add(lookEvery)
	}
}

// checkResults looks at the results that are due, and is whether there may be more.
func (s *Service) checkResults(ctx context.Context) (more bool) {
	due, err := s.d.Store.DueChecks(ctx, s.now(), lookAtOnce)
	if err != nil {
		if ctx.Err() == nil {
			s.d.Log.Error("results of scheduled runs cannot be looked at; trying again", "err", err)
		}
		return false
	}
	for _, r := range due {
		if err := s.checkRun(ctx, r); err != nil {
			if ctx.Err() == nil {
				s.d.Log.Error("result of a scheduled run could not be stored; trying again", "schedule", r.Schedule, "device", r.Device, "due", r.Due, "err", err)
			}
			return false
		}
	}
	return len(due) == lookAtOnce
}

// checkRun writes down how far the command of a run has come. A closing that is not
// confirmed is sent once more, and looked at once more; its key is made of the claim, so
// that a crash before that is written down does not send it twice. What opens is never
// repeated.
func (s *Service) checkRun(ctx context.Context, r Run) error {
	of := r.Command
	if r.Again != "" {
		of = r.Again
	}
	c, err := s.d.Commands.Command(ctx, of)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return err
	}
	now := s.now()
	r.Checked, r.Result = now, command.Shown(c.Ladder)
	late := now.Sub(r.CheckAt)
	r.CheckAt = time.Time{}
	if again(c, r, late) {
		r = s.sendAgain(ctx, r, c)
	}
	err = s.d.Store.FinishRun(ctx, r)
	s.d.Changed(r.Site)
	return err
}

// again is whether a command is to be sent once more: not if it was refused or somebody
// took it back.
func again(c devices.Command, r Run, late time.Duration) bool {
	switch r.Result {
	case command.Confirmed, command.Refused, command.Cancelled:
		return false
	}
	return c.Action == devices.ActionClose && r.Again == "" && late <= againWithin
}

func (s *Service) sendAgain(ctx context.Context, r Run, first devices.Command) Run {
	x, err := s.d.Store.Schedule(ctx, r.Schedule)
	if err != nil || x.Action != devices.ActionClose || x.Paused && !r.Manual() {
		return r // nobody wants it any more
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	actor := devices.Actor{Kind: devices.ActorSchedule, ID: string(x.ID), Name: x.Name}
	made, err := s.d.Sender.Send(ctx, actor, r.Device, devices.Request{
		Key: againKey(r), Action: first.Action, Args: first.Args, Reason: x.Name, TTL: commandTTL,
	})
	if err != nil {
		s.d.Log.Warn("a closing could not be sent once more", "schedule", r.Schedule, "device", r.Device, "due", r.Due, "err", err)
		return r
	}
	r.Again, r.CheckAt = made.ID, s.now().Add(max(x.Check, time.Minute))
	return r
}

// againKey is the key of the command that is sent once more for a run.
func againKey(r Run) string {
	return "again:" + string(r.Schedule) + ":" + strconv.FormatInt(r.Due.UnixMilli(), 10)
}
