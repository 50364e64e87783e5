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

// Deps are the parts of a Service. Log and Now may be left out.
type Deps struct {
	Store    Store
	Sender   Sender
	Registry Registry
	Now      func() time.Time
	Log      *slog.Logger
}

// Service keeps schedules and runs them. It is safe for concurrent use.
type Service struct {
	d    Deps
	wake chan struct{} // the set of rules changed
	edit sync.Mutex    // one change of the set of rules at a time, with its store write

	refused bool // the store refused something in the last tick; Run's own

	mu     sync.Mutex // guards what follows; never held over a call to anybody
	rules  map[ID]*rule
	loaded bool
}

// New makes a Service; Run runs it.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d: d, wake: make(chan struct{}, 1), rules: make(map[ID]*rule)}
}

// now is the clock, in the milliseconds that stores keep.
func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// List gives every schedule with its next due time, by name.
func (s *Service) List(ctx context.Context) ([]Schedule, error) {
	all, err := s.d.Store.Schedules(ctx)
	if err != nil {
		return nil, fmt.Errorf("schedule.list: %w", err)
	}
	now := s.now()
	for i := range all {
		all[i].Next = nextOf(all[i], now)
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
	got.Next = nextOf(got, s.now())
	return got, nil
}

func nextOf(s Schedule, now time.Time) time.Time {
	if s.Paused {
		return time.Time{}
	}
	plan, err := ParseCron(s.Cron, s.TimeZone)
	if err != nil {
		return time.Time{}
	}
	return plan.Next(now)
}

// Create checks and stores a new schedule. Errors name field, reason and example.
func (s *Service) Create(ctx context.Context, by devices.Actor, d Draft) (Schedule, error) {
	made, err := s.check(ctx, d)
	if err != nil {
		return Schedule{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Schedule{}, &devices.Error{Op: "schedule.create", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	made.ID, made.Created = ID(id.String()), s.now()
	made.Next = nextOf(made, made.Created)
	if err := s.d.Store.PutSchedule(ctx, made, s.audit(by, "schedule.create", nil, &made)); err != nil {
		return Schedule{}, fmt.Errorf("schedule.create: %w", err)
	}
	s.put(made, made.Created)
	return made, nil
}

// Update replaces all that a Draft says of a schedule; NotFound. Due times count
// anew from this instant; one that was due before and has not been sent is
// recorded as skipped.
func (s *Service) Update(ctx context.Context, by devices.Actor, id ID, d Draft) (Schedule, error) {
	made, err := s.check(ctx, d)
	if err != nil {
		return Schedule{}, err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	old, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule.update: %w", err)
	}
	now := s.now()
	made.ID, made.Created, made.Next = id, old.Created, nextOf(made, now)
	if err := s.settle(ctx, old, now); err != nil {
		return Schedule{}, fmt.Errorf("schedule.update: %w", err)
	}
	if err := s.d.Store.PutSchedule(ctx, made, s.audit(by, "schedule.update", &old, &made)); err != nil {
		return Schedule{}, fmt.Errorf("schedule.update: %w", err)
	}
	s.put(made, now)
	return made, nil
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

// Runs gives the newest runs of a schedule, newest first; limit 0: 50, at most 500.
func (s *Service) Runs(ctx context.Context, id ID, limit int) ([]Run, error) {
	if limit == 0 {
		limit = 50
	}
	if limit < 1 || limit > 500 {
		return nil, invalid("limit", "must be 1 to 500, for example 50")
	}
	if _, err := s.d.Store.Schedule(ctx, id); err != nil {
		return nil, fmt.Errorf("schedule.runs: %w", err)
	}
	runs, err := s.d.Store.Runs(ctx, id, limit)
	if err != nil {
		return nil, fmt.Errorf("schedule.runs: %w", err)
	}
	return runs, nil
}
