package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
)

// booked puts rows into the store as they are.
func booked(t *testing.T, h *house, entries ...ledger.Entry) {
	t.Helper()
	if _, err := h.store.AddEntries(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func row(id string, at time.Time, device devices.DeviceID, what string, amount int64) ledger.Entry {
	return ledger.Entry{Device: device, EventID: devices.EventID(id), Site: "site-1", Zone: "zone-1", For: what, Amount: ledger.Money{Amount: amount, Currency: "CNY"}, ArrivedAt: at}
}

func TestTakingsAreByTheDayOfTheSite(t *testing.T) {
	t.Parallel()
	h := newHouse()
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	midnight := time.Date(2026, 11, 21, 0, 0, 0, 0, shanghai)
	foreign := row("e", midnight, "gate-1", "parking", 7)
	foreign.Amount.Currency = "AUD"
	booked(t, h,
		row("a", midnight.Add(-time.Millisecond), "gate-1", "parking", 100),
		row("b", midnight, "gate-1", "parking", 500),
		row("c", midnight.Add(time.Hour), "gate-1", "parking", -200), // a correction
		row("d", midnight, "gate-1", "visitor", 30),
		foreign,
		row("f", midnight, "gate-2", "parking", 9),
	)
	got, err := h.ledger.Takings(t.Context(), ledger.Query{}, func(devices.SiteID) *time.Location { return shanghai })
	if err != nil {
		t.Fatal(err)
	}
	taking := func(day string, device devices.DeviceID, what string, rows, amount int64, currency string) ledger.Taking {
		return ledger.Taking{Day: day, Site: "site-1", Device: device, For: what, Rows: rows, Money: ledger.Money{Amount: amount, Currency: currency}}
	}
	want := []ledger.Taking{
		taking("2026-11-21", "gate-1", "parking", 1, 7, "AUD"),
		taking("2026-11-21", "gate-1", "parking", 2, 300, "CNY"),
		taking("2026-11-21", "gate-1", "visitor", 1, 30, "CNY"),
		taking("2026-11-21", "gate-2", "parking", 1, 9, "CNY"),
		taking("2026-11-20", "gate-1", "parking", 1, 100, "CNY"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAnExportHasEveryRowOnceAndIsRefusedRatherThanCut(t *testing.T) {
	t.Parallel()
	h := newHouse()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	many := make([]ledger.Entry, 2*ledger.MaxLimit+1)
	for i := range many {
		many[i] = row(fmt.Sprint(i), noon, "gate-1", "parking", 1)
		many[i].ID = int64(i + 1)
	}
	h.store.rows = many
	all, err := h.ledger.Export(t.Context(), ledger.Query{Limit: 3, Before: 9}) // a page is no part of what is exported
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].ID != int64(len(many)-i) {
			t.Fatalf("row %d stands at %d", all[i].ID, i)
		}
	}
	if len(all) != len(many) {
		t.Errorf("%d rows of %d", len(all), len(many))
	}
	for len(h.store.rows) <= ledger.MaxExport {
		h.store.rows = append(h.store.rows, many...)
	}
	for i := range h.store.rows {
		h.store.rows[i].ID = int64(i + 1)
	}
	all, err = h.ledger.Export(t.Context(), ledger.Query{})
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.TooMany || e.Field != "from" || e.Most != ledger.MaxExport || all != nil {
		t.Errorf("%d rows and %v, want from to be named", len(all), err)
	}
}
