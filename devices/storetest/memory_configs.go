package storetest

import (
	"context"
	"slices"

	"gatehouse/devices"
)

// SaveConfig implements devices.Store.
func (m *Memory) SaveConfig(_ context.Context, d devices.DeviceID, c devices.Configuration, a devices.AuditEntry) (devices.Revision, error) {
	const op = "store.save_config"
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.inService(op, d)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(m.configs[d], func(o devices.Configuration) bool { return o.Revision == c.Revision }) {
		return 0, taken(op, "revision of the configuration of "+string(d))
	}
	m.configs[d] = append(m.configs[d], c)
	l.Config, l.Revision = c, m.raise(l.Device.Site)
	m.live[d] = l
	m.log(a)
	return l.Revision, nil
}

// Configs implements devices.Store.
func (m *Memory) Configs(_ context.Context, d devices.DeviceID, limit int) ([]devices.Configuration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.configs[d])
	slices.SortFunc(all, func(a, b devices.Configuration) int { return int(b.Revision - a.Revision) })
	return first(all, limit), nil
}
