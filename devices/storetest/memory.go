package storetest

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
	"gatehouse/devices/presence"
)

// Memory is a devices.Store that forgets everything with the process. The zero
// value is not usable: see NewMemory.
type Memory struct {
	mu          sync.Mutex // guards everything below
	sites       []devices.Site
	zones       []devices.Zone
	devices     []devices.DeviceID // in the order of their making
	live        map[devices.DeviceID]devices.Live
	commands    []devices.Command
	events      []devices.Event
	quarantined []devices.Quarantined
	audit       []devices.AuditRow
	ledger      []row
	fires       []devices.FireReport
	layers      map[arbiter.Key]devices.Layer
	batches     []devices.Batch
	spans       map[devices.DeviceID][]presence.Span
	runs        []presence.Period
	plates      []plates.Reading
	pictures    map[pictureKey]pictures.Record
	corrected   map[devices.EventID]bool // in the ledger
	changes     []devices.StateChange
	lastChange  int64
	configs     map[devices.DeviceID][]devices.Configuration
	alarmed     map[pictureKey]alarmMark
}

// row is what Tally needs of a ledger row.
type row struct {
	site     devices.SiteID
	at       int64
	amount   int64
	currency string
}

// NewMemory gives an empty store.
func NewMemory() *Memory {
	return &Memory{
		live: map[devices.DeviceID]devices.Live{}, layers: map[arbiter.Key]devices.Layer{},
		spans:    map[devices.DeviceID][]presence.Span{},
		pictures: map[pictureKey]pictures.Record{}, corrected: map[devices.EventID]bool{}, alarmed: map[pictureKey]alarmMark{},
		configs: map[devices.DeviceID][]devices.Configuration{},
	}
}

// raise gives the next revision of a site.
func (m *Memory) raise(id devices.SiteID) devices.Revision {
	for i := range m.sites {
		if m.sites[i].ID == id {
			m.sites[i].Revision++
			return m.sites[i].Revision
		}
	}
	return 0
}

func (m *Memory) site(id devices.SiteID) (devices.Site, bool) {
	i := slices.IndexFunc(m.sites, func(s devices.Site) bool { return s.ID == id })
	if i < 0 {
		return devices.Site{}, false
	}
	return m.sites[i], true
}

func (m *Memory) log(a devices.AuditEntry) {
	a.Detail, a.About = devices.Merged(a.Detail, a.About), ""
	m.audit = append(m.audit, devices.AuditRow{ID: int64(len(m.audit) + 1), AuditEntry: a})
}

// Sites implements devices.Store.
func (m *Memory) Sites(context.Context) ([]devices.Site, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sites), nil
}

// Zones implements devices.Store.
func (m *Memory) Zones(context.Context) ([]devices.Zone, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.zones), nil
}

// Devices implements devices.Store.
func (m *Memory) Devices(context.Context) ([]devices.Live, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]devices.Live, 0, len(m.devices))
	for _, id := range m.devices {
		all = append(all, copyLive(m.live[id]))
	}
	return all, nil
}

// AddSite implements devices.Store.
func (m *Memory) AddSite(_ context.Context, s devices.Site, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.site(s.ID); ok {
		return taken("store.add_site", string(s.ID))
	}
	m.sites = append(m.sites, s)
	m.log(a)
	return nil
}

// AddZone implements devices.Store.
func (m *Memory) AddZone(_ context.Context, z devices.Zone, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.site(z.Site); !ok {
		return missing("store.add_zone", "site "+string(z.Site))
	}
	if slices.ContainsFunc(m.zones, func(o devices.Zone) bool { return o.ID == z.ID }) {
		return taken("store.add_zone", string(z.ID))
	}
	m.zones = append(m.zones, z)
	m.log(a)
	return nil
}

// AddDevice implements devices.Store.
func (m *Memory) AddDevice(_ context.Context, d devices.Device, a devices.AuditEntry) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.zones, func(z devices.Zone) bool { return z.ID == d.Zone && z.Site == d.Site }) {
		return 0, missing("store.add_device", "zone "+string(d.Zone))
	}
	if _, ok := m.live[d.ID]; ok {
		return 0, taken("store.add_device", string(d.ID))
	}
	r := m.raise(d.Site)
	m.devices = append(m.devices, d.ID)
	m.live[d.ID] = devices.Live{
		Device:   d,
		Link:     presence.Link{Status: presence.NeverSeen},
		State:    devices.State{Physical: devices.Unknown},
		Revision: r,
	}
	m.log(a)
	return r, nil
}

