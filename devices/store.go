package devices

import (
	"context"
	"time"

	"gatehouse/devices/presence"
)

// Store keeps what Control knows. Every method that writes is one durable
// transaction; those that change what is shown of a site raise the site's
// revision in that transaction and give the new one back. Safe for concurrent
// use. Errors are *Error; a missing row (site of a zone, device of a state, ...) is
// NotFound, a taken id is Conflict. Times come back in UTC with at least
// millisecond precision. A limit of 0 or less means 100 rows.
//
// storetest has an in-memory one, and the suite that every Store passes.
type Store interface {
	Sites(ctx context.Context) ([]Site, error)
	Zones(ctx context.Context) ([]Zone, error)
	// Devices gives every device, those that were retired too, with its last known
	// link, state and event.
	Devices(ctx context.Context) ([]Live, error)

	AddSite(ctx context.Context, s Site, a AuditEntry) error
	AddZone(ctx context.Context, z Zone, a AuditEntry) error
	AddDevice(ctx context.Context, d Device, a AuditEntry) (Revision, error)

	// SaveLadder stores how far a command has come: only the ladder of c is used.
	SaveLadder(ctx context.Context, c Command) (Revision, error)
	Command(ctx context.Context, id CommandID) (Command, error)
	// Commands of one device, newest first.
	Commands(ctx context.Context, q CommandQuery) ([]Command, error)
	// OpenCommands are those whose ladder has not ended.
	OpenCommands(ctx context.Context) ([]Command, error)

	// SaveLink stores a link, but for what is of one run of the server (Connected,
	// Flapping), with what is new in its history: a span whose Up the device has
	// already takes its place.
	SaveLink(ctx context.Context, d DeviceID, l presence.Link, history ...presence.Span) (Revision, error)
	// SaveState stores a report, and what it says otherwise than the last that was
	// stored (see StateChanges), in one transaction.
	SaveState(ctx context.Context, d DeviceID, s State) (Revision, error)

	// AddEvent stores an event once by (device, id). An identical repetition (see
	// Event.SameContent) changes nothing: existed is true and r is the revision
	// that it was stored with. Other content under the same id is the error Conflict.
	AddEvent(ctx context.Context, e Event) (r Revision, existed bool, err error)
	// Events that arrived in [From, Before), each zero: without a bound, newest first.
	Events(ctx context.Context, q EventQuery) ([]Event, error)
	Event(ctx context.Context, d DeviceID, id EventID) (Event, error)

	// Quarantine keeps a message; its device and site need not exist. One of
	// OtherContent that is kept already, byte for byte, changes nothing: a device
	// that saw no acknowledgement has not said it twice.
	Quarantine(ctx context.Context, q Quarantined) error
	// Quarantined messages, newest first.
	Quarantined(ctx context.Context, limit int) ([]Quarantined, error)

	// AddAudit adds a row that tells of nothing in this store.
	AddAudit(ctx context.Context, a AuditEntry) error
	// Audit gives rows with an ID under before (0: from the newest), newest first.
	Audit(ctx context.Context, before int64, limit int) ([]AuditRow, error)

	// Tally counts a site's passages, ledger rows, takings and quarantined
	// messages that arrived in [from, to), and gives the site's revision.
	Tally(ctx context.Context, s SiteID, from, to time.Time) (Tally, error)

	RecordStore
	ConfigStore
	ChangeStore
	LayerStore
	BatchStore
	FireStore
	RegistryStore
	HistoryStore
}

// Tally is what one site did in a span of time.
type Tally struct {
	Passages    int64
	LedgerRows  int64
	Takings     map[string]int64 // minor units by currency
	Quarantined int64
	Switches    Switches
	Timed       TimedCommands
	Revision    Revision
}

// Switches are those of timetables in a span, by when they were due.
type Switches struct {
	Done       int64 // carried out
	Skipped    int64 // or not known to be carried out
	NotReached int64 // openings that did not take the mode, as the checks afterwards found
}

// TimedCommands are those that the clock brought in a span, one per device, by when they
// were due.
type TimedCommands struct {
	Sent    int64
	Skipped int64 // or not known to be sent
	Failed  int64 // no command could be made, or the look at the result found that it was not carried out
}

// CommandQuery selects commands of one device.
type CommandQuery struct {
	Device DeviceID
	Action Action    // empty: any
	By     ActorKind // what ordered it; empty: anybody
	From   time.Time // issued then or later; zero: without a bound
	Before time.Time
	// Older selects those that follow this one in the list; empty: from the newest.
	Older CommandID
	Limit int
}

// Selects says whether a command is one of those that are meant; Older does not count.
func (q CommandQuery) Selects(c Command) bool {
	return c.Device == q.Device && (q.Action == "" || c.Action == q.Action) && (q.By == "" || c.Actor.Kind == q.By) &&
		(q.From.IsZero() || !c.Issued.Before(q.From)) && (q.Before.IsZero() || c.Issued.Before(q.Before))
}

// EventQuery selects events.
type EventQuery struct {
	Device DeviceID // empty: all
	Site   SiteID   // empty: all
	Zone   ZoneID   // where the device stood; empty: all
	Type   string   // empty: all
	Within *Reach   // where the device stood; nil: everywhere
	From   time.Time
	Before time.Time
	// Older selects those that follow this one in the list: many events may arrive in one
	// millisecond, so a time alone divides no list into pages. Zero: from the newest.
	Older EventKey
	Limit int
}

// EventKey names an event.
type EventKey struct {
	Device DeviceID
	ID     EventID
}
