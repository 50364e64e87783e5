// Package storetest is the suite that every statistics.Store must pass.
package storetest

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/statistics"
)

// World is a new store with the devices.Store beside it, whose events and orders it
// counts.
type World struct {
	Statistics statistics.Store
	Devices    devices.Store
}

// RunStoreTests checks every promise of statistics.Store. open gives a new World that
// knows these devices, their sites and zones; it closes it by t.Cleanup if it has to.
func RunStoreTests(t *testing.T, open func(t *testing.T, known ...devices.Device) World) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, w World)
	}{
		{"WhatIsCommittedIsPendingOnce", pendingOnce},
		{"OrdersArePendingWhenTheyHaveEnded", ordersEnd},
		{"PendingIsLimitedAndInOrder", limited},
		{"DaysAddUp", addUp},
		{"NothingIsCountedTwice", notTwice},
		{"DaysOfOneSiteAreChosen", chosen},
		{"OldDaysAreForgotten", forgotten},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t, gate("g1", "s1"), gate("g2", "s2"))) })
	}
}

func gate(id devices.DeviceID, site devices.SiteID) devices.Device {
	return devices.Device{ID: id, Site: site, Zone: "zone-of-" + devices.ZoneID(site), Kind: devices.Gate, Name: "Gate " + string(id), Created: at(0)}
}

func at(second int) time.Time { return time.Date(2026, 11, 21, 7, 0, second, 0, time.UTC) }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w World) passage(t *testing.T, n int) {
	t.Helper()
	_, _, err := w.Devices.AddEvent(context.Background(), devices.Event{
		Device: "g1", ID: devices.EventID(strings.Repeat("e", n+1)), Site: "s1", Zone: "zone-of-s1", Type: "passage", Direction: "in",
		Result: "granted", DeviceTime: at(n), ArrivedAt: at(n + 1),
	})
	ok(t, err)
}

func (w World) pending(t *testing.T, limit int) statistics.Pending {
	t.Helper()
	p, err := w.Statistics.Pending(context.Background(), limit)
	ok(t, err)
	return p
}

func (w World) days(t *testing.T, d devices.DeviceID, first, last string) []statistics.Day {
	t.Helper()
	days, err := w.Statistics.Days(context.Background(), []devices.DeviceID{d}, first, last)
	ok(t, err)
	slices.SortFunc(days, func(a, b statistics.Day) int { return strings.Compare(a.Day, b.Day) })
	return days
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0), cmp.Exporter(func(reflect.Type) bool { return true })); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

func pendingOnce(t *testing.T, w World) {
	equal(t, "an empty store", w.pending(t, 10), statistics.Pending{})
	w.passage(t, 0)
	p := w.pending(t, 10)
	want := []statistics.Said{{Device: "g1", Site: "s1", Type: "passage", Direction: "in", Result: "granted", DeviceTime: at(0), ArrivedAt: at(1)}}
	equal(t, "events", p.Events, want)
	ok(t, w.Statistics.Count(context.Background(), nil, p))
	if again := w.pending(t, 10); again.From != again.To || again.From != p.To || len(again.Events) != 0 {
		t.Errorf("still pending: %+v", again)
	}
}

func ordersEnd(t *testing.T, w World) {
	ctx := context.Background()
	seq := at(5).UnixMilli()
	order := func(id string, action devices.Action, steps ...command.Rung) devices.Command {
		seq++
		c := devices.Command{
			ID: devices.CommandID(id), Device: "g1", Site: "s1", Zone: "zone-of-s1", Seq: seq, Key: "key-" + id, Action: action, Issued: at(5), TTL: time.Second,
			Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: at(5)}}},
		}
		stored, _, err := w.Devices.AddCommand(ctx, c, devices.AuditEntry{Verb: "device.command", Detail: "{}"})
		ok(t, err)
		for _, r := range steps {
			stored.Ladder, _ = command.Record(stored.Ladder, r)
			_, err := w.Devices.SaveLadder(ctx, stored)
			ok(t, err)
		}
		return stored
	}
	order("open", devices.ActionOpen)
	order("mode", devices.ActionMode, command.Rung{Step: command.Refused, At: at(6)})
	order("done", devices.ActionOpen, command.Rung{Step: command.Done, At: at(6)}, command.Rung{Step: command.Confirmed, At: at(7)}, command.Rung{Step: command.Delivered, At: at(9)})
	order("lost", devices.ActionOpen, command.Rung{Step: command.Failed, At: at(6)})
	p := w.pending(t, 10)
	equal(t, "orders", p.Orders, []statistics.Ended{
		{Device: "g1", Site: "s1", Issued: at(5), Took: 2 * time.Second}, {Device: "g1", Site: "s1", Issued: at(5), Took: -1},
	})
	ok(t, w.Statistics.Count(ctx, nil, p))
	equal(t, "counted", len(w.pending(t, 10).Orders), 0)
}

