package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/devices"
)

// longestPause is how far ahead the end of a pause may be.
const longestPause = 366 * 24 * time.Hour

// Pause pauses a schedule until a time, when it resumes by itself, or with the zero time
// until somebody resumes it. What would be due meanwhile is not caught up. Errors: NotFound,
// Invalid with Field until.
func (s *Service) Pause(ctx context.Context, by devices.Actor, id ID, until time.Time) (Schedule, error) {
	return s.change(ctx, by, "schedule.pause", id, func(x Schedule, now time.Time) (Schedule, error) {
		if !until.IsZero() && (!until.After(now) || until.Sub(now) > longestPause) {
			return x, invalid("until", fmt.Sprintf("must be in the future, and at most a year ahead, for example %q", now.Add(24*time.Hour).Format(time.RFC3339)))
		}
		x.Paused, x.PausedUntil, x.LeftOut = until.IsZero(), until.UTC().Truncate(time.Millisecond), LeftOut{}
		if until.IsZero() {
			x.PausedUntil = time.Time{}
		}
		return x, nil
	})
}

// Resume ends a pause: due times count from now on. NotFound.
func (s *Service) Resume(ctx context.Context, by devices.Actor, id ID) (Schedule, error) {
	return s.change(ctx, by, "schedule.resume", id, func(x Schedule, _ time.Time) (Schedule, error) {
		x.Paused, x.PausedUntil = false, time.Time{}
		return x, nil
	})
}

// SkipNext leaves the next due time out, once: it will be recorded as skipped, with whoever
// asked for it. Asking again changes nothing. Errors: NotFound, Conflict if there is none.
func (s *Service) SkipNext(ctx context.Context, by devices.Actor, id ID) (Schedule, error) {
	return s.change(ctx, by, "schedule.skip_next", id, func(x Schedule, now time.Time) (Schedule, error) {
		if x.LeftOut.Due.After(now) {
			return x, nil
		}
		x.LeftOut = LeftOut{}
		days := s.look(ctx)
		due := days.shown(x, now).Next
		switch {
		case days.err != nil:
			return x, fmt.Errorf("schedule.skip_next: %w", days.err)
		case due.IsZero():
			return x, &devices.Error{Op: "schedule.skip_next", Code: devices.Conflict, Message: "it has no next due time that could be left out: it is paused, or no day of its kinds is known"}
		}
		x.LeftOut = LeftOut{Due: due, By: by.Name}
		return x, nil
	})
}

// KeepNext takes SkipNext back. NotFound.
func (s *Service) KeepNext(ctx context.Context, by devices.Actor, id ID) (Schedule, error) {
	return s.change(ctx, by, "schedule.keep_next", id, func(x Schedule, _ time.Time) (Schedule, error) {
		x.LeftOut = LeftOut{}
		return x, nil
	})
}

// RunNow sends what a schedule sends at once, also while it is paused, and gives a run for
// each device: they are no due times. The same key gives the first runs again, and nothing
// is sent. Errors: NotFound, Invalid with Field key.
func (s *Service) RunNow(ctx context.Context, by devices.Actor, id ID, key string) ([]Run, error) {
	const op = "schedule.run"
	if len(key) < 8 || len(key) > 64 {
		return nil, invalid("key", "must have 8 to 64 characters, for example a UUID")
	}
	x, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	claims := s.manual(ctx, by, x, key)
	entry := devices.Audited(s.now(), by, op, x.Site, "schedule:"+string(id), map[string]any{"name": x.Name, "action": x.Action, "args": x.Args, "devices": x.Devices()})
	claimed, err := s.d.Store.ClaimManual(ctx, claims, entry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	if claimed {
		s.sendAll(context.WithoutCancel(ctx), by, x, claims)
	}
	runs, err := s.d.Store.Runs(ctx, RunQuery{Schedule: id, Key: key, Limit: MaxTargets})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	slices.Reverse(runs) // by device
	return runs, nil
}

// manual are the claims of a manual run.
func (s *Service) manual(ctx context.Context, by devices.Actor, x Schedule, key string) []Run {
	now := s.now()
	runs := make([]Run, len(x.Targets))
	for i, t := range x.Targets {
		runs[i] = Run{Schedule: x.ID, Device: t.Device, Site: x.Site, Due: now, At: now, Claimed: now, Outcome: Claimed, Key: key, By: by.Name}
		if d, err := s.d.Registry.Device(ctx, t.Device); err == nil {
			runs[i].Zone = d.Zone
		}
	}
	return runs
}

func (s *Service) sendAll(ctx context.Context, by devices.Actor, x Schedule, claims []Run) {
	var group errgroup.Group
	group.SetLimit(together)
	for _, r := range claims {
		group.Go(func() error {
			s.finish(ctx, s.command(ctx, x, r, by, manualKey(r)))
			return nil
		})
	}
	_ = group.Wait() // they give no errors
}

// manualKey is the key of the command of a manual run: other keys of the same person are
// not met.
func manualKey(r Run) string {
	sum := sha256.Sum256([]byte(string(r.Schedule) + "\x00" + r.Key))
	return "run:" + hex.EncodeToString(sum[:16])
}
