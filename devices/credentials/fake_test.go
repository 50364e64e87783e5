package credentials_test

import (
	"context"
	"maps"
	"slices"
	"sync"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// memory is a Store in memory. fail, if set, is what writes answer, after they
// were made if late is set; onRead is called before each read is answered.
type memory struct {
	mu      sync.Mutex
	rows    map[string]credentials.Credential
	audit   []devices.AuditEntry
	reads   int
	touches []string
	fail    error
	late    bool
	onRead  func()
}

func newMemory() *memory { return &memory{rows: map[string]credentials.Credential{}} }

func (m *memory) Credential(_ context.Context, username string) (credentials.Credential, error) {
	m.mu.Lock()
	m.reads++
	c, ok := m.rows[username]
	hook := m.onRead
	m.mu.Unlock()
	if hook != nil {
		hook()
	}
	if !ok {
		return c, &devices.Error{Op: "memory", Code: devices.NotFound}
	}
	return c, nil
}

func (m *memory) Credentials(_ context.Context, h credentials.Holder) ([]credentials.Credential, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	all := slices.Collect(maps.Values(m.rows))
	return slices.DeleteFunc(all, func(c credentials.Credential) bool { return c.Holder != h }), nil
}

func (m *memory) write(a devices.AuditEntry, change func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil || m.late {
		change()
		m.audit = append(m.audit, a)
	}
	return m.fail
}

func (m *memory) PutCredential(_ context.Context, c credentials.Credential, a devices.AuditEntry) error {
	return m.write(a, func() { m.rows[c.Username] = c })
}

func (m *memory) PutCredentials(_ context.Context, list []credentials.Credential, a []devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil || m.late {
		for _, c := range list {
			m.rows[c.Username] = c
		}
		m.audit = append(m.audit, a...)
	}
	return m.fail
}

func (m *memory) DeleteCredential(_ context.Context, username string, a devices.AuditEntry) error {
	return m.write(a, func() { delete(m.rows, username) })
}

func (m *memory) TouchCredentials(_ context.Context, uses map[string]credentials.Use) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for username, u := range uses {
		m.touches = append(m.touches, username)
		if c, ok := m.rows[username]; ok {
			if !u.At.IsZero() {
				c.LastUsed = u.At
			}
			if u.Shown != (credentials.Shown{}) {
				c.Shown = u.Shown
			}
			m.rows[username] = c
		}
	}
	return nil
}

func (m *memory) readCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reads
}

func (m *memory) touched() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.touches)
}
