package operators

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
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
	key     SessionKey
	expires time.Time

	ended    atomic.Bool
	over     atomic.Bool // its time was over when lapse looked last
	watches  atomic.Bool // its person may read the feed: see Service.mayWatch
	tests    atomic.Bool // its person may try the broker: see Service.mayTest
	reached  atomic.Pointer[reached]
	lastSeen atomic.Int64 // Unix ns
	idle     atomic.Int64 // ns

	// Guarded by liveSessions.mu.
	session  Session
	operator Operator
	checked  time.Time // when the store was last asked; zero: ask again
	touched  time.Time // last use that the store knows
	renewing bool      // its token is being replaced: see Service.proved
}

// reached is where the rights of a session's person hold; another one takes its place
// when that changes.
type reached struct {
	devices.Reach
	key string
}

// alive answers for an instant, without a lock.
func (l *live) alive(now time.Time) bool {
	return !l.ended.Load() && devices.InTime(l.expires, now, absoluteLife) && now.UnixNano()-l.lastSeen.Load() < l.idle.Load()
}

// mayWatch answers for a live connection of the session, without a lock.
func (l *live) mayWatch(now time.Time) bool { return l.watches.Load() && l.alive(now) }

// mayTest answers for a test client of the session, without a lock.
func (l *live) mayTest(now time.Time) bool { return l.tests.Load() && l.alive(now) }

// liveSessions are the sessions in memory. changes rises with every end of one and
// every change of what it is believed, so that what was read before is never believed
// after it.
type liveSessions struct {
	mayWatch func(Operator) bool
	mayTest  func(Operator) bool
	reach    func(Operator) devices.Reach
	idle     func(Session, Operator) time.Duration

	mu      sync.Mutex
	byKey   map[SessionKey]*live
	byToken map[[32]byte]*live
	former  map[[32]byte]former
	held    map[ID]held
	changes uint64
}

// held is somebody whose rights are limited to hours and who was seen in this run, also if
// they are signed out or only a program of theirs asks; key is of where their rights
// held when that was told last.
type held struct {
	operator Operator
	key      string
}

func newLiveSessions() liveSessions {
	return liveSessions{
		byKey: make(map[SessionKey]*live), byToken: make(map[[32]byte]*live), former: make(map[[32]byte]former), held: make(map[ID]held),
	}
}

func (ls *liveSessions) get(k SessionKey) *live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byKey[k]
}

// recent gives what is believed of the session of a token now.
func (ls *liveSessions) recent(token [32]byte, now time.Time) (l *live, o Operator, s Session, fresh bool, changes uint64) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l = ls.byToken[token]; l != nil {
		age := now.Sub(l.checked)
		fresh = l.renewing || !l.checked.IsZero() && age >= 0 && age < recheckAfter
		return l, l.operator, l.session, fresh, ls.changes
	}
	if f, ok := ls.former[token]; ok && f.counts(now) {
		return f.of, f.of.operator, f.session, true, ls.changes
	}
	return nil, o, s, false, ls.changes
}

// learn keeps what the store said; nil if a session ended or changed meanwhile.
func (ls *liveSessions) learn(s Session, o Operator, now time.Time, changes uint64) *live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.changes != changes {
		return nil
	}
	l := ls.byKey[s.Key]
	if l == nil {
		l = &live{key: s.Key, expires: s.Expires, touched: s.LastSeen}
		l.lastSeen.Store(s.LastSeen.UnixNano())
		ls.byKey[s.Key] = l
	}
	delete(ls.byToken, l.session.Token)
	ls.byToken[s.Token] = l
	l.session, l.checked = s, now
	ls.hold(o)
	ls.believe(l, o)
	return l
}

// believe keeps who a session is of, with what follows for its live connections.
func (ls *liveSessions) believe(l *live, o Operator) {
	l.operator = o
	l.idle.Store(int64(ls.idle(l.session, o)))
	l.watches.Store(ls.mayWatch(o))
	l.tests.Store(ls.mayTest(o))
	ls.arrive(l)
}

// arrive keeps where the rights of a session's person hold now.
func (ls *liveSessions) arrive(l *live) {
	r := ls.reach(l.operator)
	if was, key := l.reached.Load(), r.Key(); was == nil || was.key != key {
		l.reached.Store(&reached{Reach: r, key: key})
	}
}

