package storetest

import (
	"context"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// SaveLink implements devices.Store.
func (m *Memory) SaveLink(_ context.Context, d devices.DeviceID, l presence.Link, history ...presence.Span) (devices.Revision, error) {
	return m.update("store.save_link", d, m.link(d, l, history))
}

func (m *Memory) link(d devices.DeviceID, l presence.Link, history []presence.Span) func(*devices.Live) {
	l.Connected, l.Flapping, l.FlappingSince, l.Flaps = false, false, time.Time{}, presence.Flaps{}
	return func(live *devices.Live) {
		live.Link = l
		for _, s := range history {
			m.putSpan(d, s)
		}
	}
}

// SaveLinks implements devices.Store.
func (m *Memory) SaveLinks(_ context.Context, all []devices.LinkChange) ([]devices.Revision, error) {
	m.mu.Lock()
	for _, c := range all {
		if _, ok := m.live[c.Device]; !ok {
			m.mu.Unlock()
			return nil, missing("store.save_links", "device "+string(c.Device))
		}
	}
	m.mu.Unlock()
	out := make([]devices.Revision, len(all))
	for i, c := range all {
		r, err := m.update("store.save_links", c.Device, m.link(c.Device, c.Link, c.History))
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

// putSpan keeps the spans of a device in their order.
func (m *Memory) putSpan(d devices.DeviceID, s presence.Span) {
	list := m.spans[d]
	i, found := slices.BinarySearchFunc(list, s, func(a, b presence.Span) int { return a.Up.Compare(b.Up) })
	if found {
		s.Missed, s.Remote = max(s.Missed, list[i].Missed), list[i].Remote
		list[i] = s
		return
	}
	m.spans[d] = slices.Insert(list, i, s)
}

// endSpan ends what of a device stands.
func (m *Memory) endSpan(d devices.DeviceID, at time.Time, cause string) {
	for i, s := range m.spans[d] {
		if s.Down.IsZero() {
			m.spans[d][i].Down, m.spans[d][i].Cause = at, cause
		}
	}
}

// Spans implements devices.Store.
func (m *Memory) Spans(_ context.Context, d devices.DeviceID, in presence.Period) ([]presence.Span, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []presence.Span
	for _, s := range m.spans[d] {
		if s.Up.Before(in.To) && (s.Down.IsZero() || s.Down.After(in.From)) {
			found = append(found, s)
		}
	}
	return found, nil
}

// SiteSpans implements devices.Store.
func (m *Memory) SiteSpans(ctx context.Context, site devices.SiteID, in presence.Period) (map[devices.DeviceID][]presence.Span, error) {
	m.mu.Lock()
	var of []devices.DeviceID
	for id, l := range m.live {
		if l.Device.Site == site {
			of = append(of, id)
		}
	}
	m.mu.Unlock()
	all := map[devices.DeviceID][]presence.Span{}
	for _, id := range of {
		spans, err := m.Spans(ctx, id, in)
		if err != nil {
			return nil, err
		}
		if len(spans) > 0 {
			all[id] = spans
		}
	}
	return all, nil
}

// FirstConnected implements devices.Store.
func (m *Memory) FirstConnected(_ context.Context, of []devices.DeviceID) (map[devices.DeviceID]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := map[devices.DeviceID]time.Time{}
	for _, d := range of {
		if spans := m.spans[d]; len(spans) > 0 {
			first[d] = spans[0].Up
		}
	}
	return first, nil
}

// Ran implements devices.Store.
func (m *Memory) Ran(_ context.Context, start, seen time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.runs {
		if m.runs[i].From.Equal(start) {
			if seen.After(m.runs[i].To) {
				m.runs[i].To = seen
			}
			return nil
		}
	}
	m.runs = append(m.runs, presence.Period{From: start, To: seen})
	slices.SortFunc(m.runs, func(a, b presence.Period) int { return a.From.Compare(b.From) })
	return nil
}

// Runs implements devices.Store.
func (m *Memory) Runs(_ context.Context, in presence.Period) ([]presence.Period, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []presence.Period
	for _, r := range m.runs {
		if !r.To.Before(in.From) && r.From.Before(in.To) {
			found = append(found, r)
		}
	}
	return found, nil
}

// Forget implements devices.Store.
func (m *Memory) Forget(_ context.Context, before time.Time) (more bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for d, spans := range m.spans {
		m.spans[d] = slices.DeleteFunc(spans, func(s presence.Span) bool { return !s.Down.IsZero() && s.Down.Before(before) })
	}
	m.runs = slices.DeleteFunc(m.runs, func(p presence.Period) bool { return p.To.Before(before) })
	return false, nil
}
