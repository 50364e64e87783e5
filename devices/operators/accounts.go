package operators

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// NewAccount is what an administrator says of a person who is to have an account.
type NewAccount struct {
	Name     string
	Role     Role
	Scope    devices.Scope
	Language string // "zh-CN", "en", or empty: the browser's
}

// List gives every account, by name.
func (s *Service) List(ctx context.Context) ([]Operator, error) {
	all, err := s.d.Store.AllOperators(ctx)
	if err != nil {
		return nil, fmt.Errorf("operators: %w", err)
	}
	return all, nil
}

// Create makes an account, with a first password that is shown once, is good for seven
// days, and that the person changes when they sign in. Invalid (Field name, role,
// language, places, hours), Forbidden (rights that whoever acts does not have), Conflict
// (Field name: somebody has it).
func (s *Service) Create(ctx context.Context, by devices.Actor, a NewAccount) (o Operator, password string, err error) {
	const op = "operator.create"
	name, err := checkName(a.Name)
	if err != nil {
		return Operator{}, "", err
	}
	if err := checkLanguage(a.Language); err != nil {
		return Operator{}, "", err
	}
	if err := s.checkRights(a.Role, a.Scope); err != nil {
		return Operator{}, "", err
	}
	password, phc, err := s.firstPassword(ctx)
	if err != nil {
		return Operator{}, "", fmt.Errorf("%s: %w", op, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Operator{}, "", &devices.Error{Op: op, Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	now := s.now()
	o = Operator{
		ID: ID(id.String()), Name: name, Role: a.Role, Scope: a.Scope, Language: a.Language, Created: now,
		Password: phc, MustChange: true, FirstEnds: now.Add(firstPasswordLife),
	}
	s.rights.Lock()
	defer s.rights.Unlock()
	if err := s.mayGive(ctx, by, s.GrantOf(o)); err != nil {
		return Operator{}, "", err
	}
	if err := s.d.Store.AddOperator(ctx, o, s.entry(by, op, o.ID, map[string]any{"role": o.Role, "scope": o.Scope}).With(map[string]any{"name": o.Name})); err != nil {
		return Operator{}, "", fmt.Errorf("%s: %w", op, err)
	}
	return o, password, nil
}

// SetDisabled shuts an account, which ends its sessions at once, or opens it
// again. NotFound, Conflict (they are the last administrator), Forbidden (they have rights that
// whoever acts does not have).
func (s *Service) SetDisabled(ctx context.Context, by devices.Actor, id ID, disabled bool) (Operator, error) {
	o, err := s.editMine(ctx, by, "operator.disabled", id, func(o *Operator) map[string]any {
		before := o.Disabled
		o.Disabled = disabled
		return map[string]any{"before": before, "after": disabled}
	})
	if err == nil && disabled {
		s.commandLost(ctx, by, o)
		err = s.endSessions(ctx, by, id, nil, "the account was shut")
	}
	return o, err
}

// ResetPassword gives a person a new first password, which is shown once, and ends
// their sessions at once. NotFound, Forbidden (as SetDisabled).
func (s *Service) ResetPassword(ctx context.Context, by devices.Actor, id ID) (o Operator, password string, err error) {
	password, phc, err := s.firstPassword(ctx)
	if err != nil {
		return Operator{}, "", fmt.Errorf("operator.password.reset: %w", err)
	}
	o, err = s.editMine(ctx, by, "operator.password.reset", id, func(o *Operator) map[string]any {
		o.Password, o.MustChange, o.FirstEnds = phc, true, s.now().Add(firstPasswordLife)
		o.Factor.Wrong = 0 // whoever guessed codes had the old one
		o.PIN = PIN{}
		return nil
	})
	if err != nil {
		return Operator{}, "", err
	}
	return o, password, s.endSessions(ctx, by, id, nil, "the password was reset")
}

// edit changes one account in one transaction, and then for its sessions in memory.
// change says what the audit trail is told.
func (s *Service) edit(ctx context.Context, by devices.Actor, verb string, id ID, change func(*Operator) map[string]any) (Operator, error) {
	o, err := s.d.Store.EditOperator(ctx, id, func(o *Operator) *devices.AuditEntry {
		entry := s.entry(by, verb, id, change(o))
		return &entry
	})
	if err != nil {
		return Operator{}, fmt.Errorf("%s: %w", verb, err)
	}
	s.sessions.changed(o)
	s.watchChanged(id)
	return o, nil
}

func (s *Service) entry(by devices.Actor, verb string, id ID, detail map[string]any) devices.AuditEntry {
	return devices.Audited(s.now(), by, verb, "", "operator:"+string(id), detail)
}
