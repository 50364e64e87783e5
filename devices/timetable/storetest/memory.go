package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// Memory is a timetable.Store in memory. It knows no commands but Commands.
type Memory struct {
	mu         sync.Mutex
	timetables map[timetable.ID]timetable.Timetable
	runs       map[runKey]timetable.Run
	results    map[resultKey]timetable.Result

	Audit    []devices.AuditEntry
	Commands []timetable.Told
	// Fail is asked before each change with its name; an error is given back, and nothing is
	// changed.
	Fail func(op string) error
}

type runKey struct {
	timetable timetable.ID
	due       int64
}

type resultKey struct {
	runKey
	device    devices.DeviceID
	direction string
}

func keyOf(id timetable.ID, due time.Time) runKey { return runKey{id, due.UnixMicro()} }

// change runs f unless Fail says no.
func (m *Memory) change(op string, f func() error) error {
	if m.Fail != nil {
		if err := m.Fail(op); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.timetables == nil {
		m.timetables, m.runs, m.results = map[timetable.ID]timetable.Timetable{}, map[runKey]timetable.Run{}, map[resultKey]timetable.Result{}
	}
	return f()
}

// Timetables implements timetable.Store.
func (m *Memory) Timetables(context.Context) ([]timetable.Timetable, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]timetable.Timetable, 0, len(m.timetables))
	for _, t := range m.timetables {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b timetable.Timetable) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// PutTimetable implements timetable.Store.
func (m *Memory) PutTimetable(_ context.Context, t timetable.Timetable, a devices.AuditEntry) error {
	return m.change("put", func() error {
		m.timetables[t.ID] = t
		m.Audit = append(m.Audit, a)
		return nil
	})
}

// DeleteTimetable implements timetable.Store.
func (m *Memory) DeleteTimetable(_ context.Context, id timetable.ID, a devices.AuditEntry) error {
	return m.change("delete", func() error {
		if _, ok := m.timetables[id]; !ok {
			return missing(id)
		}
		delete(m.timetables, id)
		m.Audit = append(m.Audit, a)
		return nil
	})
}

func missing(id timetable.ID) error {
	return &devices.Error{Op: "storetest", Code: devices.NotFound, Message: "there is no " + string(id)}
}

// Claim implements timetable.Store.
func (m *Memory) Claim(_ context.Context, runs []timetable.Run) (claimed []bool, err error) {
	err = m.change("claim", func() error {
		for _, r := range runs {
			_, is := m.runs[keyOf(r.Timetable, r.Due)]
			if !is {
				m.runs[keyOf(r.Timetable, r.Due)] = r
			}
			claimed = append(claimed, !is)
		}
		return nil
	})
	return claimed, err
}

// Finish implements timetable.Store.
func (m *Memory) Finish(_ context.Context, runs []timetable.Run, results []timetable.Result) error {
	return m.change("finish", func() error {
		for _, r := range runs {
			if _, ok := m.runs[keyOf(r.Timetable, r.Due)]; !ok {
				return missing(r.Timetable)
			}
		}
		for _, r := range runs {
			k := keyOf(r.Timetable, r.Due)
			was := m.runs[k]
			was.Outcome, was.Detail, was.Checked = r.Outcome, r.Detail, r.Checked
			m.runs[k] = was
		}
		for _, r := range results {
			m.results[resultKey{keyOf(r.Timetable, r.Due), r.Device, r.Direction}] = r
		}
		return nil
	})
}

// Last implements timetable.Store.
func (m *Memory) Last(context.Context) ([]timetable.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := map[timetable.ID]timetable.Run{}
	for _, r := range m.runs {
		if _, ok := m.timetables[r.Timetable]; ok && !r.Due.Before(last[r.Timetable].Due) {
			last[r.Timetable] = r
		}
	}
	all := make([]timetable.Run, 0, len(last))
	for _, r := range last {
		all = append(all, r)
	}
	return all, nil
}

// Unchecked implements timetable.Store.
func (m *Memory) Unchecked(_ context.Context, since time.Time) ([]timetable.Run, error) {
	all := m.selected(func(r timetable.Run) bool {
		return r.Outcome == timetable.Done && r.Checked.IsZero() && !r.Claimed.Before(since)
	})
	slices.SortFunc(all, func(a, b timetable.Run) int {
		return cmp.Or(a.Claimed.Compare(b.Claimed), cmp.Compare(a.Timetable, b.Timetable))
	})
	return all, nil
}

func (m *Memory) selected(f func(timetable.Run) bool) (all []timetable.Run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.runs {
		if f(r) {
			all = append(all, r)
		}
	}
	return all
}

// Results implements timetable.Store.
func (m *Memory) Results(_ context.Context, id timetable.ID, due time.Time) (all []timetable.Result, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, r := range m.results {
		if k.runKey == keyOf(id, due) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b timetable.Result) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Direction, b.Direction))
	})
	return all, nil
}

// Runs implements timetable.Store.
func (m *Memory) Runs(_ context.Context, q timetable.RunQuery) ([]timetable.Run, error) {
	all := m.selected(func(r timetable.Run) bool {
		return (q.Timetable == "" || r.Timetable == q.Timetable) && (q.Outcome == "" || r.Outcome == q.Outcome) &&
			(q.Sites == nil || slices.Contains(q.Sites, r.Site)) && (q.From.IsZero() || !r.Due.Before(q.From)) && (q.To.IsZero() || r.Due.Before(q.To)) &&
			(q.Before.IsZero() || r.Due.Before(q.Before) || r.Due.Equal(q.Before) && r.Timetable > q.BeforeID)
	})
	all = slices.DeleteFunc(all, func(r timetable.Run) bool { return q.Device != "" && !m.touched(r, q.Device) })
	slices.SortFunc(all, func(a, b timetable.Run) int {
		return cmp.Or(b.Due.Compare(a.Due), cmp.Compare(a.Timetable, b.Timetable))
	})
	return all[:min(len(all), cmp.Or(max(q.Limit, 0), 100))], nil
}

func (m *Memory) touched(r timetable.Run, d devices.DeviceID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.results {
		if k.runKey == keyOf(r.Timetable, r.Due) && k.device == d {
			return true
		}
	}
	return false
}

// Forget implements timetable.Store.
func (m *Memory) Forget(ctx context.Context, before time.Time, most int) (n int, err error) {
	last, err := m.Last(ctx)
	if err != nil {
		return 0, err
	}
	err = m.change("forget", func() error {
		for k, r := range m.runs {
			if n == most || !r.Due.Before(before) || slices.ContainsFunc(last, func(l timetable.Run) bool { return keyOf(l.Timetable, l.Due) == k }) {
				continue
			}
			n++
			delete(m.runs, k)
			maps.DeleteFunc(m.results, func(of resultKey, _ timetable.Result) bool { return of.runKey == k })
		}
		return nil
	})
	return n, err
}

// Told implements timetable.Store.
func (m *Memory) Told(_ context.Context, _ time.Time, of []devices.DeviceID) (told []timetable.Told, _ error) {
	for _, c := range m.Commands {
		if slices.Contains(of, c.Device) {
			told = append(told, c)
		}
	}
	return told, nil
}
