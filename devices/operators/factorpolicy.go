package operators

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"gatehouse/devices"
)

// factorPolicy is which roles need a second factor, as the store has it.
type factorPolicy struct {
	turn  sync.Mutex // one change at a time, so that memory ends as the store does
	mu    sync.Mutex
	roles []Role
}

func (p *factorPolicy) needs(r Role) bool { return slices.Contains(p.get(), r) }

func (p *factorPolicy) get() []Role {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.roles
}

func (p *factorPolicy) set(roles []Role) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roles = roles
}

// defaultFactorRoles are all that may open something.
func defaultFactorRoles() []Role {
	return slices.DeleteFunc(Roles(), func(r Role) bool { return !r.May(devices.CommandDevices) })
}

// LoadPolicy reads the own roles, and which roles need a second factor; call it once
// before the first request. Until somebody has said so it is every role that may open.
func (s *Service) LoadPolicy(ctx context.Context) error {
	own, err := s.d.Store.OwnRoles(ctx)
	if err != nil {
		return fmt.Errorf("own roles: %w", err)
	}
	s.roles.change(func(all map[Role]OwnRole) {
		for _, r := range own {
			all[r.ID] = r
		}
	})
	roles, said, err := s.d.Store.FactorRoles(ctx)
	if err != nil {
		return fmt.Errorf("roles that need a second factor: %w", err)
	}
	if said {
		s.policy.set(roles)
	}
	return nil
}

// FreeFactors makes second factors everybody's own choice, unless somebody has said
// which roles need one: the demo does so.
func (s *Service) FreeFactors(ctx context.Context, by devices.Actor) error {
	if _, said, err := s.d.Store.FactorRoles(ctx); err != nil || said {
		return err
	}
	return s.SetFactorRoles(ctx, by, nil)
}

// FactorRoles are the roles that need a second factor, in the order of Roles, and then
// own ones.
func (s *Service) FactorRoles() []Role {
	all := s.allRoles()
	return slices.DeleteFunc(all, func(r Role) bool { return !s.policy.needs(r) })
}

// allRoles are those of the platform, and then own ones.
func (s *Service) allRoles() []Role {
	all := Roles()
	for _, r := range s.roles.all() {
		all = append(all, r.ID)
	}
	return all
}

// SetFactorRoles says which roles need a second factor. Whoever has a role that needs one, and
// has none, can set one up and do nothing else, from the next request on; their live
// connections end. Invalid (Field roles).
func (s *Service) SetFactorRoles(ctx context.Context, by devices.Actor, roles []Role) error {
	for _, r := range roles {
		if s.checkRole(r) != nil {
			return invalid("roles", fmt.Sprintf("must be some of %v, or own roles", Roles()))
		}
	}
	s.policy.turn.Lock()
	defer s.policy.turn.Unlock()
	before, after := s.policy.get(), slices.DeleteFunc(s.allRoles(), func(r Role) bool { return !slices.Contains(roles, r) })
	a := s.entry(by, "factor.roles", "", map[string]any{"before": before, "after": after})
	a.Object = "policy:factor"
	if err := s.d.Store.SetFactorRoles(ctx, after, a); err != nil {
		return fmt.Errorf("factor.roles: %w", err)
	}
	s.policy.set(after)
	for _, id := range s.sessions.judgeAnew() {
		s.watchChanged(id)
	}
	return nil
}