func limited(t *testing.T, w World) {
	for n := range 5 {
		w.passage(t, n)
	}
	var seen []time.Time
	for range 3 {
		p := w.pending(t, 2)
		for _, e := range p.Events {
			seen = append(seen, e.ArrivedAt)
		}
		ok(t, w.Statistics.Count(context.Background(), nil, p))
	}
	equal(t, "events", seen, []time.Time{at(1), at(2), at(3), at(4), at(5)})
}

func counts(orders uint64, took time.Duration, hour int) statistics.Counts {
	var hours statistics.Hours
	hours[hour] = orders
	c := statistics.Counts{Orders: orders, Passages: map[string]statistics.Hours{"in": hours}}
	c.Confirmed.Add(took)
	return c
}

func addUp(t *testing.T, w World) {
	ctx := context.Background()
	w.passage(t, 0)
	ok(t, w.Statistics.Count(ctx, []statistics.Day{{Device: "g1", Day: "2026-11-21", Counts: counts(2, time.Second, 7)}}, w.pending(t, 10)))
	w.passage(t, 1)
	ok(t, w.Statistics.Count(ctx, []statistics.Day{{Device: "g1", Day: "2026-11-21", Counts: counts(3, time.Minute, 7)}}, w.pending(t, 10)))
	want := counts(2, time.Second, 7)
	want.Merge(counts(3, time.Minute, 7))
	equal(t, "days", w.days(t, "g1", "2026-11-01", "2026-11-30"), []statistics.Day{{Device: "g1", Day: "2026-11-21", Counts: want}})
}

func notTwice(t *testing.T, w World) {
	ctx := context.Background()
	w.passage(t, 0)
	p := w.pending(t, 10)
	day := []statistics.Day{{Device: "g1", Day: "2026-11-21", Counts: counts(1, time.Second, 7)}}
	ok(t, w.Statistics.Count(ctx, day, p))
	if err := w.Statistics.Count(ctx, day, p); devices.CodeOf(err) != devices.Conflict {
		t.Errorf("counted twice: %v", err)
	}
	equal(t, "days", w.days(t, "g1", "2026-11-21", "2026-11-21")[0].Counts.Orders, uint64(1))
}

func chosen(t *testing.T, w World) {
	var days []statistics.Day
	for _, d := range []devices.DeviceID{"g1", "g2"} {
		for _, day := range []string{"2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"} {
			days = append(days, statistics.Day{Device: d, Day: day, Counts: counts(1, time.Second, 3)})
		}
	}
	w.passage(t, 0)
	ok(t, w.Statistics.Count(context.Background(), days, w.pending(t, 10)))
	equal(t, "days", w.days(t, "g1", "2026-11-01", "2026-11-30"), days[1:3])
	equal(t, "of nobody", len(w.days(t, "g9", "2026-11-01", "2026-11-30")), 0)
}

func forgotten(t *testing.T, w World) {
	ctx := context.Background()
	w.passage(t, 0)
	ok(t, w.Statistics.Count(ctx, []statistics.Day{
		{Device: "g1", Day: "2026-01-01", Counts: counts(1, 1, 0)}, {Device: "g1", Day: "2026-02-01", Counts: counts(1, 1, 0)},
	}, w.pending(t, 10)))
	if more, err := w.Statistics.Forget(ctx, "2026-02-01"); more || err != nil {
		t.Error(more, err)
	}
	left := w.days(t, "g1", "2000-01-01", "2100-01-01")
	if len(left) != 1 || left[0].Day != "2026-02-01" {
		t.Errorf("left are %+v", left)
	}
}
