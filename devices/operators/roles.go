package operators

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// OwnRole is a role that an administrator made of verbs.
type OwnRole struct {
	ID      Role
	Name    string // unique without regard to case
	Verbs   []devices.Verb
	Created time.Time
}

// The most of own roles, and the longest name of one, in characters.
const (
	mostRoles   = 100
	maxRoleName = 40
)

// ownRolePrefix begins the ID of every own role.
const ownRolePrefix = "own-"

// roleBook is the own roles, as the store has them.
type roleBook struct {
	mu  sync.RWMutex
	own map[Role]OwnRole
}

func (b *roleBook) get(r Role) (OwnRole, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	own, there := b.own[r]
	return own, there
}

func (b *roleBook) all() []OwnRole {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.SortedFunc(maps.Values(b.own), func(x, y OwnRole) int { return strings.Compare(x.Name, y.Name) })
}

func (b *roleBook) change(f func(own map[Role]OwnRole)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own == nil {
		b.own = map[Role]OwnRole{}
	}
	f(b.own)
}

// verbsOf gives the rights of a role; none for one that does not exist.
func (s *Service) verbsOf(r Role) []devices.Verb {
	if own, there := s.roles.get(r); there {
		return own.Verbs
	}
	return Verbs(r)
}

func (s *Service) checkRole(r Role) error {
	if _, own := s.roles.get(r); !own && !slices.Contains(Roles(), r) {
		return invalid("role", fmt.Sprintf("must be one of %v, or an own role", Roles()))
	}
	return nil
}

// OwnRoles gives the roles that administrators made, by name.
func (s *Service) OwnRoles() []OwnRole { return s.roles.all() }

// CreateRole makes a role of verbs. It needs a second factor if it may order devices
// about and another such role needs one. Invalid (Field name or verbs), Conflict (Field name: there
// is one), Forbidden (a verb that whoever acts does not have).
func (s *Service) CreateRole(ctx context.Context, by devices.Actor, name string, verbs []devices.Verb) (OwnRole, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return OwnRole{}, &devices.Error{Op: "role.create", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	s.rights.Lock()
	defer s.rights.Unlock()
	if len(s.roles.all()) >= mostRoles {
		return OwnRole{}, &devices.Error{Op: "role.create", Code: devices.Conflict, Message: fmt.Sprintf("there are %d own roles already: remove one first", mostRoles)}
	}
	return s.putRole(ctx, by, "role.create", OwnRole{ID: ownRolePrefix + Role(id.String()), Created: s.now()}, name, verbs)
}

// ChangeRole gives a role another name and other verbs; that counts for the next request
// of everybody who has it, and for their live connections within a second. NotFound, and as CreateRole.
func (s *Service) ChangeRole(ctx context.Context, by devices.Actor, id Role, name string, verbs []devices.Verb) (OwnRole, error) {
	r, err := s.changeRole(ctx, by, id, name, verbs)
	if err == nil {
		s.roleChanged(ctx, by, id)
	}
	return r, err
}

func (s *Service) changeRole(ctx context.Context, by devices.Actor, id Role, name string, verbs []devices.Verb) (OwnRole, error) {
	s.rights.Lock()
	defer s.rights.Unlock()
	was, there := s.roles.get(id)
	if !there {
		return OwnRole{}, noRole("role.change", id)
	}
	return s.putRole(ctx, by, "role.change", was, name, verbs)
}

// RemoveRole takes a role away that nobody has. NotFound, Conflict (somebody has it),
// Forbidden.
func (s *Service) RemoveRole(ctx context.Context, by devices.Actor, id Role) error {
	const op = "role.remove"
	s.rights.Lock()
	defer s.rights.Unlock()
	was, there := s.roles.get(id)
	if !there {
		return noRole(op, id)
	}
	if err := s.mayGive(ctx, by, Grant{Verbs: was.Verbs}); err != nil {
		return err
	}
	a := s.roleEntry(by, op, id, map[string]any{"name": was.Name, "before": was.Verbs})
	if err := s.d.Store.RemoveRole(ctx, id, a); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	s.roles.change(func(own map[Role]OwnRole) { delete(own, id) })
	return nil
}

// putRole stores a role with a name and verbs. Its caller holds rights.
func (s *Service) putRole(ctx context.Context, by devices.Actor, op string, r OwnRole, name string, verbs []devices.Verb) (OwnRole, error) {
	name, err := checkRoleName(name)
	if err != nil {
		return OwnRole{}, err
	}
	if verbs, err = orderedVerbs(verbs); err != nil {
		return OwnRole{}, err
	}
	if err := s.mayGive(ctx, by, Grant{Verbs: verbs}, Grant{Verbs: r.Verbs}); err != nil {
		return OwnRole{}, err
	}
	s.policy.turn.Lock()
	defer s.policy.turn.Unlock()
	needing := s.needing(r.ID, r.Verbs, verbs)
	a := s.roleEntry(by, op, r.ID, map[string]any{"name": name, "before": r.Verbs, "after": verbs})
	r.Name, r.Verbs = name, verbs
	if err := s.d.Store.PutRole(ctx, r, needing, a); err != nil {
		return OwnRole{}, fmt.Errorf("%s: %w", op, err)
	}
	s.roles.change(func(own map[Role]OwnRole) { own[r.ID] = r })
	if needing != nil {
		s.policy.set(needing)
	}
	return r, nil
}

// needing is which roles need a second factor once a role may order devices about that
// could not before; nil: that does not change.
func (s *Service) needing(id Role, before, after []devices.Verb) []Role {
	if slices.Contains(before, devices.CommandDevices) || !slices.Contains(after, devices.CommandDevices) {
		return nil
	}
	needed := s.policy.get()
	opening := func(r Role) bool { return slices.Contains(s.verbsOf(r), devices.CommandDevices) }
	if slices.Contains(needed, id) || !slices.ContainsFunc(needed, opening) {
		return nil
	}
	return append(slices.Clone(needed), id)
}

// roleChanged has what a role may do now count for everybody who has it.
func (s *Service) roleChanged(ctx context.Context, by devices.Actor, r Role) {
	for _, id := range s.sessions.judgeAnew() {
		s.watchChanged(id)
	}
	all, err := s.d.Store.AllOperators(ctx)
	if err != nil {
		s.d.Log.WarnContext(ctx, "who has a role that was changed could not be read: what they ordered is not taken back", "role", r, "err", err)
	}
	for _, o := range all {
		if o.Role == r {
			s.commandLost(ctx, by, o)
		}
	}
}

func (s *Service) roleEntry(by devices.Actor, verb string, id Role, detail map[string]any) devices.AuditEntry {
	return devices.Audited(s.now(), by, verb, "", "role:"+string(id), detail)
}

func noRole(op string, id Role) error {
	return &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no own role " + string(id)}
}

func checkRoleName(name string) (string, error) {
	name = strings.TrimSpace(name)
	n := utf8.RuneCountInString(name)
	if n < 1 || n > maxRoleName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", invalid("name", fmt.Sprintf("must have 1 to %d printable characters", maxRoleName))
	}
	return name, nil
}

// orderedVerbs are verbs in the order of all, each once.
func orderedVerbs(verbs []devices.Verb) ([]devices.Verb, error) {
	all := Verbs(Administrator)
	for _, v := range verbs {
		if !slices.Contains(all, v) {
			return nil, invalid("verbs", fmt.Sprintf("must be some of %v", all))
		}
	}
	if len(verbs) == 0 {
		return nil, invalid("verbs", "must have at least one right")
	}
	return slices.DeleteFunc(all, func(v devices.Verb) bool { return !slices.Contains(verbs, v) }), nil
}
