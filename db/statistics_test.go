package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/statistics"
	"gatehouse/prove"
)

// TestAMonthOfALargeSiteIsSummedUpWithinASecond reads what the page of statistics
// shows: every device's days and connections of a month.
func TestAMonthOfALargeSiteIsSummedUpWithinASecond(t *testing.T) {
	n := prove.Size(50, 1000)
	const days = 100 // kept, of which 30 are asked for
	d, known := busySite(t, n, days)
	began := time.Now()
	in := presence.Period{From: start.AddDate(0, 0, -29), To: start.AddDate(0, 0, 1)}
	ids := make([]devices.DeviceID, n)
	for i, k := range known {
		ids[i] = k.ID
	}
	list, err := d.Statistics().Days(context.Background(), ids, in.From.Format(time.DateOnly), start.Format(time.DateOnly))
	ok(t, err)
	var sum statistics.Counts
	for _, day := range list {
		sum.Merge(day.Counts)
	}
	online, err := d.Devices().SiteSpans(context.Background(), "s", in)
	ok(t, err)
	var total presence.Availability
	for _, k := range known {
		total = total.Add(presence.Available(online[k.ID], []presence.Period{in}, 5*time.Second, in))
	}
	took := time.Since(began)
	if len(list) != 30*n || total.Drops != 30*spans*n || sum.Orders == 0 {
		t.Errorf("%d days, %d drops", len(list), total.Drops)
	}
	prove.Record(t, fmt.Sprintf("statistics of %d devices over 30 days, of %d that are kept", n, days), "1 s", took.Round(time.Millisecond).String())
	if prove.Full() && took > time.Second {
		t.Errorf("it took %s", took)
	}
}

const spans = 4 // connections of a day of busySite

// busySite is a site of n gates that have counted for some days.
func busySite(t testing.TB, n, days int) (*DB, []devices.Device) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	d := opened(t)
	known := make([]devices.Device, n)
	for i := range known {
		known[i] = devices.Device{ID: devices.DeviceID(fmt.Sprintf("g-%04d", i)), Site: "s", Zone: "z", Kind: devices.Gate, Name: "Gate", Created: start.AddDate(0, 0, -days)}
	}
	register(t, d, known[0])
	_, err := d.Devices().AddRoster(context.Background(), nil, known[1:], nil, nil)
	ok(t, err)
	for day := range days {
		at := start.AddDate(0, 0, -day)
		ok(t, d.write(context.Background(), "test", normal, func(tx *gorm.DB) error {
			for i := range known {
				if err := addDay(tx, statistics.Day{Device: known[i].ID, Day: at.Format(time.DateOnly), Counts: busyDay(r)}); err != nil {
					return err
				}
				for s := range spans {
					up := at.Add(time.Duration(s) * time.Hour)
					if err := tx.Exec("INSERT INTO connections VALUES (?, ?, ?, 'keep-alive', '', 0)", known[i].ID, stamp(up), stamp(up.Add(59*time.Minute))).Error; err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
	return d, known
}

// BenchmarkSeriesOfAMonthOfALargeSite asks for the charts of a month of 1,000 devices.
func BenchmarkSeriesOfAMonthOfALargeSite(b *testing.B) {
	d, known := busySite(b, 1000, 30)
	s := statistics.New(statistics.Deps{Store: d.Statistics(), Places: largeSite{d, known}})
	for b.Loop() {
		series, err := s.Series(context.Background(), statistics.Query{Site: "s"})
		if err != nil || len(series.Days) != 30 || series.Days[29].Counts.Orders != 20_000 || series.Days[29].Presence.Drops != spans*1000 {
			b.Fatalf("%d days, %v", len(series.Days), err)
		}
	}
}

// largeSite is a statistics.Places over busySite.
type largeSite struct {
	db    *DB
	known []devices.Device
}

func (l largeSite) Site(id devices.SiteID) (devices.Site, error) { return devices.Site{ID: id}, nil }
func (l largeSite) Clock(devices.SiteID) *time.Location          { return time.UTC }
func (l largeSite) Retired() []devices.Live                      { return nil }
func (l largeSite) Line(id devices.DeviceID) []devices.DeviceID  { return []devices.DeviceID{id} }
func (l largeSite) Devices() []devices.Live {
	return mapped(l.known, func(d devices.Device) devices.Live { return devices.Live{Device: d} })
}

func (l largeSite) SiteAvailability(context.Context, devices.SiteID, presence.Period) (map[devices.DeviceID]presence.Availability, error) {
	return nil, nil
}

func (l largeSite) Days(devices.SiteID, devices.Days, int, int) (days []devices.Period, err error) {
	for i := range 30 {
		at := start.UTC().Truncate(24*time.Hour).AddDate(0, 0, i-29)
		days = append(days, devices.Period{Day: at.Format(time.DateOnly), Period: presence.Period{From: at, To: at.AddDate(0, 0, 1)}})
	}
	return days, nil
}

func (l largeSite) DailyAvailability(ctx context.Context, s devices.SiteID, of []devices.DeviceID, days []devices.Period) (map[devices.DeviceID][]presence.Day, error) {
	in := mapped(days, func(d devices.Period) presence.Period { return d.Period })
	whole := presence.Period{From: in[0].From, To: in[len(in)-1].To}
	online, err := l.db.Devices().SiteSpans(ctx, s, whole)
	all := make(map[devices.DeviceID][]presence.Day, len(of))
	for _, id := range of {
		all[id] = presence.Daily(online[id], []presence.Period{whole}, 5*time.Second, in)
	}
	return all, err
}

func busyDay(r *rand.Rand) statistics.Counts {
	c := statistics.Counts{Passages: map[string]statistics.Hours{}}
	for range 20 {
		c.Orders++
		c.Confirmed.Add(time.Duration(300+r.IntN(3000)) * time.Millisecond)
		c.Uploads.Add(time.Duration(r.IntN(800)) * time.Millisecond)
	}
	for _, direction := range []string{"in", "out"} {
		var h statistics.Hours
		for range 200 {
			h[r.IntN(24)]++
		}
		c.Passages[direction] = h
	}
	return c
}
