package operators

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

const (
	// sweepEvery is how often Run looks for sessions whose time is over.
	sweepEvery = 5 * time.Second
	// tidyEvery is how often it asks the store for those of earlier runs.
	tidyEvery = time.Minute
	// touchEvery is how old the store's knowledge of a last use may get.
	touchEvery = time.Minute
)

// Logout ends a session at once, with every console connection that its tickets
// opened. A session that has ended already is no error.
func (s *Service) Logout(ctx context.Context, session string, from Client) error {
	h := hashToken(session)
	kept, err := s.d.Store.Session(ctx, h)
	if devices.CodeOf(err) == devices.NotFound {
		s.finish(h, s.sessions.get(h))
		return nil
	}
	if err != nil {
		return fmt.Errorf("session.end: %w", err)
	}
	o, err := s.d.Store.Operator(ctx, kept.Operator)
	if err != nil {
		return fmt.Errorf("session.end: %w", err)
	}
	return s.delete(ctx, h, s.entry(s.actor(o, clip(from.Address, 64)), "session.end", o.ID, map[string]any{"why": "signed out"}))
}

// delete takes a session away in the store and then everywhere.
func (s *Service) delete(ctx context.Context, h TokenHash, a devices.AuditEntry) error {
	err := s.d.Store.DeleteSession(ctx, h, a)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return fmt.Errorf("session.end: %w", err)
	}
	s.ended(h)
	return nil
}

// expire ends a session whose time is over. In memory it is over already, so a
// store that does not answer changes nothing but the row.
func (s *Service) expire(ctx context.Context, l *live) {
	o, _ := s.sessions.of(l)
	err := s.d.Store.DeleteSession(ctx, l.hash, s.entry(devices.Actor{Kind: devices.ActorSystem}, "session.end", o.ID, map[string]any{"why": "its time was over"}))
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		s.d.Log.Warn("session that is over could not be deleted", "err", err)
		return // it stays in memory, where it is over; the sweep tries again
	}
	s.finish(l.hash, l)
}

// finish ends a session that the store does not have (any more).
func (s *Service) finish(h TokenHash, l *live) {
	if l == nil {
		return
	}
	s.ended(h)
}

// Run ends sessions whose time is over, and tells the store when sessions were
// last used, until ctx ends; it gives nil then.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	var tidied time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			s.sweep(ctx)
			if now := s.d.Now(); now.Sub(tidied) >= tidyEvery || now.Before(tidied) {
				tidied = now
				s.tidy(ctx)
			}
		}
	}
}

func (s *Service) sweep(ctx context.Context) {
	for _, l := range s.sessions.all() {
		now := s.d.Now()
		switch {
		case !l.alive(now):
			s.expire(ctx, l)
		case s.gone(ctx, l):
			s.finish(l.hash, l)
		default:
			s.touch(ctx, l)
		}
	}
}

// gone is true if another process ended the session or its operator.
func (s *Service) gone(ctx context.Context, l *live) bool {
	kept, err := s.d.Store.Session(ctx, l.hash)
	var o Operator
	if err == nil {
		o, err = s.d.Store.Operator(ctx, kept.Operator)
	}
	return devices.CodeOf(err) == devices.NotFound || err == nil && o.Disabled
}

func (s *Service) touch(ctx context.Context, l *live) {
	seen := time.Unix(0, l.lastSeen.Load()).UTC()
	s.sessions.mu.Lock()
	due := seen.Sub(l.touched) >= touchEvery
	s.sessions.mu.Unlock()
	if !due {
		return
	}
	if err := s.d.Store.TouchSession(ctx, l.hash, seen.Truncate(time.Millisecond)); err != nil {
		s.d.Log.Warn("last use of a session could not be stored; trying again", "err", err)
		return
	}
	s.sessions.mu.Lock()
	l.touched = seen
	s.sessions.mu.Unlock()
}

// tidy deletes sessions of earlier runs that are over for every role.
func (s *Service) tidy(ctx context.Context) {
	hashes, err := s.d.Store.DeleteExpired(ctx, s.now(), absoluteLife)
	if err != nil {
		if ctx.Err() == nil {
			s.d.Log.Warn("old sessions could not be deleted; trying again", "err", err)
		}
		return
	}
	for _, h := range hashes {
		s.ended(h)
	}
}
