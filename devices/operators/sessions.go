package operators

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/devices"
)

// Sessions gives the sessions of a person that have not ended, the one that was used last
// first.
func (s *Service) Sessions(ctx context.Context, id ID) ([]Session, error) {
	o, err := s.d.Store.Operator(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	all, err := s.d.Store.SessionsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	now, alive := s.now(), all[:0]
	for _, v := range all {
		v.LastSeen = s.sessions.lastSeen(v)
		if devices.InTime(v.Expires, now, absoluteLife) && now.Sub(v.LastSeen) < s.idleOf(v, o) {
			alive = append(alive, v)
		}
	}
	return alive, nil
}

// EndSession ends one session of a person at once. NotFound.
func (s *Service) EndSession(ctx context.Context, by devices.Actor, id ID, session SessionID) error {
	all, err := s.d.Store.SessionsOf(ctx, id)
	if err != nil {
		return fmt.Errorf("session.end: %w", err)
	}
	for _, v := range all {
		if v.ID() == session {
			return s.delete(ctx, v.Key, s.entry(by, "session.end", id, map[string]any{"why": "ended by hand"}))
		}
	}
	return &devices.Error{Op: "session.end", Code: devices.NotFound, Message: "there is no such session, or it has ended"}
}

// endSessions ends every session of a person but one, if it is given.
func (s *Service) endSessions(ctx context.Context, by devices.Actor, id ID, but *SessionKey, why string) error {
	all, err := s.d.Store.SessionsOf(ctx, id)
	if err != nil {
		return fmt.Errorf("session.end: %w", err)
	}
	var errs []error
	for _, v := range all {
		if but == nil || v.Key != *but {
			errs = append(errs, s.delete(ctx, v.Key, s.entry(by, "session.end", id, map[string]any{"why": why})))
		}
	}
	return errors.Join(errs...)
}

// lastSeen is the last use of a session: memory knows it before the store does.
func (ls *liveSessions) lastSeen(v Session) time.Time {
	if l := ls.get(v.Key); l != nil {
		if at := time.Unix(0, l.lastSeen.Load()).UTC(); at.After(v.LastSeen) {
			return at
		}
	}
	return v.LastSeen
}
