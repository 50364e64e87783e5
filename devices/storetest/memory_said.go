package storetest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// AddEvent implements devices.Store.
func (m *Memory) AddEvent(_ context.Context, e devices.Event) (devices.Revision, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.live[e.Device]
	if !ok {
		return 0, false, missing("store.add_event", "device "+string(e.Device))
	}
	for _, o := range m.events {
		if o.Device != e.Device || o.ID != e.ID {
			continue
		}
		if !o.SameContent(e) {
			return 0, false, taken("store.add_event", string(e.ID))
		}
		return o.Revision, true, nil
	}
	e.Revision = m.raise(l.Device.Site)
	m.events = append(m.events, e)
	if e.Type == plates.EventType {
		m.mergePlate(e)
	}
	l.Last, l.Revision = &e, e.Revision
	m.live[e.Device] = l
	return e.Revision, false, nil
}

// Events implements devices.Store.
func (m *Memory) Events(_ context.Context, q devices.EventQuery) ([]devices.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []devices.Event
	for _, e := range slices.Backward(m.events) {
		if q.Within.Admits(e.Site, e.Zone) && (q.Device == "" || e.Device == q.Device) && (q.Site == "" || e.Site == q.Site) &&
			(q.Zone == "" || e.Zone == q.Zone) && (q.Type == "" || e.Type == q.Type) && !e.ArrivedAt.Before(q.From) &&
			(q.Before.IsZero() || e.ArrivedAt.Before(q.Before)) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b devices.Event) int { return b.ArrivedAt.Compare(a.ArrivedAt) })
	if q.Older != (devices.EventKey{}) {
		at := slices.IndexFunc(found, func(e devices.Event) bool { return e.Device == q.Older.Device && e.ID == q.Older.ID })
		if at < 0 {
			return nil, nil
		}
		found = found[at+1:]
	}
	return first(found, q.Limit), nil
}

// Event implements devices.Store.
func (m *Memory) Event(_ context.Context, d devices.DeviceID, id devices.EventID) (devices.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.events {
		if e.Device == d && e.ID == id {
			return e, nil
		}
	}
	return devices.Event{}, missing("store.event", "event "+string(id))
}

// Quarantine implements devices.Store.
func (m *Memory) Quarantine(_ context.Context, q devices.Quarantined) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q.Why == devices.OtherContent && slices.ContainsFunc(m.quarantined, func(o devices.Quarantined) bool {
		return o.Why == q.Why && o.Device == q.Device && o.Topic == q.Topic && bytes.Equal(o.Payload, q.Payload)
	}) {
		return nil
	}
	q.ID = int64(len(m.quarantined) + 1)
	q.Payload = slices.Clone(q.Payload)
	q.Revision = m.raise(q.Site)
	m.quarantined = append(m.quarantined, q)
	return nil
}

// Quarantined implements devices.Store.
func (m *Memory) Quarantined(_ context.Context, limit int) ([]devices.Quarantined, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := slices.Clone(m.quarantined)
	slices.Reverse(newest)
	return first(newest, limit), nil
}

// AddAudit implements devices.Store.
func (m *Memory) AddAudit(_ context.Context, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log(a)
	return nil
}

// Audit implements devices.Store.
func (m *Memory) Audit(_ context.Context, before int64, limit int) ([]devices.AuditRow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []devices.AuditRow
	for _, r := range slices.Backward(m.audit) {
		if before == 0 || r.ID < before {
			rows = append(rows, r)
		}
	}
	return first(rows, limit), nil
}

// AddLedgerRow makes Tally count one row of takings; the ledger itself is not this
// store's.
func (m *Memory) AddLedgerRow(s devices.SiteID, at time.Time, amount int64, currency string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.raise(s)
	m.ledger = append(m.ledger, row{site: s, at: at.UnixNano(), amount: amount, currency: currency})
}

// Tally implements devices.Store.
func (m *Memory) Tally(_ context.Context, id devices.SiteID, from, to time.Time) (devices.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.site(id)
	if !ok {
		return devices.Tally{}, missing("store.tally", "site "+string(id))
	}
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	t := devices.Tally{Takings: map[string]int64{}, Revision: s.Revision}
	for _, e := range m.events {
		if e.Site == id && e.Type == "passage" && within(e.ArrivedAt) {
			t.Passages++
		}
	}
	for _, q := range m.quarantined {
		if q.Site == id && within(q.Arrived) {
			t.Quarantined++
		}
	}
	for _, r := range m.ledger {
		if r.site == id && within(time.Unix(0, r.at)) {
			t.LedgerRows++
			t.Takings[r.currency] += r.amount
		}
	}
	return t, nil
}
