package devices

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestDaysFollowEachOtherWithoutGapOrOverlap holds in every zone, over every
// change of the clocks.
func TestDaysFollowEachOtherWithoutGapOrOverlap(t *testing.T) {
	t.Parallel()
	names := []string{
		"Asia/Shanghai", "Asia/Beirut", "America/Havana", "Europe/London", "America/New_York", "Pacific/Apia",
		"America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "America/Asuncion", "UTC",
	}
	rapid.Check(t, func(t *rapid.T) {
		clock, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(946684800, 2208988800).Draw(t, "at"), 0)
		day, from, to := dayOf(clock, at)
		if at.Before(from) || !at.Before(to) {
			t.Fatalf("%v is not within %s, from %v to %v", at, day, from, to)
		}
		next, start, _ := dayOf(clock, to)
		if next <= day || !start.Equal(to) {
			t.Fatalf("%s ends at %v, %s begins at %v", day, to, next, start)
		}
		if last, _, _ := dayOf(clock, to.Add(-time.Nanosecond)); last != day {
			t.Fatalf("the last instant of %s is of %s", day, last)
		}
		if first, _, _ := dayOf(clock, from); first != day {
			t.Fatalf("the first instant of %s is of %s", day, first)
		}
	})
}
