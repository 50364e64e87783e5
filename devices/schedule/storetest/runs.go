package storetest

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/command"
	"gatehouse/devices/schedule"
)

// of is a run of another device.
func of(d devices.Device, id schedule.ID, minute int) schedule.Run {
	r := run(id, minute)
	r.Device, r.Site, r.Zone = d.ID, d.Site, d.Zone
	return r
}

func choicesComeBack(t *testing.T, s schedule.Store) {
	x := example("a")
	x.Targets = []schedule.Target{{Device: gate.ID}, {Device: side.ID, Since: at(3)}}
	x.Late, x.Days, x.Jitter, x.Check = schedule.CatchUp, []calendar.Kind{calendar.Workday, calendar.Holiday}, time.Minute, 2*time.Minute
	x.PausedUntil, x.LeftOut = at(20), schedule.LeftOut{Due: at(30), By: "Li"}
	put(t, s, x)
	got, err := s.Schedule(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	same(t, x, got)
	x.Targets, x.Days = x.Targets[1:], nil
	put(t, s, x)
	all, err := s.Schedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, []schedule.Schedule{x}, all)
}

func claimedForEach(t *testing.T, s schedule.Store) {
	if !claim(t, s, of(gate, "a", 30)) || !claim(t, s, of(side, "a", 30)) {
		t.Error("two devices could not claim the same due time")
	}
	if claim(t, s, of(side, "a", 30)) {
		t.Error("a device claimed a due time twice")
	}
	done := of(side, "a", 30)
	done.Outcome, done.Command = schedule.SentOut, "command-2"
	if err := s.FinishRun(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	same(t, []schedule.Run{done, of(gate, "a", 30)}, runs(t, s, "a", 10))
	wantNotFound(t, s.FinishRun(t.Context(), of(gate, "a", 31)))
}

func manualOnce(t *testing.T, s schedule.Store) {
	ask := func(id schedule.ID, minute int) bool {
		t.Helper()
		all := []schedule.Run{of(gate, id, minute), of(side, id, minute)}
		for i := range all {
			all[i].Key, all[i].By = "key-12345", "Li"
		}
		claimed, err := s.ClaimManual(t.Context(), all, entry("schedule.run", id))
		if err != nil {
			t.Fatal(err)
		}
		return claimed
	}
	if !ask("a", 30) || !ask("b", 30) {
		t.Error("a manual run was refused")
	}
	if ask("a", 31) {
		t.Error("the same key ran twice")
	}
	if !claim(t, s, of(gate, "a", 30)) {
		t.Error("a manual run took the due time of the same instant")
	}
	got, err := s.Runs(t.Context(), schedule.RunQuery{Schedule: "a", Key: "key-12345", Limit: 10})
	if err != nil || len(got) != 2 || got[0].By != "Li" || got[0].Device != side.ID {
		t.Errorf("runs of the key: %+v, %v", got, err)
	}
}

func lastDues(t *testing.T, s schedule.Store) {
	x := example("a")
	x.Targets = append(x.Targets, schedule.Target{Device: side.ID})
	put(t, s, x)
	put(t, s, example("b"))
	claim(t, s, of(gate, "a", 31))
	claim(t, s, of(gate, "a", 30))
	claim(t, s, of(side, "a", 29))
	manual := of(gate, "a", 50)
	manual.Key = "key-12345"
	claim(t, s, manual)
	same(t, at(31), lastDue(t, s, "a"))
	got, err := s.LastDues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, map[schedule.ID]map[devices.DeviceID]time.Time{"a": {gate.ID: at(31), side.ID: at(29)}}, got)
}

