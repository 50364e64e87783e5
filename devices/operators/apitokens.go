package operators

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
)

// APITokenID names an API token without letting anybody in.
type APITokenID string

// APIToken lets a program use the API, for whoever made it, with some of their rights.
// It is known to the program only; the store has its SHA-256.
type APIToken struct {
	ID      APITokenID
	Name    string // for people
	Maker   ID
	Verbs   []devices.Verb
	Sites   []devices.SiteID // that it is limited to; none: wherever its maker may
	Hash    [32]byte
	Created time.Time
	Ends    time.Time
	// LastUsed and LastAddress are stored once a minute at most.
	LastUsed    time.Time
	LastAddress string
}

// Actor is the token as the domain wants to know it; maker is who made it.
func (t APIToken) Actor(maker Operator, address string) devices.Actor {
	return devices.Actor{Kind: devices.ActorToken, ID: string(t.ID), Name: t.Name + " (" + maker.Name + ")", Address: address}
}

// Grant is what the token and its maker both may do, where and when both may.
func (t APIToken) Grant(maker Grant) Grant {
	part := t.part()
	verbs := GrantFor(t.Verbs, part).Verbs
	both := slices.DeleteFunc(slices.Clone(verbs), func(v devices.Verb) bool { return !maker.May(v) })
	return Grant{Verbs: both, Scope: maker.Scope, Part: part}
}

// part is what of the property it is limited to.
func (t APIToken) part() devices.Scope { return PartOf(t.Sites) }

// PartOf is the whole of some sites; of none: the whole property.
func PartOf(sites []devices.SiteID) (s devices.Scope) {
	for _, id := range sites {
		s.Places = append(s.Places, devices.Place{Site: id})
	}
	return s
}

// APITokenStore keeps API tokens.
type APITokenStore interface {
	APITokens(ctx context.Context) ([]APIToken, error) // by time of creation
	AddAPIToken(ctx context.Context, t APIToken, a devices.AuditEntry) error
	TouchAPIToken(ctx context.Context, id APITokenID, at time.Time, address string) error
	DeleteAPIToken(ctx context.Context, id APITokenID, a devices.AuditEntry) error // NotFound
}

// APITokens issues, checks and revokes the tokens of programs. Memory has all of them: a
// check reads nothing but the account of the maker, which is believed for a second. It is safe for
// concurrent use.
type APITokens struct {
	s     *Service
	store APITokenStore
	log   *slog.Logger
	edit  sync.Mutex // one issue or revocation at a time, with its store write

	mu     sync.Mutex
	byHash map[[32]byte]*APIToken
	used   map[APITokenID]bool // since the store was told
	makers map[ID]maker
	reads  uint64 // rises with every change of an account: what was read before is not kept

	revoked hooks[func(ctx context.Context, by devices.Actor, t APIToken)]
}

// maker is what is believed of somebody who made tokens.
type maker struct {
	operator Operator
	checked  time.Time
}

// NewAPITokens makes APITokens for the people of a Service. Load it before the first request.
func NewAPITokens(s *Service, store APITokenStore, log *slog.Logger) *APITokens {
	t := &APITokens{
		s: s, store: store, log: log,
		byHash: make(map[[32]byte]*APIToken), used: make(map[APITokenID]bool), makers: make(map[ID]maker),
	}
	s.OnWatchChange(t.forgetMaker)
	return t
}

// Load reads every token.
func (t *APITokens) Load(ctx context.Context) error {
	all, err := t.store.APITokens(ctx)
	if err != nil {
		return fmt.Errorf("api tokens: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range all {
		t.byHash[x.Hash] = &x
	}
	return nil
}

// OnRevoke calls f with each token that was revoked, after it lets nobody in any more. Register
// before the first request.
func (t *APITokens) OnRevoke(f func(ctx context.Context, by devices.Actor, t APIToken)) {
	t.revoked.add(f)
}

// List gives every token that was not revoked, also those that have ended, without their hashes, the newest first.
func (t *APITokens) List() []APIToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]APIToken, 0, len(t.byHash))
	for _, x := range t.byHash {
		shown := *x
		shown.Hash, shown.Verbs, shown.Sites = [32]byte{}, slices.Clone(x.Verbs), slices.Clone(x.Sites)
		all = append(all, shown)
	}
	slices.SortFunc(all, func(a, b APIToken) int { return b.Created.Compare(a.Created) })
	return all
}

// Of gives the tokens that somebody made.
func (t *APITokens) Of(id ID) []APIToken {
	return slices.DeleteFunc(t.List(), func(x APIToken) bool { return x.Maker != id })
}

// Revoke ends a token at once. NotFound.
func (t *APITokens) Revoke(ctx context.Context, by devices.Actor, id APITokenID) error {
	const op = "token.revoke"
	t.edit.Lock()
	defer t.edit.Unlock()
	all := t.List()
	i := slices.IndexFunc(all, func(x APIToken) bool { return x.ID == id })
	if i < 0 {
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no such token, or it was revoked"}
	}
	err := t.store.DeleteAPIToken(ctx, id, t.entry(by, op, all[i]))
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return fmt.Errorf("%s: %w", op, err)
	}
	t.mu.Lock()
	for h, x := range t.byHash {
		if x.ID == id {
			delete(t.byHash, h)
		}
	}
	delete(t.used, id)
	t.mu.Unlock()
	for _, f := range t.revoked.list() {
		f(ctx, by, all[i])
	}
	return nil
}

func (t *APITokens) entry(by devices.Actor, verb string, x APIToken) devices.AuditEntry {
	return devices.Audited(t.s.now(), by, verb, "", "token:"+string(x.ID), map[string]any{
		"name": x.Name, "maker": x.Maker, "verbs": x.Verbs, "sites": x.Sites, "ends": x.Ends,
	})
}

// Run stores when tokens were last used, once a minute, until ctx ends; it gives nil then.
func (t *APITokens) Run(ctx context.Context) error {
	ticker := time.NewTicker(touchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			t.touch(ctx)
		}
	}
}

// touch tells the store what it does not know; what fails is tried again a minute later.
func (t *APITokens) touch(ctx context.Context) {
	for _, x := range t.List() {
		t.mu.Lock()
		due := t.used[x.ID]
		delete(t.used, x.ID)
		t.mu.Unlock()
		if !due {
			continue
		}
		err := t.store.TouchAPIToken(ctx, x.ID, x.LastUsed, x.LastAddress)
		if err == nil || devices.CodeOf(err) == devices.NotFound {
			continue
		}
		t.mu.Lock()
		t.used[x.ID] = true
		t.mu.Unlock()
		if ctx.Err() == nil {
			t.log.Warn("last use of an API token could not be stored; trying again", "token", x.ID, "err", err)
		}
	}
}
