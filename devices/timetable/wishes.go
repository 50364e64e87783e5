package timetable

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
)

// wish is what the timetables that cover one opening make of it.
type wish struct {
	opening devices.Opening
	covers  []*rule // that cover it, the most exact first
	winner  *rule   // that holds it; nil: none
	until   time.Time
}

// wishes are those of every opening that a timetable covers.
type wishes map[place]*wish

// wanted is what the timetables make of every opening that they cover.
func (s *Service) wanted(now time.Time) wishes {
	openings := s.d.Layers.Openings()
	s.mu.Lock()
	defer s.mu.Unlock()
	index := indexed(s.rules, "")
	w := make(wishes, len(openings))
	known := map[string]time.Time{} // until when the same timetables hold
	for _, o := range openings {
		x := wish{opening: o, covers: covering(index, o)}
		if len(x.covers) == 0 {
			continue
		}
		x.choose(now)
		if x.winner != nil {
			x.until = x.untilOnce(known, now)
		}
		w[place{o.Device, o.Direction}] = &x
	}
	return w
}

// indexed is rules by what they are found by, without one.
func indexed(rules map[ID]*rule, without ID) map[string][]*rule {
	index := map[string][]*rule{}
	for id, r := range rules {
		if id == without {
			continue
		}
		for _, key := range r.timetable.keys() {
			index[key] = append(index[key], r)
		}
	}
	return index
}

// keys are what a timetable is found by.
func (t Timetable) keys() []string {
	keys := make([]string, len(t.Targets))
	for i, x := range t.Targets {
		keys[i] = string(x.Kind) + " " + x.ID
		if x.Kind == OfSite {
			keys[i] = string(x.Kind) + " " + string(t.Site)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// covering is the rules that cover an opening, the most exact first, then the older one.
func covering(index map[string][]*rule, o devices.Opening) []*rule {
	var found []*rule
	for _, key := range []string{
		string(OfDevice) + " " + string(o.Device), string(OfZone) + " " + string(o.Zone), string(OfSite) + " " + string(o.Site),
	} {
		for _, r := range index[key] {
			if r.timetable.rank(o) > 0 && !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, func(a, b *rule) int {
		return cmp.Or(cmp.Compare(b.timetable.rank(o), a.timetable.rank(o)), cmp.Compare(a.timetable.ID, b.timetable.ID))
	})
	return found
}

// choose finds the rule that holds the opening: of those that hold it the most exact, of equals
// the one that holds it closed, then the older one.
func (x *wish) choose(now time.Time) {
	for _, r := range x.covers {
		if !r.active.holds(x.opening.Device, now) {
			continue
		}
		switch {
		case x.winner == nil:
			x.winner = r
		case x.winner.timetable.rank(x.opening) > r.timetable.rank(x.opening):
			return
		case x.winner.active.run.Mode == devices.HeldOpen && r.active.run.Mode == devices.HeldClosed:
			x.winner = r
		}
	}
}

// untilOnce is until, worked out once for openings that the same rules cover.
func (x *wish) untilOnce(known map[string]time.Time, now time.Time) time.Time {
	var key strings.Builder
	for _, r := range x.covers {
		fmt.Fprintf(&key, "%s %d %t;", r.timetable.ID, r.timetable.rank(x.opening), r.active.holds(x.opening.Device, now))
		if r.active.isSpread(now) {
			fmt.Fprintf(&key, "%d;", r.active.begins(x.opening.Device).UnixMilli())
		}
	}
	if at, ok := known[key.String()]; ok {
		return at
	}
	at := x.holdsUntil(now)
	known[key.String()] = at
	return at
}

// renewal is how far ahead the end of a layer is looked for: one that has none by then is given
// a new end at a switch before.
const renewal = 8 * 24 * time.Hour

// holdsUntil is when the opening will not be held in the same mode any more: the layer ends by
// itself then. Periods that follow each other make one stretch, so that nothing moves between
// them.
func (x *wish) holdsUntil(now time.Time) time.Time {
	mode := x.winner.active.run.Mode
	at := now
	for {
		var next time.Time
		for _, r := range x.covers {
			if b := r.boundary(at); !b.IsZero() && (next.IsZero() || b.Before(next)) {
				next = b
			}
		}
		if next.IsZero() || next.Sub(now) > renewal || x.modeAt(next, now) != mode {
			return next
		}
		at = next
	}
}

// modeAt is the mode that the rules will make later, as far as it is known now.
func (x *wish) modeAt(at, now time.Time) devices.Mode {
	best, mode := 0, devices.Controlled
	for _, r := range x.covers {
		m, holds := r.plannedAt(at, now, x.opening.Device)
		if rank := r.timetable.rank(x.opening); holds && (rank > best || rank == best && m == devices.HeldClosed) {
			best, mode = rank, m
		}
	}
	return mode
}

// setting is what the layers are asked for.
func (x *wish) setting() devices.ScheduleSetting {
	t := x.winner.timetable
	return devices.ScheduleSetting{
		Device: x.opening.Device, Direction: x.opening.Direction, Mode: x.winner.active.run.Mode,
		By: devices.Actor{Kind: devices.ActorSchedule, ID: string(t.ID), Name: t.Name}, Until: x.until,
	}
}

// differences is what has to change of the layers that are set.
func (w wishes) differences(set []devices.Layer) (settings []devices.ScheduleSetting) {
	held := make(map[place]devices.Layer, len(set))
	for _, l := range set {
		at := place{devices.DeviceID(l.Scope.ID), l.Scope.Direction}
		held[at] = l
		if x := w[at]; x == nil || x.winner == nil {
			settings = append(settings, devices.ScheduleSetting{
				Device: at.device, Direction: at.direction, Mode: devices.Controlled,
				By: devices.Actor{Kind: devices.ActorSchedule, ID: l.By.ID, Name: l.By.Name},
			})
		}
	}
	for at, x := range w {
		if x.winner == nil {
			continue
		}
		want := x.setting()
		l, ok := held[at]
		if !ok || l.Mode != want.Mode || l.By.ID != want.By.ID || l.By.Name != want.By.Name || !l.Until.Equal(want.Until) {
			settings = append(settings, want)
		}
	}
	return settings
}
