package presence_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices/presence"
	"gatehouse/prove"
)

// randomSpans are connections of ten days, some of them without an end because the
// clock was set back or the device is online.
func randomSpans(r *rand.Rand, n int) (spans []presence.Span) {
	causes := []string{presence.CauseLost, presence.CauseKeepAlive, presence.CauseShutdown}
	at := t0.Add(-time.Duration(r.IntN(48)) * time.Hour)
	for range n {
		s := presence.Span{Up: at, Down: at.Add(time.Duration(r.Int64N(int64(9 * time.Hour)))), Cause: causes[r.IntN(len(causes))]}
		at = s.Down.Add(time.Duration(r.Int64N(int64(3*time.Hour))) - time.Minute)
		spans = append(spans, s)
	}
	if n > 0 && r.IntN(2) == 0 {
		spans[n-1].Down, spans[n-1].Cause = time.Time{}, ""
	}
	return spans
}

func TestTheDaysOfADeviceAreTogetherWhatTheWholeTimeIs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	for range prove.Size(500, 20_000) {
		var known, days []presence.Period
		for at := t0.Add(time.Duration(r.IntN(20)-10) * time.Hour); len(known) < r.IntN(6); {
			p := presence.Period{From: at, To: at.Add(time.Duration(r.IntN(90)) * time.Hour)}
			known, at = append(known, p), p.To.Add(time.Duration(r.IntN(10))*time.Hour)
		}
		for i := range 10 {
			days = append(days, presence.Period{From: t0.Add(time.Duration(i) * 24 * time.Hour), To: t0.Add(time.Duration(i+1) * 24 * time.Hour)})
		}
		spans := randomSpans(r, r.IntN(40))
		var sum presence.Day
		for i, d := range presence.Daily(spans, known, time.Minute, days) {
			var lost time.Duration
			for _, l := range d.Lost {
				lost += l.Time
			}
			if lost != d.Down {
				t.Fatalf("day %d: %s are missing, and causes are told of %s", i, d.Down, lost)
			}
			sum = sum.Add(d)
		}
		want := presence.Available(spans, known, time.Minute, presence.Period{From: days[0].From, To: days[9].To})
		if diff := cmp.Diff(want, sum.Availability); diff != "" {
			t.Fatalf("spans %v\nknown %v\n(-whole +days):\n%s", spans, known, diff)
		}
	}
}

func TestWhatIsMissingHasTheCauseOfTheEndBeforeIt(t *testing.T) {
	t.Parallel()
	hour := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }
	spans := []presence.Span{
		{Up: hour(2), Down: hour(10), Cause: presence.CauseLost},
		{Up: hour(11), Down: hour(20), Cause: presence.CauseKeepAlive}, // over midnight
		{Up: hour(30)},
	}
	days := []presence.Period{{From: hour(0), To: hour(24)}, {From: hour(24), To: hour(48)}}
	got := presence.Daily(spans, []presence.Period{{From: hour(0), To: hour(40)}}, time.Minute, days)
	want := []presence.Day{
		{
			Availability: presence.Availability{Up: 17 * time.Hour, Down: 7 * time.Hour, Drops: 2, Outages: 2},
			Lost:         []presence.Loss{{Cause: presence.CauseKeepAlive, Time: 4 * time.Hour}, {Cause: "", Time: 2 * time.Hour}, {Cause: presence.CauseLost, Time: time.Hour}},
		},
		{
			Availability: presence.Availability{Up: 10 * time.Hour, Down: 6 * time.Hour, Unknown: 8 * time.Hour},
			Lost:         []presence.Loss{{Cause: presence.CauseKeepAlive, Time: 6 * time.Hour}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
