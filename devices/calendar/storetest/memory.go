package storetest

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Memory is a calendar.Store in memory.
type Memory struct {
	mu    sync.Mutex
	days  map[devices.SiteID]map[calendar.Day]calendar.Entry
	Audit []devices.AuditEntry
	Fail  error // of the next changes, which change nothing
}

// Days implements calendar.Store.
func (m *Memory) Days(_ context.Context, of devices.SiteID, from, to calendar.Day) (all []calendar.Entry, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for d, e := range m.days[of] {
		if d >= from && d <= to {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b calendar.Entry) int { return cmp.Compare(a.Day, b.Day) })
	return all, nil
}

// PutDays implements calendar.Store.
func (m *Memory) PutDays(_ context.Context, of devices.SiteID, days []calendar.Entry, a []devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Fail != nil {
		return m.Fail
	}
	if m.days == nil {
		m.days = map[devices.SiteID]map[calendar.Day]calendar.Entry{}
	}
	if m.days[of] == nil {
		m.days[of] = map[calendar.Day]calendar.Entry{}
	}
	for _, e := range days {
		m.days[of][e.Day] = e
	}
	m.Audit = append(m.Audit, a...)
	return nil
}

// RemoveDay implements calendar.Store.
func (m *Memory) RemoveDay(_ context.Context, of devices.SiteID, d calendar.Day, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Fail != nil {
		return m.Fail
	}
	if _, there := m.days[of][d]; !there {
		return &devices.Error{Op: "memory.remove", Code: devices.NotFound}
	}
	delete(m.days[of], d)
	m.Audit = append(m.Audit, a)
	return nil
}
