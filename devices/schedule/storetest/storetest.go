// Package storetest is the suite that every schedule.Store must pass.
package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// RunStoreTests checks every promise of schedule.Store. open gives a new store
// that has no schedules and knows these devices, their sites and zones; it closes
// it by t.Cleanup if it has to.
func RunStoreTests(t *testing.T, open func(t *testing.T, known ...devices.Device) schedule.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s schedule.Store)
	}{
		{"ScheduleComesBackAsItWasPutIn", comesBack},
		{"PutReplaces", replaces},
		{"MissingScheduleIsNotFound", missing},
		{"DueTimeIsClaimedOnce", claimedOnce},
		{"DueTimeIsClaimedOnceInParallel", claimedOnceInParallel},
		{"FinishKeepsDueAndSetsOutcome", finish},
		{"RunsComeNewestFirst", newestFirst},
		{"ClaimsAreOfOneSchedule", ofOneSchedule},
		{"ClaimsOutliveAnEdit", outliveEdit},
		{"EveryChoiceComesBack", choicesComeBack},
		{"DueTimeIsClaimedOnceForEachDevice", claimedForEach},
		{"ManualRunIsClaimedOnceByItsKey", manualOnce},
		{"LastDuesAreThoseOfDueTimes", lastDues},
		{"ChecksComeWhenTheyAreDue", checks},
		{"RunsAreChosenAndPaged", chosenAndPaged},
		{"LatenessIsOfWhatWasSent", lateness},
		{"OldRunsAreForgottenButTheNewestOfADevice", forgotten},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t, gate, side, far)) })
	}
}

var (
	gate = devices.Device{ID: "gate-1", Site: "site-1", Zone: "zone-1", Kind: devices.Gate, Name: "Main gate", Created: at(0)}
	side = devices.Device{ID: "gate-2", Site: "site-1", Zone: "zone-2", Kind: devices.Gate, Name: "Side gate", Created: at(0)}
	far  = devices.Device{ID: "gate-3", Site: "site-2", Zone: "zone-3", Kind: devices.Gate, Name: "Far gate", Created: at(0)}
	// stores keep microseconds, and need not tell an empty map from none.
	sameRow = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Microsecond)}
)

func at(minute int) time.Time {
	return time.Date(2026, 11, 21, 7, minute, 0, 0, time.UTC)
}

func example(id schedule.ID) schedule.Schedule {
	return schedule.Schedule{
		ID: id, Site: gate.Site, Targets: []schedule.Target{{Device: gate.ID}}, Name: "开门 mornings", Cron: "30 7 * * 1-5", TimeZone: "Asia/Shanghai",
		Action: devices.ActionOpen, Args: map[string]string{"direction": "in"}, Late: schedule.Skip, SkipLate: 5 * time.Minute,
		Created: at(0), Next: at(30),
	}
}

func entry(verb string, id schedule.ID) devices.AuditEntry {
	return devices.AuditEntry{At: at(0), Actor: devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li"},
		Verb: verb, Site: gate.Site, Object: "schedule:" + string(id), Detail: "{}", Outcome: "ok"}
}

