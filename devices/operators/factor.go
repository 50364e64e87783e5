package operators

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"gatehouse/devices"
)

// Factor is a person's second factor: a program that shows a code of six digits,
// another one every 30 s (RFC 6238). The zero value is none.
type Factor struct {
	Secret   []byte     // sealed under the data key
	Step     int64      // Unix time / 30 s of the last code that was taken: none is taken twice
	Recovery [][32]byte // SHA-256 of the codes that stand in for it, each once
	Wrong    int        // codes that were wrong since the last one that was right
}

const (
	stepLength    = 30 // seconds
	factorPending = 10 * time.Minute
	recoveryCodes = 10
	recoverySize  = 10 // bytes: 80 random bits
	issuer        = "Gatehouse"

	// mostWrong is how many wrong codes a factor takes before only codes that stand in for it
	// count: three of a million are right at any time, so that somebody who has the password, and
	// guesses for weeks, finds one with a chance of 0.03 %.
	mostWrong = 100
)

// HasFactor is whether signing in asks for a code.
func (o Operator) HasFactor() bool { return len(o.Factor.Secret) > 0 }

// FactorLocked is whether the program's codes are not taken any more, because too many were wrong, one after
// the other. A code that stands in for it ends that, and so does a password reset: whoever guessed codes
// had the password.
func (o Operator) FactorLocked() bool { return o.Factor.Wrong >= mostWrong }

// NewFactor is a second factor before its owner has shown that their program knows
// it. Both are secrets of its owner.
type NewFactor struct {
	Secret string // base32, for typing
	URL    string // otpauth://totp/…, for a QR code
}

// pendingFactor is a NewFactor that waits for its first code.
type pendingFactor struct {
	secret string
	ends   time.Time
}

// BeginFactor makes a second factor for the person of a session, who has ten minutes to
// show a code of it: see ConfirmFactor. A factor that they have counts until then.
func (s *Service) BeginFactor(o Operator) (NewFactor, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: o.Name, SecretSize: 20})
	if err != nil {
		return NewFactor{}, &devices.Error{Op: "factor.begin", Code: devices.Internal, Message: "no secret could be made", Err: err}
	}
	s.factorsMu.Lock()
	defer s.factorsMu.Unlock()
	now := s.now()
	for id, p := range s.factors {
		if !now.Before(p.ends) {
			delete(s.factors, id)
		}
	}
	s.factors[o.ID] = pendingFactor{secret: key.Secret(), ends: now.Add(factorPending)}
	return NewFactor{Secret: key.Secret(), URL: key.URL()}, nil
}

