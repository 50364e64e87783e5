package operators

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/devices"
)

// Grant is what somebody may do, and where and when. The zero value allows nothing.
type Grant struct {
	Verbs []devices.Verb
	Scope devices.Scope
	// Part is what a program is limited to within the scope of whoever made its token.
	Part devices.Scope
}

// Limited is whether it leaves out a part of the property, or may.
func (g Grant) Limited() bool { return g.Scope.Limited() || g.Part.Limited() }

// May is whether it has the right, somewhere and at some time.
func (g Grant) May(v devices.Verb) bool { return slices.Contains(g.Verbs, v) }

// Covers is whether everything that another grant allows is allowed by this one.
func (g Grant) Covers(o Grant) bool {
	return g.Scope.Covers(o.Scope) && !slices.ContainsFunc(o.Verbs, func(v devices.Verb) bool { return !g.May(v) })
}

// wholeVerbs are rights over the property as a whole: whoever is limited to a part of
// it does not have them, whatever their role says.
func wholeVerbs() []devices.Verb {
	return []devices.Verb{devices.ManageAccess, devices.SeeAudit, devices.SeeBroker, devices.ManageBroker}
}

// GrantFor is what some verbs allow within a scope.
func GrantFor(verbs []devices.Verb, scope devices.Scope) Grant {
	if scope.Limited() {
		verbs = slices.DeleteFunc(slices.Clone(verbs), func(v devices.Verb) bool { return slices.Contains(wholeVerbs(), v) })
	}
	return Grant{Verbs: verbs, Scope: scope}
}

// Property is where things are; devices.Control is one.
type Property interface {
	Clocks() devices.Clocks
	Zones() []devices.Zone
}

// GrantOf is what a person may do, as their role is now.
func (s *Service) GrantOf(o Operator) Grant { return GrantFor(s.verbsOf(o.Role), o.Scope) }

// Reach is what a grant leaves of the property now.
func (s *Service) Reach(g Grant) devices.Reach {
	var clocks devices.Clocks
	if s.d.Property != nil && (g.Limited() || len(g.Scope.Hours) > 0) {
		clocks = s.d.Property.Clocks()
	}
	now := s.d.Now()
	return g.Scope.Reach(now, clocks).And(g.Part.Reach(now, clocks))
}

// CheckScope says what is wrong with a scope: Invalid (Field places or hours).
func (s *Service) CheckScope(scope devices.Scope) error {
	if err := scope.Check(); err != nil || !scope.Limited() || s.d.Property == nil {
		return err
	}
	clocks, zones := s.d.Property.Clocks(), s.d.Property.Zones()
	for _, p := range scope.Places {
		if clocks[p.Site] == nil {
			return invalid("places", "must be sites that exist")
		}
		if p.Zone != "" && !slices.ContainsFunc(zones, func(z devices.Zone) bool { return z.ID == p.Zone && z.Site == p.Site }) {
			return invalid("places", "must be zones of their sites")
		}
	}
	return nil
}

// mayGive is nil if whoever acts has all rights of the grants himself: nobody gives, or
// takes over, more than they have. Forbidden. The platform itself may.
func (s *Service) mayGive(ctx context.Context, by devices.Actor, grants ...Grant) error {
	if by.Kind != devices.ActorOperator {
		return nil
	}
	giver, err := s.d.Store.Operator(ctx, ID(by.ID))
	if err != nil {
		return fmt.Errorf("operator.give: %w", err)
	}
	own := s.GrantOf(giver)
	for _, g := range grants {
		if giver.Disabled || !own.Covers(g) {
			return &devices.Error{Op: "operator.give", Code: devices.Forbidden, Message: "these are rights that you do not have yourself"}
		}
	}
	return nil
}
