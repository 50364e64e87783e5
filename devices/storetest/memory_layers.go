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

// SaveLayers implements devices.Store.
func (m *Memory) SaveLayers(_ context.Context, all []devices.Layer, a []devices.AuditEntry) ([]devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range all {
		if _, ok := m.site(devices.SiteID(l.Scope.Site)); !ok {
			return nil, missing("store.save_layers", "site "+l.Scope.Site)
		}
	}
	raised := map[devices.SiteID]devices.Revision{}
	revisions := make([]devices.Revision, len(all))
	for i, l := range all {
		site := devices.SiteID(l.Scope.Site)
		if raised[site] == 0 {
			raised[site] = m.raise(site)
		}
		l.Revision, revisions[i] = raised[site], raised[site]
		m.layers[l.Key()] = l
	}
	for _, e := range a {
		m.log(e)
	}
	return revisions, nil
}
