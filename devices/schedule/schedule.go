package schedule

import (
	"context"
	"time"

	"gatehouse/devices"
)

// ID of a schedule.
type ID string

// Schedule is one timed command: at each time that Cron names in TimeZone, Action
// goes to Device.
type Schedule struct {
	ID       ID
	Site     devices.SiteID
	Device   devices.DeviceID
	Name     string
	Cron     string // five fields, or @hourly @daily @weekly @monthly @yearly; no seconds
	TimeZone string // IANA name
	Action   devices.Action
	Args     map[string]string
	Paused   bool
	SkipLate time.Duration // a run that is later than this is skipped; default 5 min
	Created  time.Time
	// Next in the store is the first due time of the rule in its present form (as
	// it was made, changed or resumed): earlier ones do not count. In what the
	// Service answers it is the next due time from now. Zero when paused.
	Next time.Time
}

// Run is one due time of a schedule and what became of it. Inserting it is the
// claim: (Schedule, Due) is unique, so it is never sent twice.
type Run struct {
	Schedule ID
	Due      time.Time
	Claimed  time.Time
	Outcome  Outcome
	Detail   string            // why skipped or failed
	Command  devices.CommandID // the command that was sent, if one was
}

// Outcome of a run.
type Outcome string

// The outcomes of a run. What the device did is the ladder of the run's command.
const (
	Claimed Outcome = "claimed" // claimed; the process ended before it was known to be sent
	SentOut Outcome = "sent"    // a command was made: see its ladder
	Skipped Outcome = "skipped" // too late, with Detail
	Broken  Outcome = "failed"  // no command could be made: Detail says why
)

// Store keeps schedules and runs.
type Store interface {
	Schedules(ctx context.Context) ([]Schedule, error)
	Schedule(ctx context.Context, id ID) (Schedule, error)
	PutSchedule(ctx context.Context, s Schedule, a devices.AuditEntry) error // create or replace
	DeleteSchedule(ctx context.Context, id ID, a devices.AuditEntry) error
	// Claim inserts a run; claimed is false if somebody has it already.
	Claim(ctx context.Context, r Run) (claimed bool, err error)
	FinishRun(ctx context.Context, r Run) error
	Runs(ctx context.Context, id ID, limit int) ([]Run, error) // newest first
	// LastRun is the newest due time that was claimed; NotFound if none.
	LastRun(ctx context.Context, id ID) (Run, error)
}

// Sender sends the command of a run; devices.Control is one.
type Sender interface {
	Send(ctx context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error)
}