func put(t *testing.T, s schedule.Store, x schedule.Schedule) {
	t.Helper()
	if err := s.PutSchedule(t.Context(), x, entry("schedule.create", x.ID)); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s schedule.Store, r schedule.Run) bool {
	t.Helper()
	claimed, err := s.Claim(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

func run(id schedule.ID, minute int) schedule.Run {
	return schedule.Run{Schedule: id, Device: gate.ID, Site: gate.Site, Zone: gate.Zone, Due: at(minute), At: at(minute), Claimed: at(minute).Add(3 * time.Millisecond), Outcome: schedule.Claimed}
}

func runs(t *testing.T, s schedule.Store, id schedule.ID, limit int) []schedule.Run {
	t.Helper()
	got, err := s.Runs(t.Context(), schedule.RunQuery{Schedule: id, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func lastDue(t *testing.T, s schedule.Store, id schedule.ID) time.Time {
	t.Helper()
	due, err := s.LastDue(t.Context(), id, gate.ID)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, sameRow); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func wantNotFound(t *testing.T, err error) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.NotFound {
		t.Errorf("error %v, want not_found", err)
	}
}

func comesBack(t *testing.T, s schedule.Store) {
	x, y := example("a"), example("b")
	y.Paused, y.Next, y.Args = true, time.Time{}, nil
	put(t, s, x)
	put(t, s, y)
	got, err := s.Schedule(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	same(t, y, got)
	all, err := s.Schedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byID := cmpopts.SortSlices(func(a, b schedule.Schedule) bool { return a.ID < b.ID })
	if d := cmp.Diff([]schedule.Schedule{x, y}, all, sameRow, byID); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func replaces(t *testing.T, s schedule.Store) {
	x := example("a")
	put(t, s, x)
	x.Name, x.Cron, x.Paused, x.Next = "other", "0 8 * * *", true, time.Time{}
	put(t, s, x)
	all, err := s.Schedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, []schedule.Schedule{x}, all)
}

func missing(t *testing.T, s schedule.Store) {
	_, err := s.Schedule(t.Context(), "none")
	wantNotFound(t, err)
	wantNotFound(t, s.DeleteSchedule(t.Context(), "none", entry("schedule.delete", "none")))
	same(t, time.Time{}, lastDue(t, s, "none"))
	put(t, s, example("a"))
	if err := s.DeleteSchedule(t.Context(), "a", entry("schedule.delete", "a")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Schedule(t.Context(), "a")
	wantNotFound(t, err)
}

func claimedOnce(t *testing.T, s schedule.Store) {
	put(t, s, example("a"))
	if !claim(t, s, run("a", 30)) {
		t.Error("the first claim was refused")
	}
	second := run("a", 30)
	second.Outcome, second.Detail = schedule.Skipped, "late"
	if claim(t, s, second) {
		t.Error("the second claim of the same due time was granted")
	}
	same(t, []schedule.Run{run("a", 30)}, runs(t, s, "a", 10))
}

func claimedOnceInParallel(t *testing.T, s schedule.Store) {
	put(t, s, example("a"))
	var won atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			claimed, err := s.Claim(context.WithoutCancel(t.Context()), run("a", 30))
			if err != nil {
				t.Error(err)
			}
			if claimed {
				won.Add(1)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 8 claims were granted, want 1", won.Load())
	}
}

func finish(t *testing.T, s schedule.Store) {
	put(t, s, example("a"))
	r := run("a", 30)
	claim(t, s, r)
	r.Outcome, r.Detail, r.Command = schedule.SentOut, "", "command-1"
	if err := s.FinishRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	same(t, []schedule.Run{r}, runs(t, s, "a", 1))
	if claim(t, s, run("a", 30)) {
		t.Error("a finished due time was claimed again")
	}
}

func newestFirst(t *testing.T, s schedule.Store) {
	put(t, s, example("a"))
	for _, minute := range []int{31, 33, 30, 32} {
		claim(t, s, run("a", minute))
	}
	same(t, []schedule.Run{run("a", 33), run("a", 32)}, runs(t, s, "a", 2))
	same(t, at(33), lastDue(t, s, "a"))
}

func ofOneSchedule(t *testing.T, s schedule.Store) {
	put(t, s, example("a"))
	put(t, s, example("b"))
	if !claim(t, s, run("a", 30)) || !claim(t, s, run("b", 30)) {
		t.Error("two schedules could not claim the same minute")
	}
	if got := runs(t, s, "b", 10); len(got) != 1 {
		t.Errorf("b has %d runs, want 1", len(got))
	}
}

func outliveEdit(t *testing.T, s schedule.Store) {
	x := example("a")
	put(t, s, x)
	claim(t, s, run("a", 30))
	x.Cron = "31 7 * * *"
	put(t, s, x)
	if claim(t, s, run("a", 30)) {
		t.Error("a due time could be claimed again after an edit")
	}
}
