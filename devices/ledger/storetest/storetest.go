// Package storetest is the suite that every ledger.Store must pass.
package storetest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
)

// RunStoreTests checks every promise of ledger.Store. open gives a new store that
// has no rows and knows these devices, their sites and zones; it closes it by
// t.Cleanup if it has to.
func RunStoreTests(t *testing.T, open func(t *testing.T, known ...devices.Device) ledger.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s ledger.Store)
	}{
		{"EntryComesBackAsItWasPutIn", comesBack},
		{"SameEventIsOneRow", oneRow},
		{"SameEventInOneBatchIsOneRow", oneRowInBatch},
		{"SameEventInParallelIsOneRow", oneRowInParallel},
		{"OtherContentIsAConflictAndChangesNothing", conflict},
		{"ArrivalAndZoneAreNotContent", notContent},
		{"EventIDsAreOfOneDevice", perDevice},
		{"EmptyBatchIsNothing", emptyBatch},
		{"RevisionRises", revisions},
		{"EntriesAreSelectedNewestFirst", selected},
		{"EveryOrderHasEveryRowOncePageByPage", ordered},
		{"APageAfterARowThatIsNotSelectedTellsNothing", unseen},
		{"TotalsAreByCurrencyOverTheSelection", totals},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t, gate("gate-1", "site-1"), gate("gate-2", "site-2"))) })
	}
}

func gate(id devices.DeviceID, site devices.SiteID) devices.Device {
	return devices.Device{ID: id, Site: site, Zone: "zone-of-" + devices.ZoneID(site), Kind: devices.Gate, Name: "Gate " + string(id), Created: at(0)}
}

func at(minute int) time.Time { return time.Date(2026, 11, 21, 7, minute, 0, 0, time.UTC) }

func entry(d devices.DeviceID, id devices.EventID, amount int64, minute int) ledger.Entry {
	g := gate(d, "site-1")
	if d == "gate-2" {
		g = gate(d, "site-2")
	}
	return ledger.Entry{
		Device: d, EventID: id, Site: g.Site, Zone: g.Zone, Seq: int64(minute), Amount: ledger.Money{Amount: amount, Currency: "CNY"},
		For: "停车 2 h", Passage: "p-" + id, DeviceTime: at(minute).Add(-time.Second), ArrivedAt: at(minute),
	}
}

func add(t *testing.T, s ledger.Store, entries ...ledger.Entry) []ledger.Result {
	t.Helper()
	got, err := s.AddEntries(t.Context(), entries)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(entries) {
		t.Fatalf("%d answers for %d entries", len(got), len(entries))
	}
	return got
}

