package schedule

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Store keeps schedules and runs.
type Store interface {
	Schedules(ctx context.Context) ([]Schedule, error)
	Schedule(ctx context.Context, id ID) (Schedule, error)
	PutSchedule(ctx context.Context, s Schedule, a devices.AuditEntry) error // create or replace
	DeleteSchedule(ctx context.Context, id ID, a devices.AuditEntry) error
	RunStore
}

// RunStore keeps runs.
type RunStore interface {
	// Claim inserts a run; claimed is false if somebody has it already.
	Claim(ctx context.Context, r Run) (claimed bool, err error)
	// ClaimManual inserts the runs that a person asked for with the entry of the audit
	// trail, all or none; claimed is false if one of them is there already.
	ClaimManual(ctx context.Context, runs []Run, a devices.AuditEntry) (claimed bool, err error)
	// FinishRun stores what became of a run that is there; NotFound.
	FinishRun(ctx context.Context, r Run) error
	Runs(ctx context.Context, q RunQuery) ([]Run, error) // newest first, see RunQuery
	// LastDue is the newest due time that was claimed for a device; zero if none.
	LastDue(ctx context.Context, id ID, device devices.DeviceID) (time.Time, error)
	// LastDues is LastDue of every target of every schedule, in one question. Those
	// without one are left out.
	LastDues(ctx context.Context) (map[ID]map[devices.DeviceID]time.Time, error)
	// DueChecks gives up to limit runs that are to be looked at by now, the oldest first.
	DueChecks(ctx context.Context, now time.Time, limit int) ([]Run, error)
	// Forget drops runs that were due before an instant, at most some of them, the oldest first,
	// and says how many. The newest due time that was claimed for a device stays: without it
	// what is older would count as missed.
	Forget(ctx context.Context, before time.Time, most int) (n int, err error)
	// Lateness sums up the due times that were claimed from an instant on.
	Lateness(ctx context.Context, from time.Time, within *devices.Reach) (Lateness, error)
}

// RunQuery chooses runs. What is zero does not choose.
type RunQuery struct {
	Schedule ID
	Site     devices.SiteID
	Device   devices.DeviceID
	Outcome  Outcome
	Key      string // of manual runs
	From, To time.Time
	Before   Place // only runs that come after it in the list
	Limit    int
	Within   *devices.Reach // nil: everything
}

// Place is where a run is in the list of all, which is by Due, Schedule, Device and
// Key, all falling.
type Place struct {
	Due      time.Time // zero: before the first
	Schedule ID
	Device   devices.DeviceID
	Key      string
}

// Place gives the place of a run.
func (r Run) Place() Place { return Place{r.Due, r.Schedule, r.Device, r.Key} }

// Lateness is how late due times were claimed, and what became of them.
type Lateness struct {
	From          time.Time
	Sent          int64         // how many were sent; the quantiles are of these
	P50, P99, Max time.Duration // between a device's instant and its claim
	Outcomes      map[Outcome]int64
}

// Sender sends the command of a run; devices.Control is one.
type Sender interface {
	Send(ctx context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error)
}

// Commands says what became of a command; devices.Control does.
type Commands interface {
	Command(ctx context.Context, id devices.CommandID) (devices.Command, error)
}

// Quantiles takes over how late due times were claimed, in microseconds and rising: its quantiles are
// the values that at least so many are not above.
func (l *Lateness) Quantiles(late []int64) {
	l.Sent = int64(len(late))
	if len(late) == 0 {
		return
	}
	at := func(percent int) time.Duration {
		i := (len(late)*percent + 99) / 100
		return time.Duration(late[max(i, 1)-1]) * time.Microsecond
	}
	l.P50, l.P99, l.Max = at(50), at(99), at(100)
}
