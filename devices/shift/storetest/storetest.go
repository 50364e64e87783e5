// Package storetest has the tests that every shift.Store passes, and one in memory.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/shift"
)

// World is a store, and what happens beside it.
type World struct {
	shift.Store
	// Take has a device take money, Pass has it say a passage, Order has somebody order it to open, and Alarm raises
	// one, with a number that no other call has.
	Take  func(t *testing.T, d devices.DeviceID, m shift.Money)
	Pass  func(t *testing.T, d devices.DeviceID, at time.Time)
	Order func(t *testing.T, d devices.DeviceID, person string)
	Alarm func(t *testing.T, d devices.DeviceID)
}

// Devices are those that a World knows, with their sites and zones: g1 and g2 in one zone, g3 in another one of the same
// site.
func Devices() []devices.Device {
	gate := func(id devices.DeviceID, zone devices.ZoneID) devices.Device {
		return devices.Device{ID: id, Site: "s1", Zone: zone, Kind: devices.Gate, Name: "Gate " + string(id), Created: At(0)}
	}
	return []devices.Device{gate("g1", "z1"), gate("g2", "z1"), gate("g3", "z2")}
}

// At is a minute of the day of these tests.
func At(minute int) time.Time { return time.Date(2026, 11, 21, 7, minute, 0, 0, time.UTC) }

