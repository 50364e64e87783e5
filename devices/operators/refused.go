package operators

import (
	"context"
	"strings"

	"gatehouse/devices"
)

// Refusals writes down who was not let in (OWASP ASVS 5.0 16.3.1), soon, and never more than is good for
// the disk; trail.Service does.
type Refusals interface {
	// Refused is for somebody who is signed in.
	Refused(by devices.Actor, verb string, site devices.SiteID, object string, code devices.Code, detail map[string]any)
	// RefusedStranger is for an attempt from an address to sign in.
	RefusedStranger(a devices.AuditEntry, address string, code devices.Code)
}

// What the audit trail says of a refused attempt, besides the codes of errors: who tried is told none of it.
const (
	badCode      devices.Code = "bad_code"      // the password was right
	accountShut  devices.Code = "account_shut"  // whatever the password was
	passwordOver devices.Code = "password_over" // a first password that was right, and too late
)

// unknownAccount is what an attempt was about that named no account. What was typed is not
// written down: it may be a password.
const unknownAccount = "operator:unknown"

// refused has the audit trail told of an attempt to sign in. of is the account that was meant, if there is one; the
// address then goes with it when that person is erased.
func (s *Service) refused(of Operator, from Client, code devices.Code, detail map[string]any) {
	if s.d.Refusals == nil {
		return
	}
	address := clip(from.Address, 64)
	stranger := devices.Actor{Kind: devices.ActorUnknown}
	if of.ID != "" {
		a := s.entry(stranger, "session.create", of.ID, detail).With(map[string]any{"address": address})
		s.d.Refusals.RefusedStranger(a, address, code)
		return
	}
	stranger.Address = address
	s.d.Refusals.RefusedStranger(devices.Audited(s.now(), stranger, "session.create", "", unknownAccount, detail), address, code)
}

// named is the account that somebody means whose attempt is not judged; the zero Operator if there is none.
func (s *Service) named(ctx context.Context, name string) Operator {
	if _, err := checkName(name); err != nil {
		return Operator{}
	}
	o, err := s.d.Store.OperatorByName(ctx, strings.TrimSpace(name))
	if err != nil {
		return Operator{}
	}
	return o
}

// proofRefused has the audit trail told that somebody who is signed in did not show who they are.
func (s *Service) proofRefused(o Operator, now Session, verb string, err error) {
	if code := devices.CodeOf(err); s.d.Refusals != nil && (code == BadCredentials || code == Throttled) {
		s.d.Refusals.Refused(s.actorIn(o, now), verb, "", "operator:"+string(o.ID), code, nil)
	}
}
