package statistics_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/statistics"
)

// oneBatch is a Store that has one batch pending and keeps what is counted.
type oneBatch struct {
	pending statistics.Pending
	counted []statistics.Day
}

func (s *oneBatch) Pending(context.Context, int) (statistics.Pending, error) {
	if s.counted != nil {
		return statistics.Pending{}, nil
	}
	return s.pending, nil
}

func (s *oneBatch) Count(_ context.Context, added []statistics.Day, _ statistics.Pending) error {
	s.counted = added
	return nil
}

func (s *oneBatch) Days(context.Context, []devices.DeviceID, string, string) ([]statistics.Day, error) {
	return s.counted, nil
}

func (*oneBatch) Forget(context.Context, string) (bool, error) { return false, nil }

var shanghai = time.FixedZone("CST", 8*60*60)

// property is one site in Shanghai with two gates in service and one that is retired.
type property struct{}

func (property) Site(id devices.SiteID) (devices.Site, error) {
	if id != "s1" {
		return devices.Site{}, &devices.Error{Code: devices.NotFound}
	}
	return devices.Site{ID: id}, nil
}

func (property) Clock(devices.SiteID) *time.Location { return shanghai }

func (property) Devices() []devices.Live {
	fast := devices.Live{Device: devices.Device{ID: "g1", Site: "s1", Name: "B"}}
	fast.State.Drift = devices.Drift{By: 10 * time.Second, At: day(0)}
	return []devices.Live{fast, {Device: devices.Device{ID: "g2", Site: "s1", Name: "A"}}, {Device: devices.Device{ID: "g9", Site: "s9"}}}
}

func (property) Retired() []devices.Live {
	return []devices.Live{{Device: devices.Device{ID: "g3", Site: "s1", Name: "C", Retired: day(0)}}}
}

func (property) Line(id devices.DeviceID) []devices.DeviceID {
	if id == "g2" {
		return []devices.DeviceID{"g2", "g3", "g8"} // g8 stood elsewhere
	}
	return []devices.DeviceID{id}
}

func (property) Days(_ devices.SiteID, d devices.Days, _, _ int) ([]devices.Period, error) {
	if d.First == "wrong" {
		return nil, &devices.Error{Code: devices.Invalid, Field: "from"}
	}
	return []devices.Period{{Day: "2026-11-21", Period: presence.Period{From: day(0), To: day(24)}}}, nil
}

func (property) SiteAvailability(context.Context, devices.SiteID, presence.Period) (map[devices.DeviceID]presence.Availability, error) {
	return map[devices.DeviceID]presence.Availability{"g1": {Up: time.Hour}, "g2": {Down: 3 * time.Hour, Outages: 1}}, nil
}

func (property) DailyAvailability(_ context.Context, _ devices.SiteID, of []devices.DeviceID, _ []devices.Period) (map[devices.DeviceID][]presence.Day, error) {
	all := map[devices.DeviceID][]presence.Day{}
	for _, id := range of {
		all[id] = []presence.Day{{Availability: presence.Availability{Down: time.Hour}, Lost: []presence.Loss{{Cause: "kicked", Time: time.Hour}}}}
	}
	return all, nil
}

func day(hour int) time.Time { return time.Date(2026, 11, 21, hour, 0, 0, 0, time.UTC) }

