package bans

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// most is how many bans may be in force.
const most = 1000

// kept is how long a ban that is over is told of.
const kept = 30 * 24 * time.Hour

// Deps are the parts of a Service. Now and Log may be left out.
type Deps struct {
	Store Store
	// Consoles is the user name of consoles; their client identifiers begin with it.
	Consoles string
	Now      func() time.Time
	Log      *slog.Logger
}

// Service has the bans of the broker. It is safe for concurrent use. Load it before the first
// client.
type Service struct {
	d     Deps
	edit  sync.Mutex // one change at a time, with its store write
	rules atomic.Pointer[rules]

	mu     sync.Mutex
	all    map[ID]*entry
	banned func(Ban)
}

// New makes a Service without bans.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{d: d, all: map[ID]*entry{}}
	s.rules.Store(rulesOf(nil, d.Now()))
	return s
}

// Load reads every ban.
func (s *Service) Load(ctx context.Context) error {
	all, err := s.d.Store.Bans(ctx)
	if err != nil {
		return fmt.Errorf("bans: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range all {
		s.all[b.ID] = entryOf(b)
	}
	s.compile()
	return nil
}

// OnBan calls f with each new ban, after it keeps out whoever comes. Register before the first
// request.
func (s *Service) OnBan(f func(Ban)) { s.banned = f }

// compile needs mu.
func (s *Service) compile() {
	list := make([]*entry, 0, len(s.all))
	for _, e := range s.all {
		list = append(list, e)
	}
	s.rules.Store(rulesOf(list, s.d.Now()))
}

// put makes a ban part of what is asked.
func (s *Service) put(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[e.ban.ID] = e
	s.compile()
}

// List gives those in force, the newest first, and then those that are over for at most 30 days,
// the last to end first.
func (s *Service) List() []Ban {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.d.Now()
	list := make([]Ban, 0, len(s.all))
	for _, e := range s.all {
		if over := e.ban.Over(now); over.IsZero() || now.Sub(over) < kept {
			list = append(list, e.now())
		}
	}
	slices.SortFunc(list, func(a, b Ban) int {
		x, y := a.Over(now), b.Over(now)
		if x.IsZero() != y.IsZero() {
			if x.IsZero() {
				return -1
			}
			return 1
		}
		return cmp.Or(y.Compare(x), b.Since.Compare(a.Since), cmp.Compare(b.ID, a.ID))
	})
	return list
}

// Add bans somebody. Invalid with Field kind, value, reason or until; Conflict if the same is
// banned already, or as many bans are in force as there may be.
func (s *Service) Add(ctx context.Context, by devices.Actor, d Draft) (Ban, error) {
	const op = "broker.ban"
	now := s.d.Now().UTC().Truncate(time.Millisecond)
	d, err := d.checked(op, by.Address, s.d.Consoles, now)
	if err != nil {
		return Ban{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Ban{}, fmt.Errorf("%s: %w", op, err)
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	if err := s.room(op, d, now); err != nil {
		return Ban{}, err
	}
	b := Ban{ID: ID(id.String()), Kind: d.Kind, Value: d.Value, Reason: d.Reason, By: who(by), Since: now, Until: d.Until}
	if err := s.d.Store.AddBan(ctx, b, devices.Audited(now, by, op, "", b.object(), b.detail(b.Reason))); err != nil {
		return Ban{}, fmt.Errorf("%s: %w", op, err)
	}
	s.put(entryOf(b))
	if s.banned != nil {
		s.banned(b)
	}
	return b, nil
}

func (s *Service) room(op string, d Draft, now time.Time) error {
	n := 0
	for _, b := range s.List() {
		if !b.Over(now).IsZero() {
			break
		}
		if n++; b.Kind == d.Kind && b.Value == d.Value {
			return &devices.Error{Op: op, Code: devices.Conflict, Field: "value", Message: b.Value + " is banned already: lift that ban first"}
		}
	}
	if n >= most {
		return &devices.Error{Op: op, Code: devices.Conflict, Message: fmt.Sprintf("%d bans are in force, and there may be no more: lift one first, or ban a prefix of addresses", n)}
	}
	return nil
}

// Lift ends a ban. NotFound; Conflict if it is over; Invalid with Field reason.
func (s *Service) Lift(ctx context.Context, by devices.Actor, id ID, reason string) (Ban, error) {
	const op = "broker.unban"
	reason, err := checkReason(op, reason)
	if err != nil {
		return Ban{}, err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	s.mu.Lock()
	e := s.all[id]
	s.mu.Unlock()
	if e == nil {
		return Ban{}, &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no such ban, or it is long over"}
	}
	now := s.d.Now().UTC().Truncate(time.Millisecond)
	b := e.ban
	if !b.Over(now).IsZero() {
		return Ban{}, &devices.Error{Op: op, Code: devices.Conflict, Message: "the ban is over already"}
	}
	b.Lifted, b.LiftedBy, b.LiftReason = now, who(by), reason
	if err := s.d.Store.LiftBan(ctx, b, devices.Audited(now, by, op, "", b.object(), b.detail(reason))); err != nil {
		return Ban{}, fmt.Errorf("%s: %w", op, err)
	}
	next := e.with(b)
	s.put(next)
	return next.now(), nil
}

// Refuses says whether somebody who comes is banned, and counts that. It takes no time.
func (s *Service) Refuses(c Client) (refused bool) {
	now := s.d.Now()
	s.rules.Load().each(c, now, func(e *entry) bool {
		e.refused.Add(1)
		e.last.Store(now.UnixMicro())
		refused = true
		return true
	})
	return refused
}

// Guard gives a function that is false once a client that was let in is banned. It is quick,
// waits for nobody, and is safe for concurrent use.
func (s *Service) Guard(c Client) func() bool {
	var fine atomic.Pointer[rules] // those that let it be: they never refuse it later
	return func() bool {
		r := s.rules.Load()
		if fine.Load() == r {
			return true
		}
		if r.refuse(c, s.d.Now()) {
			return false
		}
		fine.Store(r)
		return true
	}
}

// Of gives the bans in force that are about a client, the newest first.
func (s *Service) Of(c Client) (list []Ban) {
	s.rules.Load().each(c, s.d.Now(), func(e *entry) bool {
		list = append(list, e.now())
		return true
	})
	slices.SortFunc(list, func(a, b Ban) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(b.ID, a.ID)) })
	return list
}

// object names who is banned, as the trail knows them.
func (b Ban) object() string { return string(b.Kind) + ":" + b.Value }

func (b Ban) detail(reason string) map[string]any {
	d := map[string]any{"ban": b.ID, "kind": b.Kind, "value": b.Value, "reason": reason}
	if !b.Until.IsZero() {
		d["until"] = b.Until
	}
	return d
}

func who(a devices.Actor) arbiter.Who {
	return arbiter.Who{Kind: string(a.Kind), ID: a.ID, Name: a.Name}
}
