package operators

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
)

// Login signs in: session is the token for the cookie. BadCredentials for an
// unknown name, a wrong password and a disabled account alike, at the same cost;
// Throttled after many failures of an account or an address. Whoever has a second
// factor needs a code of it: CodeNeeded if it is missing, BadCredentials (Field code) if it is
// wrong or was used.
func (s *Service) Login(ctx context.Context, name, password, code string, from Client) (o Operator, session string, err error) {
	name = strings.TrimSpace(name)
	try, err := s.begin(name, from.Address)
	if err != nil {
		s.refused(s.named(ctx, name), from, Throttled, nil)
		return Operator{}, "", err
	}
	o, err = s.judge(ctx, name, password)
	why := BadCredentials
	if o.Disabled {
		why = accountShut
	}
	if err == nil && o.MustChange && !o.FirstEnds.IsZero() && !s.now().Before(o.FirstEnds) {
		err, why = badCredentials(), passwordOver // it is not told from a wrong one
	}
	if err == nil && o.HasFactor() {
		err, why = s.secondStep(ctx, o, code, from), badCode
	}
	if devices.CodeOf(err) == BadCredentials {
		s.d.Log.Warn("sign-in refused", "operator", o.ID, "address", from.Address) // never the name: it may be a password
		s.refused(o, from, why, nil)
		return Operator{}, "", err
	}
	if err != nil {
		try.undo()
		return Operator{}, "", err
	}
	try.right()
	if o.PIN.Wrong > 0 {
		s.freePIN(ctx, o.ID)
	}
	session, err = s.open(ctx, o, from)
	if err == nil {
		err = s.unchanged(ctx, o, session)
	}
	if err != nil {
		return Operator{}, "", err
	}
	return o, session, nil
}

// secondStep is what follows a right password.
func (s *Service) secondStep(ctx context.Context, o Operator, code string, from Client) error {
	if strings.TrimSpace(code) == "" {
		return &devices.Error{Op: "session.create", Code: CodeNeeded, Field: "code", Message: "the code that your program shows is missing"}
	}
	right, err := s.takeCode(ctx, s.actor(o, clip(from.Address, 64)), o, code)
	if err == nil && !right {
		return &devices.Error{Op: "session.create", Code: BadCredentials, Field: "code", Message: "is no code that can be used now"}
	}
	return err
}

// unchanged takes a new session back if its account was shut, or got another password or
// factor, since it was judged: what ended the sessions may not have seen this one.
func (s *Service) unchanged(ctx context.Context, o Operator, session string) error {
	now, err := s.d.Store.Operator(ctx, o.ID)
	if err == nil && !now.Disabled && now.Password == o.Password && slices.Equal(now.Factor.Secret, o.Factor.Secret) {
		return nil
	}
	ended := s.delete(ctx, hashToken(session), s.entry(s.actor(o, ""), "session.end", o.ID, map[string]any{"why": "the account was changed meanwhile"}))
	if err = errors.Join(err, ended); err != nil {
		return fmt.Errorf("session.create: %w", err)
	}
	return badCredentials()
}

// judge does the same work whatever the answer will be. With BadCredentials the account is
// the one that was meant, if there is one: for the log.
func (s *Service) judge(ctx context.Context, name, password string) (Operator, error) {
	var o Operator
	if _, err := checkName(name); err == nil {
		o, err = s.d.Store.OperatorByName(ctx, name)
		if err != nil && devices.CodeOf(err) != devices.NotFound {
			return Operator{}, fmt.Errorf("session.create: %w", err)
		}
	}
	if len(password) > MaxPassword*4 { // no account has it; the hash need not be fed with it
		o, password = Operator{}, ""
	}
	right, stale, err := s.hasher.verify(ctx, password, o.Password)
	if errors.Is(err, errPHC) {
		s.d.Log.Error("a stored password is damaged; set it anew", "operator", o.ID)
		right, stale, err = s.hasher.verify(ctx, password, "")
	}
	if err != nil {
		return Operator{}, fmt.Errorf("session.create: %w", err)
	}
	if !right || o.Disabled {
		return o, badCredentials()
	}
	if stale {
		o.Password = s.rehash(ctx, o, password)
	}
	return o, nil
}

// rehash brings a stored password up to the present costs, unless it is another one
// by now, and gives what is stored. A failure leaves the old one, which is right too.
func (s *Service) rehash(ctx context.Context, was Operator, password string) string {
	phc, err := s.hasher.make(ctx, password)
	became := was.Password
	if err == nil {
		_, err = s.d.Store.EditOperator(ctx, was.ID, func(o *Operator) *devices.AuditEntry {
			if o.Password == was.Password {
				o.Password, became = phc, phc
			}
			return nil
		})
	}
	if err != nil {
		s.d.Log.Warn("password could not be hashed anew", "operator", was.ID, "err", err)
		return was.Password
	}
	return became
}

const sessionTokenSize = 32 // bytes: 256 bits

// open makes a session of somebody who has proved who they are.
func (s *Service) open(ctx context.Context, o Operator, from Client) (token string, err error) {
	return s.openAt(ctx, o, from, nil)
}

// openAt makes a session, at a booth if one is given: who signs in there has proved nothing.
func (s *Service) openAt(ctx context.Context, o Operator, from Client, booth *Booth) (token string, err error) {
	token = newToken()
	now := s.now()
	session := Session{
		Key: hashToken(token), Token: hashToken(token), Operator: o.ID, Created: now, LastSeen: now, Expires: now.Add(absoluteLife),
		Address: clip(from.Address, 64), UserAgent: clip(from.UserAgent, 256), Proved: now,
	}
	if booth != nil {
		session.Proved, session.Booth, session.Lock = time.Time{}, booth.ID, booth.Lock
	}
	if err := s.d.Store.AddSession(ctx, session, s.entry(s.actorIn(o, session), "session.create", o.ID, nil)); err != nil {
		return "", fmt.Errorf("session.create: %w", err)
	}
	return token, nil
}

func newToken() string { return base64.RawURLEncoding.EncodeToString(random(sessionTokenSize)) }

func hashToken(token string) [32]byte { return sha256.Sum256([]byte(token)) }

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
