package statistics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/statistics"
	"gatehouse/prove"
)

// past is a site of which days were counted and connections kept at random.
type past struct {
	property
	list    []devices.Live
	retired []devices.Live
	days    []devices.Period
	known   []presence.Period
	spans   map[devices.DeviceID][]presence.Span
	stored  []statistics.Day
}

func (p *past) Devices() []devices.Live { return p.list }
func (p *past) Retired() []devices.Live { return p.retired }

func (p *past) Days(devices.SiteID, devices.Days, int, int) ([]devices.Period, error) {
	return p.days, nil
}

func (p *past) SiteAvailability(_ context.Context, _ devices.SiteID, in presence.Period) (map[devices.DeviceID]presence.Availability, error) {
	all := map[devices.DeviceID]presence.Availability{}
	for _, l := range append(p.list, p.retired...) {
		all[l.Device.ID] = presence.Available(p.spans[l.Device.ID], p.known, 5*time.Second, in)
	}
	return all, nil
}

func (p *past) DailyAvailability(_ context.Context, _ devices.SiteID, of []devices.DeviceID, days []devices.Period) (map[devices.DeviceID][]presence.Day, error) {
	list := make([]presence.Period, len(days))
	for i, d := range days {
		list[i] = d.Period
	}
	all := map[devices.DeviceID][]presence.Day{}
	for _, id := range of {
		all[id] = presence.Daily(p.spans[id], p.known, 5*time.Second, list)
	}
	return all, nil
}

func (*past) Pending(context.Context, int) (statistics.Pending, error) {
	return statistics.Pending{}, nil
}

func (*past) Count(context.Context, []statistics.Day, statistics.Pending) error { return nil }
func (*past) Forget(context.Context, string) (bool, error)                      { return false, nil }

func (p *past) countedOf(of []devices.DeviceID) (days []statistics.Day) {
	for _, d := range p.stored {
		for _, id := range of {
			if d.Device == id {
				days = append(days, d)
			}
		}
	}
	return days
}

// kept is past as a Store.
type kept struct{ *past }

func (k kept) Days(_ context.Context, of []devices.DeviceID, _, _ string) ([]statistics.Day, error) {
	return k.countedOf(of), nil
}

func randomPast(r *rand.Rand) *past {
	p := &past{spans: map[devices.DeviceID][]presence.Span{}, known: []presence.Period{{From: day(-100), To: day(60)}, {From: day(61), To: day(400)}}}
	for i := range 1 + r.IntN(10) {
		from := day(24 * i)
		p.days = append(p.days, devices.Period{Day: from.Format(time.DateOnly), Period: presence.Period{From: from, To: from.Add(24 * time.Hour)}})
	}
	for i := range 8 {
		d := devices.Device{ID: devices.DeviceID(fmt.Sprint("g", i)), Site: "s1", Zone: devices.ZoneID(fmt.Sprint("z", i%2)), Kind: devices.Kinds()[i%3]}
		if i > 5 {
			d.Retired = day(50)
			p.retired = append(p.retired, devices.Live{Device: d})
		} else {
			p.list = append(p.list, devices.Live{Device: d})
		}
		at := day(-30)
		for range r.IntN(12) {
			s := presence.Span{Up: at, Down: at.Add(time.Duration(r.IntN(40)) * time.Hour), Cause: presence.CauseLost}
			at = s.Down.Add(time.Duration(1+r.IntN(9000)) * time.Second)
			p.spans[d.ID] = append(p.spans[d.ID], s)
		}
		for _, on := range p.days {
			if r.IntN(3) > 0 && i != 7 {
				p.stored = append(p.stored, statistics.Day{Device: d.ID, Day: on.Day, Counts: randomCounts(r)})
			}
		}
	}
	return p
}

func randomCounts(r *rand.Rand) statistics.Counts {
	c := statistics.Counts{Orders: r.Uint64N(9), Denied: r.Uint64N(3), Passages: map[string]statistics.Hours{}}
	for _, direction := range []string{"in", "out", ""}[:r.IntN(4)] {
		var h statistics.Hours
		h[r.IntN(24)] = r.Uint64N(100)
		c.Passages[direction] = h
	}
	for range r.IntN(5) {
		c.Confirmed.Add(time.Duration(r.IntN(5000)) * time.Millisecond)
		c.Uploads.Add(time.Duration(r.IntN(5000)) * time.Millisecond)
	}
	return c
}

func TestTheDaysOfASeriesAreTogetherTheSumOfTheReport(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	for range prove.Size(200, 5000) {
		p := randomPast(r)
		s := statistics.New(statistics.Deps{Store: kept{p}, Places: p})
		q := statistics.Query{Site: "s1"}
		if r.IntN(2) == 0 {
			q.Zone = "z1"
		}
		if r.IntN(2) == 0 {
			q.Kind = devices.Turnstile
		}
		report, err := s.Report(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		series, err := s.Series(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var counts statistics.Counts
		var online presence.Availability
		for _, d := range series.Days {
			counts.Merge(d.Counts)
			online = online.Add(d.Presence.Availability)
		}
		if diff := cmp.Diff(report.Sum.Counts, counts, sameBuckets); diff != "" {
			t.Fatalf("%+v: counts (-report +series):\n%s", q, diff)
		}
		if diff := cmp.Diff(report.Sum.Availability, online); diff != "" {
			t.Fatalf("%+v: availability (-report +series):\n%s", q, diff)
		}
		if len(series.Days) != len(p.days) || series.Days[0].Day != report.First || series.Period != report.Period {
			t.Fatalf("%d days from %s, want %d", len(series.Days), series.Days[0].Day, len(p.days))
		}
	}
}

// sameBuckets compares histograms by what they say.
var sameBuckets = cmp.Comparer(func(a, b statistics.Histogram) bool {
	for _, q := range []float64{0, 0.1, 0.25, 0.5, 0.75, 0.95, 1} {
		if a.Quantile(q) != b.Quantile(q) {
			return false
		}
	}
	return a.Count == b.Count && a.Max == b.Max
})

func TestASeriesHasNothingOfWhatIsOutOfReach(t *testing.T) {
	t.Parallel()
	p := randomPast(rand.New(rand.NewPCG(uint64(prove.Seed(t)), 2)))
	s := statistics.New(statistics.Deps{Store: kept{p}, Places: p})
	series, err := s.Series(t.Context(), statistics.Query{Site: "s1", Within: &devices.Reach{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range series.Days {
		if d.Counts.Orders+d.Counts.Passed()+d.Counts.Denied != 0 || d.Presence.Up+d.Presence.Down+d.Presence.Unknown != 0 {
			t.Errorf("%s: %+v", d.Day, d)
		}
	}
}