func checks(t *testing.T, s schedule.Store) {
	for minute, check := range map[int]time.Time{30: at(33), 31: at(32), 32: at(40), 33: {}} {
		r := of(gate, "a", minute)
		claim(t, s, r)
		r.CheckAt = check
		if err := s.FinishRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	due := func() (minutes []int) {
		t.Helper()
		got, err := s.DueChecks(t.Context(), at(33), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			minutes = append(minutes, r.Due.Minute())
		}
		return minutes
	}
	same(t, []int{31, 30}, due())
	r := of(gate, "a", 31)
	r.Checked, r.Result, r.Again = at(33), command.DidNotMove, "command-9"
	if err := s.FinishRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	same(t, []int{30}, due())
	got, err := s.Runs(t.Context(), schedule.RunQuery{From: at(31), To: at(32), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []schedule.Run{r}, got)
}

func chosenAndPaged(t *testing.T, s schedule.Store) {
	all := []schedule.Run{of(far, "b", 33), of(side, "a", 32), of(gate, "b", 31), of(gate, "a", 31), of(gate, "a", 30)}
	all[4].Outcome, all[4].Detail = schedule.Skipped, "too late"
	for _, r := range all {
		claim(t, s, r)
	}
	here := devices.Scope{Places: []devices.Place{{Site: gate.Site, Zone: gate.Zone}}}.Reach(at(0), devices.Clocks{gate.Site: time.UTC})
	for name, c := range map[string]struct {
		q    schedule.RunQuery
		want []schedule.Run
	}{
		"all":      {schedule.RunQuery{}, all},
		"schedule": {schedule.RunQuery{Schedule: "b"}, []schedule.Run{all[0], all[2]}},
		"site":     {schedule.RunQuery{Site: gate.Site}, all[1:]},
		"device":   {schedule.RunQuery{Device: side.ID}, all[1:2]},
		"outcome":  {schedule.RunQuery{Outcome: schedule.Skipped}, all[4:]},
		"span":     {schedule.RunQuery{From: at(31), To: at(33)}, all[1:4]},
		"page":     {schedule.RunQuery{Before: all[2].Place()}, all[3:]},
		"reach":    {schedule.RunQuery{Within: &here}, all[2:]},
	} {
		c.q.Limit = 10
		got, err := s.Runs(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { same(t, c.want, got) })
	}
}

func lateness(t *testing.T, s schedule.Store) {
	for minute, late := range []time.Duration{4, 1, 3, 2, 100} {
		r := of(gate, "a", minute)
		r.Outcome, r.At = schedule.SentOut, r.Due.Add(7*time.Second)
		r.Claimed = r.At.Add(late * time.Millisecond)
		claim(t, s, r)
	}
	skipped := of(gate, "a", 10)
	skipped.Outcome, skipped.Claimed = schedule.Skipped, at(20)
	claim(t, s, skipped)
	manual := of(gate, "a", 11)
	manual.Key, manual.Outcome = "key-12345", schedule.SentOut
	claim(t, s, manual)
	got, err := s.Lateness(t.Context(), at(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, schedule.Lateness{
		From: at(1), Sent: 4, P50: 2 * time.Millisecond, P99: 100 * time.Millisecond, Max: 100 * time.Millisecond,
		Outcomes: map[schedule.Outcome]int64{schedule.SentOut: 4, schedule.Skipped: 1},
	}, got)
}

func forgotten(t *testing.T, s schedule.Store) {
	manual := of(gate, "a", 20)
	manual.Key = "key-12345"
	for _, r := range []schedule.Run{of(gate, "a", 10), of(gate, "a", 11), of(gate, "a", 12), of(side, "a", 9), manual, of(gate, "b", 8), of(gate, "b", 50)} {
		claim(t, s, r)
	}
	forget := func(want int) {
		t.Helper()
		n, err := s.Forget(t.Context(), at(40), 2)
		if err != nil || n != want {
			t.Errorf("%d were forgotten, %v; want %d", n, err, want)
		}
	}
	forget(2) // b 8, a 10
	same(t, at(11), runs(t, s, "a", 10)[2].Due)
	forget(2) // a 11 and the manual one
	forget(0)
	same(t, []schedule.Run{of(gate, "a", 12), of(side, "a", 9)}, runs(t, s, "a", 10))
	same(t, []schedule.Run{of(gate, "b", 50)}, runs(t, s, "b", 10))
}