func list(t *testing.T, s ledger.Store, q ledger.Query) []ledger.Entry {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	got, err := s.Entries(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func same(t *testing.T, want, got []ledger.Entry) {
	t.Helper()
	given := cmpopts.IgnoreFields(ledger.Entry{}, "ID", "Revision")
	if d := cmp.Diff(want, got, given, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Microsecond)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func comesBack(t *testing.T, s ledger.Store) {
	e := entry("gate-1", "e1", 1500, 1)
	c := entry("gate-1", "e2", -300, 2)
	c.Corrects, c.Passage = "e1", ""
	for i, r := range add(t, s, e, c) {
		if r.Existed || r.Conflict || r.Revision == 0 {
			t.Errorf("entry %d: %+v, want a new row with a revision", i, r)
		}
	}
	got := list(t, s, ledger.Query{})
	same(t, []ledger.Entry{c, e}, got)
	if len(got) == 2 && (got[0].ID <= got[1].ID || got[0].Revision == 0) {
		t.Errorf("ids and revisions must be given and rise: %+v", got)
	}
}

func oneRow(t *testing.T, s ledger.Store) {
	e := entry("gate-1", "e1", 1500, 1)
	add(t, s, e)
	r := add(t, s, e)[0]
	if !r.Existed || r.Conflict {
		t.Errorf("repetition: %+v, want existed", r)
	}
	same(t, []ledger.Entry{e}, list(t, s, ledger.Query{}))
}

func oneRowInBatch(t *testing.T, s ledger.Store) {
	e, other := entry("gate-1", "e1", 1500, 1), entry("gate-1", "e1", 9999, 1)
	got := add(t, s, e, e, other)
	if got[0].Existed || !got[1].Existed || got[1].Conflict || !got[2].Conflict {
		t.Errorf("answers %+v, want new, existed, conflict", got)
	}
	same(t, []ledger.Entry{e}, list(t, s, ledger.Query{}))
}

func oneRowInParallel(t *testing.T, s ledger.Store) {
	e := entry("gate-1", "e1", 1500, 1)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := s.AddEntries(context.WithoutCancel(t.Context()), []ledger.Entry{e}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	same(t, []ledger.Entry{e}, list(t, s, ledger.Query{}))
}

func conflict(t *testing.T, s ledger.Store) {
	e := entry("gate-1", "e1", 1500, 1)
	add(t, s, e)
	for name, change := range map[string]func(*ledger.Entry){
		"amount":      func(x *ledger.Entry) { x.Amount.Amount++ },
		"currency":    func(x *ledger.Entry) { x.Amount.Currency = "EUR" },
		"for":         func(x *ledger.Entry) { x.For = "other" },
		"seq":         func(x *ledger.Entry) { x.Seq++ },
		"passage":     func(x *ledger.Entry) { x.Passage = "p9" },
		"corrects":    func(x *ledger.Entry) { x.Corrects = "e0" },
		"device time": func(x *ledger.Entry) { x.DeviceTime = x.DeviceTime.Add(time.Millisecond) },
	} {
		x := e
		change(&x)
		fresh := entry("gate-1", devices.EventID("beside-"+strings.ReplaceAll(name, " ", "-")), 1, 2)
		got := add(t, s, x, fresh)
		if !got[0].Conflict {
			t.Errorf("other %s: %+v, want a conflict", name, got[0])
		}
		if got[1].Conflict || got[1].Existed {
			t.Errorf("other %s: the entry beside the conflict was not taken: %+v", name, got[1])
		}
	}
	all := list(t, s, ledger.Query{})
	same(t, []ledger.Entry{e}, all[len(all)-1:])
}

func notContent(t *testing.T, s ledger.Store) {
	e := entry("gate-1", "e1", 1500, 1)
	add(t, s, e)
	x := e
	x.ArrivedAt = at(30)
	if r := add(t, s, x)[0]; !r.Existed || r.Conflict {
		t.Errorf("repetition that arrived later: %+v, want existed", r)
	}
	same(t, []ledger.Entry{e}, list(t, s, ledger.Query{}))
}

func perDevice(t *testing.T, s ledger.Store) {
	a, b := entry("gate-1", "e1", 1500, 1), entry("gate-2", "e1", 700, 1)
	for _, r := range add(t, s, a, b) {
		if r.Existed || r.Conflict {
			t.Errorf("%+v, want a row for each device", r)
		}
	}
	same(t, []ledger.Entry{b, a}, list(t, s, ledger.Query{}))
}

func emptyBatch(t *testing.T, s ledger.Store) { add(t, s) }

func revisions(t *testing.T, s ledger.Store) {
	a := add(t, s, entry("gate-1", "e1", 1500, 1))[0].Revision
	b := add(t, s, entry("gate-1", "e2", 1500, 2))[0].Revision
	if b <= a {
		t.Errorf("revisions %d, %d do not rise", a, b)
	}
}

func selected(t *testing.T, s ledger.Store) {
	a, b, c := entry("gate-1", "a", 1, 1), entry("gate-2", "b", 2, 2), entry("gate-1", "c", 3, 3)
	add(t, s, a, b, c)
	same(t, []ledger.Entry{c, a}, list(t, s, ledger.Query{Site: "site-1"}))
	same(t, []ledger.Entry{b}, list(t, s, ledger.Query{Device: "gate-2"}))
	same(t, []ledger.Entry{b}, list(t, s, ledger.Query{From: at(2), To: at(3)}))
	same(t, []ledger.Entry{c, b}, list(t, s, ledger.Query{From: at(2)}))
	same(t, []ledger.Entry{c}, list(t, s, ledger.Query{Limit: 1}))
	newest := list(t, s, ledger.Query{Limit: 1})
	if len(newest) == 1 {
		same(t, []ledger.Entry{b, a}, list(t, s, ledger.Query{Before: newest[0].ID}))
	}
}

func totals(t *testing.T, s ledger.Store) {
	euro := entry("gate-1", "d", 250, 4)
	euro.Amount.Currency = "EUR"
	back := entry("gate-1", "c", -300, 3)
	back.Corrects = "a"
	add(t, s, entry("gate-1", "a", 1500, 1), entry("gate-2", "b", 700, 2), back, euro)
	for _, c := range []struct {
		q    ledger.Query
		rows int64
		sums []ledger.Money
	}{
		{ledger.Query{}, 4, []ledger.Money{{Amount: 1900, Currency: "CNY"}, {Amount: 250, Currency: "EUR"}}},
		{ledger.Query{Site: "site-1"}, 3, []ledger.Money{{Amount: 1200, Currency: "CNY"}, {Amount: 250, Currency: "EUR"}}},
		{ledger.Query{From: at(2), To: at(3)}, 1, []ledger.Money{{Amount: 700, Currency: "CNY"}}},
		{ledger.Query{Device: "none"}, 0, nil},
		{ledger.Query{Within: &devices.Reach{}}, 0, nil},
		{ledger.Query{Within: reaches("site-1")}, 3, []ledger.Money{{Amount: 1200, Currency: "CNY"}, {Amount: 250, Currency: "EUR"}}},
	} {
		rows, sums, err := s.Totals(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		byCurrency := cmpopts.SortSlices(func(a, b ledger.Money) bool { return a.Currency < b.Currency })
		if d := cmp.Diff(c.sums, sums, byCurrency, cmpopts.EquateEmpty()); d != "" || rows != c.rows {
			t.Errorf("%+v: %d rows, want %d; sums (-want +got):\n%s", c.q, rows, c.rows, d)
		}
	}
}

// reaches is a reach of one site.
func reaches(site devices.SiteID) *devices.Reach {
	r := devices.Scope{Places: []devices.Place{{Site: site}}}.Reach(time.Now(), devices.Clocks{site: time.UTC})
	return &r
}