// ConfirmFactor takes the factor that BeginFactor made into use, once a code of it is
// shown, and gives the codes that stand in for it if it is lost: each works once, and
// they are shown once. session is the new token of this session, see Prove; their other sessions end. Invalid (Field code), Conflict (none was begun, or its
// ten minutes are over), ProofNeeded (they have not shown just now who they are),
// Throttled.
func (s *Service) ConfirmFactor(ctx context.Context, o Operator, now Session, code string) (recovery []string, session string, err error) {
	const op = "operator.factor"
	if !s.Fresh(now) {
		return nil, "", proofNeeded()
	}
	s.factorsMu.Lock()
	p, ok := s.factors[o.ID]
	s.factorsMu.Unlock()
	if !ok || !s.now().Before(p.ends) {
		return nil, "", &devices.Error{Op: op, Code: devices.Conflict, Message: "the time to set up this factor is over: begin again"}
	}
	var step int64
	err = s.guess(o.ID, func() error {
		var right bool
		if step, right = stepOf(p.secret, code, s.now()); !right {
			return invalid("code", "is not the code that the program shows now; check that the clock of the telephone is right")
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	recovery, hashes := newRecovery()
	by := s.actorIn(o, now)
	_, err = s.edit(ctx, by, op, o.ID, func(o *Operator) map[string]any {
		before := o.HasFactor()
		o.Factor = Factor{Secret: s.d.Seal.Hide(string(o.ID), []byte(p.secret)), Step: step, Recovery: hashes}
		return map[string]any{"before": before, "after": true}
	})
	if err != nil {
		return nil, "", err
	}
	s.factorsMu.Lock()
	delete(s.factors, o.ID)
	s.factorsMu.Unlock()
	if session, err = s.proved(ctx, o, now); err != nil {
		return nil, "", err
	}
	return recovery, session, s.endSessions(ctx, by, o.ID, &now.Key, "a second factor was set up")
}

// DropFactor gives up the factor of the person of a session. Conflict (their role needs
// one), ProofNeeded.
func (s *Service) DropFactor(ctx context.Context, o Operator, now Session) error {
	switch {
	case s.policy.needs(o.Role):
		return &devices.Error{Op: removeFactor, Code: devices.Conflict, Message: "your role needs a second factor; you can set up another one"}
	case !s.Fresh(now):
		return proofNeeded()
	}
	_, err := s.edit(ctx, s.actorIn(o, now), removeFactor, o.ID, dropFactor)
	return err
}

// RemoveFactor takes a person's factor away, who has lost it, and ends their
// sessions: at the next sign-in they set up another one, if their role needs one. NotFound,
// Forbidden (they have rights that whoever acts does not have).
func (s *Service) RemoveFactor(ctx context.Context, by devices.Actor, id ID) (Operator, error) {
	o, err := s.editMine(ctx, by, removeFactor, id, dropFactor)
	if err != nil {
		return Operator{}, err
	}
	return o, s.endSessions(ctx, by, id, nil, "the second factor was taken away")
}

const removeFactor = "operator.factor.remove"

func dropFactor(o *Operator) map[string]any {
	before := o.HasFactor()
	o.Factor = Factor{}
	return map[string]any{"before": before, "after": false}
}

// takeCode uses a code up that somebody shows: of the person's program, or one that stands in for it. False: it is
// none, or it was used. It is decided in the transaction that notes the use, so that of two
// at once one is taken.
func (s *Service) takeCode(ctx context.Context, by devices.Actor, o Operator, code string) (bool, error) {
	if normal(code) == "" {
		return false, nil
	}
	plain, err := s.d.Seal.Show(string(o.ID), o.Factor.Secret)
	if err != nil {
		return false, &devices.Error{Op: "factor", Code: devices.Internal, Err: err,
			Message: "the second factor does not open with this data key: put the right key file back, or have the factor removed"}
	}
	step, right := stepOf(string(plain), code, s.now())
	stand := sha256.Sum256([]byte(normal(code)))
	taken := false
	_, err = s.d.Store.EditOperator(ctx, o.ID, func(now *Operator) *devices.AuditEntry {
		taken = false
		switch i := slices.Index(now.Factor.Recovery, stand); {
		case right && slices.Equal(now.Factor.Secret, o.Factor.Secret) && step > now.Factor.Step && !now.FactorLocked():
			now.Factor.Step, now.Factor.Wrong, taken = step, 0, true
		case i >= 0:
			now.Factor.Recovery, now.Factor.Wrong, taken = slices.Delete(slices.Clone(now.Factor.Recovery), i, i+1), 0, true
			entry := s.entry(by, "operator.factor.recovery", o.ID, map[string]any{"left": len(now.Factor.Recovery)})
			return &entry
		case !now.FactorLocked():
			if now.Factor.Wrong++; now.FactorLocked() {
				entry := s.entry(devices.Actor{Kind: devices.ActorSystem}, "operator.factor.locked", o.ID, map[string]any{"wrong": now.Factor.Wrong})
				return &entry
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("factor: %w", err)
	}
	if !taken {
		s.d.Log.Warn("a code of a second factor was wrong", "operator", o.ID)
	}
	return taken, nil
}

// stepOf is the step whose code this is: the present one, or one beside it, for clocks that
// differ by less than 30 s.
func stepOf(secret, code string, now time.Time) (step int64, right bool) {
	code = normal(code)
	present := now.Unix() / stepLength
	for s := present - 1; s <= present+1; s++ {
		want, err := totp.GenerateCode(secret, time.Unix(s*stepLength, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			step, right = s, true
		}
	}
	return step, right
}

func newRecovery() (codes []string, hashes [][32]byte) {
	for range recoveryCodes {
		c := strings.ToLower(base32.StdEncoding.EncodeToString(random(recoverySize)))
		codes = append(codes, strings.Join([]string{c[:4], c[4:8], c[8:12], c[12:]}, "-"))
		hashes = append(hashes, sha256.Sum256([]byte(c)))
	}
	return codes, hashes
}

// normal is a code as it is compared, however it was typed: in groups, in capitals, or in
// the full-width forms of an input method.
func normal(code string) string {
	return letters(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, code))
}
