package storetest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/shift"
)

// Memory is a shift.Store in memory.
type Memory struct {
	mu     sync.Mutex
	shifts []held
	notes  []shift.Note
	rows   []taking
	passed []passed
	orders []order
	alarms []shift.Alarm
	Audit  []devices.AuditEntry
	Fail   error // of the next changes, which change nothing
}

// held is a shift with from where it counts.
type held struct {
	shift.Shift
	from                 time.Time
	rowsFrom, ordersFrom int
	rowsTo               int
}

type taking struct {
	device devices.DeviceID
	money  shift.Money
}

type passed struct {
	device devices.DeviceID
	at     time.Time
}

type order struct {
	device devices.DeviceID
	person string
}

// NewWorld is a World in memory.
func NewWorld(m *Memory) World {
	return World{
		Store: m,
		Take:  func(_ *testing.T, d devices.DeviceID, money shift.Money) { m.rows = append(m.rows, taking{d, money}) },
		Pass:  func(_ *testing.T, d devices.DeviceID, at time.Time) { m.passed = append(m.passed, passed{d, at}) },
		Order: func(_ *testing.T, d devices.DeviceID, person string) { m.orders = append(m.orders, order{d, person}) },
		Alarm: func(_ *testing.T, d devices.DeviceID) {
			m.alarms = append(m.alarms, shift.Alarm{ID: strconv.Itoa(len(m.alarms)), Device: d, Type: "fault", Severity: "major", Raised: At(0)})
		},
	}
}

func (m *Memory) at(id shift.ID) (*held, error) {
	i := slices.IndexFunc(m.shifts, func(h held) bool { return h.ID == id })
	if i < 0 {
		return nil, &devices.Error{Op: "memory.shift", Code: devices.NotFound}
	}
	return &m.shifts[i], nil
}

// Begin implements shift.Store.
func (m *Memory) Begin(_ context.Context, s shift.Shift, a devices.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := held{Shift: s, from: s.Began, rowsFrom: len(m.rows), ordersFrom: len(m.orders)}
	for _, o := range m.shifts {
		open := o.How == shift.Open
		switch {
		case open && o.Person.ID == s.Person.ID:
			return &devices.Error{Op: "memory.begin", Code: shift.AlreadyOn}
		case open && slices.ContainsFunc(s.Devices, func(d devices.DeviceID) bool { return slices.Contains(o.Devices, d) }):
			return &devices.Error{Op: "memory.begin", Code: shift.LaneTaken, Field: "devices"}
		}
	}
	if s.Took != "" {
		before, err := m.at(s.Took)
		if err != nil {
			return err
		}
		if m.takenOf(s.Took) != nil || before.How != shift.HandedOver {
			return &devices.Error{Op: "memory.begin", Code: shift.TakenAlready}
		}
		h.from, h.rowsFrom = before.Ended, before.rowsTo
	}
	if m.Fail != nil {
		return m.Fail
	}
	m.shifts, m.Audit = append(m.shifts, h), append(m.Audit, a)
	return nil
}

func (m *Memory) takenOf(id shift.ID) *shift.Taken {
	for _, o := range m.shifts {
		if o.Took == id {
			return &shift.Taken{By: o.ID, Who: o.Person, Began: o.Began}
		}
	}
	return nil
}

func (m *Memory) open(id shift.ID) (*held, error) {
	h, err := m.at(id)
	switch {
	case err != nil:
		return nil, err
	case h.How != shift.Open:
		return nil, &devices.Error{Op: "memory.shift", Code: shift.Over}
	}
	return h, m.Fail
}

// AddNote implements shift.Store.
func (m *Memory) AddNote(_ context.Context, n shift.Note, a devices.AuditEntry) (shift.Note, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.open(n.Shift); err != nil {
		return n, err
	}
	n.ID = int64(len(m.notes) + 1)
	m.notes, m.Audit = append(m.notes, n), append(m.Audit, a)
	return n, nil
}

