package operators

import (
	"context"
	"encoding/base64"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/devices"
)

// recheckAfter is how long a session is believed without asking the store: what
// this process ends, ends at once; what another one ends, within this time.
const recheckAfter = time.Second

// live is a session that was used in this run. One session has one live as long as
// it lasts, so that whoever holds it sees its end.
type live struct {
	hash    TokenHash
	expires time.Time

	ended    atomic.Bool
	lastSeen atomic.Int64 // Unix ns
	idle     atomic.Int64 // ns

	// Guarded by liveSessions.mu.
	session  Session
	operator Operator
	checked  time.Time // when the store was last asked; zero: ask again
	touched  time.Time // last use that the store knows
}

// alive answers for an instant, without a lock.
func (l *live) alive(now time.Time) bool {
	return !l.ended.Load() && now.Before(l.expires) && now.UnixNano()-l.lastSeen.Load() < l.idle.Load()
}

// liveSessions are the sessions in memory. ends rises with every end, so that what
// was read before one is never believed after it.
type liveSessions struct {
	mu    sync.Mutex
	known map[TokenHash]*live
	ends  uint64
}

func (ls *liveSessions) get(h TokenHash) *live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.known[h]
}

// recent gives what is believed of a session now.
func (ls *liveSessions) recent(h TokenHash, now time.Time) (l *live, o Operator, s Session, fresh bool, ends uint64) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l = ls.known[h]
	if l == nil {
		return nil, o, s, false, ls.ends
	}
	age := now.Sub(l.checked)
	return l, l.operator, l.session, !l.checked.IsZero() && age >= 0 && age < recheckAfter, ls.ends
}

// learn keeps what the store said; nil if a session ended meanwhile.
func (ls *liveSessions) learn(s Session, o Operator, now time.Time, ends uint64) *live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.ends != ends {
		return nil
	}
	l := ls.known[s.TokenHash]
	if l == nil {
		l = &live{hash: s.TokenHash, expires: s.Expires, touched: s.LastSeen}
		l.lastSeen.Store(s.LastSeen.UnixNano())
		ls.known[s.TokenHash] = l
	}
	l.idle.Store(int64(idleLife(o.Role)))
	l.session, l.operator, l.checked = s, o, now
	return l
}

// refresh makes the next question about an operator's sessions go to the store.
func (ls *liveSessions) refresh(id ID) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.known {
		if l.operator.ID == id {
			l.checked = time.Time{}
		}
	}
}

func (ls *liveSessions) end(h TokenHash) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.ends++
	if l := ls.known[h]; l != nil {
		l.ended.Store(true)
		delete(ls.known, h)
	}
}

func (ls *liveSessions) all() []*live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	all := make([]*live, 0, len(ls.known))
	for _, l := range ls.known {
		all = append(all, l)
	}
	return all
}

// Authenticate gives who holds a session token, and counts as a use of the
// session; otherwise Unauthenticated. It never writes.
func (s *Service) Authenticate(ctx context.Context, session string) (Operator, Session, error) {
	if len(session) != base64.RawURLEncoding.EncodedLen(sessionTokenSize) {
		return Operator{}, Session{}, unauthenticated()
	}
	h := hashToken(session)
	for {
		now := s.d.Now()
		l, o, kept, fresh, ends := s.sessions.recent(h, now)
		if !fresh {
			var err error
			l, o, kept, err = s.recheck(ctx, h, l, now, ends)
			if err != nil {
				return Operator{}, Session{}, err
			}
			if l == nil {
				continue // a session ended meanwhile: look again
			}
		}
		if !l.alive(now) {
			s.expire(ctx, l)
			return Operator{}, Session{}, unauthenticated()
		}
		l.lastSeen.Store(now.UnixNano())
		kept.LastSeen = now.UTC()
		return o, kept, nil
	}
}

// recheck asks the store about a session. If the store cannot answer, what is in
// memory counts: a door must open also while the database is away.
func (s *Service) recheck(ctx context.Context, h TokenHash, l *live, now time.Time, ends uint64) (*live, Operator, Session, error) {
	none := func(err error) (*live, Operator, Session, error) { return nil, Operator{}, Session{}, err }
	kept, err := s.d.Store.Session(ctx, h)
	var o Operator
	if err == nil {
		o, err = s.d.Store.Operator(ctx, kept.Operator)
	}
	switch {
	case codeOf(err) == devices.NotFound, err == nil && o.Disabled:
		s.finish(h, l)
		return none(unauthenticated())
	case err != nil && l != nil && ctx.Err() == nil:
		s.d.Log.Warn("session could not be read again; what is in memory counts", "err", err)
		o, kept = s.sessions.of(l)
		return l, o, kept, nil
	case err != nil:
		return none(fmt.Errorf("session: %w", err))
	}
	return s.sessions.learn(kept, o, now, ends), o, kept, nil
}

func (ls *liveSessions) of(l *live) (Operator, Session) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return l.operator, l.session
}