// RunStoreTests tests the stores that open makes, each of them empty.
func RunStoreTests(t *testing.T, open func(t *testing.T) World) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, World){
		"a shift comes back as it was put in":                         comesBack,
		"a shift counts its own devices and person, from its begin":   counts,
		"a row of the ledger is in one of two shifts":                 oneOfTwo,
		"somebody has one open shift, and a device is in one":         once,
		"a shift is taken over once":                                  takenOnce,
		"an ended shift stays as it is":                               stays,
		"notes come oldest first, to open shifts":                     notes,
		"shifts are found newest first, by what is asked":             found,
		"a shift is found if all of its devices are within the reach": reach,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func entry(verb string) devices.AuditEntry {
	return devices.AuditEntry{At: At(0), Actor: devices.Actor{Kind: devices.ActorSystem, ID: "test"}, Verb: verb, Site: "s1", Object: "shift:x", Detail: "{}", Outcome: devices.OutcomeOK}
}

func ended(shift.Shift) devices.AuditEntry { return entry("shift.hand_over") }

var ctx = context.Background()

// on is a shift of somebody that begins at a minute.
func on(id shift.ID, person string, minute int, at ...devices.DeviceID) shift.Shift {
	return shift.Shift{ID: id, Site: "s1", Booth: "North", Person: shift.Person{ID: person, Name: "Name of " + person}, Devices: at, Began: At(minute)}
}

func begin(t *testing.T, s shift.Store, x shift.Shift) shift.Shift {
	t.Helper()
	if err := s.Begin(ctx, x, entry("shift.begin")); err != nil {
		t.Fatal(err)
	}
	return x
}

func handOver(t *testing.T, s shift.Store, id shift.ID, minute int) shift.Shift {
	t.Helper()
	x, err := s.Finish(ctx, shift.End{Shift: id, At: At(minute), How: shift.HandedOver, By: shift.Person{ID: "p1", Name: "Wang"}}, ended)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func wants(t *testing.T, err error, code devices.Code) {
	t.Helper()
	if devices.CodeOf(err) != code {
		t.Errorf("error %v, want %q", err, code)
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func get(t *testing.T, s shift.Store, id shift.ID) shift.Shift {
	t.Helper()
	x, err := s.Shift(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func comesBack(t *testing.T, w World) {
	want := begin(t, w, on("a", "p1", 1, "g2", "g1"))
	same(t, "open", want, get(t, w, "a"))
	e := shift.End{
		Shift: "a", At: At(9), How: shift.HandedOver, By: shift.Person{ID: "p1", Name: "Wang"}, To: shift.Person{ID: "p2", Name: "Li"},
		Remark: "键在抽屉里", Counted: []shift.Money{{Amount: 1250, Currency: "CNY"}},
	}
	done, err := w.Finish(ctx, e, ended)
	wants(t, err, "")
	want.Ended, want.How, want.By, want.To, want.Remark, want.Counted = e.At, e.How, e.By, e.To, e.Remark, e.Counted
	same(t, "what it ended as", want, done)
	same(t, "ended", want, get(t, w, "a"))
	_, err = w.Shift(ctx, "none")
	wants(t, err, devices.NotFound)
}

func counts(t *testing.T, w World) {
	w.Take(t, "g1", shift.Money{Amount: 900, Currency: "CNY"}) // before it
	w.Order(t, "g1", "p1")
	begin(t, w, on("a", "p1", 1, "g1", "g2"))
	w.Take(t, "g1", shift.Money{Amount: 500, Currency: "CNY"})
	w.Take(t, "g2", shift.Money{Amount: -100, Currency: "CNY"})
	w.Take(t, "g2", shift.Money{Amount: 7, Currency: "AUD"})
	w.Take(t, "g3", shift.Money{Amount: 800, Currency: "CNY"}) // elsewhere
	w.Pass(t, "g1", At(0))
	w.Pass(t, "g1", At(1))
	w.Pass(t, "g2", At(4))
	w.Pass(t, "g3", At(4))
	w.Pass(t, "g1", At(5)) // after it
	w.Order(t, "g1", "p1")
	w.Order(t, "g1", "p2")
	w.Order(t, "g3", "p1")
	w.Alarm(t, "g2")
	w.Alarm(t, "g3")
	now, err := w.Count(ctx, "a")
	wants(t, err, "")
	taken := []shift.Money{{Amount: 7, Currency: "AUD"}, {Amount: 400, Currency: "CNY"}}
	same(t, "takings now", taken, now.Takings)
	c := handOver(t, w, "a", 5).Counts
	same(t, "takings", taken, c.Takings)
	if c.Rows != 3 || c.Passages != 2 || c.Opens != 1 || len(c.Alarms) != 1 || c.Alarms[0].Device != "g2" {
		t.Errorf("counted %+v", c)
	}
}

func oneOfTwo(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1"))
	w.Take(t, "g1", shift.Money{Amount: 1, Currency: "CNY"})
	first := handOver(t, w, "a", 5).Counts
	w.Take(t, "g1", shift.Money{Amount: 10, Currency: "CNY"}) // nobody is there
	w.Pass(t, "g1", At(6))
	next := on("b", "p2", 8, "g1")
	next.Took = "a"
	begin(t, w, next)
	w.Take(t, "g1", shift.Money{Amount: 100, Currency: "CNY"})
	second := handOver(t, w, "b", 9).Counts
	same(t, "the first", []shift.Money{{Amount: 1, Currency: "CNY"}}, first.Takings)
	same(t, "the second", []shift.Money{{Amount: 110, Currency: "CNY"}}, second.Takings)
	if second.Passages != 1 {
		t.Errorf("%d passages in the second", second.Passages)
	}
}

func once(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1"))
	wants(t, w.Begin(ctx, on("b", "p1", 2, "g2"), entry("shift.begin")), shift.AlreadyOn)
	wants(t, w.Begin(ctx, on("c", "p2", 2, "g2", "g1"), entry("shift.begin")), shift.LaneTaken)
	begin(t, w, on("d", "p2", 2, "g2"))
	handOver(t, w, "a", 3)
	begin(t, w, on("e", "p1", 4, "g1"))
}

func takenOnce(t *testing.T, w World) {
	took := func(x shift.Shift) shift.Shift { x.Took = "a"; return x }
	begin(t, w, on("a", "p1", 1, "g1"))
	wants(t, w.Begin(ctx, took(on("b", "p2", 2, "g2")), entry("shift.take_over")), shift.TakenAlready)
	handOver(t, w, "a", 3)
	begin(t, w, took(on("c", "p2", 4, "g1")))
	wants(t, w.Begin(ctx, took(on("d", "p3", 5, "g2")), entry("shift.take_over")), shift.TakenAlready)
	a := get(t, w, "a")
	same(t, "taken", &shift.Taken{By: "c", Who: shift.Person{ID: "p2", Name: "Name of p2"}, Began: At(4)}, a.Taken)
}

func stays(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1"))
	want := handOver(t, w, "a", 3)
	w.Take(t, "g1", shift.Money{Amount: 500, Currency: "CNY"})
	_, err := w.Finish(ctx, shift.End{Shift: "a", At: At(4), How: shift.Closed}, ended)
	wants(t, err, shift.Over)
	same(t, "ended", want, get(t, w, "a"))
	_, err = w.Finish(ctx, shift.End{Shift: "none", At: At(4), How: shift.Closed}, ended)
	wants(t, err, devices.NotFound)
}

func notes(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1"))
	said := func(text string, d devices.DeviceID) error {
		n, err := w.AddNote(ctx, shift.Note{Shift: "a", At: At(2), By: shift.Person{ID: "p1", Name: "Wang"}, Device: d, Text: text}, entry("shift.note"))
		if err == nil && n.ID == 0 {
			t.Error("a note has no id")
		}
		return err
	}
	wants(t, said("driver says the ticket was lost", "g1"), "")
	wants(t, said("司机说票丢了", ""), "")
	handOver(t, w, "a", 3)
	wants(t, said("late", ""), shift.Over)
	got, err := w.Notes(ctx, "a")
	wants(t, err, "")
	who := shift.Person{ID: "p1", Name: "Wang"}
	same(t, "notes", []shift.Note{
		{Shift: "a", At: At(2), By: who, Device: "g1", Text: "driver says the ticket was lost"},
		{Shift: "a", At: At(2), By: who, Text: "司机说票丢了"},
	}, zeroed(got))
}

func zeroed(list []shift.Note) []shift.Note {
	for i := range list {
		list[i].ID = 0
	}
	return list
}

func ids(t *testing.T, s shift.Store, q shift.Query) (found string) {
	t.Helper()
	all, err := s.Shifts(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		found += string(x.ID)
	}
	return found
}

func found(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1"))
	handOver(t, w, "a", 3)
	took := on("b", "p2", 4, "g1")
	took.Took = "a"
	begin(t, w, took)
	handOver(t, w, "b", 5)
	begin(t, w, on("c", "p1", 6, "g2", "g1"))
	for want, q := range map[string]shift.Query{
		"cba": {},
		"cb":  {Limit: 2},
		"ba":  {State: shift.IsEnded},
		"ca":  {Person: "p1"},
		"c":   {State: shift.IsOpen},
		"b":   {State: shift.IsOffered, Since: At(4)},
		"a":   {Before: "b"},
		"":    {Device: "g3"},
	} {
		if got := ids(t, w, q); got != want {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
	for _, q := range []shift.Query{{Device: "g2"}, {From: At(6)}, {From: At(5), To: At(7)}, {Name: "OF P1", Limit: 1}, {Site: "s1", Since: At(6)}} {
		if got := ids(t, w, q); got != "c" {
			t.Errorf("%+v: %q, want c", q, got)
		}
	}
	if got := ids(t, w, shift.Query{Site: "s2"}); got != "" {
		t.Errorf("of another site: %q", got)
	}
}

func reach(t *testing.T, w World) {
	begin(t, w, on("a", "p1", 1, "g1", "g2"))
	handOver(t, w, "a", 2)
	begin(t, w, on("b", "p1", 3, "g1", "g3"))
	within := func(p ...devices.Place) *devices.Reach {
		clocks := devices.Clocks{"s1": time.UTC, "s2": time.UTC}
		r := devices.Scope{Places: p}.Reach(At(0), clocks)
		return &r
	}
	for want, r := range map[string]*devices.Reach{
		"ba": within(devices.Place{Site: "s1"}),
		"a":  within(devices.Place{Site: "s1", Zone: "z1"}),
		"":   within(devices.Place{Site: "s2"}),
	} {
		if got := ids(t, w, shift.Query{Within: r}); got != want {
			t.Errorf("within %v: %q, want %q", r.Places(), got, want)
		}
	}
}
