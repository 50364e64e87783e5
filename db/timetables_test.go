package db

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
	timetabletest "gatehouse/devices/timetable/storetest"
)

func TestTimetableStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	timetabletest.RunStoreTests(t, func(t *testing.T) timetable.Store { return opened(t).Timetables() })
}

func TestADaysTallyCountsTheSwitchesOfItsTimetables(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	register(t, d, gate)
	day := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	run := func(hour int, o timetable.Outcome) timetable.Run {
		return timetable.Run{Timetable: "a", Site: gate.Site, Due: day.Add(time.Duration(hour) * time.Hour), Claimed: day, Outcome: o}
	}
	before, err := d.Devices().Tally(ctx, gate.Site, day, day.AddDate(0, 0, 1))
	ok(t, err)
	_, err = d.Timetables().Claim(ctx, []timetable.Run{run(-1, timetable.Done), run(7, timetable.Claimed), run(8, timetable.Skipped), run(9, timetable.Uncertain), run(24, timetable.Done)})
	ok(t, err)
	ok(t, d.Timetables().Finish(ctx, []timetable.Run{run(7, timetable.Done)}, []timetable.Result{
		{Timetable: "a", Due: run(7, "").Due, Device: "x", At: day, Check: timetable.Offline}, {Timetable: "a", Due: run(7, "").Due, Device: "y", At: day, Check: timetable.Reached},
	}))
	got, err := d.Devices().Tally(ctx, gate.Site, day, day.AddDate(0, 0, 1))
	ok(t, err)
	if want := (devices.Switches{Done: 1, Skipped: 2, NotReached: 1}); got.Switches != want {
		t.Errorf("got %+v, want %+v", got.Switches, want)
	}
	if got.Revision != before.Revision+2 {
		t.Errorf("its revision went from %d to %d", before.Revision, got.Revision)
	}
}
