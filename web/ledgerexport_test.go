package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"gatehouse/devices/ledger"
)

func TestTakingsAreThoseOfTheSelectionByTheSitesClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/ledger/takings?device=d1&from=2026-11-20T16:00:00Z", "").is(200, `{"takings":[
		{"day":"2026-11-22","site":"s1","device":"d1","deviceName":"North in","for":"parking","rows":3,"amount":1205,"currency":"CNY"}]}`)
	if q := h.books.query; q.Device != "d1" || !q.From.Equal(time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("asked %+v", q)
	}
}

func TestTheLedgerIsSavedAsATableWithAmountsToAddUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/ledger/export?site=s1&sort=lane", "").wants(200)
	if h.books.query.Order != ledger.ByLane {
		t.Errorf("asked in the order %q", h.books.query.Order)
	}
	want := "\ufeff" + strings.Join(ledgerColumns, ",") + "\r\n" +
		"5,2026-11-21T12:00:00.000Z,2026-11-21 20:00:00,Riverside,North in,d1,e1,3,parking,-15.00,CNY,,e0\r\n"
	if a.body != want || a.header.Get("Content-Disposition") != `attachment; filename="ledger-rows-2026-11-21.csv"` {
		t.Errorf("%q %v", a.body, a.header)
	}
	a = h.admin("GET", "/ledger/export?what=takings&format=xlsx", "").wants(200)
	f, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A2": "2026-11-22", "C2": "North in", "F2": "3", "G2": "12.05", "H2": "CNY", "G1": "amount"} {
		if got, err := f.GetCellValue("Ledger", cell); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", cell, got, err, want)
		}
	}
	if kind, err := f.GetCellType("Ledger", "G2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("the amount is of type %v %v: it cannot be added up", kind, err)
	}
	h.admin("GET", "/ledger/export?format=pdf", "").names("query.format")
}

func TestAnAmountHasTheDigitsOfItsCurrency(t *testing.T) {
	t.Parallel()
	for want, in := range map[string]struct {
		minor int64
		code  string
	}{
		"15.00": {1500, "CNY"}, "0.05": {5, "CNY"}, "-0.05": {-5, "CNY"}, "1500": {1500, "JPY"}, "1.500": {1500, "KWD"}, "0.00": {0, "XQZ"},
		"-92233720368547758.08": {-9223372036854775808, "AUD"},
	} {
		if got := amountText(in.minor, in.code); got != want {
			t.Errorf("%d %s: %s, want %s", in.minor, in.code, got, want)
		}
	}
}
