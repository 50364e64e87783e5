package operators

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gatehouse/devices"
)

const (
	// turnEvery is how often Run looks whether hours have begun or ended, and for sessions whose time
	// is over: with it their live connections end.
	turnEvery = 500 * time.Millisecond
	// sweepEvery is how often Run tells the store of sessions whose time is over.
	sweepEvery = time.Second / 2
	// goneEvery is how often it asks the store for those that another process ended.
	goneEvery = 5 * time.Second
	// tidyEvery is how often it asks the store for those of earlier runs.
	tidyEvery = time.Minute
	// touchEvery is how old the store's knowledge of a last use may get.
	touchEvery = time.Minute
)

// Logout ends a session at once, with every console connection that its tickets
// opened. A session that has ended already is no error.
func (s *Service) Logout(ctx context.Context, session string, from Client) error {
	o, kept, err := s.holder(ctx, hashToken(session))
	switch {
	case devices.CodeOf(err) == devices.NotFound:
		return nil
	case err != nil:
		return fmt.Errorf("session.end: %w", err)
	}
	by := s.actorIn(o, kept)
	by.Address = clip(from.Address, 64)
	return s.delete(ctx, kept.Key, s.entry(by, "session.end", o.ID, map[string]any{"why": "signed out"}))
}

// holder is whose session a token is of, also one that was replaced just now.
func (s *Service) holder(ctx context.Context, token [32]byte) (o Operator, kept Session, err error) {
	if l := s.sessions.carried(token, s.d.Now()); l != nil {
		o, kept = s.sessions.of(l)
		return o, kept, nil
	}
	if kept, err = s.d.Store.Session(ctx, token); err == nil {
		o, err = s.d.Store.Operator(ctx, kept.Operator)
	}
	return o, kept, err
}

// delete takes a session away in the store and then everywhere.
func (s *Service) delete(ctx context.Context, k SessionKey, a devices.AuditEntry) error {
	err := s.d.Store.DeleteSession(ctx, k, a)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return fmt.Errorf("session.end: %w", err)
	}
	s.ended(k)
	return nil
}

// expire ends a session whose time is over. In memory it is over already, so a
// store that does not answer changes nothing but the row.
func (s *Service) expire(ctx context.Context, l *live) {
	o, _ := s.sessions.of(l)
	err := s.d.Store.DeleteSession(ctx, l.key, s.entry(devices.Actor{Kind: devices.ActorSystem}, "session.end", o.ID, map[string]any{"why": "its time was over"}))
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		s.d.Log.Warn("session that is over could not be deleted", "err", err)
		return // it stays in memory, where it is over; the sweep tries again
	}
	s.ended(l.key)
}

// Run ends sessions whose time is over, tells the store when sessions were
// last used, and has hours count that begin or end, until ctx ends; it gives nil then.
func (s *Service) Run(ctx context.Context) error {
	var turning sync.WaitGroup
	turning.Go(func() { s.turns(ctx) }) // apart: live connections do not wait for the store
	defer turning.Wait()
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	var asked, tidied time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			now := s.d.Now()
			s.expireAll(ctx)
			if due(asked, now, goneEvery) {
				asked = now
				s.sweep(ctx)
			}
			if due(tidied, now, tidyEvery) {
				tidied = now
				s.tidy(ctx)
			}
		}
	}
}

// due is whether something that was done last then is to be done again; also after a
// clock that was set back.
func due(last, now time.Time, every time.Duration) bool {
	return now.Sub(last) >= every || now.Before(last)
}

// expireAll ends the sessions whose time is over.
func (s *Service) expireAll(ctx context.Context) {
	for _, l := range s.sessions.all() {
		if !l.alive(s.d.Now()) {
			s.expire(ctx, l)
		}
	}
}

// turns has live connections end in time, and what is ordered taken back beside that: it may last as
// long as the store does not answer.
func (s *Service) turns(ctx context.Context) {
	var takingBack sync.WaitGroup
	defer takingBack.Wait()
	ticker := time.NewTicker(turnEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.lapse()
			for _, o := range s.turn() {
				takingBack.Go(func() {
					s.commandLost(ctx, devices.Actor{Kind: devices.ActorSystem, ID: "hours", Name: "hours"}, o)
				})
			}
		}
	}
}

// lapse has live connections end whose session's time is over: the store, which may not answer, is told
// of that by expireAll.
func (s *Service) lapse() {
	for _, l := range s.sessions.all() {
		if over := !l.alive(s.d.Now()); l.over.Swap(over) != over && over {
			o, _ := s.sessions.of(l)
			s.watchChanged(o.ID)
		}
	}
}

// turn has hours that began or ended count for live connections, and gives whose they are.
func (s *Service) turn() (of []Operator) {
	of = s.sessions.turned()
	for _, o := range of {
		s.watchChanged(o.ID)
	}
	return of
}

// sweep ends the sessions that the store does not have any more, and tells it when the others
// were used last.
func (s *Service) sweep(ctx context.Context) {
	for _, l := range s.sessions.all() {
		switch {
		case !l.alive(s.d.Now()):
		case s.gone(ctx, l):
			s.ended(l.key)
		default:
			s.touch(ctx, l)
		}
	}
}

// gone is true if another process ended the session or its operator.
func (s *Service) gone(ctx context.Context, l *live) bool {
	token := s.sessions.token(l)
	kept, err := s.d.Store.Session(ctx, token)
	if devices.CodeOf(err) == devices.NotFound {
		return s.sessions.settled(l, token)
	}
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
	if err := s.d.Store.TouchSession(ctx, l.key, seen.Truncate(time.Millisecond)); err != nil {
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
