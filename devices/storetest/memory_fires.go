package storetest

import (
	"context"
	"slices"

	"gatehouse/devices"
)

// SaveFire implements devices.Store.
func (m *Memory) SaveFire(_ context.Context, f devices.FireReport, entries ...devices.AuditEntry) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.site(f.Site); !ok {
		return 0, missing("store.save_fire", "site "+string(f.Site))
	}
	f.Openings = slices.Clone(f.Openings)
	f.Revision = m.raise(f.Site)
	if i := slices.IndexFunc(m.fires, func(o devices.FireReport) bool { return o.ID == f.ID }); i >= 0 {
		m.fires[i] = f
	} else {
		m.fires = append(m.fires, f)
	}
	for _, a := range entries {
		m.log(a)
	}
	return f.Revision, nil
}

// Fires implements devices.Store.
func (m *Memory) Fires(_ context.Context, limit int) ([]devices.FireReport, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []devices.FireReport
	for _, f := range m.fires {
		f.Openings = slices.Clone(f.Openings)
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b devices.FireReport) int { return b.Since.Compare(a.Since) })
	return first(all, limit), nil
}

// SaveFireWiring implements devices.Store.
func (m *Memory) SaveFireWiring(_ context.Context, d devices.DeviceID, f devices.FireWiring, a devices.AuditEntry) (devices.Revision, error) {
	r, err := m.update("store.save_fire_wiring", d, func(live *devices.Live) { live.Fire = f })
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.log(a)
	}
	return r, err
}
