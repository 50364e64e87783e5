package schedule_test

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
)

func TestADryRunSaysWhatWouldBeRefusedAndKeepsNothing(t *testing.T) {
	t.Parallel()
	store, out := newMemory(), &sender{}
	svc := schedule.New(deps(store, out))
	d := draft("0 7 * * *")
	d.Devices = []devices.DeviceID{"gate-2", "gate-1"}
	_, got, err := svc.DryRun(t.Context(), d)
	if err != nil || len(got) != 2 || got[0].Device != "gate-1" || got[0].Refuse != nil || devices.CodeOf(got[1].Refuse) != devices.Refused {
		t.Errorf("%+v, %v", got, err)
	}
	if len(store.schedules)+len(store.audit)+len(out.sent) != 0 {
		t.Error("something was kept or sent")
	}
	made, err := svc.Create(t.Context(), person(), d)
	if err != nil {
		t.Fatal(err)
	}
	if x, got, err := svc.DryRunOf(t.Context(), made.ID); err != nil || x.ID != made.ID || len(got) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPreviewHasTheNextTenOrASpanAndSaysWhatTheClockDoes(t *testing.T) {
	t.Parallel()
	parts := deps(newMemory(), &sender{})
	parts.Calendar, _ = newCalendar(t, nil)
	parts.Now = func() time.Time { return time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC) }
	svc := schedule.New(parts)
	ask := func(q schedule.PreviewRequest) ([]schedule.PreviewTime, bool) {
		t.Helper()
		got, cut, err := svc.PreviewOf(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return got, cut
	}
	const ny = "America/New_York"
	got, cut := ask(schedule.PreviewRequest{Cron: "30 2 * * *", TimeZone: ny})
	if len(got) != 10 || cut || got[0].Turn != schedule.Steady || got[1].Turn != schedule.Gap || got[2].Turn != schedule.Steady {
		t.Errorf("%v, %v", got, cut)
	}
	november := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	got, _ = ask(schedule.PreviewRequest{Cron: "30 1 * * *", TimeZone: ny, From: november, To: november.AddDate(0, 0, 2)})
	if len(got) != 2 || got[0].Turn != schedule.Overlap || got[1].Turn != schedule.Steady {
		t.Errorf("%v", got)
	}
	got, cut = ask(schedule.PreviewRequest{Cron: "*/5 * * * *", TimeZone: ny, From: november, To: november.AddDate(0, 1, 0)})
	if len(got) != schedule.MaxPreview || !cut {
		t.Errorf("%d, %v", len(got), cut)
	}
	got, _ = ask(schedule.PreviewRequest{Cron: "0 7 * * *", TimeZone: "UTC", Days: []calendar.Kind{calendar.Rest}, Device: "gate-1"})
	if got[0].Due.Day() != 7 || got[1].Due.Day() != 8 || got[2].Due.Day() != 14 {
		t.Errorf("%v", got)
	}
	for field, q := range map[string]schedule.PreviewRequest{
		"cron":     {Cron: "x", TimeZone: ny},
		"timeZone": {Cron: "0 7 * * *", TimeZone: "x"},
		"device":   {Cron: "0 7 * * *", TimeZone: ny, Days: []calendar.Kind{calendar.Rest}},
		"from":     {Cron: "0 7 * * *", TimeZone: ny, To: november},
		"to":       {Cron: "0 7 * * *", TimeZone: ny, From: november, To: november.AddDate(0, 0, 63)},
	} {
		_, _, err := svc.PreviewOf(t.Context(), q)
		refusedFor(t, err, field)
	}
}

func TestASpanHasWhatWasAndWhatWillBe(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		p.make(closing("0 * * * *"))
		other := p.make(closing("30 * * * *"))
		wait(2*time.Hour + 10*time.Minute)
		if _, err := p.svc.SkipNext(t.Context(), person(), other.ID); err != nil {
			t.Fatal(err)
		}
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		if _, err := p.svc.Pause(t.Context(), person(), p.make(closing("15 * * * *")).ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		span, err := p.svc.Between(t.Context(), day.Add(time.Hour), day.Add(4*time.Hour), nil)
		if err != nil || span.Cut {
			t.Fatal(span, err)
		}
		var runs, coming []string
		for _, r := range span.Runs {
			runs = append(runs, r.Due.Format("15:04"))
		}
		for _, c := range span.Coming {
			text := c.Due.Format("15:04 ") + c.Name
			if c.LeftOut {
				text += " left out"
			}
			coming = append(coming, text)
		}
		want(t, "runs", []string{"01:00", "01:30", "02:00"}, runs)
		want(t, "coming", []string{"02:30 Mornings left out", "03:00 Mornings", "03:30 Mornings"}, coming)
		for range 3 {
			p.make(closing("* * * * *"))
		}
		span, err = p.svc.Between(t.Context(), day, day.Add(40*24*time.Hour), nil)
		if err != nil || !span.Cut || len(span.Runs)+len(span.Coming) != schedule.MaxSpan {
			t.Errorf("%d runs, %d coming, cut %v, %v", len(span.Runs), len(span.Coming), span.Cut, err)
		}
		_, err = p.svc.Between(t.Context(), day, day, nil)
		refusedFor(t, err, "to")
	})
}

func TestHistoryAndStatisticsAreOfAllSchedules(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		gone := p.make(closing("10 * * * *"))
		p.make(closing("20 * * * *"))
		wait(time.Hour)
		if err := p.svc.Delete(t.Context(), person(), gone.ID); err != nil {
			t.Fatal(err)
		}
		runs, err := p.svc.History(t.Context(), schedule.RunQuery{})
		if err != nil || len(runs) != 2 || runs[1].Schedule != gone.ID {
			t.Errorf("%+v, %v", runs, err)
		}
		sum, err := p.svc.Statistics(t.Context(), nil)
		if err != nil || sum.Sent != 2 || sum.Outcomes[schedule.SentOut] != 2 {
			t.Errorf("%+v, %v", sum, err)
		}
		for field, q := range map[string]schedule.RunQuery{
			"limit": {Limit: 501}, "outcome": {Outcome: "lost"}, "to": {From: time.Now(), To: time.Now()},
		} {
			_, err := p.svc.History(t.Context(), q)
			refusedFor(t, err, field)
		}
	})
}