// Finish implements shift.Store.
func (m *Memory) Finish(_ context.Context, e shift.End, entry func(shift.Shift) devices.AuditEntry) (shift.Shift, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, err := m.open(e.Shift)
	if err != nil {
		return shift.Shift{}, err
	}
	h.Ended, h.How, h.By, h.To, h.Remark, h.Counted, h.rowsTo = e.At, e.How, e.By, e.To, e.Remark, e.Counted, len(m.rows)
	h.Counts = m.counts(*h)
	m.Audit = append(m.Audit, entry(h.Shift))
	return h.Shift, nil
}

func (m *Memory) counts(h held) (c shift.Counts) {
	of := func(d devices.DeviceID) bool { return slices.Contains(h.Devices, d) }
	to, until := h.rowsTo, h.Ended
	if h.How == shift.Open {
		to, until = len(m.rows), time.Unix(math.MaxInt32, 0)
	}
	sums := map[string]int64{}
	for _, r := range m.rows[h.rowsFrom:to] {
		if of(r.device) {
			sums[r.money.Currency] += r.money.Amount
			c.Rows++
		}
	}
	for currency, amount := range sums {
		c.Takings = append(c.Takings, shift.Money{Amount: amount, Currency: currency})
	}
	slices.SortFunc(c.Takings, func(a, b shift.Money) int { return cmp.Compare(a.Currency, b.Currency) })
	for _, p := range m.passed {
		if of(p.device) && !p.at.Before(h.from) && p.at.Before(until) {
			c.Passages++
		}
	}
	for _, o := range m.orders[h.ordersFrom:] {
		if of(o.device) && o.person == h.Person.ID {
			c.Opens++
		}
	}
	for _, a := range m.alarms {
		if of(a.Device) {
			c.Alarms = append(c.Alarms, a)
		}
	}
	return c
}

// Shift implements shift.Store.
func (m *Memory) Shift(_ context.Context, id shift.ID) (shift.Shift, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, err := m.at(id)
	if err != nil {
		return shift.Shift{}, err
	}
	x := h.Shift
	x.Taken = m.takenOf(id)
	return x, nil
}

// Shifts implements shift.Store.
func (m *Memory) Shifts(_ context.Context, q shift.Query) (all []shift.Shift, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range slices.Backward(m.shifts) {
		x := h.Shift
		x.Taken = m.takenOf(x.ID)
		if fits(x, q) && (q.Limit <= 0 || len(all) < q.Limit) {
			all = append(all, x)
		}
	}
	return all, nil
}

func fits(x shift.Shift, q shift.Query) bool {
	open := x.How == shift.Open
	state := q.State == "" || q.State == shift.IsOpen && open || q.State == shift.IsEnded && !open ||
		q.State == shift.IsOffered && x.How == shift.HandedOver && x.Taken == nil
	return state && (q.Site == "" || x.Site == q.Site) && (q.Person == "" || x.Person.ID == q.Person) &&
		strings.Contains(strings.ToLower(x.Person.Name), strings.ToLower(q.Name)) &&
		(q.Device == "" || slices.Contains(x.Devices, q.Device)) && (q.Before == "" || x.ID < q.Before) &&
		(q.From.IsZero() || !x.Began.Before(q.From)) && (q.To.IsZero() || x.Began.Before(q.To)) &&
		(q.Since.IsZero() || open || !x.Ended.Before(q.Since)) &&
		!slices.ContainsFunc(x.Devices, func(id devices.DeviceID) bool { return !reached(q.Within, id) })
}

func reached(r *devices.Reach, id devices.DeviceID) bool {
	if r == nil || r.Everything() {
		return true
	}
	i := slices.IndexFunc(Devices(), func(d devices.Device) bool { return d.ID == id })
	return i >= 0 && r.Admits(Devices()[i].Site, Devices()[i].Zone)
}

// Notes implements shift.Store.
func (m *Memory) Notes(_ context.Context, id shift.ID) (all []shift.Note, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.notes {
		if n.Shift == id {
			all = append(all, n)
		}
	}
	return all, nil
}

// Count implements shift.Store.
func (m *Memory) Count(_ context.Context, id shift.ID) (shift.Counts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, err := m.at(id)
	if err != nil {
		return shift.Counts{}, err
	}
	return m.counts(*h), nil
}
