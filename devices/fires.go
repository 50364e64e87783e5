package devices

import (
	"maps"
	"slices"
	"sync"
	"time"

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
	next     map[fireNext]time.Time // when an opening is told again, unless it reports itself open
	commands map[CommandID]fireOpening
	unsaved  map[string]*unsavedFire // by id of the release
	saving   *unsavedFire            // of these, the one that is being stored
	asked    map[fireKey]int         // how often a release was asked for that stood already
	serial   int64                   // orders what is said of fire layers in the arbiter
}

type fireOpening struct {
	device    DeviceID
	direction string
}

type fireNext struct {
	release string
	fireOpening
}

type unsavedFire struct {
	release FireReport
	entries []AuditEntry
	failing bool
}

func newFires() *fires {
	return &fires{
		turn: newBaton(), latching: newBaton(), wake: make(chan struct{}, 1), standing: map[fireKey]*FireReport{},
		next: map[fireNext]time.Time{}, commands: map[CommandID]fireOpening{}, unsaved: map[string]*unsavedFire{}, asked: map[fireKey]int{},
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
	s.didWork(f.Trigger)
}

// didWork remembers an event that released a group, or came while that stood. mu is
// held.
func (s *fires) didWork(by FireTrigger) {
	if by.Event != "" {
		s.triggers = append(s.triggers, by)
		s.triggers = s.triggers[max(0, len(s.triggers)-keptTriggers):]
	}
}

// end makes it stand no more.
func (s *fires) end(k fireKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.standing[k]; f != nil {
		maps.DeleteFunc(s.next, func(n fireNext, _ time.Time) bool { return n.release == f.ID })
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
		if f.proof(fireOpening{p.Device, p.Direction}) == nil {
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

// content is what the latch is to keep; ends is a release that ends with it. The
// proofs are in the report, not here.
func (s *fires) content(ends *FireReport) Latched {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Latched{Triggers: slices.Clone(s.triggers)}
	keep := func(to *[]FireReport, f FireReport) {
		f.Openings = nil
		*to = append(*to, f)
	}
	for _, f := range s.standing {
		if ends == nil || f.ID != ends.ID {
			keep(&l.Releases, *f)
		}
	}
	for _, u := range s.unsaved {
		if !u.release.Ended.IsZero() {
			keep(&l.Ended, u.release)
		}
	}
	if u := s.saving; u != nil && !u.release.Ended.IsZero() {
		keep(&l.Ended, u.release)
	}
	if ends != nil {
		keep(&l.Ended, *ends)
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
	if f, stands := s.get(k); stands {
		s.save(f, entries...)
	}
}

// save has a report stored, with audit entries.
func (s *fires) save(f FireReport, entries ...AuditEntry) {
	s.mu.Lock()
	u := s.unsaved[f.ID]
	if u == nil {
		u = &unsavedFire{}
		s.unsaved[f.ID] = u
	}
	u.release = f
	u.entries = append(u.entries, entries...)
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

// asks is how often a group was asked to be released while it was.
func (s *fires) asks(k fireKey) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[k]
}

// again notes that a group was asked to be released while it was: an end that is on
// its way is no longer wanted, and the event has done its work.
func (s *fires) again(k fireKey, by FireTrigger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[k]++
	s.didWork(by)
	s.pending = s.pending || by.Event != ""
}
