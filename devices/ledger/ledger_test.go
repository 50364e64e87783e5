package ledger_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

var errDisk = errors.New("disk")

type house struct {
	store      *memory
	quarantine *quarantine
	changed    []devices.SiteID
	ledger     *ledger.Ledger
}

func newHouse() *house {
	h := &house{store: &memory{}, quarantine: &quarantine{}}
	h.ledger = ledger.New(ledger.Deps{
		Store: h.store, Quarantine: h.quarantine,
		Zone: func(d devices.DeviceID) (devices.SiteID, devices.ZoneID, bool) {
			return "site-1", "zone-1", d == "gate-1"
		},
		Changed: func(s devices.SiteID) { h.changed = append(h.changed, s) },
	})
	return h
}

func billing(change func(*wire.BillingPayload)) devices.Report {
	p := wire.BillingPayload{ID: "b1", Seq: 7, At: 1_763_708_400_123, Amount: 1500, Currency: "CNY", For: "parking", Event: "p1"}
	if change != nil {
		change(&p)
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return raw(string(b))
}

func raw(payload string) devices.Report {
	return devices.Report{Site: "site-1", Device: "gate-1", Channel: wire.Billing, Topic: "t/billing",
		Payload: []byte(payload), Arrived: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)}
}

func owned(t *testing.T, answers []error) {
	t.Helper()
	if err := errors.Join(answers...); err != nil {
		t.Errorf("not owned: %v", err)
	}
}

func TestBillingEventBecomesOneRow(t *testing.T) {
	t.Parallel()
	h := newHouse()
	owned(t, h.ledger.Take(t.Context(), []devices.Report{billing(nil)}))
	owned(t, h.ledger.Take(t.Context(), []devices.Report{billing(nil), billing(nil)}))
	want := ledger.Entry{
		ID: 1, Device: "gate-1", EventID: "b1", Site: "site-1", Zone: "zone-1", Seq: 7, Amount: ledger.Money{Amount: 1500, Currency: "CNY"},
		For: "parking", Passage: "p1", DeviceTime: time.UnixMilli(1_763_708_400_123).UTC(), ArrivedAt: raw("").Arrived, Revision: 1,
	}
	if d := cmp.Diff([]ledger.Entry{want}, h.store.rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if len(h.quarantine.kept) != 0 {
		t.Errorf("quarantined: %+v", h.quarantine.kept)
	}
	if d := cmp.Diff([]devices.SiteID{"site-1"}, h.changed); d != "" {
		t.Errorf("a repetition is no news (-want +got):\n%s", d)
	}
}

func TestMalformedBillingIsQuarantinedWithItsBytesAndOwned(t *testing.T) {
	t.Parallel()
	for says, bad := range map[string]devices.Report{
		"payload":         raw("{"),
		"id":              billing(func(p *wire.BillingPayload) { p.ID = "" }),
		"currency":        billing(func(p *wire.BillingPayload) { p.Currency = "yuan" }),
		"corrects names":  billing(func(p *wire.BillingPayload) { p.Amount = -1 }),
		"cannot correct":  billing(func(p *wire.BillingPayload) { p.Amount, p.Corrects = -1, p.ID }),
		"cannot be 0":     billing(func(p *wire.BillingPayload) { p.Amount, p.Corrects = 0, "b0" }),
		"minor units":     billing(func(p *wire.BillingPayload) { p.Amount = ledger.MaxAmount + 1 }),
		"not in the regi": func() devices.Report { r := billing(nil); r.Device = "stranger"; return r }(),
	} {
		h := newHouse()
		good := billing(func(p *wire.BillingPayload) { p.ID = "good" })
		owned(t, h.ledger.Take(t.Context(), []devices.Report{bad, good}))
		if len(h.quarantine.kept) != 1 {
			t.Errorf("%s: %d quarantined, want 1", says, len(h.quarantine.kept))
			continue
		}
		q := h.quarantine.kept[0]
		if string(q.Payload) != string(bad.Payload) || q.Topic != bad.Topic || q.Device != bad.Device || !strings.Contains(q.Problem, says) {
			t.Errorf("%s: quarantined as %+v", says, q)
		}
		if len(h.store.rows) != 1 || h.store.rows[0].EventID != "good" {
			t.Errorf("%s: rows %+v, want only what followed", says, h.store.rows)
		}
	}
}

func TestOtherContentUnderTheSameIDIsAConflictAndNothingIsApplied(t *testing.T) {
	t.Parallel()
	h := newHouse()
	other := billing(func(p *wire.BillingPayload) { p.Amount = 1 })
	owned(t, h.ledger.Take(t.Context(), []devices.Report{billing(nil)}))
	owned(t, h.ledger.Take(t.Context(), []devices.Report{other}))
	if len(h.store.rows) != 1 || h.store.rows[0].Amount.Amount != 1500 {
		t.Errorf("rows %+v, want the first one only", h.store.rows)
	}
	if len(h.quarantine.kept) != 1 || string(h.quarantine.kept[0].Payload) != string(other.Payload) || !strings.Contains(h.quarantine.kept[0].Problem, "other content") {
		t.Errorf("quarantine %+v, want the conflict with its bytes", h.quarantine.kept)
	}
	if len(h.changed) != 2 {
		t.Errorf("told %v, want the row and the quarantined message", h.changed)
	}
}

func TestStoreErrorWithholdsEveryAnswerAndNothingIsQuarantined(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.store.fail = errDisk
	for i, err := range h.ledger.Take(t.Context(), []devices.Report{billing(nil), raw("{")}) {
		if !errors.Is(err, errDisk) {
			t.Errorf("answer %d: %v, want the store's error", i, err)
		}
	}
	if len(h.quarantine.kept) != 0 || len(h.changed) != 0 {
		t.Errorf("quarantined %v, told %v: a batch that comes again would be kept twice", h.quarantine.kept, h.changed)
	}
	h.store.fail = nil
	owned(t, h.ledger.Take(t.Context(), []devices.Report{billing(nil), raw("{")}))
	if len(h.store.rows) != 1 || len(h.quarantine.kept) != 1 {
		t.Errorf("%d rows, %d quarantined, want 1 and 1", len(h.store.rows), len(h.quarantine.kept))
	}
}

func TestQuarantineErrorWithholdsFromThereOn(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.quarantine.fail, h.quarantine.failFrom = errDisk, 1
	answers := h.ledger.Take(t.Context(), []devices.Report{raw("1"), billing(nil), raw("2"), raw("3")})
	for i, want := range []bool{true, true, false, false} {
		if (answers[i] == nil) != want {
			t.Errorf("answer %d: %v, want owned %v", i, answers[i], want)
		}
	}
}

func TestCorrectionIsARowOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse()
	owned(t, h.ledger.Take(t.Context(), []devices.Report{
		billing(func(p *wire.BillingPayload) { p.ID, p.Amount, p.Corrects = "b2", -300, "b1" }), // before what it corrects
		billing(nil),
		billing(func(p *wire.BillingPayload) { p.ID, p.Amount, p.Corrects = "b3", 100, "b1" }),
	}))
	page, err := h.ledger.Query(t.Context(), ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if page.Rows != 3 || len(page.Totals) != 1 || page.Totals[0] != (ledger.Money{Amount: 1300, Currency: "CNY"}) {
		t.Errorf("page %+v, want 3 rows and 1300", page)
	}
}

func TestPageMovesAndTotalsStay(t *testing.T) {
	t.Parallel()
	h := newHouse()
	for _, id := range []string{"a", "b", "c"} {
		owned(t, h.ledger.Take(t.Context(), []devices.Report{billing(func(p *wire.BillingPayload) { p.ID = id })}))
	}
	page, err := h.ledger.Query(t.Context(), ledger.Query{Limit: 1, Before: 3})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Entries) != 1 || page.Entries[0].EventID != "b" || page.Rows != 3 || page.Totals[0].Amount != 4500 {
		t.Errorf("page %+v", page)
	}
}

