package operators

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/devices"
)

// PIN is what a guard signs in with at a booth, and nowhere else. The zero value is none.
type PIN struct {
	Hash  []byte // argon2id in PHC form, sealed under the data key: a million PINs are soon tried
	Wrong int    // tries that were wrong since the last sign-in
}

const (
	pinLength = 6
	// mostWrongPINs is after how many wrong tries a PIN is not taken any more, until its owner
	// signs in with their password.
	mostWrongPINs = 5
)

// The codes of booths.
const (
	BadPIN    devices.Code = "bad_pin"    // the PIN is wrong
	PINLocked devices.Code = "pin_locked" // too many were wrong: the password is needed
	NoBooth   devices.Code = "no_booth"   // this browser is no booth (any more)
)

// HasPIN is whether somebody has a PIN.
func (o Operator) HasPIN() bool { return len(o.PIN.Hash) > 0 }

// PINLocked is whether it is not taken any more, until its owner signs in with their password.
func (o Operator) PINLocked() bool { return o.PIN.Wrong >= mostWrongPINs }

// mayEnter is whether somebody may sign in at a booth with a PIN.
func (s *Service) mayEnter(o Operator) bool {
	return o.HasPIN() && !o.Disabled && !o.MustChange && !s.NeedsFactor(o)
}

// SetPIN gives the person of a session a PIN for booths. ProofNeeded (they have not shown just now who they
// are), Forbidden (they are at a booth), Invalid (Field pin).
func (s *Service) SetPIN(ctx context.Context, o Operator, now Session, pin string) error {
	const op = "operator.pin"
	if err := s.mayChangePIN(now); err != nil {
		return err
	}
	if err := checkPIN(pin); err != nil {
		return err
	}
	phc, err := s.hasher.make(ctx, pin)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = s.edit(ctx, s.actorIn(o, now), op, o.ID, func(o *Operator) map[string]any {
		before := o.HasPIN()
		o.PIN = PIN{Hash: s.d.Seal.Hide(pinOwner(o.ID), []byte(phc))}
		return map[string]any{"before": before, "after": true}
	})
	return err
}

// DropPIN takes the PIN of the person of a session away. ProofNeeded, Forbidden.
func (s *Service) DropPIN(ctx context.Context, o Operator, now Session) error {
	if err := s.mayChangePIN(now); err != nil {
		return err
	}
	_, err := s.edit(ctx, s.actorIn(o, now), "operator.pin.remove", o.ID, func(o *Operator) map[string]any {
		before := o.HasPIN()
		o.PIN = PIN{}
		return map[string]any{"before": before, "after": false}
	})
	return err
}

func (s *Service) mayChangePIN(now Session) error {
	switch {
	case now.Booth != "":
		return &devices.Error{Op: "operator.pin", Code: devices.Forbidden, Message: "sign in with your password in a browser of your own: at a booth everybody looks on"}
	case !s.Fresh(now):
		return proofNeeded()
	}
	return nil
}

// checkPIN refuses those that everybody tries first.
func checkPIN(pin string) error {
	if len(pin) != pinLength || strings.Trim(pin, "0123456789") != "" {
		return invalid("pin", fmt.Sprintf("must be %d digits", pinLength))
	}
	if repeats(pin[:pinLength/2]) || pin[:3] == pin[3:] || strings.Repeat(pin[:2], 3) == pin || isRow(pin) {
		return invalid("pin", "is one that is tried first (a row, or the same digits again)")
	}
	return nil
}

// pinOwner keeps a sealed PIN apart from what else is sealed for somebody.
func pinOwner(id ID) string { return "pin of " + string(id) }

// pinOf is the hash of somebody's PIN; empty if they have none that opens.
func (s *Service) pinOf(o Operator) string {
	if !o.HasPIN() {
		return ""
	}
	phc, err := s.d.Seal.Show(pinOwner(o.ID), o.PIN.Hash)
	if err != nil {
		s.d.Log.Error("a PIN does not open with this data key; set it anew", "operator", o.ID, "err", err)
		return ""
	}
	return string(phc)
}

// Enter signs somebody in at a booth with their PIN: session is the token for the cookie. What they may do there is
// what a guard may, see BoothVerbs; they have proved nothing (see Fresh), and are signed out when they do
// not use it for the booth's Lock. BadPIN (also of somebody unknown, at the same cost), PINLocked, NoBooth, Throttled.
func (b *Booths) Enter(ctx context.Context, booth string, id ID, pin string, from Client) (o Operator, session string, err error) {
	at, ok := b.Of(booth)
	if !ok {
		b.s.refused(b.meant(ctx, id), from, NoBooth, nil)
		return Operator{}, "", &devices.Error{Op: "booth.enter", Code: NoBooth, Message: "this browser is no booth any more: sign in with the password"}
	}
	o, err = b.judge(ctx, id, pin)
	if err != nil {
		if code := devices.CodeOf(err); code == BadPIN || code == PINLocked {
			b.s.d.Log.Warn("sign-in at a booth refused", "operator", o.ID, "booth", at.ID, "code", code, "address", from.Address)
			b.s.refused(o, from, code, map[string]any{"booth": at.ID})
		}
		return Operator{}, "", err
	}
	session, err = b.s.openAt(ctx, o, from, &at)
	if err == nil {
		err = b.unchanged(ctx, o, session, booth, at.ID)
	}
	if err != nil {
		return Operator{}, "", err
	}
	return o, session, nil
}

