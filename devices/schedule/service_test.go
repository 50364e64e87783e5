package schedule_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

func newService(store *memory) *schedule.Service {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	d := deps(store, &sender{})
	d.Now = func() time.Time { return now }
	return schedule.New(d)
}

func TestBadDraftIsRefusedWithItsFieldAndNothingIsStored(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*schedule.Draft){
		"name":            func(d *schedule.Draft) { d.Name = " \t" },
		"name ":           func(d *schedule.Draft) { d.Name = strings.Repeat("门", 101) },
		"name  ":          func(d *schedule.Draft) { d.Name = "two\nlines" },
		"device":          func(d *schedule.Draft) { d.Devices = []devices.DeviceID{"nowhere"} },
		"cron":            func(d *schedule.Draft) { d.Cron = "0 0 31 2 *" },
		"timeZone":        func(d *schedule.Draft) { d.TimeZone = "Nowhere/City" },
		"action":          func(d *schedule.Draft) { d.Action = devices.ActionSnapshot },
		"skipLateSeconds": func(d *schedule.Draft) { d.SkipLate = time.Second },
	} {
		store := newMemory()
		d := draft("0 7 * * *")
		change(&d)
		_, err := newService(store).Create(t.Context(), person(), d)
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
		if len(store.schedules)+len(store.audit) != 0 {
			t.Errorf("%s: something was stored", field)
		}
	}
}

func TestCreateFillsInTheSitesZoneAndTheDefaults(t *testing.T) {
	t.Parallel()
	d := draft(" 0  7 * * * ")
	d.TimeZone = ""
	got, err := newService(newMemory()).Create(t.Context(), person(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := schedule.Schedule{
		ID: got.ID, Site: "site-1", Targets: []schedule.Target{{Device: "gate-1"}}, Name: "Mornings", Cron: "0 7 * * *", TimeZone: "Asia/Shanghai",
		Action: devices.ActionOpen, Late: schedule.Skip, SkipLate: 5 * time.Minute, Created: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Next: time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestEveryWriteHasItsAuditEntry(t *testing.T) {
	t.Parallel()
	store := newMemory()
	svc := newService(store)
	made, err := svc.Create(t.Context(), person(), draft("0 7 * * *"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Update(t.Context(), person(), made.ID, draft("0 8 * * *")); err != nil {
		t.Fatal(err)
	}
	if err := svc.Delete(t.Context(), person(), made.ID); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ verb, before, after string }{
		{"schedule.create", "", "0 7 * * *"}, {"schedule.update", "0 7 * * *", "0 8 * * *"}, {"schedule.delete", "0 8 * * *", ""},
	} {
		a := store.audit[i]
		var detail struct{ Before, After struct{ Cron string } }
		if err := json.Unmarshal([]byte(a.Detail), &detail); err != nil {
			t.Fatal(err)
		}
		if a.Verb != want.verb || a.Actor != person() || a.Site != "site-1" || a.Object != "schedule:"+string(made.ID) ||
			a.Outcome != "ok" || detail.Before.Cron != want.before || detail.After.Cron != want.after {
			t.Errorf("entry %d: %+v, want %+v", i, a, want)
		}
	}
}

func TestMissingScheduleIsNotFoundEverywhere(t *testing.T) {
	t.Parallel()
	svc := newService(newMemory())
	_, get := svc.Get(t.Context(), "none")
	_, update := svc.Update(t.Context(), person(), "none", draft("0 7 * * *"))
	_, runs := svc.Runs(t.Context(), "none", 0)
	for name, err := range map[string]error{"get": get, "update": update, "runs": runs, "delete": svc.Delete(t.Context(), person(), "none")} {
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListIsByNameWithNextTimes(t *testing.T) {
	t.Parallel()
	svc := newService(newMemory())
	for _, name := range []string{"b", "a"} {
		d := draft("0 7 * * *")
		d.Name, d.Paused = name, name == "b"
		if _, err := svc.Create(t.Context(), person(), d); err != nil {
			t.Fatal(err)
		}
	}
	got, err := svc.List(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got[0].Name != "a" || got[0].Next.IsZero() || !got[1].Next.IsZero() {
		t.Errorf("list %+v", got)
	}
}

func TestADayIsToldAnewWhenTheClockSentSomethingOrSkippedIt(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		p.create("5 0 * * *")
		if _, err := p.svc.SkipNext(t.Context(), person(), p.create("6 0 * * *").ID); err != nil {
			t.Fatal(err)
		}
		told := func() int { return int(p.told.Load()) }
		if wait(5 * time.Minute); told() != 1 {
			t.Errorf("told %d times after one was sent", told())
		}
		if wait(time.Minute); told() != 2 {
			t.Errorf("told %d times after one was skipped", told())
		}
	})
}
