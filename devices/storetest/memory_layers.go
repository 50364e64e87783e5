package storetest

import (
	"context"

	"gatehouse/devices"
)

// Layers implements devices.Store.
func (m *Memory) Layers(context.Context) ([]devices.Layer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []devices.Layer
	for _, l := range m.layers {
		if l.Set {
			all = append(all, l)
		}
	}
	return all, nil
}

// SaveLayer implements devices.Store.
func (m *Memory) SaveLayer(_ context.Context, l devices.Layer, a devices.AuditEntry) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.site(devices.SiteID(l.Scope.Site)); !ok {
		return 0, missing("store.save_layer", "site "+l.Scope.Site)
	}
	l.Revision = m.raise(devices.SiteID(l.Scope.Site))
	m.layers[l.Key()] = l
	m.log(a)
	return l.Revision, nil
}
