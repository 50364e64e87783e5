package schedule

import (
	"context"
	"log/slog"
	"time"

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

// Draft is what a person says about a schedule; the rest is the service's.
type Draft struct {
	Device   devices.DeviceID
	Name     string
	Cron     string
	TimeZone string // empty: that of the device's site
	Action   devices.Action
	Args     map[string]string
	Paused   bool
	SkipLate time.Duration // 0: DefaultSkipLate
}

// DefaultSkipLate is how late a run may be unless the schedule says otherwise.
const DefaultSkipLate = 5 * time.Minute

// Service keeps schedules and runs them. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a Service; Run runs it.
func New(d Deps) *Service { return &Service{d: d} }

// List gives every schedule with its next due time, by name.
func (s *Service) List(ctx context.Context) ([]Schedule, error) { panic("draft") }

// Get gives one schedule; NotFound.
func (s *Service) Get(ctx context.Context, id ID) (Schedule, error) { panic("draft") }

// Create checks and stores a new schedule. Errors name field, reason and example.
func (s *Service) Create(ctx context.Context, by devices.Actor, d Draft) (Schedule, error) {
	panic("draft")
}

// Update replaces all that a Draft says of a schedule.
func (s *Service) Update(ctx context.Context, by devices.Actor, id ID, d Draft) (Schedule, error) {
	panic("draft")
}

// Delete takes a schedule away; NotFound.
func (s *Service) Delete(ctx context.Context, by devices.Actor, id ID) error { panic("draft") }

// Runs gives the newest runs of a schedule, newest first; limit 0: 50.
func (s *Service) Runs(ctx context.Context, id ID, limit int) ([]Run, error) { panic("draft") }

// Run sends what is due until ctx ends; it gives nil then.
func (s *Service) Run(ctx context.Context) error { panic("draft") }

// Preview gives the next n due times after from, in UTC.
func Preview(expr, tz string, from time.Time, n int) ([]time.Time, error) { panic("draft") }
