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
	Entries(ctx context.Context, q Query) ([]Entry, error)
	// Totals sums by currency over the same selection, without its Limit.
	Totals(ctx context.Context, q Query) (rows int64, sums []Money, err error)
}

// Query selects rows, newest first.
type Query struct {
	Site     devices.SiteID // empty: all
	Device   devices.DeviceID
	From, To time.Time // arrival, half open; zero: unbounded
	Before   int64     // rows with a smaller ID; 0: from the newest
	Limit    int

	Within *devices.Reach // nil: everywhere
}
