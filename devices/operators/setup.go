package operators

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// Setup creates the first administrator and signs them in: session is the token
// for the cookie. BadToken, Throttled, Conflict (there is one already), Invalid
// (Field name, password, language).
func (s *Service) Setup(ctx context.Context, token string, a Account, from Client) (o Operator, session string, err error) {
	if !s.Needed(ctx) {
		return Operator{}, "", alreadySetUp(nil)
	}
	if err := s.setup.check(s.d.SetupTokens, token, s.now()); err != nil {
		return Operator{}, "", err
	}
	o, err = s.firstOperator(ctx, a)
	if err != nil {
		return Operator{}, "", err
	}
	err = s.d.Store.AddFirstOperator(ctx, o, s.entry(s.actor(o, from.Address), "operator.setup", o.ID, map[string]any{"role": o.Role}))
	if devices.CodeOf(err) == devices.Conflict {
		s.exists.Store(true)
		return Operator{}, "", alreadySetUp(err)
	}
	if err != nil {
		return Operator{}, "", fmt.Errorf("setup: %w", err)
	}
	s.exists.Store(true)
	if err := s.d.SetupTokens.DropSetupToken(); err != nil { // it is worth nothing any more
		s.d.Log.WarnContext(ctx, "the setup token that was used is still there", "error", err)
	}
	s.homes.add(accountKey(o.Name), from.Address)
	session, err = s.open(ctx, o, from)
	if err != nil {
		return Operator{}, "", err
	}
	return o, session, nil
}

func (s *Service) firstOperator(ctx context.Context, a Account) (Operator, error) {
	name, err := checkName(a.Name)
	if err != nil {
		return Operator{}, err
	}
	if err := checkPassword(a.Password, name); err != nil {
		return Operator{}, err
	}
	if err := checkLanguage(a.Language); err != nil {
		return Operator{}, err
	}
	phc, err := s.hasher.make(ctx, a.Password)
	if err != nil {
		return Operator{}, fmt.Errorf("setup: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Operator{}, &devices.Error{Op: "setup", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	return Operator{ID: ID(id.String()), Name: name, Password: phc, Role: Administrator, Language: a.Language, Created: s.now()}, nil
}

func alreadySetUp(cause error) error {
	return &devices.Error{Op: "setup", Code: devices.Conflict, Message: "there is an administrator already; sign in instead", Err: cause}
}
