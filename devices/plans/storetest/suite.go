// Package storetest has the tests that every plans.Store passes, and one in memory.
package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

// Devices are those that the stores of the suite know: gate-1 and gate-2 are in service at
// site-1, gate-3 at site-2, and gate-9 was retired at site-1.
var Devices = map[devices.DeviceID]devices.SiteID{"gate-1": "site-1", "gate-2": "site-1", "gate-3": "site-2"}

// RunStoreTests tests the stores that open makes, each of them without plans, with Devices.
func RunStoreTests(t *testing.T, open func(t *testing.T) plans.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, plans.Store){
		"a plan is kept whole, and given back as it was":               kept,
		"plans come by site and in their order, new ones last":         ordered,
		"an order of other plans than those of the site is refused":    misordered,
		"a change of an older revision changes nothing":                outdated,
		"a plan is removed once, and not at an older revision":         removed,
		"a device that is not in service at the site cannot be placed": strangers,
		"what is not there is not found":                               missed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func entry(verb string) devices.AuditEntry {
	return devices.AuditEntry{Verb: verb, Object: "plan:1", Detail: "{}", Outcome: devices.OutcomeOK, At: time.Unix(1_800_000_000, 0)}
}

func plan(id plans.ID, site devices.SiteID) plans.Plan {
	return plans.Plan{
		ID: id, Site: site, Name: "一层 " + string(id), Revision: 1, Changed: time.Unix(1_800_000_000, 0).UTC(),
		Picture: plans.Picture{Hash: [32]byte{1, 2, 255}, Format: plans.PNG, Size: 1234, Width: 1200, Height: 800},
	}
}

func add(t *testing.T, s plans.Store, p plans.Plan) plans.Plan {
	t.Helper()
	made, err := s.AddPlan(context.Background(), p, entry("plan.create"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func is(t *testing.T, s plans.Store, want plans.Plan) {
	t.Helper()
	got, err := s.Plan(context.Background(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("plan (-want +got):\n%s", d)
	}
}

func code(t *testing.T, err error, want devices.Code) {
	t.Helper()
	if devices.CodeOf(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func kept(t *testing.T, s plans.Store) {
	p := add(t, s, plan("p", "site-1"))
	is(t, s, p)
	p.Name, p.Changed = "Cellar", p.Changed.Add(time.Hour)
	p.Pins = []plans.Pin{{Device: "gate-1", X: 0.12345, Y: 1, Turn: plans.NoTurn}, {Device: "gate-2", X: 0, Y: 0.5, Turn: 270}}
	p.Picture = plans.Picture{Hash: [32]byte{7}, Format: plans.SVG, Size: 9, Width: 64, Height: 65}
	next, err := s.ChangePlan(context.Background(), p, entry("plan.change"))
	if err != nil || next != 2 {
		t.Fatalf("revision %d, %v", next, err)
	}
	p.Revision = 2
	is(t, s, p)
	p.Pins = p.Pins[1:]
	if p.Revision, err = s.ChangePlan(context.Background(), p, entry("plan.change")); err != nil {
		t.Fatal(err)
	}
	is(t, s, p)
}

func ids(t *testing.T, s plans.Store) (all []plans.ID) {
	t.Helper()
	list, err := s.Plans(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		all = append(all, p.ID)
	}
	return all
}

func ordered(t *testing.T, s plans.Store) {
	for _, p := range []plans.Plan{plan("z", "site-2"), plan("c", "site-1"), plan("b", "site-1"), plan("a", "site-1")} {
		add(t, s, p)
	}
	if got := ids(t, s); !slices.Equal(got, []plans.ID{"c", "b", "a", "z"}) {
		t.Errorf("at first %v", got)
	}
	if err := s.OrderPlans(context.Background(), "site-1", []plans.ID{"a", "c", "b"}, entry("plan.order")); err != nil {
		t.Fatal(err)
	}
	if err := s.RemovePlan(context.Background(), "c", 1, entry("plan.remove")); err != nil {
		t.Fatal(err)
	}
	if made := add(t, s, plan("d", "site-1")); made.Position != 3 {
		t.Errorf("a new one has position %d, want 3", made.Position)
	}
	if got := ids(t, s); !slices.Equal(got, []plans.ID{"a", "b", "d", "z"}) {
		t.Errorf("then %v", got)
	}
}

func misordered(t *testing.T, s plans.Store) {
	for _, p := range []plans.Plan{plan("a", "site-1"), plan("b", "site-1"), plan("z", "site-2")} {
		add(t, s, p)
	}
	for _, wrong := range [][]plans.ID{nil, {"a"}, {"b", "a", "z"}, {"b", "b"}, {"b", "a", "a"}, {"b", "x"}} {
		code(t, s.OrderPlans(context.Background(), "site-1", wrong, entry("plan.order")), devices.Conflict)
	}
	if got := ids(t, s); !slices.Equal(got, []plans.ID{"a", "b", "z"}) {
		t.Errorf("the order is %v", got)
	}
}

func outdated(t *testing.T, s plans.Store) {
	p := add(t, s, plan("p", "site-1"))
	mine, theirs := p, p
	mine.Name, theirs.Name, theirs.Pins = "Mine", "Theirs", []plans.Pin{{Device: "gate-1", X: 0.5, Y: 0.5, Turn: plans.NoTurn}}
	var err error
	if theirs.Revision, err = s.ChangePlan(context.Background(), theirs, entry("plan.change")); err != nil {
		t.Fatal(err)
	}
	_, err = s.ChangePlan(context.Background(), mine, entry("plan.change"))
	code(t, err, devices.Conflict)
	is(t, s, theirs)
}

func removed(t *testing.T, s plans.Store) {
	p := add(t, s, plan("p", "site-1"))
	p.Pins = []plans.Pin{{Device: "gate-1", X: 0.5, Y: 0.5, Turn: plans.NoTurn}}
	next, err := s.ChangePlan(context.Background(), p, entry("plan.change"))
	if err != nil {
		t.Fatal(err)
	}
	code(t, s.RemovePlan(context.Background(), "p", 1, entry("plan.remove")), devices.Conflict)
	code(t, s.RemovePlan(context.Background(), "p", next, entry("plan.remove")), "")
	code(t, s.RemovePlan(context.Background(), "p", next, entry("plan.remove")), devices.NotFound)
	if got := ids(t, s); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

func strangers(t *testing.T, s plans.Store) {
	p := add(t, s, plan("p", "site-1"))
	for _, d := range []devices.DeviceID{"gate-3", "gate-9", "nobody"} {
		wrong := p
		wrong.Name, wrong.Pins = "Wrong", []plans.Pin{{Device: "gate-1", X: 0.1, Y: 0.1, Turn: 0}, {Device: d, X: 0.5, Y: 0.5, Turn: 0}}
		_, err := s.ChangePlan(context.Background(), wrong, entry("plan.change"))
		code(t, err, devices.Conflict)
	}
	is(t, s, p)
}

func missed(t *testing.T, s plans.Store) {
	_, err := s.Plan(context.Background(), "none")
	code(t, err, devices.NotFound)
	_, err = s.ChangePlan(context.Background(), plan("none", "site-1"), entry("plan.change"))
	code(t, err, devices.NotFound)
	code(t, s.RemovePlan(context.Background(), "none", 1, entry("plan.remove")), devices.NotFound)
	if got := ids(t, s); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}