// meant is the account of an id; the zero Operator if there is none.
func (b *Booths) meant(ctx context.Context, id ID) Operator {
	o, err := b.s.d.Store.Operator(ctx, id)
	if err != nil {
		return Operator{}
	}
	return o
}

// judge counts a try before it is made, in one transaction, so that many at once are not more.
func (b *Booths) judge(ctx context.Context, id ID, pin string) (Operator, error) {
	s, counted := b.s, false
	o, err := s.d.Store.EditOperator(ctx, id, func(o *Operator) *devices.AuditEntry {
		if counted = s.mayEnter(*o) && !o.PINLocked(); !counted {
			return nil
		}
		o.PIN.Wrong++
		return nil
	})
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return Operator{}, fmt.Errorf("booth.enter: %w", err)
	}
	if err == nil && !counted && s.mayEnter(o) {
		return o, &devices.Error{Op: "booth.enter", Code: PINLocked, Field: "pin", Message: "is not taken any more: too many were wrong. Sign in with your password"}
	}
	phc := "" // nothing is right for somebody who may not enter
	if counted {
		phc = s.pinOf(o)
	}
	if len(pin) != pinLength {
		pin = ""
	}
	right, _, err := s.hasher.verify(ctx, pin, phc)
	if err != nil {
		if counted {
			b.giveBack(ctx, id, 1)
		}
		return Operator{}, fmt.Errorf("booth.enter: %w", err)
	}
	if !right {
		if counted && o.PINLocked() {
			b.locked(ctx, o)
		}
		return o, &devices.Error{Op: "booth.enter", Code: BadPIN, Field: "pin", Message: "is wrong"}
	}
	b.giveBack(ctx, id, mostWrongPINs)
	return o, nil
}

// locked has the audit trail told of the last try that was wrong, also if whoever made it does not wait.
func (b *Booths) locked(ctx context.Context, o Operator) {
	_, err := b.s.d.Store.EditOperator(context.WithoutCancel(ctx), o.ID, func(*Operator) *devices.AuditEntry {
		entry := b.s.entry(devices.Actor{Kind: devices.ActorSystem}, "operator.pin.locked", o.ID, map[string]any{"wrong": o.PIN.Wrong})
		return &entry
	})
	if err != nil {
		b.s.d.Log.Warn("the audit trail could not be told of a PIN that is not taken any more", "operator", o.ID, "err", err)
	}
}

// giveBack takes tries back that were not wrong, also if whoever made them does not wait.
func (b *Booths) giveBack(ctx context.Context, id ID, n int) {
	_, err := b.s.d.Store.EditOperator(context.WithoutCancel(ctx), id, func(o *Operator) *devices.AuditEntry {
		o.PIN.Wrong = max(o.PIN.Wrong-n, 0)
		return nil
	})
	if err != nil {
		b.s.d.Log.Warn("a try of a PIN that was not wrong could not be given back", "operator", id, "err", err)
	}
}

// unchanged takes a new session back if its account or its booth was changed since it was judged.
func (b *Booths) unchanged(ctx context.Context, o Operator, session, booth string, at BoothID) error {
	now, err := b.s.d.Store.Operator(ctx, o.ID)
	_, still := b.Of(booth)
	if err == nil && still && b.s.mayEnter(now) && slices.Equal(now.PIN.Hash, o.PIN.Hash) {
		return nil
	}
	by := b.s.actor(o, "")
	by.Booth = string(at)
	ended := b.s.delete(ctx, hashToken(session), b.s.entry(by, "session.end", o.ID, map[string]any{"why": "the account was changed meanwhile"}))
	if ended != nil {
		return fmt.Errorf("booth.enter: %w", ended)
	}
	if err != nil {
		return fmt.Errorf("booth.enter: %w", err)
	}
	return &devices.Error{Op: "booth.enter", Code: BadPIN, Field: "pin", Message: "is wrong"}
}

// freePIN has a PIN taken again whose owner signed in with their password.
func (s *Service) freePIN(ctx context.Context, id ID) {
	_, err := s.d.Store.EditOperator(ctx, id, func(o *Operator) *devices.AuditEntry {
		o.PIN.Wrong = 0
		return nil
	})
	if err != nil {
		s.d.Log.Warn("a PIN could not be freed", "operator", id, "err", err)
	}
}
