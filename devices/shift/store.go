package shift

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Codes of conflicts, besides those of devices.
const (
	// AlreadyOn is that somebody has an open shift: they hand it over first.
	AlreadyOn devices.Code = "shift_open"
	// LaneTaken is that a device is in the open shift of somebody else.
	LaneTaken devices.Code = "lane_taken"
	// Over is that a shift has ended: nothing is added to it.
	Over devices.Code = "shift_over"
	// TakenAlready is that a shift was taken over, or was not handed over.
	TakenAlready devices.Code = "shift_taken"
)

// Store keeps shifts. Whatever it answers without an error is durable, with its entry of the audit trail.
type Store interface {
	// Begin keeps a new shift, and from where it counts: from now, or from where the shift ended that it took over.
	// AlreadyOn, LaneTaken, TakenAlready.
	Begin(ctx context.Context, s Shift, a devices.AuditEntry) error
	// AddNote keeps a note of an open shift, and gives it its id. Over, NotFound.
	AddNote(ctx context.Context, n Note, a devices.AuditEntry) (Note, error)
	// Finish ends an open shift: it counts and ends it in one step, so that nothing comes between. entry says
	// what to write of it. Over, NotFound.
	Finish(ctx context.Context, e End, entry func(Shift) devices.AuditEntry) (Shift, error)
	// Shift gives one; NotFound.
	Shift(ctx context.Context, id ID) (Shift, error)
	// Shifts gives those of a query, the newest first.
	Shifts(ctx context.Context, q Query) ([]Shift, error)
	// Notes are those of a shift, the oldest first.
	Notes(ctx context.Context, id ID) ([]Note, error)
	// Count counts an open shift as it is now.
	Count(ctx context.Context, id ID) (Counts, error)
}

// End is how an open shift ends.
type End struct {
	Shift   ID
	At      time.Time
	How     How
	By      Person
	To      Person
	Remark  string
	Counted []Money
}

// State selects shifts by whether they have ended.
type State string

// The states. The empty one is any.
const (
	IsOpen  State = "open"
	IsEnded State = "ended"
	// IsOffered is handed over and not taken over.
	IsOffered State = "offered"
)

// Query selects shifts.
type Query struct {
	Site     devices.SiteID
	Device   devices.DeviceID
	Person   string // id; empty: anybody's
	Name     string // a part of the person's name
	State    State
	From, To time.Time // that began in, half open; zero: unbounded
	Since    time.Time // that ended at this time or later, or not yet; zero: any
	Before   ID        // older ones
	Limit    int

	Within *devices.Reach // nil: everywhere; else shifts whose devices are all in it
}
