package storetest

import (
	"context"
	"slices"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// RenameSite implements devices.Store.
func (m *Memory) RenameSite(_ context.Context, id devices.SiteID, name string, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.sites, func(s devices.Site) bool { return s.ID == id })
	if i < 0 {
		return missing("store.rename_site", "site "+string(id))
	}
	m.sites[i].Name = name
	m.raise(id)
	m.log(a)
	return nil
}

// RenameZone implements devices.Store.
func (m *Memory) RenameZone(_ context.Context, id devices.ZoneID, name string, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.zones, func(z devices.Zone) bool { return z.ID == id })
	if i < 0 {
		return missing("store.rename_zone", "zone "+string(id))
	}
	m.zones[i].Name = name
	m.raise(m.zones[i].Site)
	m.log(a)
	return nil
}

// EditDevice implements devices.Store.
func (m *Memory) EditDevice(_ context.Context, id devices.DeviceID, zone devices.ZoneID, name string, a devices.AuditEntry) (devices.Revision, error) {
	const op = "store.edit_device"
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.inService(op, id)
	if err != nil {
		return 0, err
	}
	if !m.hasZone(zone, l.Device.Site) {
		return 0, missing(op, "zone "+string(zone))
	}
	l.Device.Zone, l.Device.Name = zone, name
	l.Revision = m.raise(l.Device.Site)
	m.live[id] = l
	m.log(a)
	return l.Revision, nil
}

// Retire implements devices.Store.
func (m *Memory) Retire(_ context.Context, r devices.Retirement, a devices.AuditEntry) (old, heir devices.Revision, err error) {
	const op = "store.retire"
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.inService(op, r.Device)
	if err != nil {
		return 0, 0, err
	}
	s := r.Successor
	if s != nil {
		if _, known := m.live[s.ID]; known {
			return 0, 0, taken(op, string(s.ID))
		}
		if !m.hasZone(s.Zone, s.Site) {
			return 0, 0, missing(op, "zone "+string(s.Zone))
		}
	}
	l.Device.Retired = r.At
	if l.Link.Status != presence.NeverSeen {
		l.Link.Status, l.Link.Since, l.Link.Cause = presence.Offline, r.At, devices.CauseRetired
		m.endSpan(r.Device, r.At, devices.CauseRetired)
	}
	l.Revision = m.raise(l.Device.Site)
	m.live[r.Device] = l
	if s != nil {
		heir = m.raise(s.Site)
		d := *s
		d.Replaces = r.Device
		m.devices = append(m.devices, d.ID)
		successor := devices.Live{
			Device: d, Link: presence.Link{Status: presence.NeverSeen}, State: devices.State{Physical: devices.Unknown}, Revision: heir,
			Config: l.Config,
		}
		if l.Config.Revision > 0 {
			m.configs[d.ID] = []devices.Configuration{l.Config}
		}
		if d.Site == l.Device.Site {
			successor.Fire = l.Fire
		}
		m.live[d.ID] = successor
	}
	m.log(a)
	return l.Revision, heir, nil
}

func (m *Memory) hasZone(id devices.ZoneID, site devices.SiteID) bool {
	return slices.ContainsFunc(m.zones, func(z devices.Zone) bool { return z.ID == id && z.Site == site })
}

// inService is Conflict for a device that is retired.
func (m *Memory) inService(op string, id devices.DeviceID) (devices.Live, error) {
	l, ok := m.live[id]
	if !ok {
		return l, missing(op, "device "+string(id))
	}
	if !l.Device.Retired.IsZero() {
		return l, &devices.Error{Op: op, Code: devices.Conflict, Field: "device", Message: "it is retired"}
	}
	return l, nil
}

// AddRoster implements devices.Store.
func (m *Memory) AddRoster(_ context.Context, zones []devices.Zone, list []devices.Device, configs map[devices.DeviceID]devices.Configuration, a []devices.AuditEntry) ([]devices.Revision, error) {
	const op = "store.add_roster"
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.zones)
	for _, z := range zones {
		if _, ok := m.site(z.Site); !ok {
			m.zones = m.zones[:before]
			return nil, missing(op, "site "+string(z.Site))
		}
		m.zones = append(m.zones, z)
	}
	for _, d := range list {
		_, known := m.live[d.ID]
		if known || !m.hasZone(d.Zone, d.Site) {
			m.zones = m.zones[:before]
			if known {
				return nil, taken(op, string(d.ID))
			}
			return nil, missing(op, "zone "+string(d.Zone))
		}
	}
	out := make([]devices.Revision, len(list))
	for i, d := range list {
		out[i] = m.raise(d.Site)
		m.devices = append(m.devices, d.ID)
		m.live[d.ID] = devices.Live{
			Device: d, Link: presence.Link{Status: presence.NeverSeen}, State: devices.State{Physical: devices.Unknown}, Revision: out[i],
			Config: configs[d.ID],
		}
		if c, wanted := configs[d.ID]; wanted {
			m.configs[d.ID] = []devices.Configuration{c}
		}
	}
	for _, e := range a {
		m.log(e)
	}
	return out, nil
}
