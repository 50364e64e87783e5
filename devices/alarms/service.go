package alarms

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// News is told of alarms after the commit that changed them; feed.Publisher is one.
// It must not block.
type News interface {
	// Alarm is one that was raised or changed; of one that is resolved it is the last.
	Alarm(Alarm)
}

// Deps are the parts of a Service. Store and News are required.
type Deps struct {
	Store Store
	News  News
	// Told is given the revision of each alarm that was told, with where it belongs.
	Told func(devices.SiteID, devices.ZoneID, devices.Revision)
	// Registered says where a device stands; false if the registry does not know it.
	Registered func(devices.DeviceID) (devices.Device, bool)
	// ModesTaken says whether every opening of a device reports the mode that its layers
	// make; it is not known while the device is away or has not reported yet. Nil: never.
	ModesTaken func(devices.DeviceID) (taken, known bool)
	// Escalate is after how long an alarm that nobody acknowledged becomes louder; nil:
	// DefaultEscalation.
	Escalate map[Severity]time.Duration
	Now      func() time.Time
	Log      *slog.Logger
}

// Service has every open alarm. Load must be called before anything else, and Run
// must run for as long as it is used. It is safe for concurrent use.
type Service struct {
	d    Deps
	wake chan struct{} // holds one token while something may be to be looked at

	turn  chan struct{} // held by whoever writes: store, then memory, then news
	doubt bool          // of turn: whether the last write was committed is not known

	mu      sync.Mutex // guards what follows; held for copies only
	open    map[key]Alarm
	mutes   map[key]Mute
	cursors map[devices.SiteID]cursor
	sites   map[devices.SiteID]bool        // to be followed
	lives   map[devices.DeviceID]standing  // the newest word on each device
	judged  map[devices.DeviceID]bool      // to be judged
	gone    map[devices.DeviceID]bool      // retired, to be ended
	absent  map[devices.DeviceID]time.Time // when an absence becomes an alarm
	untaken map[devices.DeviceID]untaken   // modes, to be raised
}

// key is what has one open alarm, or one mute, at most.
type key struct {
	device devices.DeviceID
	typ    Type
}

// cursor is up to where a site was followed, and up to where the store knows it.
type cursor struct{ read, kept devices.Revision }

