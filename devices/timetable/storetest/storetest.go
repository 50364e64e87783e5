// Package storetest is the suite that every timetable.Store must pass, and one in memory.
package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// RunStoreTests checks every promise of timetable.Store. open gives a new store that has no
// timetables.
func RunStoreTests(t *testing.T, open func(t *testing.T) timetable.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s timetable.Store)
	}{
		{"TimetableComesBackAsItWasPutIn", comesBack},
		{"DeletedTimetableIsGoneAndItsRunsStay", deleted},
		{"SwitchIsClaimedOnce", claimedOnce},
		{"FinishSetsOutcomeAndResults", finished},
		{"FinishIsAllOrNothing", allOrNothing},
		{"LastIsTheNewestOfEach", last},
		{"RunsAreSelectedAndPaged", selected},
		{"OldRunsAreForgottenButForTheNewest", forgotten},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

var (
	clock = time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)
	same  = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)}
)

func at(minute int) time.Time { return clock.Add(time.Duration(minute) * time.Minute) }

func full(id timetable.ID) timetable.Timetable {
	morning := timetable.Period{From: 7 * 60, To: 9 * 60, Mode: devices.HeldOpen, FirstArrival: true}
	return timetable.Timetable{
		ID: id, Site: "s", Name: "大门 mornings",
		Targets: []timetable.Target{
			{Kind: timetable.OfDevice, ID: "d", Direction: "in"}, {Kind: timetable.OfZone, ID: "z"}, {Kind: timetable.OfSite},
		},
		Week:       timetable.Week{timetable.Monday: {morning}, timetable.Holiday: {{From: 0, To: 24 * 60, Mode: devices.HeldClosed}}},
		Exceptions: []timetable.Exception{{Day: "2026-12-24", Name: "evening", Periods: []timetable.Period{morning}}, {Day: "2026-12-25"}},
		Late:       timetable.CatchUp, SkipLate: 5 * time.Minute, Jitter: 30 * time.Second, Check: 2 * time.Minute, Paused: true, PausedUntil: at(9), SkipDue: at(3), SkipBy: "Li",
		Created: at(-1), Changed: at(0), Why: timetable.Edited, By: "Wang",
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s timetable.Store, x timetable.Timetable) {
	t.Helper()
	must(t, s.PutTimetable(t.Context(), x, entry("timetable.create", x.ID)))
}

func entry(verb string, id timetable.ID) devices.AuditEntry {
	return devices.AuditEntry{At: at(0), Actor: devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li"},
		Verb: verb, Site: "s", Object: "timetable:" + string(id), Detail: "{}", Outcome: "ok"}
}

func run(id timetable.ID, minute int) timetable.Run {
	return timetable.Run{
		Timetable: id, Site: "s", Name: "x", Due: at(minute), Claimed: at(minute).Add(time.Millisecond), Why: timetable.Began,
		Mode: devices.HeldOpen, Until: at(minute + 10), FirstArrival: true, Outcome: timetable.Claimed, By: "Li",
	}
}

func claim(t *testing.T, s timetable.Store, runs ...timetable.Run) []bool {
	t.Helper()
	claimed, err := s.Claim(t.Context(), runs)
	must(t, err)
	return claimed
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

func comesBack(t *testing.T, s timetable.Store) {
	put(t, s, full("b"))
	plain := timetable.Timetable{ID: "a", Site: "s", Name: "n", Late: timetable.Skip, Created: at(0), Changed: at(0), Why: timetable.Edited,
		Targets: []timetable.Target{{Kind: timetable.OfDevice, ID: "d"}}}
	put(t, s, plain)
	got, err := s.Timetables(t.Context())
	must(t, err)
	want(t, "put", got, []timetable.Timetable{plain, full("b")})
	changed := full("b")
	changed.Targets, changed.Name, changed.Paused = changed.Targets[1:2], "other", false
	put(t, s, changed)
	got, err = s.Timetables(t.Context())
	must(t, err)
	want(t, "replaced", got, []timetable.Timetable{plain, changed})
}

func deleted(t *testing.T, s timetable.Store) {
	put(t, s, full("a"))
	claim(t, s, run("a", 0))
	must(t, s.DeleteTimetable(t.Context(), "a", entry("timetable.delete", "a")))
	if got, err := s.Timetables(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	runs, err := s.Runs(t.Context(), timetable.RunQuery{Timetable: "a"})
	must(t, err)
	want(t, "runs", runs, []timetable.Run{run("a", 0)})
	if err := s.DeleteTimetable(t.Context(), "a", entry("timetable.delete", "a")); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("a second time: %v", err)
	}
}

func claimedOnce(t *testing.T, s timetable.Store) {
	want(t, "the first time", claim(t, s, run("a", 0), run("b", 0)), []bool{true, true})
	other := run("a", 0)
	other.Outcome, other.Detail = timetable.Skipped, "other"
	want(t, "the second time", claim(t, s, other, run("a", 1)), []bool{false, true})
	got, err := s.Runs(t.Context(), timetable.RunQuery{Timetable: "a"})
	must(t, err)
	want(t, "runs", got, []timetable.Run{run("a", 1), run("a", 0)})
}

func result(id timetable.ID, minute int, d devices.DeviceID) timetable.Result {
	return timetable.Result{Timetable: id, Due: at(minute), Device: d, Direction: "in", Effect: timetable.Set, Detail: "by", At: at(minute)}
}

func finished(t *testing.T, s timetable.Store) {
	claim(t, s, run("a", 0), run("a", 1))
	r := run("a", 0)
	r.Outcome, r.Detail = timetable.Done, "so"
	must(t, s.Finish(t.Context(), []timetable.Run{r}, []timetable.Result{result("a", 0, "e"), result("a", 0, "d")}))
	unchecked, err := s.Unchecked(t.Context(), at(0))
	must(t, err)
	want(t, "unchecked", unchecked, []timetable.Run{r})
	r.Checked = at(5)
	looked := result("a", 0, "d")
	looked.Check, looked.Found, looked.Command = timetable.NotReached, "words", "c1"
	must(t, s.Finish(t.Context(), []timetable.Run{r}, []timetable.Result{looked}))
	unchecked, err = s.Unchecked(t.Context(), at(0))
	must(t, err)
	want(t, "checked", unchecked, nil)
	got, err := s.Results(t.Context(), "a", at(0))
	must(t, err)
	want(t, "results", got, []timetable.Result{looked, result("a", 0, "e")})
}

func allOrNothing(t *testing.T, s timetable.Store) {
	claim(t, s, run("a", 0))
	r := run("a", 0)
	r.Outcome = timetable.Done
	err := s.Finish(t.Context(), []timetable.Run{r, run("a", 7)}, []timetable.Result{result("a", 0, "d")})
	if devices.CodeOf(err) != devices.NotFound {
		t.Errorf("a run that is not there: %v", err)
	}
	runs, err := s.Runs(t.Context(), timetable.RunQuery{})
	must(t, err)
	want(t, "runs", runs, []timetable.Run{run("a", 0)})
	if got, err := s.Results(t.Context(), "a", at(0)); err != nil || len(got) != 0 {
		t.Errorf("results %v, %v", got, err)
	}
}

func last(t *testing.T, s timetable.Store) {
	for _, id := range []timetable.ID{"a", "b", "c"} {
		put(t, s, full(id))
	}
	claim(t, s, run("a", 0), run("a", 5), run("a", 3), run("b", 1), run("deleted", 9))
	got, err := s.Last(t.Context())
	must(t, err)
	byID := map[timetable.ID]timetable.Run{}
	for _, r := range got {
		byID[r.Timetable] = r
	}
	want(t, "last", byID, map[timetable.ID]timetable.Run{"a": run("a", 5), "b": run("b", 1)})
}

func selected(t *testing.T, s timetable.Store) {
	other := run("c", 2)
	other.Site, other.Outcome = "s2", timetable.Skipped
	claim(t, s, run("a", 0), run("a", 2), run("b", 2), other, run("b", 3))
	must(t, s.Finish(t.Context(), nil, []timetable.Result{result("b", 2, "d")}))
	for name, c := range map[string]struct {
		q    timetable.RunQuery
		want []timetable.Run
	}{
		"all":           {timetable.RunQuery{}, []timetable.Run{run("b", 3), run("a", 2), run("b", 2), other, run("a", 0)}},
		"some":          {timetable.RunQuery{Limit: 2}, []timetable.Run{run("b", 3), run("a", 2)}},
		"the next ones": {timetable.RunQuery{Limit: 2, Before: at(2), BeforeID: "a"}, []timetable.Run{run("b", 2), other}},
		"a span":        {timetable.RunQuery{From: at(2), To: at(3), Timetable: "b"}, []timetable.Run{run("b", 2)}},
		"sites":         {timetable.RunQuery{Sites: []devices.SiteID{"s2"}}, []timetable.Run{other}},
		"no site":       {timetable.RunQuery{Sites: []devices.SiteID{}}, nil},
		"outcome":       {timetable.RunQuery{Outcome: timetable.Skipped}, []timetable.Run{other}},
		"of an opening": {timetable.RunQuery{Device: "d"}, []timetable.Run{run("b", 2)}},
	} {
		got, err := s.Runs(t.Context(), c.q)
		must(t, err)
		want(t, name, got, c.want)
	}
}

func forgotten(t *testing.T, s timetable.Store) {
	put(t, s, full("a"))
	claim(t, s, run("a", 0), run("a", 1), run("a", 2), run("deleted", 0), run("deleted", 9))
	must(t, s.Finish(t.Context(), nil, []timetable.Result{result("a", 0, "d"), result("a", 2, "d")}))
	forget := func(want int) {
		t.Helper()
		if n, err := s.Forget(t.Context(), at(3), 2); err != nil || n != want {
			t.Errorf("forgot %d, %v; want %d", n, err, want)
		}
	}
	forget(2)
	forget(1)
	forget(0)
	got, err := s.Runs(t.Context(), timetable.RunQuery{})
	must(t, err)
	want(t, "runs", got, []timetable.Run{run("deleted", 9), run("a", 2)})
	for minute, n := range map[int]int{0: 0, 2: 1} {
		if results, err := s.Results(t.Context(), "a", at(minute)); err != nil || len(results) != n {
			t.Errorf("of minute %d: %v, %v", minute, results, err)
		}
	}
}
