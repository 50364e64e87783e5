package operators

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// BoothID names a booth without letting anybody in.
type BoothID string

// Booth is a browser that several guards share: each signs in there with a PIN, for as long as they use
// it. Its token is known to that browser only; the store has its SHA-256.
type Booth struct {
	ID      BoothID
	Name    string
	Token   [32]byte
	Lock    time.Duration // how long a guard stays signed in without using it
	Created time.Time
	Ends    time.Time
}

// BoothStore keeps booths.
type BoothStore interface {
	Booths(ctx context.Context) ([]Booth, error) // by name
	AddBooth(ctx context.Context, b Booth, a devices.AuditEntry) error
	// DeleteBooth takes a booth away with its sessions, and gives those. NotFound.
	DeleteBooth(ctx context.Context, id BoothID, a devices.AuditEntry) ([]SessionKey, error)
}

// The bounds of a booth.
const (
	shortestLock = time.Minute
	longestLock  = 2 * time.Hour
	boothLife    = 366 * 24 * time.Hour
	mostBooths   = 200
	maxBoothName = 60
)

// Booths are the browsers that guards share. Memory has all of them. It is safe for
// concurrent use.
type Booths struct {
	s     *Service
	store BoothStore
	edit  sync.Mutex // one change at a time, with its store write

	mu      sync.Mutex
	byToken map[[32]byte]Booth
}

// NewBooths makes Booths for the people of a Service. Load it before the first request.
func NewBooths(s *Service, store BoothStore) *Booths {
	return &Booths{s: s, store: store, byToken: make(map[[32]byte]Booth)}
}

// Load reads every booth.
func (b *Booths) Load(ctx context.Context) error {
	all, err := b.store.Booths(ctx)
	if err != nil {
		return fmt.Errorf("booths: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range all {
		b.byToken[x.Token] = x
	}
	return nil
}

// List gives every booth that has not ended, without its token, by name.
func (b *Booths) List() []Booth {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Booth, 0, len(b.byToken))
	for _, x := range b.byToken {
		x.Token = [32]byte{}
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b Booth) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Make makes a booth of a browser: token is for its cookie, and lets nobody in by itself. Invalid (Field name, lockMinutes),
// Conflict (Field name: there is one of that name; or there are too many).
func (b *Booths) Make(ctx context.Context, by devices.Actor, name string, lock time.Duration) (x Booth, token string, err error) {
	const op = "booth.make"
	name = strings.TrimSpace(name)
	if err := checkLine("name", name, maxBoothName); err != nil {
		return Booth{}, "", err
	}
	if lock < shortestLock || lock > longestLock {
		return Booth{}, "", invalid("lockMinutes", fmt.Sprintf("must be %.0f to %.0f minutes", shortestLock.Minutes(), longestLock.Minutes()))
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Booth{}, "", &devices.Error{Op: op, Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	token = newToken()
	now := b.s.now()
	x = Booth{ID: BoothID(id.String()), Name: name, Token: hashToken(token), Lock: lock, Created: now, Ends: now.Add(boothLife)}
	b.edit.Lock()
	defer b.edit.Unlock()
	if err := b.room(name); err != nil {
		return Booth{}, "", err
	}
	if err := b.store.AddBooth(ctx, x, b.entry(by, op, x)); err != nil {
		return Booth{}, "", fmt.Errorf("%s: %w", op, err)
	}
	b.mu.Lock()
	b.byToken[x.Token] = x
	b.mu.Unlock()
	x.Token = [32]byte{}
	return x, token, nil
}

// room is nil if there may be another booth of that name.
func (b *Booths) room(name string) error {
	all := b.List()
	if slices.ContainsFunc(all, func(x Booth) bool { return strings.EqualFold(x.Name, name) }) {
		return &devices.Error{Op: "booth.make", Code: devices.Conflict, Field: "name", Message: "there is a booth of this name: end it first, or choose another name"}
	}
	if len(all) >= mostBooths {
		return &devices.Error{Op: "booth.make", Code: devices.Conflict, Message: fmt.Sprintf("there are %d booths already", mostBooths)}
	}
	return nil
}

// End makes a booth an ordinary browser again, and signs out who is signed in there. NotFound.
func (b *Booths) End(ctx context.Context, by devices.Actor, id BoothID) error {
	const op = "booth.end"
	b.edit.Lock()
	defer b.edit.Unlock()
	all := b.List()
	i := slices.IndexFunc(all, func(x Booth) bool { return x.ID == id })
	if i < 0 {
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no such booth, or it was ended"}
	}
	keys, err := b.store.DeleteBooth(ctx, id, b.entry(by, op, all[i]))
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return fmt.Errorf("%s: %w", op, err)
	}
	b.mu.Lock()
	for h, x := range b.byToken {
		if x.ID == id {
			delete(b.byToken, h)
		}
	}
	b.mu.Unlock()
	for _, k := range keys {
		b.s.ended(k)
	}
	return nil
}

// Of gives the booth of a browser's token.
func (b *Booths) Of(token string) (Booth, bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(sessionTokenSize) {
		return Booth{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x, ok := b.byToken[hashToken(token)]
	x.Token = [32]byte{}
	return x, ok && devices.InTime(x.Ends, b.s.d.Now(), boothLife)
}

func (b *Booths) entry(by devices.Actor, verb string, x Booth) devices.AuditEntry {
	return devices.Audited(b.s.now(), by, verb, "", "booth:"+string(x.ID), map[string]any{"name": x.Name, "lockMinutes": x.Lock.Minutes()})
}

// Guards are those who can sign in at a booth: they have a PIN, and their account is finished.
func (b *Booths) Guards(ctx context.Context) ([]Operator, error) {
	all, err := b.s.d.Store.AllOperators(ctx)
	if err != nil {
		return nil, fmt.Errorf("booth: %w", err)
	}
	return slices.DeleteFunc(all, func(o Operator) bool { return !b.s.mayEnter(o) }), nil
}

// BoothVerbs are the rights that somebody who signed in at a booth has at most.
func BoothVerbs() []devices.Verb { return Verbs(Guard) }
