package storetest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/bans"
)

// Memory is a bans.Store in memory.
type Memory struct {
	mu    sync.Mutex
	bans  map[bans.ID]bans.Ban
	audit []devices.AuditEntry
	fail  error
}

// Fail makes every change fail with err, which changes nothing; nil: none any more.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Audit gives the entries that were written.
func (m *Memory) Audit() []devices.AuditEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audit)
}

// Bans implements bans.Store.
func (m *Memory) Bans(context.Context) ([]bans.Ban, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]bans.Ban, 0, len(m.bans))
	for _, b := range m.bans {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b bans.Ban) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// AddBan implements bans.Store.
func (m *Memory) AddBan(_ context.Context, b bans.Ban, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if _, there := m.bans[b.ID]; there {
		return &devices.Error{Code: devices.Conflict, Field: "id"}
	}
	if m.bans == nil {
		m.bans = map[bans.ID]bans.Ban{}
	}
	m.bans[b.ID] = b
	m.audit = append(m.audit, a)
	return nil
}

// LiftBan implements bans.Store.
func (m *Memory) LiftBan(_ context.Context, b bans.Ban, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	was, there := m.bans[b.ID]
	if !there || !was.Lifted.IsZero() {
		return &devices.Error{Code: devices.NotFound, Field: "ban"}
	}
	was.Lifted, was.LiftedBy, was.LiftReason = b.Lifted, b.LiftedBy, b.LiftReason
	m.bans[b.ID] = was
	m.audit = append(m.audit, a)
	return nil
}

// CountBans implements bans.Store.
func (m *Memory) CountBans(_ context.Context, all []bans.Ban) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for _, b := range all {
		if was, there := m.bans[b.ID]; there {
			was.Refused, was.LastRefused = b.Refused, b.LastRefused
			m.bans[b.ID] = was
		}
	}
	return nil
}

// DropBans implements bans.Store.
func (m *Memory) DropBans(_ context.Context, before time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for id, b := range m.bans {
		if over := b.Over(before); !over.IsZero() && over.Before(before) {
			delete(m.bans, id)
		}
	}
	return nil
}
