package alarms

import (
	"context"

	"gatehouse/devices"
)

// Store keeps alarms, and shows what was committed at a site. Safe for concurrent
// use. Errors are *devices.Error. storetest has one in memory, and the suite that
// every Store passes.
type Store interface {
	// Cursors gives for every site up to which revision its commits were followed;
	// 0 for a site that never was.
	Cursors(ctx context.Context) (map[devices.SiteID]devices.Revision, error)
	// Committed gives what was committed at a site above a revision, about limit rows
	// of each kind at most.
	Committed(ctx context.Context, s devices.SiteID, after devices.Revision, limit int) (Found, error)
	// Known gives those of the causes that are in the history of an alarm.
	Known(ctx context.Context, causes []Cause) ([]Cause, error)

	// Apply does a change in one durable transaction. All its alarms get the revision
	// that it gives back: a new one of the site; 0 if it has no alarms. A second open
	// alarm of one device and type, and a cause that is known, is the error Conflict,
	// and nothing is changed.
	Apply(ctx context.Context, c Change) (devices.Revision, error)

	// Open gives every alarm that is not resolved.
	Open(ctx context.Context) ([]Alarm, error)
	Alarm(ctx context.Context, id ID) (Alarm, error)
	// History of an alarm, the newest first.
	History(ctx context.Context, id ID, limit int) ([]Entry, error)
	Alarms(ctx context.Context, q Query) ([]Alarm, error)
	// Count counts those that were raised in a part of time, by severity and type.
	Count(ctx context.Context, q CountQuery) ([]Count, error)
	// Mutes gives every mute, those that are over too.
	Mutes(ctx context.Context) ([]Mute, error)
}

// Found is what was committed at a site.
type Found struct {
	// Events are those that may be a cause, and perhaps others: see Followed.
	Events      []devices.Event
	Commands    []devices.Command // that ended
	Quarantined []Quarantined     // without their bytes
	UpTo        devices.Revision  // everything up to it is in here
	More        bool              // there is more above it
}

// Quarantined is a message in quarantine, with the place of its device.
type Quarantined struct {
	devices.Quarantined
	Zone devices.ZoneID // empty: the device is not registered
}

// Change is one transaction.
type Change struct {
	Site    devices.SiteID
	Cursor  devices.Revision // up to where the site was followed; 0: as it was
	Alarms  []Alarm          // new, or as they are now
	Entries []Entry
	Mutes   []Mute // new, or as they are now
	Unmutes []Mute // to be taken away: Device and Type count
	Audit   []devices.AuditEntry
}