// hold has turned look at somebody whose rights are limited to hours. What was told of them stays: whoever
// asks between a turn and the next look does not hide it.
func (ls *liveSessions) hold(o Operator) {
	if len(o.Scope.Hours) == 0 {
		delete(ls.held, o.ID)
		return
	}
	h, there := ls.held[o.ID]
	if !there {
		h.key = ls.reach(o).Key()
	}
	h.operator = o
	ls.held[o.ID] = h
}

// notice is hold for somebody of whom a program asks; whoever is known already stays as they are.
func (ls *liveSessions) notice(o Operator) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if _, there := ls.held[o.ID]; !there {
		ls.hold(o)
	}
}

// turned looks again where rights hold that are limited to hours, and gives the
// operators for whom that changed, each once. Sessions come last: none of them is behind what is told.
func (ls *liveSessions) turned() (of []Operator) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for id, h := range ls.held {
		if key := ls.reach(h.operator).Key(); key != h.key {
			ls.held[id] = held{h.operator, key}
			of = append(of, h.operator)
		}
	}
	for _, l := range ls.byKey {
		if len(l.operator.Scope.Hours) > 0 {
			ls.arrive(l)
		}
	}
	return of
}

// changed keeps what was just stored of an operator: it counts at once, also if the
// store does not answer the next question.
func (ls *liveSessions) changed(o Operator) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.changes++
	if !reflect.DeepEqual(ls.held[o.ID].operator.Scope, o.Scope) {
		delete(ls.held, o.ID) // whoever changed it tells of it
	}
	ls.hold(o)
	for _, l := range ls.byKey {
		if l.operator.ID == o.ID {
			l.checked = time.Time{}
			ls.believe(l, o)
		}
	}
}

// judgeAnew decides again how long sessions live without a request and whose live
// connections may stay, and gives the operators for whom the latter changed.
func (ls *liveSessions) judgeAnew() (of []ID) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.byKey {
		l.idle.Store(int64(ls.idle(l.session, l.operator)))
		watches, tests := ls.mayWatch(l.operator), ls.mayTest(l.operator)
		if watched, tested := l.watches.Swap(watches), l.tests.Swap(tests); watched != watches || tested != tests {
			of = append(of, l.operator.ID)
		}
	}
	return of
}

func (ls *liveSessions) end(k SessionKey) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.changes++
	l := ls.byKey[k]
	if l == nil {
		return
	}
	l.ended.Store(true)
	delete(ls.byKey, k)
	delete(ls.byToken, l.session.Token)
	for token, f := range ls.former {
		if f.of == l {
			delete(ls.former, token)
		}
	}
}

func (ls *liveSessions) all() []*live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	all := make([]*live, 0, len(ls.byKey))
	for _, l := range ls.byKey {
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
		l, o, kept, fresh, changes := s.sessions.recent(h, now)
		if !fresh {
			var err error
			l, o, kept, err = s.recheck(ctx, h, l, now, changes)
			if err != nil {
				return Operator{}, Session{}, err
			}
			if l == nil {
				continue // a session ended or changed meanwhile: look again
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
func (s *Service) recheck(ctx context.Context, h [32]byte, l *live, now time.Time, changes uint64) (*live, Operator, Session, error) {
	none := func(err error) (*live, Operator, Session, error) { return nil, Operator{}, Session{}, err }
	kept, err := s.d.Store.Session(ctx, h)
	if devices.CodeOf(err) == devices.NotFound && l != nil && !s.sessions.settled(l, h) {
		return none(nil)
	}
	var o Operator
	if err == nil {
		o, err = s.d.Store.Operator(ctx, kept.Operator)
	}
	switch {
	case devices.CodeOf(err) == devices.NotFound, err == nil && o.Disabled:
		if l != nil {
			s.ended(l.key)
		}
		return none(unauthenticated())
	case err != nil && l != nil && ctx.Err() == nil:
		s.d.Log.Warn("session could not be read again; what is in memory counts", "err", err)
		if o, kept = s.sessions.of(l); o.Disabled { // that was stored, the end of the session was not
			return none(unauthenticated())
		}
		return l, o, kept, nil
	case err != nil:
		return none(fmt.Errorf("session: %w", err))
	}
	return s.sessions.learn(kept, o, now, changes), o, kept, nil
}

func (ls *liveSessions) of(l *live) (Operator, Session) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return l.operator, l.session
}