func TestImpossibleQueryNamesItsField(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for field, q := range map[string]ledger.Query{
		"limit": {Limit: 1001}, "before": {Before: -1}, "to": {From: now, To: now},
	} {
		_, err := newHouse().ledger.Query(t.Context(), q)
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Whatever is repeated, delayed or refused by the disk, the ledger is the set of
// the first contents by id.
func TestLedgerIsTheSetOfEventsWhateverTheDelivery(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	h := newHouse()
	waiting := make([]devices.Report, 0, 200)
	var want int64
	for i := range 200 {
		amount := int64(r.IntN(5000))
		want += amount
		waiting = append(waiting, billing(func(p *wire.BillingPayload) { p.ID, p.Amount, p.Seq = "b"+time.Duration(i).String(), amount, int64(i) }))
	}
	for at := 0; at < len(waiting); {
		h.store.fail = nil
		if r.IntN(4) == 0 {
			h.store.fail = errDisk
		}
		from := max(0, at-r.IntN(5)) // what was owned comes again
		batch := waiting[from:min(len(waiting), at+1+r.IntN(8))]
		for i, err := range h.ledger.Take(t.Context(), batch) {
			if err != nil {
				break
			}
			at = max(at, from+i+1)
		}
	}
	page, err := h.ledger.Query(t.Context(), ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if page.Rows != 200 || page.Totals[0].Amount != want || len(h.quarantine.kept) != 0 {
		t.Errorf("%d rows, %+v, %d quarantined; want 200, %d, 0", page.Rows, page.Totals, len(h.quarantine.kept), want)
	}
}
