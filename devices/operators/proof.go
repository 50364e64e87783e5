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
// or by their password if they have none. session is its new token for the cookie (OWASP ASVS 7.2.4);
// empty: it has one already. The one before counts for five more seconds, without the proof. BadCredentials
// (Field code or password), Throttled. While the store is away nobody proves anything: neither the use of a
// code nor the new token could be kept.
func (s *Service) Prove(ctx context.Context, o Operator, now Session, code, password string) (session string, err error) {
	if o.HasFactor() {
		err = s.guess(o.ID, func() error {
			right, err := s.takeCode(ctx, s.actorIn(o, now), o, code)
			if err == nil && !right {
				return &devices.Error{Op: "session.prove", Code: BadCredentials, Field: "code", Message: "is no code that can be used now"}
			}
			return err
		})
	} else {
		err = s.knowsPassword(ctx, o, "password", password)
	}
	if err != nil {
		s.proofRefused(o, now, "session.prove", err)
		return "", err
	}
	return s.proved(ctx, o, now)
}

// proved notes it of a session, and gives it another token.
func (s *Service) proved(ctx context.Context, o Operator, v Session) (session string, err error) {
	if !s.sessions.renewing(v.Key, v.Token) {
		if s.sessions.get(v.Key) == nil {
			return "", unauthenticated()
		}
		return "", nil // another page of the same browser proved it at the same time
	}
	session = newToken()
	was := v.Token
	v.Token, v.Proved = hashToken(session), s.now()
	err = s.d.Store.ProveSession(ctx, v.Key, was, v.Token, v.Proved, s.entry(s.actorIn(o, v), "session.prove", o.ID, nil))
	if err != nil {
		s.sessions.renewed(v.Key, nil, s.d.Now())
		if devices.CodeOf(err) == devices.NotFound {
			return "", unauthenticated()
		}
		return "", fmt.Errorf("session.prove: %w", err)
	}
	s.sessions.renewed(v.Key, &v, s.d.Now())
	return session, nil
}

// NeedsFactor is whether a person has to set up a second factor before anything else.
func (s *Service) NeedsFactor(o Operator) bool { return !o.HasFactor() && s.policy.needs(o.Role) }
