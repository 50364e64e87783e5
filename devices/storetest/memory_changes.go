package storetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
)

func (m *Memory) keepChanges(changes []devices.StateChange, r devices.Revision) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		m.lastChange++
		c.ID, c.Revision = m.lastChange, r
		m.changes = append(m.changes, c)
	}
}

// Changes implements devices.Store.
func (m *Memory) Changes(_ context.Context, q devices.ChangeQuery) ([]devices.StateChange, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []devices.StateChange
	for _, c := range slices.Backward(m.changes) {
		field := q.Field == "" || c.Field == q.Field || q.Field == devices.SettingsField && strings.HasPrefix(c.Field, devices.SettingsField+".")
		if field && slices.Contains(q.Devices, c.Device) && (q.Before == 0 || c.ID < q.Before) &&
			!c.ArrivedAt.Before(q.From) && (q.To.IsZero() || c.ArrivedAt.Before(q.To)) {
			all = append(all, c)
		}
	}
	return first(all, q.Limit), nil
}

// ForgetChanges implements devices.Store.
func (m *Memory) ForgetChanges(_ context.Context, before time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes = slices.DeleteFunc(m.changes, func(c devices.StateChange) bool { return c.ArrivedAt.Before(before) })
	return false, nil
}
