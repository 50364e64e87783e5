package operators

import (
	"context"
	"fmt"

	"gatehouse/devices"
)

// RightsChange is what is to be different; what is nil stays.
type RightsChange struct {
	Role  *Role
	Scope *devices.Scope
}

// verb is what the audit trail calls the change.
func (c RightsChange) verb() string {
	switch {
	case c.Scope == nil:
		return "operator.role"
	case c.Role == nil:
		return "operator.scope"
	}
	return "operator.rights"
}

func (c RightsChange) apply(o *Operator) {
	if c.Role != nil {
		o.Role = *c.Role
	}
	if c.Scope != nil {
		o.Scope = *c.Scope
	}
}

// detail is what the audit trail says of the change.
func (c RightsChange) detail(before, after Operator) map[string]any {
	switch {
	case c.Scope == nil:
		return map[string]any{"before": before.Role, "after": after.Role}
	case c.Role == nil:
		return map[string]any{"before": before.Scope, "after": after.Scope}
	}
	return map[string]any{
		"before": map[string]any{"role": before.Role, "scope": before.Scope},
		"after":  map[string]any{"role": after.Role, "scope": after.Scope},
	}
}

// SetRights gives a person another role, another scope, or both at once; it counts for their
// next request and for their live connections within a second, and what they ordered and may not
// any more is taken back (see OnCommandLost). NotFound, Invalid (Field role, places or hours),
// Conflict (they are the last administrator), Forbidden (rights, before or after, that whoever acts
// does not have).
func (s *Service) SetRights(ctx context.Context, by devices.Actor, id ID, c RightsChange) (Operator, error) {
	o, err := s.setRights(ctx, by, id, c)
	if err == nil {
		s.commandLost(ctx, by, o)
	}
	return o, err
}

func (s *Service) setRights(ctx context.Context, by devices.Actor, id ID, c RightsChange) (Operator, error) {
	s.rights.Lock()
	defer s.rights.Unlock()
	was, err := s.d.Store.Operator(ctx, id)
	if err != nil {
		return Operator{}, fmt.Errorf("%s: %w", c.verb(), err)
	}
	wanted := was
	c.apply(&wanted)
	if err := s.checkRights(wanted.Role, wanted.Scope); err != nil {
		return Operator{}, err
	}
	if err := s.mayGive(ctx, by, s.GrantOf(was), s.GrantOf(wanted)); err != nil {
		return Operator{}, err
	}
	return s.edit(ctx, by, c.verb(), id, func(o *Operator) map[string]any {
		before := *o
		c.apply(o)
		return c.detail(before, *o)
	})
}

// editMine is edit for what takes an account over: whoever acts has all its rights.
func (s *Service) editMine(ctx context.Context, by devices.Actor, verb string, id ID, change func(*Operator) map[string]any) (Operator, error) {
	s.rights.Lock()
	defer s.rights.Unlock()
	o, err := s.d.Store.Operator(ctx, id)
	if err != nil {
		return Operator{}, fmt.Errorf("%s: %w", verb, err)
	}
	if err := s.mayGive(ctx, by, s.GrantOf(o)); err != nil {
		return Operator{}, err
	}
	return s.edit(ctx, by, verb, id, change)
}

// checkRights says what is wrong with a role in a scope. An administrator answers for
// the whole property, at any hour: somebody must.
func (s *Service) checkRights(r Role, scope devices.Scope) error {
	if err := s.checkRole(r); err != nil {
		return err
	}
	if r == Administrator && (scope.Limited() || len(scope.Hours) > 0) {
		return invalid("role", "an administrator is not limited: choose another role, or leave places and hours out")
	}
	return s.CheckScope(scope)
}
