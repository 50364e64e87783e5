package devices

import (
	"strings"
	"sync"
	"time"

	"gatehouse/devices/arbiter"
)

// rulings is every layer in memory.
type rulings struct {
	// turn is held by whoever changes a layer: store, then memory, then news.
	turn baton

	mu    sync.RWMutex // guards book and zones
	book  arbiter.Book
	zones map[arbiter.Key]ZoneID
	// fire has the revisions that the store gave to the layers of fire releases,
	// which count before they are stored.
	fire map[arbiter.Key]Revision
}

func newRulings() *rulings {
	return &rulings{turn: newBaton(), zones: map[arbiter.Key]ZoneID{}, fire: map[arbiter.Key]Revision{}}
}

// apply is false if nothing newer is said.
func (r *rulings) apply(l Layer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.zones[l.Key()] = l.Zone
	return r.book.Apply(arbiter.Change{Setting: l.Setting, Set: l.Set, Revision: int64(l.Revision)})
}

// same is whether a layer would change nothing, and then what is known.
func (r *rulings) same(l Layer) (known Layer, same bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	old, ok := r.book.Get(l.Key())
	known = Layer{Setting: old.Setting, Zone: r.zones[l.Key()], Set: old.Set, Revision: Revision(old.Revision)}
	switch {
	case !l.Set:
		if !ok {
			known.Setting = l.Setting
		}
		return known, !old.Set
	case !old.Set:
		return known, false
	}
	return known, old.Mode == l.Mode && old.Reason == l.Reason && old.Until.Equal(l.Until)
}

// zone is where a layer is told: where it was set, if it is.
func (r *rulings) zone(l Layer) ZoneID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if old, ok := r.book.Get(l.Key()); ok && old.Set {
		return r.zones[l.Key()]
	}
	return l.Zone
}

// sameSchedule is whether a schedule layer would change nothing: unlike a hold, it is
// another one also if another timetable wants the same.
func (r *rulings) sameSchedule(l Layer) bool {
	known, same := r.same(l)
	return same && (!l.Set || known.By == l.By)
}

func (r *rulings) all() []Layer { return r.selected(func(arbiter.Setting) bool { return true }) }

// selected gives those of the layers that are set for which want is true, the
// strongest first. want may look into places, and nowhere else.
func (r *rulings) selected(want func(arbiter.Setting) bool) []Layer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := []Layer{}
	for _, c := range r.book.Select(func(c arbiter.Change) bool { return want(c.Setting) }) {
		l := Layer{Setting: c.Setting, Zone: r.zones[c.Key()], Set: true, Revision: Revision(c.Revision)}
		if l.Layer == arbiter.Fire {
			l.Revision = r.fire[l.Key()]
		}
		all = append(all, l)
	}
	return all
}

// stored notes the revision that the store gave to the layer of a fire release.
func (r *rulings) stored(l Layer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fire[l.Key()] = l.Revision
}

func (r *rulings) stack(o arbiter.Opening, now time.Time) arbiter.Stack {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.book.Stack(o, now)
}

// stack gives the layers over one opening of a device.
func (c *Control) stack(u *unit, direction string) arbiter.Stack {
	return c.rulings.stack(arbiter.Opening{
		Site: string(u.device.Site), Zone: string(u.registered().Zone), Group: u.fireGroup(), Device: string(u.device.ID), Direction: direction,
	}, c.d.Now())
}

// moves are the momentary orders among the actions.
var moves = map[Action]arbiter.Move{
	ActionOpen: arbiter.Open, ActionPass: arbiter.Open, ActionClose: arbiter.Close, ActionStop: arbiter.Stop,
}

// refusal is the error of a momentary order that a layer refuses; nil if it may
// be given.
func (c *Control) refusal(op string, u *unit, r Request) error {
	if r.Action == ActionMode && c.stack(u, r.Args["direction"]).Mode() != Mode(r.Args["mode"]) {
		return &Error{Op: op, Code: Conflict, Field: "args.mode", Message: "its layers changed while it waited"}
	}
	move, momentary := moves[r.Action]
	if !momentary {
		return nil
	}
	direction := ""
	if u.device.Kind == Turnstile {
		direction = r.Args["direction"]
	}
	s, refused := c.stack(u, direction).Refuses(move)
	if !refused {
		return nil
	}
	return &Error{Op: op, Code: Refused, Field: "action", Message: explain(s), Ruling: &s}
}

// explain says which layer rules, in English.
func explain(s arbiter.Setting) string {
	by := s.By.Name
	if s.Layer == arbiter.Schedule {
		by = "timetable " + by
	}
	text := strings.ReplaceAll(string(s.Mode), "_", " ") + " by " + by + " since " + s.Since.UTC().Format(time.RFC3339)
	if !s.Until.IsZero() {
		text += " until " + s.Until.UTC().Format(time.RFC3339)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// shownMode is whether a report shows the mode that a command told.
func shownMode(c Command, after State) bool {
	return after.ModeOf(c.Args["direction"]) == Mode(c.Args["mode"])
}

// ModeOf is the mode of one opening, as reported.
func (s State) ModeOf(direction string) Mode {
	if m, ok := s.Modes[direction]; ok {
		return m
	}
	return s.Mode
}
