package operators

import (
	"context"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"gatehouse/devices"
)

// firstPasswordSize gives 100 random bits in five groups of four letters.
const firstPasswordSize = 13 // bytes; the last four bits are not used

// firstPasswordLife is how long such a password is good for: a note that lies about lets
// nobody in a month later.
const firstPasswordLife = 7 * 24 * time.Hour

// firstPassword makes a password that somebody else hands on, and its hash.
func (s *Service) firstPassword(ctx context.Context) (password, phc string, err error) {
	letters := strings.ToLower(base32.StdEncoding.EncodeToString(random(firstPasswordSize)))[:20]
	password = strings.Join([]string{letters[:4], letters[4:8], letters[8:12], letters[12:16], letters[16:]}, "-")
	phc, err = s.hasher.make(ctx, password)
	return password, phc, err
}

// ChangePassword gives the person of a session another password, and ends all
// their other sessions. BadCredentials (Field oldPassword: it is not their password),
// Throttled, Invalid (Field password: see MinPassword, or it is the old one).
func (s *Service) ChangePassword(ctx context.Context, o Operator, now Session, old, password string) error {
	const op = "operator.password"
	if err := checkPassword(password, o.Name); err != nil {
		return err
	}
	if password == old {
		return invalid("password", "is the one that is to be changed")
	}
	if err := s.knowsPassword(ctx, o, "oldPassword", old); err != nil {
		s.proofRefused(o, now, op, err)
		return err
	}
	phc, err := s.hasher.make(ctx, password)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	by := s.actorIn(o, now)
	_, err = s.edit(ctx, by, op, o.ID, func(o *Operator) map[string]any {
		o.Password, o.MustChange, o.FirstEnds = phc, false, time.Time{}
		return nil
	})
	if err != nil {
		return err
	}
	return s.endSessions(ctx, by, o.ID, &now.Key, "the password was changed")
}

// knowsPassword is nil if somebody who is signed in knows their password, which they
// gave in that field.
func (s *Service) knowsPassword(ctx context.Context, o Operator, field, password string) error {
	return s.guess(o.ID, func() error {
		_, err := s.judge(ctx, o.Name, password)
		if devices.CodeOf(err) == BadCredentials {
			return &devices.Error{Op: "session.prove", Code: BadCredentials, Field: field, Message: "is not your password"}
		}
		return err
	})
}

// guess slows down whoever is signed in and gives what is wrong. It is counted apart from
// signing in: what strangers try never keeps somebody from showing who they are, who
// may have a lockdown to end.
func (s *Service) guess(id ID, right func() error) error {
	if wait := s.proofs.begin(string(id), "", s.d.Now()); wait > 0 {
		return throttled("session.prove", wait)
	}
	err := right()
	switch code := devices.CodeOf(err); {
	case err == nil:
		s.proofs.clear(string(id))
	case code != BadCredentials && code != devices.Invalid: // it was not judged
		s.proofs.undo(string(id), "")
	}
	return err
}
