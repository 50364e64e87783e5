package devices

import (
	"slices"
	"sync"

	"gatehouse/devices/arbiter"
)

// fireKey names a fire group.
type fireKey struct {
	site  SiteID
	group string
}

func fireScope(k fireKey) arbiter.Scope {
	return arbiter.Scope{Kind: arbiter.OfGroup, Site: string(k.site), ID: k.group}
}

// fires is every fire release that stands, and what of them waits to be stored.
type fires struct {
	turn     baton // held by whoever starts or ends a release
	latching baton // held by whoever writes the latch

	wake chan struct{} // holds one token while something may wait to be stored

	mu       sync.Mutex // guards what follows
	pending  bool       // what stands is not in the latch
	standing map[fireKey]*FireReport
	triggers []FireTrigger
	told     map[fireOpening]*fireTold
	commands map[CommandID]fireOpening
	unsaved  map[string]*unsavedFire // by id of the release
	serial   int64                   // orders what is said of fire layers in the arbiter
}

type fireOpening struct {
	device    DeviceID
	direction string
}

type unsavedFire struct {
	release FireReport
	entries []AuditEntry
	failing bool
}

func newFires() *fires {
	return &fires{
		turn: newBaton(), latching: newBaton(), wake: make(chan struct{}, 1), standing: map[fireKey]*FireReport{},
		told: map[fireOpening]*fireTold{}, commands: map[CommandID]fireOpening{}, unsaved: map[string]*unsavedFire{},
	}
}

func copyFire(f FireReport) FireReport {
	f.Openings = slices.Clone(f.Openings)
	return f
}

func (s *fires) get(k fireKey) (FireReport, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.standing[k]
	if !ok {
		return FireReport{}, false
	}
	return copyFire(*f), true
}

func (s *fires) all() []FireReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []FireReport{}
	for _, f := range s.standing {
		all = append(all, copyFire(*f))
	}
	slices.SortFunc(all, func(a, b FireReport) int { return a.Since.Compare(b.Since) })
	return all
}

func (s *fires) setLatched(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = !is
}

func (s *fires) unlatched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending
}

// start makes a release stand.
func (s *fires) start(f FireReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing[fireKey{f.Site, f.Group}] = &f
	if f.Trigger.Event != "" {
		s.triggers = append(s.triggers, f.Trigger)
		s.triggers = s.triggers[max(0, len(s.triggers)-keptTriggers):]
	}
	for _, o := range f.Openings {
		s.told[fireOpening{o.Device, o.Direction}] = &fireTold{}
	}
}

// end makes it stand no more.
func (s *fires) end(k fireKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.standing[k]; f != nil {
		for _, o := range f.Openings {
			delete(s.told, fireOpening{o.Device, o.Direction})
		}
	}
	delete(s.standing, k)
}

// join adds openings to a release that stands.
func (s *fires) join(k fireKey, proofs []FireProof) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.standing[k]
	if f == nil {
		return
	}
	for _, p := range proofs {
		at := fireOpening{p.Device, p.Direction}
		if s.told[at] == nil {
			s.told[at] = &fireTold{}
			f.Openings = append(f.Openings, p)
		}
	}
}

// known is whether an event has done its work already.
func (s *fires) known(t FireTrigger) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.triggers, t)
}

// content is what the latch is to keep, without one group if that is named. The
// proofs are in the report, not here.
func (s *fires) content(without *fireKey) Latched {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Latched{Triggers: slices.Clone(s.triggers)}
	for k, f := range s.standing {
		if without == nil || k != *without {
			kept := *f
			kept.Openings = nil
			l.Releases = append(l.Releases, kept)
		}
	}
	return l
}

// mark changes a release that stands.
func (s *fires) mark(k fireKey, edit func(*FireReport)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.standing[k]; f != nil {
		edit(f)
	}
}

// changed has the report of a release stored, with audit entries.
func (s *fires) changed(k fireKey, entries ...AuditEntry) {
	s.mu.Lock()
	if f := s.standing[k]; f != nil {
		u := s.unsaved[f.ID]
		if u == nil {
			u = &unsavedFire{}
			s.unsaved[f.ID] = u
		}
		u.release = copyFire(*f)
		u.entries = append(u.entries, entries...)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// layer is a release as a layer over its group. Its revision is of the arbiter
// only: the store has not spoken yet.
func (s *fires) layer(f FireReport, set bool) Layer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return Layer{
		Set: set, Revision: Revision(s.serial),
		Setting: arbiter.Setting{
			Layer: arbiter.Fire, Scope: fireScope(fireKey{f.Site, f.Group}), Mode: arbiter.FireRelease, By: f.By, Reason: f.Reason, Since: f.Since,
		},
	}
}
