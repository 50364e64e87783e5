package ledger

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/devices"
)

// The bounds of Query.Limit.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Page is one page of the ledger and the sums of the whole selection.
type Page struct {
	Entries []Entry // in the order that was asked for
	Rows    int64   // of the whole selection
	Totals  []Money // of the whole selection, one per currency
}

// Query gives one page of rows with the number and the sums of all that the
// selection holds. Limit 0 means DefaultLimit. Before moves the page and
// changes neither Rows nor Totals. An impossible selection is the error Invalid.
func (l *Ledger) Query(ctx context.Context, q Query) (Page, error) {
	q, err := checkQuery(q)
	if err != nil {
		return Page{}, err
	}
	entries, err := l.d.Store.Entries(ctx, q)
	if err != nil {
		return Page{}, fmt.Errorf("ledger.query: %w", err)
	}
	all := q
	all.Before, all.Limit = 0, 0
	rows, sums, err := l.d.Store.Totals(ctx, all)
	if err != nil {
		return Page{}, fmt.Errorf("ledger.query: %w", err)
	}
	return Page{Entries: entries, Rows: rows, Totals: sums}, nil
}

func checkQuery(q Query) (Query, error) {
	bad := func(field, message string) (Query, error) {
		return Query{}, &devices.Error{Op: "ledger.query", Code: devices.Invalid, Field: field, Message: message}
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return bad("limit", fmt.Sprintf("must be 1 to %d", MaxLimit))
	}
	if q.Before < 0 {
		return bad("before", "must be the id of a row, or 0 for the first page")
	}
	if q.Order == "" {
		q.Order = Newest
	}
	if !slices.Contains(Orders(), q.Order) {
		return bad("sort", "must be newest, oldest, largest, smallest or lane")
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return bad("to", "must be later than from")
	}
	return q, nil
}
