package schedule_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/schedule"
	"gatehouse/devices/schedule/storetest"
)

// memory is a Store in memory. The funcs, if set, are asked first.
type memory struct {
	mu        sync.Mutex
	schedules map[schedule.ID]schedule.Schedule
	runs      map[schedule.Place]schedule.Run
	last      map[schedule.Place]time.Time // newest due time, by schedule and device
	checks    map[schedule.Place]bool      // runs that have one
	audit     []devices.AuditEntry
	eternal   bool // it forgets no runs
	onClaim   func(schedule.Run) error
	onFinish  func(schedule.Run) error
	onRead    func() error
}

func newMemory() *memory {
	return &memory{schedules: map[schedule.ID]schedule.Schedule{}, runs: map[schedule.Place]schedule.Run{},
		last: map[schedule.Place]time.Time{}, checks: map[schedule.Place]bool{}}
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

// keep is called with mu held.
func (m *memory) keep(r schedule.Run) {
	m.runs[r.Place()] = r
	if of := (schedule.Place{Schedule: r.Schedule, Device: r.Device}); !r.Manual() && r.Due.After(m.last[of]) {
		m.last[of] = r.Due
	}
	if delete(m.checks, r.Place()); !r.CheckAt.IsZero() {
		m.checks[r.Place()] = true
	}
}

func (m *memory) Claim(_ context.Context, r schedule.Run) (bool, error) {
	if m.onClaim != nil {
		if err := m.onClaim(r); err != nil {
			return false, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.runs[r.Place()]; taken {
		return false, nil
	}
	m.keep(r)
	return true, nil
}

func (m *memory) ClaimManual(_ context.Context, runs []schedule.Run, a devices.AuditEntry) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := range m.runs {
		if p.Schedule == runs[0].Schedule && p.Key == runs[0].Key {
			return false, nil
		}
	}
	for _, r := range runs {
		m.keep(r)
	}
	m.audit = append(m.audit, a)
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
	if _, there := m.runs[r.Place()]; !there {
		return notFound()
	}
	m.keep(r)
	return nil
}

func (m *memory) Runs(_ context.Context, q schedule.RunQuery) ([]schedule.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.SortedFunc(maps.Values(m.runs), func(a, b schedule.Run) int { return order(b.Place(), a.Place()) })
	all = slices.DeleteFunc(all, func(r schedule.Run) bool {
		return q.Schedule != "" && r.Schedule != q.Schedule || q.Site != "" && r.Site != q.Site ||
			q.Device != "" && r.Device != q.Device || q.Outcome != "" && r.Outcome != q.Outcome || q.Key != "" && r.Key != q.Key ||
			r.Due.Before(q.From) || !q.To.IsZero() && !r.Due.Before(q.To) ||
			!q.Before.Due.IsZero() && order(r.Place(), q.Before) >= 0 || q.Within != nil && !q.Within.Place(r.Site, r.Zone)
	})
	return all[:min(q.Limit, len(all))], nil
}

func order(a, b schedule.Place) int {
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Schedule, b.Schedule), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Key, b.Key))
}

func (m *memory) LastDue(_ context.Context, id schedule.ID, device devices.DeviceID) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last[schedule.Place{Schedule: id, Device: device}], nil
}

func (m *memory) LastDues(ctx context.Context) (map[schedule.ID]map[devices.DeviceID]time.Time, error) {
	all, err := m.Schedules(ctx)
	last := map[schedule.ID]map[devices.DeviceID]time.Time{}
	for _, x := range all {
		for _, d := range x.Devices() {
			if due, _ := m.LastDue(ctx, x.ID, d); !due.IsZero() {
				if last[x.ID] == nil {
					last[x.ID] = map[devices.DeviceID]time.Time{}
				}
				last[x.ID][d] = due
			}
		}
	}
	return last, err
}

func (m *memory) DueChecks(_ context.Context, now time.Time, limit int) ([]schedule.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []schedule.Run
	for p := range m.checks {
		if r := m.runs[p]; !r.CheckAt.After(now) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b schedule.Run) int { return a.CheckAt.Compare(b.CheckAt) })
	return all[:min(limit, len(all))], nil
}

