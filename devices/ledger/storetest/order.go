package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
	"gatehouse/prove"
)

// ordered pages through random rows in every order: each row comes once, where the
// order says.
func ordered(t *testing.T, s ledger.Store) {
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	for i := range 40 {
		e := entry([]devices.DeviceID{"gate-1", "gate-2"}[r.IntN(2)], devices.EventID(fmt.Sprint("e", i)), r.Int64N(6)*100, i%60)
		if r.IntN(4) == 0 {
			e.Amount.Currency = "AUD"
		}
		add(t, s, e)
	}
	all := list(t, s, ledger.Query{})
	newer := func(a, b ledger.Entry) int { return cmp.Compare(b.ID, a.ID) }
	amount := func(a, b ledger.Entry) int { return cmp.Compare(a.Amount.Amount, b.Amount.Amount) }
	currency := func(a, b ledger.Entry) int { return cmp.Compare(a.Amount.Currency, b.Amount.Currency) }
	for order, less := range map[ledger.Order]func(a, b ledger.Entry) int{
		ledger.Newest:   newer,
		ledger.Oldest:   func(a, b ledger.Entry) int { return newer(b, a) },
		ledger.Largest:  func(a, b ledger.Entry) int { return cmp.Or(currency(a, b), amount(b, a), newer(a, b)) },
		ledger.Smallest: func(a, b ledger.Entry) int { return cmp.Or(currency(a, b), amount(a, b), newer(a, b)) },
		ledger.ByLane:   func(a, b ledger.Entry) int { return cmp.Or(cmp.Compare(a.Device, b.Device), newer(a, b)) },
	} {
		for _, site := range []devices.SiteID{"", "site-1"} {
			want := slices.DeleteFunc(slices.Clone(all), func(e ledger.Entry) bool { return site != "" && e.Site != site })
			slices.SortFunc(want, less)
			var got []ledger.Entry
			q := ledger.Query{Order: order, Site: site, Limit: 1 + r.IntN(9)}
			for {
				page := list(t, s, q)
				got = append(got, page...)
				if len(page) < q.Limit {
					break
				}
				q.Before = page[len(page)-1].ID
			}
			if !slices.EqualFunc(want, got, func(a, b ledger.Entry) bool { return a.ID == b.ID }) {
				t.Errorf("%s of %q: %d rows of %d, or in another order", order, site, len(got), len(want))
			}
		}
	}
}

// unseen asks for what follows a row that is not in the selection.
func unseen(t *testing.T, s ledger.Store) {
	add(t, s, entry("gate-1", "a", 100, 1), entry("gate-2", "b", 200, 2))
	other := list(t, s, ledger.Query{Device: "gate-2"})[0].ID
	for _, q := range []ledger.Query{{Order: ledger.Largest, Within: reaches("site-1")}, {Order: ledger.Smallest, Site: "site-1"}, {Order: ledger.ByLane, Device: "gate-1"}} {
		q.Before, q.Limit = other, 10
		var refused *devices.Error
		if got, err := s.Entries(t.Context(), q); !errors.As(err, &refused) || refused.Code != devices.Invalid || refused.Field != "before" {
			t.Errorf("%s: %d rows, %v", q.Order, len(got), err)
		}
	}
}
