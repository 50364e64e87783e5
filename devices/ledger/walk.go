package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// The most rows that are gone through at once.
const (
	MaxExport  = 50_000
	MaxTakings = 200_000
)

// Export gives every row of a selection in its order. More than MaxExport are the
// error Invalid: half of a ledger would be taken for the whole.
func (l *Ledger) Export(ctx context.Context, q Query) ([]Entry, error) {
	var all []Entry
	err := l.walk(ctx, q, MaxExport, func(e *Entry) { all = append(all, *e) })
	return all, err
}

// Taking is what came in on one day at one device for one thing.
type Taking struct {
	Day    string // of the site's calendar, 2006-01-02
	Site   devices.SiteID
	Device devices.DeviceID
	For    string
	Rows   int64
	Money  Money // corrections are in it
}

// Takings adds up the rows of a selection by day of arrival, device, what for and
// currency; the newest day first. In says in which time zone the days of a site are. More
// than MaxTakings rows are the error Invalid.
func (l *Ledger) Takings(ctx context.Context, q Query, in func(devices.SiteID) *time.Location) ([]Taking, error) {
	type key struct {
		day      string
		site     devices.SiteID
		device   devices.DeviceID
		what     string
		currency string
	}
	sums := map[key]*Taking{}
	q.Order = Newest
	err := l.walk(ctx, q, MaxTakings, func(e *Entry) {
		k := key{e.ArrivedAt.In(in(e.Site)).Format(time.DateOnly), e.Site, e.Device, e.For, e.Amount.Currency}
		t := sums[k]
		if t == nil {
			t = &Taking{Day: k.day, Site: k.site, Device: k.device, For: k.what, Money: Money{Currency: k.currency}}
			sums[k] = t
		}
		t.Rows++
		t.Money.Amount += e.Amount.Amount
	})
	if err != nil {
		return nil, err
	}
	all := make([]Taking, 0, len(sums))
	for _, t := range sums {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Taking) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Device, b.Device), cmp.Compare(a.For, b.For), cmp.Compare(a.Money.Currency, b.Money.Currency))
	})
	return all, nil
}

// walk goes through a selection in its order, page by page: no read of the database is
// long.
func (l *Ledger) walk(ctx context.Context, q Query, most int, each func(*Entry)) error {
	q.Before, q.Limit = 0, MaxLimit
	q, err := checkQuery(q)
	if err != nil {
		return err
	}
	for seen := 0; ; {
		page, err := l.d.Store.Entries(ctx, q)
		if err != nil {
			return fmt.Errorf("ledger.walk: %w", err)
		}
		if seen += len(page); seen > most {
			return &devices.Error{Op: "ledger.walk", Code: devices.Invalid, Field: "from", Message: fmt.Sprintf("more than %d rows: choose fewer days, or one device", most)}
		}
		for i := range page {
			each(&page[i])
		}
		if len(page) < q.Limit {
			return nil
		}
		q.Before = page[len(page)-1].ID
	}
}
