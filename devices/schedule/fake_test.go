package schedule_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
	"gatehouse/devices/schedule/storetest"
)

// memory is a Store in memory. The funcs, if set, are asked first.
type memory struct {
	mu        sync.Mutex
	schedules map[schedule.ID]schedule.Schedule
	runs      map[schedule.ID]map[int64]schedule.Run
	audit     []devices.AuditEntry
	onClaim   func(schedule.Run) error
	onFinish  func(schedule.Run) error
	onRead    func() error
}

func newMemory() *memory {
	return &memory{schedules: map[schedule.ID]schedule.Schedule{}, runs: map[schedule.ID]map[int64]schedule.Run{}}
}

func notFound() error { return &devices.Error{Op: "memory", Code: devices.NotFound} }

func (m *memory) Schedules(context.Context) ([]schedule.Schedule, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.schedules)), nil
}

func (m *memory) Schedule(_ context.Context, id schedule.ID) (schedule.Schedule, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.onRead != nil {
		if err := m.onRead(); err != nil {
			return schedule.Schedule{}, err
		}
	}
	x, ok := m.schedules[id]
	if !ok {
		return x, notFound()
	}
	return x, nil
}

func (m *memory) PutSchedule(_ context.Context, x schedule.Schedule, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.schedules[x.ID] = x
	m.audit = append(m.audit, a)
	return nil
}

func (m *memory) DeleteSchedule(_ context.Context, id schedule.ID, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.schedules[id]; !ok {
		return notFound()
	}
	delete(m.schedules, id)
	m.audit = append(m.audit, a)
	return nil
}

func (m *memory) Claim(_ context.Context, r schedule.Run) (bool, error) {
	if m.onClaim != nil {
		if err := m.onClaim(r); err != nil {
			return false, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.runs[r.Schedule]
	if of == nil {
		of = map[int64]schedule.Run{}
		m.runs[r.Schedule] = of
	}
	if _, taken := of[r.Due.UnixMicro()]; taken {
		return false, nil
	}
	of[r.Due.UnixMicro()] = r
	return true, nil
}

func (m *memory) FinishRun(_ context.Context, r schedule.Run) error {
	if m.onFinish != nil {
		if err := m.onFinish(r); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[r.Schedule][r.Due.UnixMicro()] = r
	return nil
}

func (m *memory) Runs(_ context.Context, id schedule.ID, limit int) ([]schedule.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.SortedFunc(maps.Values(m.runs[id]), func(a, b schedule.Run) int { return b.Due.Compare(a.Due) })
	return all[:min(limit, len(all))], nil
}

func (m *memory) LastRun(_ context.Context, id schedule.ID) (schedule.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var last schedule.Run
	for _, r := range m.runs[id] {
		if r.Due.After(last.Due) {
			last = r
		}
	}
	if last.Due.IsZero() {
		return last, notFound()
	}
	return last, nil
}

func TestMemoryStoreKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T, ...devices.Device) schedule.Store { return newMemory() })
}

// sender is a Sender that notes what was sent.
type sender struct {
	mu   sync.Mutex
	sent []sent
	fail error
}

type sent struct {
	at     time.Time
	actor  devices.Actor
	device devices.DeviceID
	req    devices.Request
}

func (s *sender) Send(_ context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return devices.Command{}, s.fail
	}
	s.sent = append(s.sent, sent{time.Now().UTC(), a, d, r})
	return devices.Command{ID: devices.CommandID("command-" + strconv.Itoa(len(s.sent)))}, nil
}

func (s *sender) all() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// registry knows one gate.
type registry struct{}

func (registry) Device(_ context.Context, id devices.DeviceID) (devices.Device, error) {
	if id != "gate-1" {
		return devices.Device{}, notFound()
	}
	return devices.Device{ID: id, Site: "site-1", Zone: "zone-1", Kind: devices.Gate}, nil
}

func (registry) Site(_ context.Context, id devices.SiteID) (devices.Site, error) {
	return devices.Site{ID: id, TimeZone: "Asia/Shanghai"}, nil
}

func (registry) CheckAction(k devices.KindName, a devices.Action, _ map[string]string) error {
	if a != devices.ActionOpen && a != devices.ActionClose {
		return &devices.Error{Op: "kind", Code: devices.Invalid, Field: "action", Message: "a " + string(k) + " does not know it"}
	}
	return nil
}