// AddCommand implements devices.Store.
func (m *Memory) AddCommand(_ context.Context, c devices.Command, a devices.AuditEntry) (devices.Command, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.live[c.Device]
	if !ok {
		return devices.Command{}, false, missing("store.add_command", "device "+string(c.Device))
	}
	for _, o := range m.commands {
		if o.Device == c.Device && o.Key == c.Key {
			return copyCommand(o), true, nil
		}
		if o.ID == c.ID || (o.Device == c.Device && o.Seq == c.Seq) {
			return devices.Command{}, false, taken("store.add_command", string(c.ID))
		}
	}
	c.Revision = m.raise(l.Device.Site)
	m.commands = append(m.commands, copyCommand(c))
	m.log(a)
	return copyCommand(c), false, nil
}

// CommandByKey implements devices.Store.
func (m *Memory) CommandByKey(_ context.Context, d devices.DeviceID, key string) (devices.Command, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.commands {
		if c.Device == d && c.Key == key {
			return copyCommand(c), nil
		}
	}
	return devices.Command{}, missing("store.command_by_key", "command with the key "+key)
}

// CommandSeqs implements devices.Store.
func (m *Memory) CommandSeqs(context.Context) (map[devices.DeviceID]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seqs := map[devices.DeviceID]int64{}
	for _, c := range m.commands {
		seqs[c.Device] = max(seqs[c.Device], c.Seq)
	}
	return seqs, nil
}

// CommandKeys implements devices.Store.
func (m *Memory) CommandKeys(_ context.Context, since time.Time, limit int) ([]devices.CommandKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []devices.CommandKey
	for _, c := range slices.Backward(m.commands) {
		if !c.Issued.Before(since) && len(keys) < limit {
			keys = append(keys, devices.CommandKey{Device: c.Device, Key: c.Key, ID: c.ID})
		}
	}
	return keys, nil
}

// SaveLadder implements devices.Store.
func (m *Memory) SaveLadder(_ context.Context, c devices.Command) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.commands {
		o := &m.commands[i]
		if o.ID == c.ID {
			o.Ladder = command.Ladder{Rungs: slices.Clone(c.Ladder.Rungs)}
			o.Revision = m.raise(o.Site)
			return o.Revision, nil
		}
	}
	return 0, missing("store.save_ladder", "command "+string(c.ID))
}

// Command implements devices.Store.
func (m *Memory) Command(_ context.Context, id devices.CommandID) (devices.Command, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.commands {
		if c.ID == id {
			return copyCommand(c), nil
		}
	}
	return devices.Command{}, missing("store.command", "command "+string(id))
}

// Commands implements devices.Store.
func (m *Memory) Commands(_ context.Context, q devices.CommandQuery) ([]devices.Command, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []devices.Command
	before := int64(math.MaxInt64)
	if q.Older != "" {
		before = 0 // there is none before one that is not there
	}
	for _, c := range m.commands {
		if c.Device == q.Device && c.ID == q.Older {
			before = c.Seq
		}
	}
	for _, c := range m.commands {
		if q.Selects(c) && c.Seq < before {
			found = append(found, copyCommand(c))
		}
	}
	slices.SortStableFunc(found, func(a, b devices.Command) int { return cmp.Compare(b.Seq, a.Seq) })
	return first(found, q.Limit), nil
}

// OpenCommands implements devices.Store.
func (m *Memory) OpenCommands(context.Context) ([]devices.Command, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []devices.Command
	for _, c := range m.commands {
		if !command.Ended(c.Ladder) {
			found = append(found, copyCommand(c))
		}
	}
	return found, nil
}

// update changes what is known of a device and gives the new revision.
func (m *Memory) update(op string, d devices.DeviceID, change func(*devices.Live)) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.live[d]
	if !ok {
		return 0, missing(op, "device "+string(d))
	}
	change(&l)
	l.Revision = m.raise(l.Device.Site)
	m.live[d] = l
	return l.Revision, nil
}

// SaveState implements devices.Store.
func (m *Memory) SaveState(_ context.Context, d devices.DeviceID, s devices.State) (devices.Revision, error) {
	s.Modes = maps.Clone(s.Modes)
	s.Counters, s.Capabilities = maps.Clone(s.Counters), slices.Clone(s.Capabilities)
	var changes []devices.StateChange
	r, err := m.update("store.save_state", d, func(live *devices.Live) {
		changes = devices.StateChanges(d, live.State, s)
		live.State = s
	})
	m.keepChanges(changes, r)
	return r, err
}
