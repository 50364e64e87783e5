package trail

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Query selects rows; what is empty selects all.
type Query struct {
	Actor    string // id of an actor
	Object   string // kind:id, or kind: for all of a kind
	Verb     string // for example device.command, or device. for all that begin so
	Site     devices.SiteID
	Outcome  string
	From, To time.Time // half open
	// Text is in a name of a person, device, site or zone, in the verb, the object or the
	// detail, without regard to case of ASCII.
	Text   string
	Before int64 // rows with a smaller number; 0: from the newest on
	Limit  int   // 0: 100
}

// Store keeps the trail. Errors are *devices.Error. Safe for concurrent use.
type Store interface {
	Reader
	// Search gives the rows of a query, the newest first.
	Search(ctx context.Context, q Query) ([]devices.AuditRow, error)
	// Newest is the newest row; the zero Mark if there is none.
	Newest(ctx context.Context) (Mark, error)
	// Old is the last of the oldest rows, at most limit of them, that were all written before a
	// time, and how many they are; the zero Mark if there is none.
	Old(ctx context.Context, before time.Time, limit int) (last Mark, rows int64, err error)
	// Add adds a row that tells of nothing in the store.
	Add(ctx context.Context, a devices.AuditEntry) error
	// Cut adds a row that tells of a cut and removes the rows up to last, in one
	// transaction. Conflict if the row has another hash, or is not there.
	Cut(ctx context.Context, last Mark, a devices.AuditEntry) error
	// Erase destroys every key of a person (kind:id) and adds a row that tells of it: their
	// values in all rows cannot be read any more. NotFound if there is no key.
	Erase(ctx context.Context, person string, at time.Time, a devices.AuditEntry) error
}