func counted(t *testing.T, p statistics.Pending, q statistics.Query) statistics.Report {
	t.Helper()
	p.To = statistics.Position{Event: 1}
	r, err := statistics.New(statistics.Deps{Store: &oneBatch{pending: p}, Places: property{}}).Report(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAPassageCountsInTheHourOfItsSite(t *testing.T) {
	t.Parallel()
	said := func(d devices.DeviceID, direction, result string, hour int) statistics.Said {
		at := day(hour).Add(time.Minute)
		return statistics.Said{Device: d, Site: "s1", Type: "passage", Direction: direction, Result: result, DeviceTime: at, ArrivedAt: at}
	}
	other := said("g1", "", "", 3)
	other.Type = "movement"
	r := counted(t, statistics.Pending{Events: []statistics.Said{
		said("g1", "in", "granted", 3), said("g1", "in", "", 3), said("g1", "out", "granted", 3), said("g2", "in", "denied", 4), other,
	}}, statistics.Query{Site: "s1"})
	if len(r.Devices) != 2 || r.Devices[0].Device.Name != "A" || r.First != "2026-11-21" {
		t.Fatalf("%+v", r)
	}
	if h := r.Sum.Counts.Passages["in"]; h[11] != 2 || r.Sum.Counts.Passed() != 3 || r.Sum.Counts.Denied != 1 || r.Sum.Counts.Uploads.Count != 5 {
		t.Errorf("%+v", r.Sum.Counts)
	}
	if a := r.Sum.Availability; a.Up != time.Hour || a.Down != 3*time.Hour || a.Outages != 1 {
		t.Errorf("%+v", a)
	}
}

func TestADeviceIsCountedWithThoseWhosePlaceItTook(t *testing.T) {
	t.Parallel()
	said := func(d devices.DeviceID) statistics.Said {
		return statistics.Said{Device: d, Site: "s1", Type: "passage", Direction: "in", Result: "granted", DeviceTime: day(3), ArrivedAt: day(3)}
	}
	all := statistics.Pending{Events: []statistics.Said{said("g1"), said("g2"), said("g3"), said("g3")}}
	r := counted(t, all, statistics.Query{Site: "s1", Device: "g2"})
	if n := r.Sum.Counts.Passed(); len(r.Devices) != 2 || n != 3 {
		t.Errorf("%d passages of %d devices, want 3 of 2", n, len(r.Devices))
	}
	if r := counted(t, all, statistics.Query{Site: "s1", Device: "g1"}); len(r.Devices) != 1 || r.Sum.Counts.Passed() != 1 {
		t.Errorf("%+v", r)
	}
}

func TestALatePassageCountsInTheHourInWhichItWas(t *testing.T) {
	t.Parallel()
	said := func(d devices.DeviceID, at time.Time) statistics.Said {
		return statistics.Said{Device: d, Site: "s1", Type: "passage", Direction: "in", Result: "granted", DeviceTime: at, ArrivedAt: day(8)}
	}
	r := counted(t, statistics.Pending{Events: []statistics.Said{
		said("g1", day(1).Add(5*time.Second)), // its clock is 10 s ahead: it was in the hour before
		said("g1", day(1).Add(time.Hour)),
		said("g1", day(9)), said("g1", time.Time{}), // cannot be
		said("g2", day(1)), // nobody knows how wrong its clock is
	}}, statistics.Query{Site: "s1"})
	want := statistics.Hours{8: 1, 9: 1, 16: 3}
	if h := r.Sum.Counts.Passages["in"]; h != want || r.Sum.Counts.Uploads.Count != 5 {
		t.Errorf("%+v", h)
	}
}

func TestALateEventIsMeasuredByTheDevicesOwnClock(t *testing.T) {
	t.Parallel()
	e := statistics.Said{Device: "g1", Site: "s1", Type: "movement", DeviceTime: day(3).Add(10 * time.Second), ArrivedAt: day(3).Add(4 * time.Second)}
	r := counted(t, statistics.Pending{Events: []statistics.Said{e}}, statistics.Query{Site: "s1", Device: "g1"})
	if got := r.Sum.Counts.Uploads.Max; len(r.Devices) != 1 || got != 4*time.Second {
		t.Errorf("%s of %d devices", got, len(r.Devices)) // its clock is 10 s ahead
	}
}

func TestOnlyASeenEffectHasATime(t *testing.T) {
	t.Parallel()
	r := counted(t, statistics.Pending{Orders: []statistics.Ended{
		{Device: "g3", Site: "s1", Issued: day(3), Took: 1500 * time.Millisecond}, {Device: "g3", Site: "s1", Issued: day(3), Took: -1},
	}}, statistics.Query{Site: "s1"})
	c := r.Sum.Counts
	if len(r.Devices) != 3 || c.Orders != 2 || c.Confirmed.Count != 1 || c.Confirmed.Max != 1500*time.Millisecond {
		t.Errorf("%d devices, %+v", len(r.Devices), c)
	}
}

func TestAQuestionThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := statistics.New(statistics.Deps{Store: &oneBatch{}, Places: property{}})
	if _, err := s.Report(t.Context(), statistics.Query{Site: "none"}); devices.CodeOf(err) != devices.NotFound {
		t.Error(err)
	}
	if _, err := s.Report(t.Context(), statistics.Query{Site: "s1", Days: devices.Days{First: "wrong"}}); devices.CodeOf(err) != devices.Invalid {
		t.Error(err)
	}
	var refused *devices.Error
	if _, err := s.Series(t.Context(), statistics.Query{Site: "s1", Kind: "lift"}); !errors.As(err, &refused) || refused.Field != "kind" {
		t.Error(err)
	}
}
