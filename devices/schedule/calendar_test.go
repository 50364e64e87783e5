package schedule_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
)

// days are a calendar.Store in memory.
type days struct {
	mu   sync.Mutex
	fail error
	days map[calendar.Day]calendar.Entry
}

func (d *days) Days(_ context.Context, of devices.SiteID, from, to calendar.Day) (all []calendar.Entry, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for day, e := range d.days {
		if of == "site-1" && day >= from && day <= to {
			all = append(all, e)
		}
	}
	return all, d.fail
}

func (d *days) PutDays(_ context.Context, _ devices.SiteID, all []calendar.Entry, _ []devices.AuditEntry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range all {
		d.days[e.Day] = e
	}
	return nil
}

func (d *days) RemoveDay(_ context.Context, _ devices.SiteID, day calendar.Day, _ devices.AuditEntry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.days, day)
	return nil
}

// newCalendar is a calendar of site-1 with these own days.
func newCalendar(t *testing.T, own map[calendar.Day]calendar.Kind) (*calendar.Service, *days) {
	t.Helper()
	store := &days{days: map[calendar.Day]calendar.Entry{}}
	for day, kind := range own {
		store.days[day] = calendar.Entry{Day: day, Kind: kind}
	}
	svc, err := calendar.New(calendar.Deps{Store: store, Sites: registry{}})
	if err != nil {
		t.Fatal(err)
	}
	return svc, store
}

// 1 January 2000 is a Saturday; no holidays of that year are published.
func TestScheduleOfWorkdaysIsDueOnWorkdaysOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.calendar, _ = newCalendar(t, map[calendar.Day]calendar.Kind{"2000-01-02": calendar.Workday, "2000-01-04": calendar.Holiday})
		p.start()
		d := draft("30 7 * * *")
		d.Days = []calendar.Kind{calendar.Workday}
		s := p.make(d)
		wait(5 * 24 * time.Hour)
		want(t, "sent", []string{"02 07:30", "03 07:30", "05 07:30"}, p.sentOn())
		if got := p.runs(s.ID); len(got) != 3 {
			t.Errorf("runs %v: a day that does not count has none", got)
		}
	})
}

func TestADayThatIsChangedCountsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		var store *days
		p.calendar, store = newCalendar(t, nil)
		p.start()
		d := draft("30 7 * * *")
		d.Days = []calendar.Kind{calendar.Workday}
		p.make(d)
		wait(55 * time.Hour) // Monday, 07:00
		_ = store.PutDays(t.Context(), "site-1", []calendar.Entry{{Day: "2000-01-03", Kind: calendar.Rest}}, nil)
		wait(24 * time.Hour)
		want(t, "sent", nil, p.sentOn())
		wait(time.Hour)
		want(t, "sent", []string{"04 07:30"}, p.sentOn())
	})
}

func TestACalendarThatCannotBeReadDelaysAndLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		var store *days
		p.calendar, store = newCalendar(t, nil)
		p.start()
		d := draft("30 7 * * *")
		d.Days = []calendar.Kind{calendar.Rest}
		s := p.make(d)
		store.mu.Lock()
		store.fail = errDisk
		store.mu.Unlock()
		wait(7*time.Hour + 32*time.Minute)
		store.mu.Lock()
		store.fail = nil
		store.mu.Unlock()
		wait(time.Minute)
		want(t, "runs", []string{"07:30 sent"}, p.runs(s.ID))
	})
}

func TestAnAbsenceRecordsOnlyTheDaysThatCount(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.calendar, _ = newCalendar(t, nil)
		p.start()
		d := draft("* * * * *")
		d.Days = []calendar.Kind{calendar.Rest}
		s := p.make(d)
		p.stop()
		wait(20 * 365 * 24 * time.Hour) // 27 December 2019, a Friday
		p.start()
		wait(time.Minute)
		got := p.runs(s.ID)
		if len(got) < 51 || len(got) > 130 || len(p.sentOn()) != 0 || got[len(got)-1] != "23:59 skipped" {
			t.Errorf("%d runs, the newest %v, sent %v", len(got), got[len(got)-1], p.sentOn())
		}
	})
}

func TestDaysThatNeverComeAreRefusedAndUnpublishedOnesAreNot(t *testing.T) {
	t.Parallel()
	own := map[calendar.Day]calendar.Kind{}
	for year := range 6 {
		own[calendar.Of(time.Date(2026+year, 5, 4, 0, 0, 0, 0, time.UTC))] = calendar.Workday
	}
	store, out := newMemory(), &sender{}
	parts := deps(store, out)
	parts.Calendar, _ = newCalendar(t, own)
	parts.Now = func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }
	svc := schedule.New(parts)
	for _, c := range []struct {
		cron    string
		kind    calendar.Kind
		refused bool
	}{
		{"0 7 * * 1-5", calendar.Rest, true},    // no Monday is a rest day unless somebody says so
		{"0 7 4 5 *", calendar.Holiday, true},   // somebody said that it is a workday
		{"0 7 1 10 *", calendar.Holiday, false}, // of years whose holidays are not published yet
		{"0 7 * * 6", calendar.Workday, false},  // a Saturday may be worked
		{"0 7 * * *", calendar.Rest, false},
	} {
		d := draft(c.cron)
		d.Days = []calendar.Kind{c.kind}
		_, err := svc.Create(t.Context(), person(), d)
		if refused := err != nil; refused != c.refused {
			t.Errorf("%q on %s: %v", c.cron, c.kind, err)
		}
		if c.refused {
			refusedFor(t, err, "days")
		}
	}
}
