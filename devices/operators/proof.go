package operators

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// freshFor is how long a proof of who somebody is counts for what is dangerous.
const freshFor = 5 * time.Minute

// Fresh is whether the person of a session has proved who they are within the last
// five minutes: when they signed in, or by Prove.
func (s *Service) Fresh(v Session) bool {
	age := s.now().Sub(v.Proved)
	return age >= 0 && age < freshFor
}

// Prove has the person of a session show again who they are: by a code of their second factor,
// or by their password if they have none. BadCredentials (Field code or password), Throttled.
func (s *Service) Prove(ctx context.Context, o Operator, now Session, code, password string) error {
	if !o.HasFactor() {
		if err := s.knowsPassword(ctx, o, "password", password); err != nil {
			return err
		}
		return s.proved(ctx, o, now)
	}
	err := s.guess(o.ID, func() error {
		right, err := s.takeCode(ctx, o, code)
		if err == nil && !right {
			return &devices.Error{Op: "session.prove", Code: BadCredentials, Field: "code", Message: "is no code that can be used now"}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.proved(ctx, o, now)
}

// proved notes it of a session.
func (s *Service) proved(ctx context.Context, o Operator, v Session) error {
	err := s.d.Store.ProveSession(ctx, v.TokenHash, s.now(), s.entry(s.actor(o, v.Address), "session.prove", o.ID, nil))
	if devices.CodeOf(err) == devices.NotFound {
		return unauthenticated()
	}
	if err != nil {
		return fmt.Errorf("session.prove: %w", err)
	}
	s.sessions.refresh(v.Operator)
	return nil
}

// NeedsFactor is whether a person has to set up a second factor before anything else.
func (s *Service) NeedsFactor(o Operator) bool { return !o.HasFactor() && s.policy.needs(o.Role) }
