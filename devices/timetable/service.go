package timetable

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Layers is where timetables act, and what they look at; devices.Control is one.
type Layers interface {
	SetSchedules(ctx context.Context, wanted []devices.ScheduleSetting) ([]devices.Layer, error)
	ScheduleLayers() []devices.Layer
	Openings() []devices.Opening
	Standing(d devices.DeviceID, direction string) (devices.Standing, bool)
}

// Places is what the service asks about places; devices.Control is one. A missing site is
// NotFound.
type Places interface {
	Site(id devices.SiteID) (devices.Site, error)
	Zones() []devices.Zone
	Registered(id devices.DeviceID) (devices.Device, bool)
}

// Days says what days are; calendar.Service does.
type Days interface {
	Book(ctx context.Context, site devices.SiteID) (calendar.Book, error)
}

// Deps are the parts of a Service. Alarm, Changed, Now and Log may be left out.
type Deps struct {
	Store  Store
	Layers Layers
	Places Places
	Days   Days
	// Alarm raises the alarm of an opening that did not take its mode.
	Alarm func(d devices.DeviceID, detail string)
	// Changed is told of each site whose runs of today are other ones.
	Changed func(devices.SiteID)
	Now     func() time.Time
	Log     *slog.Logger
}

// Service keeps timetables and carries them out. It is safe for concurrent use.
type Service struct {
	d    Deps
	wake chan struct{}

	// turn is held by whoever changes rules: an edit with its store write, or one tick.
	turn    sync.Mutex
	books   map[devices.SiteID]*almanac // guarded by turn
	open    []Run                       // claimed, and not finished yet; guarded by turn
	checks  []check                     // guarded by turn
	spreads time.Time                   // until then beginnings are spread; zero: none is; guarded by turn
	forgets time.Time                   // when old runs are dropped next; guarded by turn

	mu       sync.Mutex   // guards what follows; never held over a call that waits
	rules    map[ID]*rule // and the fields of each
	awaiting map[ID]*rule // those of them that have periods which wait for first arrivals
	loaded   bool
	news     news
}

// news is what others told and no tick has looked at yet.
type news struct {
	passages []devices.Event
	places   bool
	sites    map[devices.SiteID]bool // whose calendar changed; the empty one: all
}

// New makes a Service; Run runs it.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Alarm == nil {
		d.Alarm = func(devices.DeviceID, string) {}
	}
	if d.Changed == nil {
		d.Changed = func(devices.SiteID) {}
	}
	return &Service{
		d: d, wake: make(chan struct{}, 1), books: map[devices.SiteID]*almanac{}, rules: map[ID]*rule{}, awaiting: map[ID]*rule{},
		news: news{sites: map[devices.SiteID]bool{}},
	}
}

// now is the clock, in the milliseconds that stores keep.
func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// planOf is what a timetable says by the clock of its site and the calendar as it is now.
func (s *Service) planOf(ctx context.Context, t Timetable) (plan, error) {
	zone, err := s.zoneOf(t.Site)
	if err != nil {
		return plan{}, err
	}
	days, err := s.d.Days.Book(ctx, t.Site)
	if err != nil {
		return plan{}, fmt.Errorf("timetable.days: %w", err)
	}
	return newPlan(t, zone, newAlmanac(days)), nil
}

func (s *Service) zoneOf(id devices.SiteID) (*time.Location, error) {
	site, err := s.d.Places.Site(id)
	if err != nil {
		return nil, fmt.Errorf("timetable.site: %w", err)
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("timetable.site: %w", err)
	}
	return zone, nil
}

// View is a timetable and how it stands: a pause that is over, and what was left out before, are
// not in it.
type View struct {
	Timetable
	TimeZone string
	Now      *Run    // what it holds now; nil: nothing
	Next     *Coming // the first period that will begin; nil: none comes, or it is paused for good
}

