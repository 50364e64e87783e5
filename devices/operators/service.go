package operators

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/devices"
)

// Deps are the parts of a Service. SetupTokens, Refusals, Property, Log and Now may be left out.
type Deps struct {
	Store Store
	Seal  Seal // hides second factors
	// SetupTokens has the token that creates the first administrator; nil: nobody can.
	SetupTokens SetupTokens
	// Refusals writes down who was not let in; nil: nobody does.
	Refusals Refusals
	// Property is what scopes are limited to. Without it whoever is limited reaches nothing.
	Property Property
	Log      *slog.Logger
	Now      func() time.Time
}

// Seal hides secrets under the data key; seal.Seal is one.
type Seal interface {
	Hide(owner string, secret []byte) []byte
	Show(owner string, hidden []byte) ([]byte, error)
}

// Client is where a request came from.
type Client struct{ Address, UserAgent string }

// Account is what the first administrator chooses.
type Account struct{ Name, Password, Language string }

// SessionKey names a session as long as it lasts, whatever its token, without letting anybody in.
type SessionKey = [32]byte

// Service keeps accounts and sessions. It is safe for concurrent use.
type Service struct {
	d        Deps
	hasher   *hasher
	setup    setupGuard
	accounts *throttle // by login name
	sources  *throttle // by network address
	proofs   *throttle // by id, of those who are signed in
	homes    homes
	sessions liveSessions

	exists atomic.Bool // an administrator exists: that never changes back
	asking sync.Mutex  // guards asked: when the store last said that none does
	asked  time.Time

	policy factorPolicy
	roles  roleBook
	rights sync.Mutex // one change of who may do what at a time, so that none is judged by what is past

	factorsMu sync.Mutex
	factors   map[ID]pendingFactor

	sessionEnd  hooks[func(SessionKey)]
	watchChange hooks[func(ID)]
	lost        hooks[func(ctx context.Context, by devices.Actor, o Operator, left devices.Reach)]
}

// hooks are functions that others have called.
type hooks[F any] struct {
	mu  sync.Mutex
	all []F
}

func (h *hooks[F]) add(f F) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, f)
}

func (h *hooks[F]) list() []F {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[:len(h.all):len(h.all)]
}

// New makes a Service; Run sweeps it.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.SetupTokens == nil {
		d.SetupTokens = noSetupTokens{}
	}
	s := &Service{
		d: d, hasher: newHasher(), factors: make(map[ID]pendingFactor),
		accounts: newThrottle(accountFree, accountLongest),
		sources:  newThrottle(sourceFree, sourceLongest),
		proofs:   newThrottle(accountFree, accountLongest),
		sessions: newLiveSessions(), homes: homes{of: make(map[string][]string)},
	}
	s.policy.set(defaultFactorRoles())
	s.sessions.mayTest = s.mayTest
	s.sessions.mayWatch, s.sessions.idle, s.sessions.reach = s.mayWatch, s.idleOf, func(o Operator) devices.Reach { return s.Reach(s.GrantOf(o)) }
	return s
}

// now is the clock, in the milliseconds that stores keep.
func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// Needed is true until there is an administrator, and while that cannot be known.
// Cheap: once one exists it is one atomic load; before, the store is asked at
// most once a second.
func (s *Service) Needed(ctx context.Context) bool {
	if s.exists.Load() {
		return false
	}
	s.asking.Lock()
	defer s.asking.Unlock()
	now := s.d.Now()
	if age := now.Sub(s.asked); s.exists.Load() || !s.asked.IsZero() && age >= 0 && age < time.Second {
		return !s.exists.Load()
	}
	n, err := s.d.Store.Operators(ctx)
	if err != nil {
		s.d.Log.Error("cannot tell whether an administrator exists; nobody is let in", "err", err)
		return true
	}
	if n > 0 {
		s.exists.Store(true)
		return false
	}
	s.asked = now
	return true
}