func (m *memory) Forget(_ context.Context, before time.Time, most int) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.eternal {
		return 0, nil
	}
	old := slices.SortedFunc(maps.Keys(m.runs), order)
	for _, p := range old {
		newest := p.Key == "" && m.last[schedule.Place{Schedule: p.Schedule, Device: p.Device}].Equal(p.Due)
		if n < most && p.Due.Before(before) && !newest {
			delete(m.runs, p)
			delete(m.checks, p)
			n++
		}
	}
	return n, nil
}

func (m *memory) Lateness(ctx context.Context, from time.Time, in *devices.Reach) (schedule.Lateness, error) {
	sum := schedule.Lateness{From: from, Outcomes: map[schedule.Outcome]int64{}}
	all, err := m.Runs(ctx, schedule.RunQuery{From: from, Within: in, Limit: 1 << 30})
	var late []int64
	for _, r := range all {
		if r.Manual() {
			continue
		}
		sum.Outcomes[r.Outcome]++
		if r.Outcome == schedule.SentOut {
			late = append(late, r.Claimed.Sub(r.At).Microseconds())
		}
	}
	slices.Sort(late)
	sum.Quantiles(late)
	return sum, err
}

func TestMemoryStoreKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T, ...devices.Device) schedule.Store { return newMemory() })
}

// sender is a Sender that notes what was sent, and knows how far each command came: as far
// as ends says, or to Confirmed.
type sender struct {
	mu   sync.Mutex
	sent []sent
	keys map[string]int // of those that were sent
	fail error
	ends []command.Step
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
	key := string(a.Kind) + a.ID + string(d) + r.Key
	i, known := s.keys[key]
	if !known {
		i = len(s.sent)
		s.sent = append(s.sent, sent{time.Now().UTC(), a, d, r})
		if s.keys == nil {
			s.keys = map[string]int{}
		}
		s.keys[key] = i
	}
	return devices.Command{ID: devices.CommandID("command-" + strconv.Itoa(i+1))}, nil
}

// Command implements schedule.Commands.
func (s *sender) Command(_ context.Context, id devices.CommandID) (devices.Command, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.Atoi(strings.TrimPrefix(string(id), "command-"))
	if err != nil || n > len(s.sent) {
		return devices.Command{}, notFound()
	}
	step := command.Confirmed
	if n <= len(s.ends) {
		step = s.ends[n-1]
	}
	x := s.sent[n-1]
	return devices.Command{
		ID: id, Device: x.device, Action: x.req.Action, Args: x.req.Args,
		Ladder: command.Ladder{Rungs: []command.Rung{{Step: step, At: x.at}}},
	}, nil
}

// Outlook implements schedule.Outlook: gate-2 is locked down.
func (s *sender) Outlook(d devices.DeviceID, _ devices.Request) (devices.Outlook, error) {
	if d == "gate-2" {
		return devices.Outlook{Refuse: &devices.Error{Op: "outlook", Code: devices.Refused, Message: "locked down by Li"}}, nil
	}
	return devices.Outlook{}, nil
}

func (s *sender) all() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// registry knows gates 1 to 9 of site-1 and one of another site.
type registry struct{}

func (registry) Device(_ context.Context, id devices.DeviceID) (devices.Device, error) {
	site := devices.SiteID("site-1")
	switch {
	case id == "far-1":
		site = "site-2"
	case len(id) != len("gate-1") || !strings.HasPrefix(string(id), "gate-"):
		return devices.Device{}, notFound()
	}
	return devices.Device{ID: id, Site: site, Zone: "zone-1", Kind: devices.Gate}, nil
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

// deps are those of a service over a store and a sender.
func deps(store schedule.Store, out *sender) schedule.Deps {
	return schedule.Deps{Store: store, Sender: out, Commands: out, Outlook: out, Registry: registry{}}
}
