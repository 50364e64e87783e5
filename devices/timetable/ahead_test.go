package timetable_test

import (
	"testing"
	"time"

	"gatehouse/devices/timetable"
)

func TestATimetableOfAClockThatWasAYearAheadCountsOnceTheClockIsRight(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"while it runs": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.now = morning.AddDate(1, 0, 0).Add(2 * time.Hour)
			w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
			w.tick()
			w.wantHeld("g1 held_open until 09:00")
			w.now = morning
			if restart {
				w.start()
			}
			w.tick()
			w.wantHeld("")
			w.at("07:00:00")
			w.wantHeld("g1 held_open until 09:00")
			w.at("09:00:00")
			w.wantHeld("")
		})
	}
}

func TestAnEditAfterTheClockWentBackCountsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set("08:00:00")
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.tick()
	w.set("07:40:00")
	_, err := w.service.Pause(t.Context(), wang, v.ID, time.Time{})
	w.ok(err)
	w.tick()
	w.wantHeld("")
}

func TestWhatIsHeldNowIsHeldAfterARestartAlthoughTheClockWasAheadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.tick()
	w.now = w.now.AddDate(1, 0, 0)
	w.at("07:01:00")
	w.now = morning
	w.tick()
	w.wantHeld("")
	w.at("07:00:00")
	w.wantHeld("g1 held_open until 09:00")
	w.start()
	w.at("07:30:00")
	w.wantHeld("g1 held_open until 09:00")
	w.start()
	w.at("12:00:00")
	w.wantHeld("")
	if got := w.runs(timetable.RunQuery{To: w.now}); got != "09:00 ended controlled done; 07:00 began held_open done" {
		t.Errorf("runs are %q", got)
	}
}

func TestWhatWasOverByAClockThatWasAheadDoesNotBeginAgainAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.at("09:00:00")
	w.now = w.now.AddDate(0, 0, 1)
	w.at("07:00:00")
	w.at("09:00:00")
	w.now = w.now.AddDate(0, 0, -1)
	w.at("08:00:00")
	w.wantHeld("")
	w.start()
	w.tick()
	w.wantHeld("")
}

func TestAClockThatGoesBackOverTheEndOfNothingEndsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(closed(6*60+10, 6*60+30), closed(6*60+40, 9*60)), gate1)
	w.at("06:25:00") // too late for the first one, so that its end is none
	w.at("06:30:00")
	w.at("06:40:00")
	w.at("06:29:00")
	w.at("06:30:00")
	w.wantHeld("g1 held_closed until 09:00")
	w.at("06:40:00")
	w.at("09:00:00")
	w.wantRuns("09:00 ended controlled done; 06:40 began held_closed done; 06:10 began held_closed skipped (too late by 15m0s: nothing ran when it was due)")
}