// SetLanguage stores a person's language: zh-CN, en, or empty for the browser's.
func (s *Service) SetLanguage(ctx context.Context, by devices.Actor, id ID, language string) (Operator, error) {
	if err := checkLanguage(language); err != nil {
		return Operator{}, err
	}
	o, err := s.d.Store.EditOperator(ctx, id, func(o *Operator) *devices.AuditEntry {
		entry := s.entry(by, "operator.language", id, map[string]any{"before": o.Language, "after": language})
		o.Language = language
		return &entry
	})
	if err != nil {
		return Operator{}, fmt.Errorf("operator.language: %w", err)
	}
	s.sessions.changed(o)
	return o, nil
}

// SetTheme stores how a person likes the console to look: auto, light, dark, or empty.
// It is no concern of the audit trail.
func (s *Service) SetTheme(ctx context.Context, id ID, theme string) (Operator, error) {
	if err := checkTheme(theme); err != nil {
		return Operator{}, err
	}
	o, err := s.d.Store.EditOperator(ctx, id, func(o *Operator) *devices.AuditEntry {
		o.Theme = theme
		return nil
	})
	if err != nil {
		return Operator{}, fmt.Errorf("operator.theme: %w", err)
	}
	s.sessions.changed(o)
	return o, nil
}

// OnSessionEnd calls f with each session that ends, after every question about it
// is answered with no. Register before the first request.
func (s *Service) OnSessionEnd(f func(SessionKey)) { s.sessionEnd.add(f) }

// ended ends a session everywhere but in the store.
func (s *Service) ended(h SessionKey) {
	s.sessions.end(h)
	for _, f := range s.sessionEnd.list() {
		f(h)
	}
}

// OnWatchChange calls f with each account that was changed, or for which another
// decision changed whether its live connections may stay, after Claim.Valid says so.
// Register before the first request.
func (s *Service) OnWatchChange(f func(ID)) { s.watchChange.add(f) }

func (s *Service) watchChanged(id ID) {
	for _, f := range s.watchChange.list() {
		f(id)
	}
}

// mayWatch is whether a person's browsers may have live connections: what an account
// may not ask for before it is finished is not sent to it either.
func (s *Service) mayWatch(o Operator) bool {
	return s.finished(o) && s.GrantOf(o).May(devices.SeeDevices)
}

// mayTest is whether a person's browsers may try the broker with a client of their own.
func (s *Service) mayTest(o Operator) bool {
	return s.finished(o) && s.GrantOf(o).May(devices.ManageBroker)
}

// finished is whether nothing is left to do before an account may be used.
func (s *Service) finished(o Operator) bool { return !o.Disabled && !o.MustChange && !s.NeedsFactor(o) }

// OnCommandLost calls f with each account that was changed, or whose hours ended, and
// where it may still order devices about, before whoever changed it is answered.
// Register before the first request.
func (s *Service) OnCommandLost(f func(ctx context.Context, by devices.Actor, o Operator, left devices.Reach)) {
	s.lost.add(f)
}

// commandLost calls them, unless everything is left.
func (s *Service) commandLost(ctx context.Context, by devices.Actor, o Operator) {
	var left devices.Reach
	if g := s.GrantOf(o); !o.Disabled && g.May(devices.CommandDevices) {
		left = s.Reach(g)
	}
	if left.Everything() {
		return
	}
	for _, f := range s.lost.list() {
		f(ctx, by, o, left)
	}
}

func (s *Service) actor(o Operator, address string) devices.Actor {
	return devices.Actor{Kind: devices.ActorOperator, ID: string(o.ID), Name: o.Name, Address: address}
}

// actorIn is the person of a session.
func (s *Service) actorIn(o Operator, now Session) devices.Actor {
	a := s.actor(o, now.Address)
	a.Session, a.Booth = string(now.ID()), string(now.Booth)
	return a
}

// ByName gives an account by its login name; NotFound if there is none, or it is
// disabled.
func (s *Service) ByName(ctx context.Context, name string) (Operator, error) {
	o, err := s.d.Store.OperatorByName(ctx, name)
	if err == nil && o.Disabled {
		err = &devices.Error{Op: "operator.by_name", Code: devices.NotFound, Message: "the account " + name + " is disabled"}
	}
	return o, err
}
