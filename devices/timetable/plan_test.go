package timetable

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/calendar/storetest"
	"gatehouse/prove"
)

func book(t testing.TB) *almanac {
	t.Helper()
	s, err := calendar.New(calendar.Deps{Store: &storetest.Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Book(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return newAlmanac(b)
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func open(from, to Clock) Period { return Period{From: from, To: to, Mode: devices.HeldOpen} }

// TestATimeOfDayIsTheFirstInstantAtWhichTheWallClockShowsOrHasPassedIt compares with a walk
// from minute to minute around the days on which clocks change.
func TestATimeOfDayIsTheFirstInstantAtWhichTheWallClockShowsOrHasPassedIt(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	zones := []string{
		"Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana", "Africa/Cairo",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Asia/Beirut", "America/Sao_Paulo", "UTC",
	}
	days := 0
	for _, name := range zones {
		z := zone(t, name)
		for at := time.Date(2016, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() < 2028; {
			_, change := at.In(z).ZoneBounds()
			if change.IsZero() || rnd.IntN(4) == 0 {
				change = at.Add(time.Duration(rnd.IntN(200)) * 24 * time.Hour)
			}
			for _, d := range []calendar.Day{calendar.Of(change.In(z)), calendar.Of(change.In(z)).Add(-1)} {
				days++
				walk(t, z, d, rnd)
			}
			at = change.Add(12 * time.Hour)
		}
	}
	t.Logf("%d days", days)
}

// walk judges some times of one day.
func walk(t *testing.T, z *time.Location, d calendar.Day, rnd *rand.Rand) {
	t.Helper()
	year, month, day := d.Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Add(-15 * time.Hour)
	for range 8 {
		c := Clock(rnd.IntN(int(endOfDay) + 1))
		if rnd.IntN(2) == 0 {
			c = Clock(rnd.IntN(200))
		}
		wall := time.Date(year, month, day, 0, int(c), 0, 0, time.UTC)
		want := start
		for wallOf(want.In(z)).Before(wall) {
			want = want.Add(time.Minute)
		}
		if got := instant(z, d, c); !got.Equal(want) {
			t.Errorf("%s, %s %s: got %s, want %s", z, d, c, got, want)
		}
	}
}

func TestAPeriodInTheHourThatIsSkippedIsEmptyAndOneOverItIsShorter(t *testing.T) {
	t.Parallel()
	p := newPlan(Timetable{Week: Week{Sunday: {open(2*60, 3*60), open(3*60+30, 4*60)}}}, zone(t, "Europe/Berlin"), book(t))
	if got := p.on("2026-03-29"); len(got) != 1 || got[0].From != 3*60+30 {
		t.Errorf("in the gap: %v", got)
	}
	p = newPlan(Timetable{Week: Week{Sunday: {open(60+30, 4*60)}}}, p.zone, p.days)
	if got := p.on("2026-03-29"); len(got) != 1 || got[0].End.Sub(got[0].Start) != 90*time.Minute {
		t.Errorf("over the gap: %v", got)
	}
	if got := p.on("2026-10-25"); len(got) != 1 || got[0].End.Sub(got[0].Start) != 210*time.Minute {
		t.Errorf("over the hour that comes twice: %v", got)
	}
	if at := instant(p.zone, "2026-10-25", 2*60+30); !twice(p.zone, at) || twice(p.zone, at.Add(time.Hour)) || twice(p.zone, instant(p.zone, "2026-10-25", 4*60)) {
		t.Error("what comes twice is not known")
	}
}

func TestHolidaysAndMakeUpWorkdaysOverrideTheWeek(t *testing.T) {
	t.Parallel()
	week := Week{MakeUp: {open(8*60, 9*60)}, Holiday: {open(10*60, 11*60)}}
	for i, c := range Columns()[:7] {
		week[c] = []Period{open(Clock(i), Clock(i+1))}
	}
	p := newPlan(Timetable{Week: week, Exceptions: []Exception{
		{Day: "2026-10-09", Name: "closed"}, {Day: "2026-10-12", Periods: []Period{open(1, 2), open(5, 9)}},
	}}, zone(t, "Asia/Shanghai"), book(t))
	said := func(from calendar.Day, days int) (all []string) {
		for i := range days {
			for _, s := range p.on(from.Add(i)) {
				all = append(all, fmt.Sprintf("%s %s %s", s.Day[5:], s.Column, s.Start.In(p.zone).Format("15:04")))
			}
		}
		return all
	}
	got := fmt.Sprintf("%q", said("2026-09-30", 14))
	want := `["09-30 wednesday 00:02" "10-01 holiday 10:00" "10-02 holiday 10:00" "10-03 holiday 10:00" "10-04 holiday 10:00" ` +
		`"10-05 holiday 10:00" "10-06 holiday 10:00" "10-07 holiday 10:00" "10-08 thursday 00:03" "10-10 make_up 08:00" ` +
		`"10-11 sunday 00:06" "10-12  00:01" "10-12  00:05" "10-13 tuesday 00:01"]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNextIsTheFirstBeginningOrEndAfterAnInstant(t *testing.T) {
	t.Parallel()
	z := zone(t, "Asia/Shanghai")
	p := newPlan(Timetable{Week: Week{Monday: {open(0, 60), open(60, 120), open(23*60, endOfDay)}, Tuesday: {open(0, 30)}}}, z, book(t))
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, z)
	var got []string
	for at = p.next(at.Add(-time.Millisecond)); len(got) < 6; at = p.next(at) {
		got = append(got, at.In(z).Format("Mon 15:04"))
	}
	if fmt.Sprint(got) != "[Mon 00:00 Mon 01:00 Mon 02:00 Mon 23:00 Tue 00:00 Tue 00:30]" {
		t.Errorf("got %v", got)
	}
	if s, ok := p.at(time.Date(2026, 3, 2, 1, 0, 0, 0, z)); !ok || s.From != 60 {
		t.Errorf("at 01:00 it is in %v", s)
	}
	if never := (plan{zone: z, days: p.days}).next(at); !never.IsZero() {
		t.Errorf("nothing comes at %s", never)
	}
}
