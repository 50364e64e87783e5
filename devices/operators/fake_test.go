package operators_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// memory is a Store in memory; fail, if set, is what it answers.
type memory struct {
	mu        sync.Mutex
	operators map[operators.ID]operators.Operator
	sessions  map[operators.SessionKey]operators.Session
	audit     []devices.AuditEntry
	reads     int
	touches   int
	fail      error

	onOperator func() // called once before an account is read by its id
	onSession  func() // called once before a session is added
	onProve    func() // called once before a session is proved
	onDelete   func() // called once before a session is deleted

	factorRoles []operators.Role
	roles       map[operators.Role]operators.OwnRole
}

func newMemory() *memory {
	return &memory{roles: map[operators.Role]operators.OwnRole{}, operators: map[operators.ID]operators.Operator{}, sessions: map[operators.SessionKey]operators.Session{}}
}

func coded(c devices.Code) error { return &devices.Error{Op: "memory", Code: c} }

// lock begins a call.
func (m *memory) lock() (unlock func(), err error) {
	m.mu.Lock()
	m.reads++
	return m.mu.Unlock, m.fail
}

func (m *memory) set(change func(m *memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
}

// once calls what a test wants to happen now, once.
func (m *memory) once(f *func()) {
	m.mu.Lock()
	now := *f
	*f = nil
	m.mu.Unlock()
	if now != nil {
		now()
	}
}

func (m *memory) Operators(context.Context) (int, error) {
	unlock, err := m.lock()
	defer unlock()
	return len(m.operators), err
}

func (m *memory) OperatorByName(_ context.Context, name string) (operators.Operator, error) {
	unlock, err := m.lock()
	defer unlock()
	for _, o := range m.operators {
		if err == nil && strings.EqualFold(o.Name, name) {
			return o, nil
		}
	}
	if err == nil {
		err = coded(devices.NotFound)
	}
	return operators.Operator{}, err
}

func (m *memory) Operator(_ context.Context, id operators.ID) (operators.Operator, error) {
	m.once(&m.onOperator)
	unlock, err := m.lock()
	defer unlock()
	o, ok := m.operators[id]
	if err == nil && !ok {
		err = coded(devices.NotFound)
	}
	return o, err
}

func (m *memory) AddFirstOperator(_ context.Context, o operators.Operator, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil && len(m.operators) > 0 {
		err = coded(devices.Conflict)
	}
	if err == nil {
		m.operators[o.ID] = o
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) AllOperators(context.Context) ([]operators.Operator, error) {
	unlock, err := m.lock()
	defer unlock()
	return slices.SortedFunc(maps.Values(m.operators), func(a, b operators.Operator) int { return strings.Compare(a.Name, b.Name) }), err
}

func (m *memory) AddOperator(_ context.Context, o operators.Operator, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	for _, other := range m.operators {
		if strings.EqualFold(other.Name, o.Name) {
			return coded(devices.Conflict)
		}
	}
	if err == nil {
		m.operators[o.ID] = o
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) EditOperator(_ context.Context, id operators.ID, change func(*operators.Operator) *devices.AuditEntry) (operators.Operator, error) {
	unlock, err := m.lock()
	defer unlock()
	was, ok := m.operators[id]
	if err == nil && !ok {
		err = coded(devices.NotFound)
	}
	if err != nil {
		return operators.Operator{}, err
	}
	o := was
	a := change(&o)
	m.operators[id] = o
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.operators)), func(o operators.Operator) bool { return o.Role == operators.Administrator && !o.Disabled }) {
		m.operators[id] = was
		return operators.Operator{}, coded(devices.Conflict)
	}
	if a != nil {
		m.audit = append(m.audit, *a)
	}
	return o, nil
}

func (m *memory) SessionsOf(_ context.Context, id operators.ID) (of []operators.Session, err error) {
	unlock, err := m.lock()
	defer unlock()
	for _, s := range m.sessions {
		if s.Operator == id {
			of = append(of, s)
		}
	}
	slices.SortFunc(of, func(a, b operators.Session) int { return b.LastSeen.Compare(a.LastSeen) })
	return of, err
}

func (m *memory) AddSession(_ context.Context, s operators.Session, a devices.AuditEntry) error {
	m.once(&m.onSession)
	unlock, err := m.lock()
	defer unlock()
	if err == nil {
		m.sessions[s.Key] = s
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) Session(_ context.Context, token [32]byte) (operators.Session, error) {
	unlock, err := m.lock()
	defer unlock()
	for _, s := range m.sessions {
		if err == nil && s.Token == token {
			return s, nil
		}
	}
	if err == nil {
		err = coded(devices.NotFound)
	}
	return operators.Session{}, err
}

func (m *memory) ProveSession(_ context.Context, h operators.SessionKey, was, token [32]byte, at time.Time, a devices.AuditEntry) error {
	m.once(&m.onProve)
	unlock, err := m.lock()
	defer unlock()
	s, ok := m.sessions[h]
	if err == nil && (!ok || s.Token != was) {
		err = coded(devices.NotFound)
	}
	if err == nil {
		s.Proved, s.Token = at, token
		m.audit = append(m.audit, a)
		m.sessions[h] = s
	}
	return err
}

func (m *memory) FactorRoles(context.Context) ([]operators.Role, bool, error) {
	unlock, err := m.lock()
	defer unlock()
	return m.factorRoles, m.factorRoles != nil, err
}

func (m *memory) SetFactorRoles(_ context.Context, roles []operators.Role, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil {
		m.factorRoles = roles
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) TouchSession(_ context.Context, h operators.SessionKey, at time.Time) error {
	unlock, err := m.lock()
	defer unlock()
	s := m.sessions[h]
	s.LastSeen = at
	m.sessions[h] = s
	m.touches++
	return err
}

func (m *memory) DeleteSession(_ context.Context, h operators.SessionKey, a devices.AuditEntry) error {
	m.once(&m.onDelete)
	unlock, err := m.lock()
	defer unlock()
	if _, ok := m.sessions[h]; err == nil && !ok {
		err = coded(devices.NotFound)
	}
	if err == nil {
		delete(m.sessions, h)
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) DeleteExpired(_ context.Context, now time.Time, idle time.Duration) ([]operators.SessionKey, error) {
	unlock, err := m.lock()
	defer unlock()
	var gone []operators.SessionKey
	for h, s := range m.sessions {
		if !now.Before(s.Expires) || now.Sub(s.LastSeen) >= idle {
			gone = append(gone, h)
			delete(m.sessions, h)
		}
	}
	return gone, err
}

func (m *memory) OwnRoles(context.Context) ([]operators.OwnRole, error) {
	unlock, err := m.lock()
	defer unlock()
	return slices.Collect(maps.Values(m.roles)), err
}

func (m *memory) PutRole(_ context.Context, r operators.OwnRole, needing []operators.Role, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil && slices.ContainsFunc(slices.Collect(maps.Values(m.roles)), func(o operators.OwnRole) bool { return o.ID != r.ID && strings.EqualFold(o.Name, r.Name) }) {
		err = coded(devices.Conflict)
	}
	if err != nil {
		return err
	}
	m.roles[r.ID] = r
	if needing != nil {
		m.factorRoles = needing
	}
	m.audit = append(m.audit, a)
	return nil
}

func (m *memory) RemoveRole(_ context.Context, id operators.Role, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil && slices.ContainsFunc(slices.Collect(maps.Values(m.operators)), func(o operators.Operator) bool { return o.Role == id }) {
		err = coded(devices.Conflict)
	}
	if err == nil {
		delete(m.roles, id)
		m.audit = append(m.audit, a)
	}
	return err
}
