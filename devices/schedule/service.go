package schedule

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
)

// Registry is what the service asks about devices. A missing one is NotFound.
type Registry interface {
	Device(ctx context.Context, id devices.DeviceID) (devices.Device, error)
	Site(ctx context.Context, id devices.SiteID) (devices.Site, error)
	// CheckAction is nil if devices of this kind know the action with these
	// arguments; otherwise Invalid with Field action or args.
	CheckAction(kind devices.KindName, a devices.Action, args map[string]string) error
}

// Deps are the parts of a Service. Changed, Now and Log may be left out.
type Deps struct {
	Store    Store
	Sender   Sender
	Commands Commands
	Outlook  Outlook
	Registry Registry
	Calendar Calendar
	// Changed is told of a site whose runs of today are other ones. It must not block.
	Changed func(devices.SiteID)
	Now     func() time.Time
	Log     *slog.Logger
}

// Service keeps schedules and runs them. It is safe for concurrent use.
type Service struct {
	d    Deps
	wake chan struct{} // the set of rules changed
	edit sync.Mutex    // one change of the set of rules at a time, with its store write

	refused bool      // the store refused something in the last tick; Run's own
	forgets time.Time // when old runs are dropped next; Run's own

	loaded  bool       // guarded by edit
	mu      sync.Mutex // guards what follows; never held over a call to anybody
	watched map[ID]*watched
}

// New makes a Service; Run runs it.
func New(d Deps) *Service {
	if d.Changed == nil {
		d.Changed = func(devices.SiteID) {}
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d: d, wake: make(chan struct{}, 1), watched: make(map[ID]*watched)}
}

// now is the clock, in the milliseconds that stores keep.
func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// List gives every schedule with its next due time, by name.
func (s *Service) List(ctx context.Context) ([]Schedule, error) {
	all, err := s.d.Store.Schedules(ctx)
	if err != nil {
		return nil, fmt.Errorf("schedule.list: %w", err)
	}
	now, days := s.now(), s.look(ctx)
	for i := range all {
		all[i] = days.shown(all[i], now)
	}
	if days.err != nil {
		return nil, fmt.Errorf("schedule.list: %w", days.err)
	}
	slices.SortFunc(all, func(a, b Schedule) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Get gives one schedule with its next due time; NotFound.
func (s *Service) Get(ctx context.Context, id ID) (Schedule, error) {
	got, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule.get: %w", err)
	}
	return s.shown(ctx, "schedule.get", got)
}

// shown is a schedule as the service answers it.
func (s *Service) shown(ctx context.Context, op string, x Schedule) (Schedule, error) {
	days := s.look(ctx)
	x = days.shown(x, s.now())
	if days.err != nil {
		return Schedule{}, fmt.Errorf("%s: %w", op, days.err)
	}
	return x, nil
}

// shown has the next due time, and nothing that is over.
func (d *days) shown(x Schedule, now time.Time) Schedule {
	if !x.PausedUntil.After(now) {
		x.PausedUntil = time.Time{}
	}
	if !x.LeftOut.Due.After(now) {
		x.LeftOut = LeftOut{}
	}
	x.Next = time.Time{}
	plan, err := ParseCron(x.Cron, x.TimeZone)
	if x.Paused || err != nil {
		return x
	}
	of := d.dated(x, plan)
	x.Next = of.Next(begin(x, now))
	if !x.Next.IsZero() && x.Next.Equal(x.LeftOut.Due) {
		x.Next = of.Next(x.Next)
	}
	return x
}

// begin is the instant after which due times of a schedule come.
func begin(x Schedule, now time.Time) time.Time {
	if x.PausedUntil.After(now) {
		return justBefore(x.PausedUntil)
	}
	return now
}

// firstOf is what the store keeps as Next.
func firstOf(x Schedule, now time.Time) time.Time {
	plan, err := ParseCron(x.Cron, x.TimeZone)
	if x.Paused || err != nil {
		return time.Time{}
	}
	return plan.Next(begin(x, now))
}

// Create checks and stores a new schedule. Errors name field, reason and example.
func (s *Service) Create(ctx context.Context, by devices.Actor, d Draft) (Schedule, error) {
	const op = "schedule.create"
	made, err := s.check(ctx, d)
	if err != nil {
		return Schedule{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Schedule{}, &devices.Error{Op: op, Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	made.ID, made.Created = ID(id.String()), s.now()
	made.Next = firstOf(made, made.Created)
	if err := s.d.Store.PutSchedule(ctx, made, s.audit(by, op, nil, &made)); err != nil {
		return Schedule{}, fmt.Errorf("%s: %w", op, err)
	}
	s.put(made, from(made.Created))
	return s.shown(ctx, op, made)
}

// Update replaces all that a Draft says of a schedule; NotFound. Due times count
// anew from this instant; one that was due before and has not been sent is
// recorded as skipped. A pause until a time stays.
func (s *Service) Update(ctx context.Context, by devices.Actor, id ID, d Draft) (Schedule, error) {
	const op = "schedule.update"
	made, err := s.check(ctx, d)
	if err != nil {
		return Schedule{}, err
	}
	return s.change(ctx, by, op, id, func(old Schedule, now time.Time) (Schedule, error) {
		made.ID, made.Created = id, old.Created
		if old.PausedUntil.After(now) && !made.Paused {
			made.PausedUntil = old.PausedUntil
		}
		if due := old.LeftOut.Due; due.After(now) && firstOf(made, justBefore(due)).Equal(due) {
			made.LeftOut = old.LeftOut
		}
		return made, nil
	})
}

// change stores a new form of a schedule, which due times count anew from.
func (s *Service) change(ctx context.Context, by devices.Actor, op string, id ID, become func(old Schedule, now time.Time) (Schedule, error)) (Schedule, error) {
	s.edit.Lock()
	defer s.edit.Unlock()
	old, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, fmt.Errorf("%s: %w", op, err)
	}
	now := s.now()
	made, err := become(old, now)
	if err != nil {
		return Schedule{}, err
	}
	made.Next = firstOf(made, now)
	if err := s.settle(ctx, old, now); err != nil {
		return Schedule{}, fmt.Errorf("%s: %w", op, err)
	}
	if err := s.d.Store.PutSchedule(ctx, made, s.audit(by, op, &old, &made)); err != nil {
		return Schedule{}, fmt.Errorf("%s: %w", op, err)
	}
	s.put(made, from(now))
	return s.shown(ctx, op, made)
}

// Delete takes a schedule away; NotFound.
func (s *Service) Delete(ctx context.Context, by devices.Actor, id ID) error {
	s.edit.Lock()
	defer s.edit.Unlock()
	old, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return fmt.Errorf("schedule.delete: %w", err)
	}
	if err := s.d.Store.DeleteSchedule(ctx, id, s.audit(by, "schedule.delete", &old, nil)); err != nil {
		return fmt.Errorf("schedule.delete: %w", err)
	}
	s.drop(id)
	return nil
}