// List gives every timetable, by name.
func (s *Service) List(ctx context.Context) ([]View, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	now := s.now()
	s.mu.Lock()
	all := make([]View, 0, len(s.rules))
	for _, r := range s.rules {
		all = append(all, r.view(now))
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b View) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// Get gives one timetable; NotFound.
func (s *Service) Get(ctx context.Context, id ID) (View, error) {
	if err := s.ready(ctx); err != nil {
		return View{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rules[id]
	if !ok {
		return View{}, notFound("timetable.get", id)
	}
	return r.view(s.now()), nil
}

func notFound(op string, id ID) error {
	return &devices.Error{Op: op, Code: devices.NotFound, Message: fmt.Sprintf("there is no timetable %.64q", string(id))}
}

// view is how a rule stands.
func (r *rule) view(now time.Time) View {
	v := View{Timetable: r.timetable, TimeZone: r.plan.zone.String()}
	if !v.paused(now) {
		v.Paused, v.PausedUntil = false, time.Time{}
	}
	if x, ok := r.plan.at(v.SkipDue); !ok || !now.Before(x.End) {
		v.SkipDue, v.SkipBy = time.Time{}, ""
	}
	if r.active != nil {
		run := r.active.run
		v.Now = &run
	}
	if next, _ := r.coming(now, now.AddDate(5, 0, 0), 1); len(next) > 0 {
		c := r.plan.coming(next[0])
		v.Next = &c
	}
	return v
}

// coming is the spans that will begin after an instant and before another, at most some: not
// those that a pause or somebody leaves out.
func (r *rule) coming(after, to time.Time, most int) (spans []Span, more bool) {
	t := r.timetable
	if t.Paused && t.PausedUntil.IsZero() {
		return nil, false
	}
	r.plan.each(after, func(x Span) bool {
		switch {
		case !x.Start.Before(to):
			return false
		case x.Start.Equal(t.SkipDue):
			return true
		case t.paused(x.Start):
			x.Start = t.PausedUntil
		}
		if !x.Start.After(after) || !x.Start.Before(x.End) || !x.Start.Before(to) {
			return true
		}
		if more = len(spans) == most; more {
			return false
		}
		spans = append(spans, x)
		return true
	})
	return spans, more
}

// Create checks and keeps a new timetable. What it says of the present moment counts at once.
// Errors name field, reason and example.
func (s *Service) Create(ctx context.Context, by devices.Actor, d Draft) (View, error) {
	made, err := s.checked(ctx, d)
	if err != nil {
		return View{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return View{}, &devices.Error{Op: "timetable.create", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	made.ID, made.Created = ID(id.String()), s.now()
	return s.change(ctx, "timetable.create", by, made.ID, Edited, func(Timetable, time.Time) (Timetable, error) { return made, nil })
}

// Update replaces all that a Draft says of a timetable; NotFound. What it says of the present
// moment counts at once.
func (s *Service) Update(ctx context.Context, by devices.Actor, id ID, d Draft) (View, error) {
	made, err := s.checked(ctx, d)
	if err != nil {
		return View{}, err
	}
	return s.change(ctx, "timetable.update", by, id, Edited, func(old Timetable, _ time.Time) (Timetable, error) {
		made.ID, made.Created, made.Paused, made.PausedUntil = id, old.Created, old.Paused, old.PausedUntil
		return made, s.leaveOut(ctx, &made, old)
	})
}

// Delete takes a timetable away; what it holds is released, its history stays. NotFound.
func (s *Service) Delete(ctx context.Context, by devices.Actor, id ID) error {
	const op = "timetable.delete"
	if err := s.ready(ctx); err != nil {
		return err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	old, err := s.find(op, id)
	if err != nil {
		return err
	}
	if err := s.d.Store.DeleteTimetable(ctx, id, s.audit(by, op, &old, nil)); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	s.mu.Lock()
	delete(s.rules, id)
	delete(s.awaiting, id)
	s.news.places = true
	s.mu.Unlock()
	s.nudge()
	return nil
}

// find is a timetable as it stands.
func (s *Service) find(op string, id ID) (Timetable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rules[id]
	if !ok {
		return Timetable{}, notFound(op, id)
	}
	return r.timetable, nil
}

// change replaces a timetable by what f makes of it (of the zero Timetable, if it is new), and
// has what it says now carried out. What was due before is dealt with first.
func (s *Service) change(ctx context.Context, op string, by devices.Actor, id ID, why Why, f func(old Timetable, now time.Time) (Timetable, error)) (View, error) {
	if err := s.ready(ctx); err != nil {
		return View{}, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	now := s.now()
	var before *Timetable
	old, err := s.find(op, id)
	switch {
	case err == nil:
		before = &old
		if err := s.claimDue(ctx, now); err != nil {
			return View{}, fmt.Errorf("%s: %w", op, err)
		}
		if err := s.followDevices(ctx); err != nil {
			return View{}, fmt.Errorf("%s: %w", op, err)
		}
		old, _ = s.find(op, id)
		s.mu.Lock()
		now = s.rules[id].free(now)
		s.mu.Unlock()
	case op != "timetable.create":
		return View{}, err
	}
	made, err := f(old, now)
	if err != nil {
		return View{}, err
	}
	made.Changed, made.Why, made.By = now, why, by.Name
	p, err := s.planOf(ctx, made)
	if err != nil {
		return View{}, err
	}
	if err := s.d.Store.PutTimetable(ctx, made, s.audit(by, op, before, &made)); err != nil {
		return View{}, fmt.Errorf("%s: %w", op, err)
	}
	return s.put(made, p), nil
}

// put makes the runner watch a timetable in its new form, from its change on.
func (s *Service) put(t Timetable, p plan) View {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := newRule(t, p, t.Changed.Add(-time.Millisecond))
	if old := s.rules[t.ID]; old != nil {
		r.active = old.active
	}
	s.watch(r)
	s.nudge()
	return r.view(t.Changed)
}

// watch has the runner look at a rule. Its caller holds mu.
func (s *Service) watch(r *rule) {
	id := r.timetable.ID
	s.rules[id] = r
	delete(s.awaiting, id)
	if r.timetable.awaits() {
		s.awaiting[id] = r
	}
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// ready is nil once the timetables are read.
func (s *Service) ready(ctx context.Context) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.load(ctx)
}
