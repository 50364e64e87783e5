package ledger

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Entry is one row of the ledger. Rows are never changed: a correction is a new
// row that names the one it corrects.
type Entry struct {
	ID         int64
	Device     devices.DeviceID
	EventID    devices.EventID // unique with Device: one row per billing event
	Site       devices.SiteID
	Zone       devices.ZoneID
	Seq        int64
	Amount     Money
	For        string
	Passage    devices.EventID // the passage it belongs to, if any
	Corrects   devices.EventID
	DeviceTime time.Time
	ArrivedAt  time.Time
	Revision   devices.Revision
}

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64
	Currency string
}

// Result is what became of one billing event.
type Result struct {
	Existed  bool // the row was there already, with the same content
	Conflict bool // a row is there with other content: nothing was applied
	Revision devices.Revision
}

// Store keeps the ledger.
type Store interface {
	// AddEntries inserts rows in one durable transaction, each at most once by
	// (Device, EventID), and answers for each in order.
	AddEntries(ctx context.Context, entries []Entry) ([]Result, error)
	// Entries gives a page. By amount and by lane, a Before that is none of the selection
	// is the error Invalid: where it stands would tell of a row that is not asked for.
	Entries(ctx context.Context, q Query) ([]Entry, error)
	// Totals sums by currency over the same selection, all of its pages.
	Totals(ctx context.Context, q Query) (rows int64, sums []Money, err error)
}

// Order is how rows stand.
type Order string

// The orders. Amounts of one currency stand together, the currencies by their codes;
// among equals the newest is first.
const (
	Newest   Order = "newest" // also the empty one
	Oldest   Order = "oldest"
	Largest  Order = "largest"
	Smallest Order = "smallest"
	ByLane   Order = "lane" // by the name of the device
)

// Orders are all of them.
func Orders() []Order { return []Order{Newest, Oldest, Largest, Smallest, ByLane} }

// Query selects rows.
type Query struct {
	Site     devices.SiteID // empty: all
	Device   devices.DeviceID
	From, To time.Time // arrival, half open; zero: unbounded
	Order    Order     // by default the newest first
	Before   int64     // rows that follow the one with this ID; 0: from the first
	Limit    int

	Within *devices.Reach // nil: everywhere
}
