package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/command"
)

// Alarms is an alarms.Store over a Memory: it follows what that one keeps.
type Alarms struct {
	of *Memory

	mu      sync.Mutex // guards what follows; taken before of.mu
	alarms  []alarms.Alarm
	entries []alarms.Entry
	mutes   []alarms.Mute
	cursors map[devices.SiteID]devices.Revision
}

// Alarms gives a store of alarms over m.
func (m *Memory) Alarms() *Alarms {
	return &Alarms{of: m, cursors: map[devices.SiteID]devices.Revision{}}
}

// Cursors implements alarms.Store.
func (s *Alarms) Cursors(ctx context.Context) (map[devices.SiteID]devices.Revision, error) {
	sites, err := s.of.Sites(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[devices.SiteID]devices.Revision{}
	for _, site := range sites {
		all[site.ID] = s.cursors[site.ID]
	}
	return all, nil
}

// Committed implements alarms.Store.
func (s *Alarms) Committed(_ context.Context, id devices.SiteID, after devices.Revision, limit int) (alarms.Found, error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	site, ok := s.of.site(id)
	if !ok {
		return alarms.Found{}, missing("alarms.committed", "site "+string(id))
	}
	f := alarms.Found{UpTo: site.Revision}
	for _, e := range s.of.events {
		if e.Site == id && e.Revision > after && alarms.Followed(e.Type) {
			f.Events = append(f.Events, e)
		}
	}
	for _, c := range s.of.commands {
		if c.Site == id && c.Revision > after && command.Ended(c.Ladder) {
			f.Commands = append(f.Commands, c)
		}
	}
	for _, q := range s.of.quarantined {
		if q.Site == id && q.Revision > after {
			q.Payload = nil
			f.Quarantined = append(f.Quarantined, alarms.Quarantined{Quarantined: q, Zone: s.of.live[q.Device].Device.Zone})
		}
	}
	cut(&f.Events, &f, limit, func(e devices.Event) devices.Revision { return e.Revision })
	cut(&f.Commands, &f, limit, func(c devices.Command) devices.Revision { return c.Revision })
	cut(&f.Quarantined, &f, limit, func(q alarms.Quarantined) devices.Revision { return q.Revision })
	f.Events = slices.DeleteFunc(f.Events, func(e devices.Event) bool { return e.Revision > f.UpTo })
	f.Commands = slices.DeleteFunc(f.Commands, func(c devices.Command) bool { return c.Revision > f.UpTo })
	f.Quarantined = slices.DeleteFunc(f.Quarantined, func(q alarms.Quarantined) bool { return q.Revision > f.UpTo })
	return f, nil
}

// cut sorts rows, and ends what was found at the last row that the limit allows.
func cut[T any](rows *[]T, f *alarms.Found, limit int, revision func(T) devices.Revision) {
	slices.SortFunc(*rows, func(a, b T) int { return cmp.Compare(revision(a), revision(b)) })
	if len(*rows) > limit {
		f.UpTo, f.More = min(f.UpTo, revision((*rows)[limit-1])), true
	}
}

// Known implements alarms.Store.
func (s *Alarms) Known(_ context.Context, causes []alarms.Cause) ([]alarms.Cause, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var known []alarms.Cause
	for _, c := range causes {
		if s.has(c) {
			known = append(known, c)
		}
	}
	return known, nil
}

func (s *Alarms) has(c alarms.Cause) bool {
	return c.Kind != "" && slices.ContainsFunc(s.entries, func(e alarms.Entry) bool { return e.Cause == c })
}

// Apply implements alarms.Store.
func (s *Alarms) Apply(_ context.Context, c alarms.Change) (devices.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	next := slices.Clone(s.alarms)
	for _, a := range c.Alarms {
		next = slices.DeleteFunc(next, func(o alarms.Alarm) bool { return o.ID == a.ID })
		if a.Resolved.IsZero() && slices.ContainsFunc(next, func(o alarms.Alarm) bool {
			return o.Device == a.Device && o.Type == a.Type && o.Resolved.IsZero()
		}) {
			return 0, taken("alarms.apply", "an open alarm of this device and type")
		}
		next = append(next, a)
	}
	for _, e := range c.Entries {
		if s.has(e.Cause) {
			return 0, taken("alarms.apply", "an entry of this cause")
		}
	}
	var r devices.Revision
	if len(c.Alarms) > 0 {
		if r = s.of.raise(c.Site); r == 0 {
			return 0, missing("alarms.apply", "site "+string(c.Site))
		}
	}
	for i := range next {
		if slices.ContainsFunc(c.Alarms, func(a alarms.Alarm) bool { return a.ID == next[i].ID }) {
			next[i].Revision = r
		}
	}
	s.alarms = next
	for _, e := range c.Entries {
		e.N = int64(len(s.entries) + 1)
		s.entries = append(s.entries, e)
	}
	s.applyMutes(c)
	s.cursors[c.Site] = max(s.cursors[c.Site], c.Cursor)
	for _, a := range c.Audit {
		s.of.log(a)
	}
	return r, nil
}

func (s *Alarms) applyMutes(c alarms.Change) {
	for _, m := range slices.Concat(c.Mutes, c.Unmutes) {
		s.mutes = slices.DeleteFunc(s.mutes, func(o alarms.Mute) bool { return o.Device == m.Device && o.Type == m.Type })
	}
	s.mutes = append(s.mutes, c.Mutes...)
}

// Open implements alarms.Store.
func (s *Alarms) Open(ctx context.Context) ([]alarms.Alarm, error) {
	return s.Alarms(ctx, alarms.Query{Open: true, Limit: 1 << 30})
}

// Alarm implements alarms.Store.
func (s *Alarms) Alarm(_ context.Context, id alarms.ID) (alarms.Alarm, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.alarms {
		if a.ID == id {
			return a, nil
		}
	}
	return alarms.Alarm{}, missing("alarms.alarm", "alarm "+string(id))
}

// History implements alarms.Store.
func (s *Alarms) History(_ context.Context, id alarms.ID, limit int) ([]alarms.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []alarms.Entry
	for _, e := range slices.Backward(s.entries) {
		if e.Alarm == id {
			all = append(all, e)
		}
	}
	return first(all, limit), nil
}

// Alarms implements alarms.Store.
func (s *Alarms) Alarms(_ context.Context, q alarms.Query) ([]alarms.Alarm, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []alarms.Alarm
	for _, a := range s.alarms {
		if q.Within.Admits(a.Site, a.Zone) && (q.Site == "" || a.Site == q.Site) && (q.Zone == "" || a.Zone == q.Zone) && (q.Device == "" || a.Device == q.Device) &&
			(q.Type == "" || a.Type == q.Type) && (q.Severity == "" || a.Severity == q.Severity) && (q.State == "" || a.State() == q.State) &&
			(!q.Open || a.Resolved.IsZero()) && (q.Before == "" || a.ID < q.Before) && (q.Assignee == "" || a.Assignee.ID == q.Assignee) &&
			(q.Text == "" || has(a.Detail, q.Text) || has(s.nameOf(a.Device), q.Text)) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b alarms.Alarm) int { return cmp.Compare(b.ID, a.ID) })
	return first(all, q.Limit), nil
}

// Count implements alarms.Store.
func (s *Alarms) Count(_ context.Context, q alarms.CountQuery) (list []alarms.Count, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.alarms {
		if a.Site != q.Site || a.Raised.Before(q.From) || !a.Raised.Before(q.To) || !q.Within.Admits(a.Site, a.Zone) {
			continue
		}
		at := slices.IndexFunc(list, func(c alarms.Count) bool { return c.Type == a.Type && c.Severity == a.Severity })
		if at < 0 {
			at, list = len(list), append(list, alarms.Count{Severity: a.Severity, Type: a.Type})
		}
		list[at].Raised++
		if a.Resolved.IsZero() {
			list[at].Open++
		}
	}
	return list, nil
}

// has is whether a text has a part, in capitals or not.
func has(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func (s *Alarms) nameOf(id devices.DeviceID) string {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	return s.of.live[id].Device.Name
}

// Mutes implements alarms.Store.
func (s *Alarms) Mutes(context.Context) ([]alarms.Mute, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mutes), nil
}
