package operators_test

import (
	"context"
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
	sessions  map[operators.TokenHash]operators.Session
	audit     []devices.AuditEntry
	reads     int
	touches   int
	fail      error
}

func newMemory() *memory {
	return &memory{operators: map[operators.ID]operators.Operator{}, sessions: map[operators.TokenHash]operators.Session{}}
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

func (m *memory) SetPassword(_ context.Context, id operators.ID, phc string) error {
	unlock, err := m.lock()
	defer unlock()
	o := m.operators[id]
	o.Password = phc
	m.operators[id] = o
	return err
}

func (m *memory) SetLanguage(_ context.Context, id operators.ID, language string) error {
	unlock, err := m.lock()
	defer unlock()
	o := m.operators[id]
	o.Language = language
	m.operators[id] = o
	return err
}

func (m *memory) AddSession(_ context.Context, s operators.Session, a devices.AuditEntry) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil {
		m.sessions[s.TokenHash] = s
		m.audit = append(m.audit, a)
	}
	return err
}

func (m *memory) Session(_ context.Context, h operators.TokenHash) (operators.Session, error) {
	unlock, err := m.lock()
	defer unlock()
	s, ok := m.sessions[h]
	if err == nil && !ok {
		err = coded(devices.NotFound)
	}
	return s, err
}

func (m *memory) TouchSession(_ context.Context, h operators.TokenHash, at time.Time) error {
	unlock, err := m.lock()
	defer unlock()
	s := m.sessions[h]
	s.LastSeen = at
	m.sessions[h] = s
	m.touches++
	return err
}

func (m *memory) DeleteSession(_ context.Context, h operators.TokenHash, a devices.AuditEntry) error {
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

func (m *memory) DeleteExpired(_ context.Context, now time.Time, idle time.Duration) ([][32]byte, error) {
	unlock, err := m.lock()
	defer unlock()
	var gone [][32]byte
	for h, s := range m.sessions {
		if !now.Before(s.Expires) || now.Sub(s.LastSeen) >= idle {
			gone = append(gone, h)
			delete(m.sessions, h)
		}
	}
	return gone, err
}
