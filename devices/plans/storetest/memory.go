package storetest

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

// Memory is a plans.Store in memory.
type Memory struct {
	// InService says where a device that is in service stands; nil: every device is, everywhere.
	InService func(devices.DeviceID) (devices.SiteID, bool)

	mu    sync.Mutex
	plans map[plans.ID]plans.Plan
	Audit []devices.AuditEntry
	Fail  error // of the next changes, which change nothing
}

// Plans implements plans.Store.
func (m *Memory) Plans(context.Context) ([]plans.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]plans.Plan, 0, len(m.plans))
	for _, p := range m.plans {
		all = append(all, copied(p))
	}
	slices.SortFunc(all, func(a, b plans.Plan) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Plan implements plans.Store.
func (m *Memory) Plan(_ context.Context, id plans.ID) (plans.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, there := m.plans[id]
	if !there {
		return p, missing(id)
	}
	return copied(p), nil
}

// AddPlan implements plans.Store.
func (m *Memory) AddPlan(_ context.Context, p plans.Plan, a devices.AuditEntry) (plans.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Fail != nil {
		return p, m.Fail
	}
	if m.plans == nil {
		m.plans = map[plans.ID]plans.Plan{}
	}
	for _, x := range m.plans {
		if x.Site == p.Site {
			p.Position = max(p.Position, x.Position+1)
		}
	}
	m.plans[p.ID] = copied(p)
	m.Audit = append(m.Audit, a)
	return p, nil
}

// ChangePlan implements plans.Store.
func (m *Memory) ChangePlan(_ context.Context, p plans.Plan, a devices.AuditEntry) (plans.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, err := m.at(p.ID, p.Revision)
	if err != nil {
		return 0, err
	}
	for _, pin := range p.Pins {
		if m.InService == nil {
			break
		}
		if site, ok := m.InService(pin.Device); !ok || site != was.Site {
			return 0, &devices.Error{Op: "memory.change", Code: devices.Conflict, Field: "pins"}
		}
	}
	was.Name, was.Picture, was.Pins, was.Changed = p.Name, p.Picture, p.Pins, p.Changed
	was.Revision++
	m.plans[p.ID] = copied(was)
	m.Audit = append(m.Audit, a)
	return was.Revision, nil
}

// RemovePlan implements plans.Store.
func (m *Memory) RemovePlan(_ context.Context, id plans.ID, base plans.Revision, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.at(id, base); err != nil {
		return err
	}
	delete(m.plans, id)
	m.Audit = append(m.Audit, a)
	return nil
}

// OrderPlans implements plans.Store.
func (m *Memory) OrderPlans(_ context.Context, site devices.SiteID, ids []plans.ID, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Fail != nil {
		return m.Fail
	}
	of := map[plans.ID]bool{}
	for id, p := range m.plans {
		if p.Site == site {
			of[id] = true
		}
	}
	for _, id := range ids {
		if !of[id] {
			return mixed()
		}
		delete(of, id)
	}
	if len(of) > 0 {
		return mixed()
	}
	for i, id := range ids {
		p := m.plans[id]
		p.Position = i
		m.plans[id] = p
	}
	m.Audit = append(m.Audit, a)
	return nil
}

// at is a plan with a revision, for a change that is not to fail.
func (m *Memory) at(id plans.ID, base plans.Revision) (plans.Plan, error) {
	p, there := m.plans[id]
	switch {
	case m.Fail != nil:
		return p, m.Fail
	case !there:
		return p, missing(id)
	case p.Revision != base:
		return p, plans.Outdated(p.Revision)
	}
	return p, nil
}

func missing(id plans.ID) error {
	return &devices.Error{Op: "memory.plan", Code: devices.NotFound, Message: "there is no plan " + string(id)}
}

func mixed() error {
	return &devices.Error{Op: "memory.order", Code: devices.Conflict, Field: "plans"}
}

func copied(p plans.Plan) plans.Plan {
	p.Pins = slices.Clone(p.Pins)
	return p
}