// New makes a Service.
func New(d Deps) *Service {
	if d.Escalate == nil {
		d.Escalate = DefaultEscalation()
	}
	if d.Told == nil {
		d.Told = func(devices.SiteID, devices.ZoneID, devices.Revision) {}
	}
	if d.ModesTaken == nil {
		d.ModesTaken = func(devices.DeviceID) (taken, known bool) { return false, false }
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		d: d, wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		open: map[key]Alarm{}, mutes: map[key]Mute{}, cursors: map[devices.SiteID]cursor{}, sites: map[devices.SiteID]bool{},
		lives: map[devices.DeviceID]standing{}, judged: map[devices.DeviceID]bool{}, gone: map[devices.DeviceID]bool{},
		absent: map[devices.DeviceID]time.Time{}, untaken: map[devices.DeviceID]untaken{},
	}
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// Load reads what is open, muted and followed.
func (s *Service) Load(ctx context.Context) error {
	const op = "alarms.load"
	open, mutes, err := s.stored(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	cursors, err := s.d.Store.Cursors(ctx)
	if err != nil {
		return fmt.Errorf("%s: cursors: %w", op, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.mutes = open, mutes
	for site, r := range cursors {
		s.cursors[site] = cursor{r, r}
		s.sites[site] = true // what a stop of the server left unread
	}
	return nil
}

// stored reads what is open and muted.
func (s *Service) stored(ctx context.Context) (map[key]Alarm, map[key]Mute, error) {
	open, mutes := map[key]Alarm{}, map[key]Mute{}
	all, err := s.d.Store.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range all {
		open[key{a.Device, a.Type}] = a
	}
	muted, err := s.d.Store.Mutes(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("mutes: %w", err)
	}
	for _, m := range muted {
		mutes[key{m.Device, m.Type}] = m
	}
	return open, mutes, nil
}

// take waits for the turn to write. After a write that failed, what is in memory may
// be older than the store: it is read again first.
func (s *Service) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !s.doubt {
		return nil
	}
	if err := s.catchUp(ctx); err != nil {
		s.give()
		return err
	}
	s.doubt = false
	return nil
}

// catchUp takes over what the store has, and tells what was not told.
func (s *Service) catchUp(ctx context.Context) error {
	open, mutes, err := s.stored(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	was := maps.Clone(s.open)
	s.mu.Unlock()
	var news []Alarm
	for k, a := range was {
		if open[k].ID == a.ID {
			continue
		}
		if a, err = s.d.Store.Alarm(ctx, a.ID); err != nil {
			return err
		}
		news = append(news, a)
	}
	for k, a := range open {
		if was[k].Revision != a.Revision {
			news = append(news, a)
		}
	}
	s.mu.Lock()
	s.open, s.mutes = open, mutes
	s.mu.Unlock()
	s.tell(news)
	return nil
}

func (s *Service) tell(all []Alarm) {
	for _, a := range all {
		s.d.News.Alarm(a)
		s.d.Told(a.Site, a.Zone, a.Revision)
	}
}

func (s *Service) give() { <-s.turn }

// moves gathers what one transaction does to alarms.
type moves struct {
	change  Change
	changed map[key]Alarm // as they will be
}

func newMoves(site devices.SiteID) *moves {
	return &moves{change: Change{Site: site}, changed: map[key]Alarm{}}
}

// of is the open alarm of a key, with the moves so far.
func (s *Service) of(m *moves, k key) (Alarm, bool) {
	if a, ok := m.changed[k]; ok {
		return a, a.Resolved.IsZero()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.open[k]
	return a, ok
}

// put adds a move.
func (m *moves) put(a Alarm, entries []Entry) {
	m.changed[key{a.Device, a.Type}] = a
	m.change.Entries = append(m.change.Entries, entries...)
}

// occur raises an alarm of an occurrence, or counts it.
func (s *Service) occur(m *moves, o occurrence) error {
	k, ok := KindOf(o.typ)
	if !ok {
		return fmt.Errorf("alarms.raise: %q is no type of alarm", o.typ)
	}
	now := s.now()
	at := key{o.device, o.typ}
	if a, open := s.of(m, at); open {
		m.put(a.again(o, k, now))
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("alarms.raise: %w", err)
	}
	a, entries := raised(ID(id.String()), o, k, now)
	if m.put(a, entries); s.isMuted(a, now) {
		m.put(a.muted(true, system, "", now))
	}
	return nil
}

// isMuted is whether a mute covers an alarm, that of but left aside.
func (s *Service) isMuted(a Alarm, now time.Time, but ...key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range []key{{a.Device, ""}, {a.Device, a.Type}} {
		if s.mutes[k].covers(a, now) && !slices.Contains(but, k) {
			return true
		}
	}
	return false
}

// commit stores moves, then remembers and tells them. Its caller holds the turn.
func (s *Service) commit(ctx context.Context, m *moves) error {
	m.change.Alarms = make([]Alarm, 0, len(m.changed))
	for _, a := range m.changed {
		m.change.Alarms = append(m.change.Alarms, a)
	}
	slices.SortFunc(m.change.Alarms, func(a, b Alarm) int { return cmp.Compare(a.ID, b.ID) })
	r, err := s.d.Store.Apply(ctx, m.change)
	if err != nil {
		s.doubt = true
		return err
	}
	s.mu.Lock()
	for i := range m.change.Alarms {
		m.change.Alarms[i].Revision = r
		a := m.change.Alarms[i]
		if k := (key{a.Device, a.Type}); a.Resolved.IsZero() {
			s.open[k] = a
		} else if s.open[k].ID == a.ID {
			delete(s.open, k)
		}
	}
	for _, mute := range m.change.Mutes {
		s.mutes[key{mute.Device, mute.Type}] = mute
	}
	for _, mute := range m.change.Unmutes {
		delete(s.mutes, key{mute.Device, mute.Type})
	}
	s.mu.Unlock()
	s.tell(m.change.Alarms)
	return nil
}

// Open gives every alarm that is not resolved, the newest first, from memory.
func (s *Service) Open() []Alarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Alarm, 0, len(s.open))
	for _, a := range s.open {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Alarm) int { return cmp.Compare(b.ID, a.ID) })
	return all
}
