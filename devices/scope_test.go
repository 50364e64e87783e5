package devices_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/prove"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	clock, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return clock
}

func TestAScopeThatNamesNothingIsTheWholeProperty(t *testing.T) {
	t.Parallel()
	r := devices.Scope{}.Reach(time.Now(), nil)
	if !r.Everything() || !r.Site("s") || !r.Place("s", "") || r.Nothing() || r.Key() != devices.Everything().Key() {
		t.Error("something is left out")
	}
	var none devices.Reach
	if none.Everything() || none.Part("s") || none.Place("s", "z") || !none.Nothing() {
		t.Error("a reach that nobody made is not nothing")
	}
}

func TestAScopeLeavesItsSitesAndZonesAndNothingElse(t *testing.T) {
	t.Parallel()
	clocks := devices.Clocks{"a": time.UTC, "b": time.UTC, "c": time.UTC}
	scope := devices.Scope{Places: []devices.Place{{Site: "a"}, {Site: "b", Zone: "b1"}, {Site: "gone"}}}
	r := scope.Reach(time.Now(), clocks)
	for _, c := range []struct {
		site  devices.SiteID
		zone  devices.ZoneID
		there bool
	}{
		{"a", "a1", true}, {"a", "", true}, {"b", "b1", true}, {"b", "b2", false}, {"b", "", false}, {"c", "b1", false}, {"gone", "", false}, {"", "", false},
	} {
		if r.Place(c.site, c.zone) != c.there || r.Device(devices.Device{Site: c.site, Zone: c.zone}) != c.there {
			t.Errorf("place %v: %v", c, !c.there)
		}
	}
	for site, want := range map[devices.SiteID][2]bool{"a": {true, true}, "b": {true, false}, "c": {false, false}} {
		if r.Part(site) != want[0] || r.Site(site) != want[1] {
			t.Errorf("site %s: part %v, whole %v", site, r.Part(site), r.Site(site))
		}
	}
	if got := fmt.Sprint(r.Places()); got != "[{a } {b b1}]" {
		t.Errorf("places %s", got)
	}
}

func TestHoursAreThoseOfTheClockOfEachSite(t *testing.T) {
	t.Parallel()
	clocks := devices.Clocks{"harbour": zoneOf(t, "Europe/London"), "garden": zoneOf(t, "Asia/Shanghai")}
	night := devices.Scope{Hours: devices.Hours{{Days: []time.Weekday{time.Saturday}, From: 22 * 60, To: 6 * 60}}}
	for _, c := range []struct {
		at              string // UTC
		harbour, garden bool
	}{
		{"2026-11-21T13:59:59Z", false, false},
		{"2026-11-21T14:00:00Z", false, true},
		{"2026-11-21T21:59:59Z", false, true},
		{"2026-11-21T22:00:00Z", true, false}, // 06:00 in the garden
		{"2026-11-22T05:59:59Z", true, false},
		{"2026-11-22T06:00:00Z", false, false},
		{"2026-11-22T23:00:00Z", false, false}, // another night
		{"2026-07-11T21:00:00Z", true, true},   // 22:00 in the summer of London, 05:00 in the garden
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		r := night.Reach(at, clocks)
		if r.Site("harbour") != c.harbour || r.Site("garden") != c.garden || r.Everything() != (c.harbour && c.garden) {
			t.Errorf("at %s: harbour %v, garden %v, everything %v", c.at, r.Site("harbour"), r.Site("garden"), r.Everything())
		}
	}
}

func TestAScopeThatCannotBeIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	monday := []time.Weekday{time.Monday}
	for name, s := range map[string]devices.Scope{
		"places": {Places: []devices.Place{{Zone: "z"}}},
		"hours":  {Hours: devices.Hours{{Days: monday, From: 60, To: 60}}},
	} {
		var e *devices.Error
		if err := s.Check(); !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != name {
			t.Errorf("%v: %v", s, err)
		}
	}
	for _, span := range []devices.Span{
		{From: 0, To: 60},
		{Days: monday, From: -1, To: 60},
		{Days: monday, From: 1440, To: 60},
		{Days: monday, From: 0, To: 1441},
		{Days: monday, From: 60, To: 0},
		{Days: []time.Weekday{7}, From: 0, To: 60},
		{Days: []time.Weekday{1, 1}, From: 0, To: 60},
	} {
		if err := (devices.Scope{Hours: devices.Hours{span}}).Check(); devices.CodeOf(err) != devices.Invalid {
			t.Errorf("%v: %v", span, err)
		}
	}
	if err := (devices.Scope{Places: []devices.Place{{Site: "a"}, {Site: "a", Zone: "z"}}, Hours: devices.Hours{{Days: monday, From: 0, To: 1440}}}).Check(); err != nil {
		t.Error(err)
	}
}

// A scope that another covers never reaches what the other does not reach, whatever
// the time; and one that is not covered does at some time.
func TestNobodyGivesAwayMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	clocks := devices.Clocks{"a": time.UTC, "b": time.UTC}
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	covered := 0
	for range 200 {
		mine, given := randomScope(random), randomScope(random)
		more := false
		for minute := 0; minute < 7*24*60; minute += 15 {
			at := monday.Add(time.Duration(minute) * time.Minute)
			have, get := mine.Reach(at, clocks), given.Reach(at, clocks)
			for _, p := range []devices.Place{{Site: "a"}, {Site: "a", Zone: "a1"}, {Site: "b"}, {Site: "b", Zone: "b1"}} {
				more = more || get.Place(p.Site, p.Zone) && !have.Place(p.Site, p.Zone)
			}
		}
		if mine.Covers(given) {
			covered++
			if more {
				t.Fatalf("%+v is said to cover %+v", mine, given)
			}
		} else if !more && mine.Limited() == given.Limited() {
			t.Fatalf("%+v is said not to cover %+v", mine, given)
		}
	}
	if covered == 0 {
		t.Error("no scope covered another")
	}
}

// randomScope has hours that begin and end on a quarter of an hour.
func randomScope(random *rand.Rand) devices.Scope {
	var s devices.Scope
	for _, p := range []devices.Place{{Site: "a"}, {Site: "a", Zone: "a1"}, {Site: "b"}, {Site: "b", Zone: "b1"}} {
		if random.IntN(3) == 0 {
			s.Places = append(s.Places, p)
		}
	}
	for range random.IntN(3) {
		from, length := random.IntN(96)*15, 15+random.IntN(95)*15
		to := (from + length) % 1440
		if to == 0 {
			to = 1440
		}
		var days []time.Weekday
		for d := time.Sunday; d <= time.Saturday; d++ {
			if random.IntN(2) == 0 {
				days = append(days, d)
			}
		}
		if from != to && len(days) > 0 {
			s.Hours = append(s.Hours, devices.Span{Days: days, From: from, To: to})
		}
	}
	return s
}
