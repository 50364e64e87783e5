package credentials

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/seal"
)

// Deps are the parts of a Service. Log and Now may be left out.
type Deps struct {
	Store   Store
	DataKey []byte // 32 bytes, see seal.LoadKey
	// Sites lists the sites that an integrator may be given; devices.Store has it.
	Sites func(ctx context.Context) ([]devices.Site, error)
	Feeds []string // the kinds of feeds that an integrator may be limited to; feed.Kinds
	Now   func() time.Time
	Log   *slog.Logger
}

// Service issues and checks credentials. It is safe for concurrent use.
type Service struct {
	d    Deps
	seal *seal.Seal
	edit sync.Mutex // one issue or revocation at a time, with its store write
	memo memo
	used usage

	hooksMu sync.Mutex
	hooks   []func(username string)
}

// New makes a Service; Run writes when credentials were last used.
func New(d Deps) (*Service, error) {
	hidden, err := newSeal(d.DataKey)
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{d: d, seal: hidden}
	s.memo.known = make(map[string]*holding)
	s.memo.ending = make(map[string]*ending)
	s.memo.unknown = make(map[string]struct{})
	s.used.pending = make(map[string]Use)
	s.used.stored = make(map[string]time.Time)
	return s, nil
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// OnChange calls f with each user name whose credential was replaced or taken
// away, or whose time is over (within 250 ms, by Run), after Valid turned false and before the call that did it returns.
// Register before the first CONNECT.
func (s *Service) OnChange(f func(username string)) {
	s.hooksMu.Lock()
	defer s.hooksMu.Unlock()
	s.hooks = append(s.hooks, f)
}

func (s *Service) changed(username string) {
	s.hooksMu.Lock()
	hooks := s.hooks[:len(s.hooks):len(s.hooks)]
	s.hooksMu.Unlock()
	for _, f := range hooks {
		f(username)
	}
}

// List gives the credentials of one kind of holder, without their secrets.
func (s *Service) List(ctx context.Context, h Holder) ([]Credential, error) {
	all, err := s.d.Store.Credentials(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("credential.list: %w", err)
	}
	for i := range all {
		all[i] = s.shown(all[i])
	}
	return all, nil
}

// Get gives one credential without its secrets; NotFound.
func (s *Service) Get(ctx context.Context, username string) (Credential, error) {
	c, err := s.d.Store.Credential(ctx, username)
	if err != nil {
		return Credential{}, fmt.Errorf("credential.get: %w", err)
	}
	return s.shown(c), nil
}

func (s *Service) shown(c Credential) Credential {
	c.Password = c.SecretHash != [32]byte{}
	c.SecretHash, c.CommandKey = [32]byte{}, nil
	use := s.used.last(c.Username, Use{At: c.LastUsed, Shown: c.Shown})
	c.LastUsed, c.Shown = use.At, use.Shown
	return c
}
