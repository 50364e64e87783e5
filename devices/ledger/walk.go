package ledger

import (
	"cmp"
	"context"
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
// error TooMany.
func (l *Ledger) Export(ctx context.Context, q Query) ([]Entry, error) {
	var all []Entry
	if err := l.walk(ctx, q, MaxExport, func(e *Entry) { all = append(all, *e) }); err != nil {
		return nil, err
	}
	return all, nil
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
// than MaxTakings rows are the error TooMany.
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

// walk goes through a selection in its order.
func (l *Ledger) walk(ctx context.Context, q Query, most int, each func(*Entry)) error {
	q.Before, q.Limit = 0, MaxLimit
	q, err := checkQuery(q)
	if err != nil {
		return err
	}
	return devices.Walk(ctx, "ledger.walk", most, func(ctx context.Context, after *Entry, limit int) ([]Entry, error) {
		q.Limit = limit
		if after != nil {
			q.Before = after.ID
		}
		return l.d.Store.Entries(ctx, q)
	}, each)
}
