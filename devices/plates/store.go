package plates

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Store has the readings that AddEvent of the same store makes of events of EventType,
// in the transaction of the event.
type Store interface {
	// Readings are those that a query selects, newest first, each with the passage that
	// it belongs to.
	Readings(ctx context.Context, q Query) ([]Found, error)
}

// Found is a reading and what belongs to it.
type Found struct {
	Reading
	Passage *devices.Event // the nearest in time, of any device of the site; nil: none
	Shown   bool           // Picture is stored, and was not removed
}

// Query selects readings.
type Query struct {
	Site     devices.SiteID   // empty: all
	Zone     devices.ZoneID   // empty: all
	Device   devices.DeviceID // empty: all
	Part     string           // in any part of the plate, in any writing; empty: all
	Doubtful bool             // only those that have no form of GA 36
	From, To time.Time        // device time of the first event, half open; zero: unbounded
	Before   int64            // those that follow the reading with this ID in the list; 0: from the newest
	Limit    int              // 0: 100

	Within *devices.Reach // nil: everywhere
}

// Nearer is the passage that is nearer to a reading: of equals the one that arrived
// first. It may be nil.
func (r Reading) Nearer(a *devices.Event, b devices.Event) *devices.Event {
	if distance(r, b) > Gap || a != nil && distance(r, *a) <= distance(r, b) {
		return a
	}
	return &b
}

// distance is the time between a reading and a passage.
func distance(r Reading, e devices.Event) time.Duration {
	switch {
	case e.DeviceTime.Before(r.First):
		return r.First.Sub(e.DeviceTime)
	case e.DeviceTime.After(r.Last):
		return e.DeviceTime.Sub(r.Last)
	}
	return 0
}
