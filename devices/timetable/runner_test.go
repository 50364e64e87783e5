package timetable_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
)

func TestATimetableHoldsItsOpeningsForItsPeriods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60), closed(22*60, timetable.EndOfDay)), zoneZ)
	w.at("06:59:59")
	w.wantHeld("")
	w.at("07:00:00")
	w.wantHeld("g1 held_open until 09:00, g2 held_open until 09:00, t1in held_open until 09:00, t1out held_open until 09:00")
	if got := w.results(); got != "g1 set, g2 set, t1in set, t1out set" {
		t.Errorf("results %q", got)
	}
	w.at("09:00:00")
	w.wantHeld("")
	w.at("22:00:00")
	w.wantHeld("g1 held_closed until 00:00, g2 held_closed until 00:00, t1in held_closed until 00:00, t1out held_closed until 00:00")
	w.wantRuns("22:00 began held_closed done; 09:00 ended controlled done; 07:00 began held_open done")
}

func TestWhatATimetableSaysOfThePresentMomentCountsAsSoonAsItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set("08:00:00")
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
	d := timetable.Draft{Name: "later", Week: everyDay(open(10*60, 11*60)), Targets: []timetable.Target{gate1}}
	w.set("08:10:00")
	_, err := w.service.Update(t.Context(), wang, v.ID, d)
	w.ok(err)
	w.tick()
	w.wantHeld("")
	w.set("10:30:00")
	w.tick() // the server was away at ten o'clock, for longer than five minutes
	w.wantHeld("")
	w.ok(w.service.Delete(t.Context(), wang, v.ID))
	w.wantRuns("10:00 began held_open skipped (too late by 30m0s: nothing ran when it was due); 08:10 edited controlled done; 08:00 edited held_open done")
}

func TestDeletingReleasesWhatItHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.ok(w.service.Delete(t.Context(), wang, v.ID))
	w.tick()
	w.wantHeld("")
	if _, err := w.service.Get(t.Context(), v.ID); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("it is there still: %v", err)
	}
}

func TestPeriodsThatFollowEachOtherAreOneStretch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("day", everyDay(open(0, 8*60), open(8*60, 20*60)), gate1)
	w.create("evening", everyDay(open(20*60, 21*60)), zoneZ)
	w.tick()
	w.at("07:00:00")
	w.wantHeld("g1 held_open until 21:00")
	before := len(w.switched)
	w.at("08:00:00")
	w.wantHeld("g1 held_open until 21:00")
	if len(w.switched) != before {
		t.Errorf("between two periods was switched %v", w.switched[before:])
	}
}

func TestTheMostExactTimetableCountsAndOfEqualsTheOneThatCloses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("whole site", everyDay(open(7*60, 12*60)), site)
	w.create("zone", everyDay(closed(8*60, 11*60)), zoneZ)
	w.create("gate", everyDay(open(9*60, 10*60)), gate1)
	w.create("gate, too", everyDay(closed(9*60+30, 10*60)), gate1)
	w.at("07:00:00")
	if got := w.layers[place{"g1", ""}].Mode; got != devices.HeldOpen {
		t.Errorf("by the site g1 is %s", got)
	}
	w.at("08:00:00")
	w.wantHeld("g1 held_closed until 09:00, g2 held_closed until 11:00, g3 held_open until 12:00, t1in held_closed until 11:00, t1out held_closed until 11:00")
	w.at("09:00:00")
	if l := w.layers[place{"g1", ""}]; l.Mode != devices.HeldOpen || l.By.Name != "gate" {
		t.Errorf("by the gate's own it is %s by %s", l.Mode, l.By.Name)
	}
	w.at("09:30:00")
	if l := w.layers[place{"g1", ""}]; l.Mode != devices.HeldClosed || l.By.Name != "gate, too" {
		t.Errorf("of two of the gate it is %s by %s", l.Mode, l.By.Name)
	}
	w.at("10:00:00")
	if got := w.results(); got != "g1 left zone" {
		t.Errorf("the end left %q", got)
	}
	w.at("11:00:00")
	w.wantHeld("g1 held_open until 12:00, g2 held_open until 12:00, g3 held_open until 12:00, t1in held_open until 12:00, t1out held_open until 12:00")
}

func TestLateBeginningsAreSkippedAndLateEndsAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("skips", everyDay(open(7*60, 9*60), closed(10*60, 11*60)), gate1)
	d := timetable.Draft{Name: "catches up", Week: everyDay(open(7*60, 9*60)), Targets: []timetable.Target{{Kind: timetable.OfDevice, ID: "g2"}}, Late: timetable.CatchUp}
	_, err := w.service.Create(t.Context(), wang, d)
	w.ok(err)
	w.at("07:05:01")
	w.wantHeld("g2 held_open until 09:00")
	w.start()
	w.at("10:04:00")
	w.wantHeld("g1 held_closed until 11:00")
	w.start()
	w.at("23:00:00")
	w.wantHeld("")
	w.wantRuns("11:00 ended controlled done; 10:00 began held_closed done; 09:00 ended controlled done; " +
		"07:00 began held_open skipped (too late by 5m1s: nothing ran when it was due); 07:00 began held_open done")
}

func TestOfSeveralMissedSwitchesOnlyTheNewestIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("many", everyDay(open(7*60, 7*60+1), closed(7*60+1, 7*60+2), open(7*60+2, 9*60)), gate1)
	w.at("07:02:30")
	w.wantHeld("g1 held_open until 09:00")
	w.wantRuns("07:02 began held_open done; 07:01 began held_closed skipped (a later switch took its place: nothing ran when it was due); " +
		"07:00 began held_open skipped (a later switch took its place: nothing ran when it was due)")
	w.now = w.now.AddDate(2, 0, 0)
	w.tick()
	runs, err := w.store.Runs(t.Context(), timetable.RunQuery{Limit: 1000})
	w.ok(err)
	if last := runs[len(runs)-1]; len(runs) > 60 || !strings.Contains(last.Detail, "switches from") {
		t.Errorf("two years make %d rows, and those of before are forgotten; the oldest is %+v", len(runs), last)
	}
}

func TestWhatWasClaimedBeforeACrashIsCarriedOutOnceOrSkipped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails      string // what fails before the crash
		back       string
		held, runs string
	}{
		"before the claim":           {"claim", "07:01:00", "g1 held_open until 09:00", "07:00 began held_open done"},
		"before the claim, and long": {"claim", "07:06:00", "", "07:00 began held_open skipped (too late by 6m0s: nothing ran when it was due)"},
		"after the claim":            {"layers", "07:01:00", "g1 held_open until 09:00", "07:00 began held_open done"},
		"after the claim, and long":  {"layers", "07:06:00", "", "07:00 began held_open skipped (the server stopped before it was carried out)"},
		"after the layers":           {"finish", "07:01:00", "g1 held_open until 09:00", "07:00 began held_open done"},
		"after the layers, and long": {"finish", "07:06:00", "g1 held_open until 09:00", "07:00 began held_open done"},
		"after the layers, until its end": {
			"finish", "09:06:00", "",
			"09:00 ended controlled done; 07:00 began held_open uncertain (the server stopped while it was carried out, and came back after its end)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
			w.tick()
			broken := errors.New("it crashed")
			w.store.Fail = func(op string) error {
				if op == c.fails {
					return broken
				}
				return nil
			}
			if c.fails == "layers" {
				w.refuses = broken
			}
			w.set("07:00:00")
			err := w.service.Work(t.Context())
			if !errors.Is(err, broken) {
				t.Fatalf("got %v", err)
			}
			w.store.Fail, w.refuses = nil, nil
			sets := len(w.switched)
			w.start()
			w.at(c.back)
			w.tick()
			w.wantHeld(c.held)
			w.wantRuns(c.runs)
			if c.fails == "finish" && strings.Contains(strings.Join(w.switched[sets:], " "), "held_open") {
				t.Errorf("it was set a second time: %v", w.switched)
			}
		})
	}
}

func TestAStoreThatRefusesForAWhileLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.tick()
	w.refuses = errors.New("busy")
	w.set("07:00:00")
	if wait := w.service.Tick(t.Context()); wait != timetable.RetryAfter {
		t.Errorf("it sleeps for %s", wait)
	}
	w.refuses = nil
	w.at("07:02:00")
	w.wantHeld("g1 held_open until 09:00")
	w.refuses = errors.New("busy")
	w.set("09:00:00")
	w.service.Tick(t.Context())
	w.wantHeld("") // by its own end
	w.refuses = nil
	w.at("12:00:00")
	w.wantRuns("09:00 ended controlled done; 07:00 began held_open done")
}

func TestAClockThatGoesBackRepeatsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.at("06:30:00")
	w.wantHeld("g1 held_open until 09:00")
	w.at("07:00:00")
	w.at("09:00:00")
	w.at("08:00:00")
	w.wantHeld("")
	w.at("09:00:00")
	w.wantRuns("09:00 ended controlled done; 07:00 began held_open done")
	if got := strings.Join(w.switched, ", "); got != "g1 held_open" {
		t.Errorf("switched %q", got)
	}
}

func TestWhatWasHeldByAClockThatWasFarAheadIsReleased(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"while it runs": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.create("evenings", everyDay(open(20*60, 23*60)), gate1)
			w.tick()
			w.at("20:00:00")
			w.wantHeld("g1 held_open until 23:00")
			if restart {
				w.start()
			}
			w.at("06:00:00")
			w.wantHeld("")
			w.at("20:00:00")
			w.at("20:30:00")
			w.wantHeld("") // it was carried out, and is not a second time
			w.wantRuns("20:00 began held_open skipped (the clock was ahead when it was carried out: released at 2026-03-01T22:00:00Z)")
		})
	}
}

func TestASwitchAfterOnesThatWereCarriedOutBeforeTheClockWentBackIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 8*60), closed(9*60, 11*60)), gate1)
	w.at("07:00:00")
	w.at("06:50:00")
	w.at("09:01:00")
	w.wantHeld("g1 held_closed until 11:00")
	w.wantRuns("09:00 began held_closed done; 08:00 ended controlled skipped (a later switch took its place: nothing ran when it was due); 07:00 began held_open done")
}

func TestAPeriodThatBeganIsThereStillWhileTheClockShowsTheDayBeforeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone = "America/St_Johns"
	w.now = time.Date(2010, 11, 7, 3, 0, 0, 0, time.UTC) // half an hour after midnight; a minute after it the clock went back to 23:01
	w.create("sundays", timetable.Week{timetable.Sunday: {open(0, 2*60)}}, gate1)
	w.tick()
	if l := w.layers[place{"g1", ""}]; l.Mode != devices.HeldOpen || !l.Until.Equal(time.Date(2010, 11, 7, 5, 30, 0, 0, time.UTC)) {
		t.Errorf("it is %q until %s", l.Mode, l.Until)
	}
}

func TestAStartAfterTheClockWentBackRepeatsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 8*60), closed(8*60, 9*60)), gate1)
	w.at("07:00:00")
	w.at("08:00:00")
	w.at("07:40:00")
	w.start()
	w.at("07:41:00")
	w.wantHeld("g1 held_closed until 09:00")
	w.at("08:20:00")
	w.wantRuns("08:00 began held_closed done; 07:00 began held_open done")
}

func TestUntilTheFirstArrivalNothingIsHeldOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := timetable.Period{From: 7 * 60, To: 9 * 60, Mode: devices.HeldOpen, FirstArrival: true}
	w.create("first in", everyDay(first), gate1, lanes)
	passage := func(d, direction, result string, at time.Time) devices.Event {
		return devices.Event{Device: devices.DeviceID(d), Site: "s", Zone: "z", Type: "passage", Result: result, Direction: direction, DeviceTime: at, ArrivedAt: w.now}
	}
	w.service.Happened(passage("g1", "", "granted", w.now))
	w.at("07:00:00")
	w.wantHeld("")
	w.service.Happened(passage("g1", "", "denied", w.now))
	w.service.Happened(passage("t1", "out", "granted", w.now))
	w.service.Happened(passage("t1", "in", "granted", w.now.Add(-time.Hour))) // kept while it was offline
	w.at("07:10:00")
	w.wantHeld("")
	w.service.Happened(passage("t1", "in", "granted", w.now))
	w.service.Happened(passage("t1", "in", "granted", w.now))
	w.tick()
	w.wantHeld("t1in held_open until 09:00, t1out held_open until 09:00")
	w.start() // who arrived is remembered
	w.at("07:20:00")
	w.wantHeld("t1in held_open until 09:00, t1out held_open until 09:00")
	w.service.Happened(passage("g1", "", "granted", w.now))
	w.tick()
	w.wantHeld("g1 held_open until 09:00, t1in held_open until 09:00, t1out held_open until 09:00")
	if got := w.results(); got != "g1 arrived, t1in arrived, t1out arrived" {
		t.Errorf("results %q", got)
	}
	w.at("09:00:00")
	w.wantHeld("")
}

func TestAPauseReleasesAndEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.set("07:10:00")
	_, err := w.service.Pause(t.Context(), wang, v.ID, w.now.Add(time.Hour))
	w.ok(err)
	w.tick()
	w.wantHeld("")
	w.at("08:10:00")
	w.wantHeld("g1 held_open until 09:00")
	_, err = w.service.Pause(t.Context(), wang, v.ID, time.Time{})
	w.ok(err)
	w.at("09:30:00")
	w.now = w.now.AddDate(0, 0, 1)
	w.at("08:00:00")
	w.wantHeld("")
	_, err = w.service.Resume(t.Context(), wang, v.ID)
	w.ok(err)
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
	w.wantRuns("08:00 resumed held_open done; 08:10 paused controlled done; 08:10 resumed held_open done; 07:10 paused controlled done; 07:00 began held_open done")
}

func TestTheNextBeginningCanBeLeftOutAndAskedForAfterAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	if _, err := w.service.RunNow(t.Context(), wang, v.ID); devices.CodeOf(err) != devices.Conflict {
		t.Errorf("there is no period now: %v", err)
	}
	_, err := w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	w.at("07:00:00")
	w.wantHeld("")
	w.at("08:00:00")
	_, err = w.service.RunNow(t.Context(), wang, v.ID)
	w.ok(err)
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
	w.at("09:00:00")
	w.wantRuns("09:00 ended controlled done; 08:00 asked held_open done; 07:00 began controlled skipped (left out by Wang)")
	w.now = w.now.AddDate(0, 0, 1)
	w.at("06:00:00")
	_, err = w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	_, err = w.service.SkipNext(t.Context(), wang, v.ID, false)
	w.ok(err)
	w.at("07:00:00")
	w.wantHeld("g1 held_open until 09:00")
}

func TestACalendarThatChangesCountsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("workdays", timetable.Week{timetable.Monday: {open(7*60, 9*60)}}, gate1)
	w.at("07:00:00")
	w.wantHeld("g1 held_open until 09:00")
	w.set("07:30:00")
	w.ok(w.calendar.Put(t.Context(), wang, "s", calendar.Entry{Day: "2026-03-02", Kind: calendar.Holiday}))
	w.tick()
	w.wantHeld("")
	w.set("08:00:00")
	w.ok(w.calendar.Remove(t.Context(), wang, "s", "2026-03-02"))
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
	w.wantRuns("08:00 calendar held_open done; 07:30 calendar controlled done; 07:00 began held_open done")
}

func TestOpeningsThatComeAndGoFollowTheirZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), timetable.Target{Kind: timetable.OfZone, ID: "y"})
	w.at("07:00:00")
	w.wantHeld("g3 held_open until 09:00")
	w.openings[0].Zone, w.openings[4].Zone = "y", "z"
	w.service.PlacesChanged()
	w.at("07:30:00")
	w.wantHeld("g1 held_open until 09:00")
}

func TestTheCheckAfterwardsSaysWhatEachOpeningTook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), site)
	w.reports[place{"g2", ""}] = devices.Controlled
	w.reports[place{"t1", "in"}] = "offline"
	w.stronger[place{"t1", "out"}] = lockdown
	w.store.Commands = []timetable.Told{{Device: "g1", Command: "c1"}, {Device: "g1", Command: "c2"}}
	w.at("07:00:00")
	w.at("07:01:59")
	if len(w.alarms) != 0 {
		t.Errorf("too early: %q", w.alarms)
	}
	w.start()
	w.at("07:02:00")
	if got := w.results(); got != "g1 set  reached, g2 set  not_reached it is to be held open, and reports controlled, "+
		"g3 set  reached, t1in set  offline it is to be held open, and is offline, t1out set  overruled lockdown by Li" {
		t.Errorf("results %q", got)
	}
	if got := strings.Join(w.alarms, "; "); got != "g2: it is to be held open, and reports controlled; t1: it is to be held open, and is offline" {
		t.Errorf("alarms %q", got)
	}
	results, err := w.store.Results(t.Context(), v.ID, w.now.Add(-2*time.Minute))
	w.ok(err)
	if results[0].Command != "c2" {
		t.Errorf("g1 was told by %q", results[0].Command)
	}
	w.at("07:03:00")
	if len(w.alarms) != 2 {
		t.Errorf("it was checked again: %q", w.alarms)
	}
}

func TestATimetableFollowsTheSuccessorOfItsDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	stored := v.Timetable // as the store hands it over
	stored.Targets = []timetable.Target{{Kind: timetable.OfDevice, ID: "h1"}}
	w.ok(w.store.PutTimetable(t.Context(), stored, devices.AuditEntry{}))
	w.openings[0].Device = "h1"
	_, err := w.service.SkipNext(t.Context(), wang, v.ID, true) // before it was told of the change
	w.ok(err)
	w.service.PlacesChanged()
	w.at("07:30:00")
	if l := w.layers[place{"h1", ""}]; l.Mode != devices.HeldOpen {
		t.Errorf("the successor is %q, held is %q", l.Mode, w.held())
	}
	w.start()
	w.tick()
	if got, err := w.service.Get(t.Context(), v.ID); err != nil || got.Targets[0].ID != "h1" {
		t.Errorf("it covers %v, %v", got.Targets, err)
	}
}

func TestAPassageWakesNobodyWhereNoFirstArrivalIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := timetable.Period{From: 7 * 60, To: 9 * 60, Mode: devices.HeldOpen, FirstArrival: true}
	w.create("always", everyDay(open(0, timetable.EndOfDay)), zoneZ)
	w.create("first in", everyDay(first), gate1)
	w.tick()
	woken := func(device, zone string) bool {
		w.service.Woken() // what came before
		w.service.Happened(devices.Event{
			Device: devices.DeviceID(device), Site: "s", Zone: devices.ZoneID(zone), Type: "passage", Result: "granted", DeviceTime: w.now, ArrivedAt: w.now,
		})
		return w.service.Woken()
	}
	for _, c := range []struct {
		clock, device, zone string
		want                bool
	}{
		{"06:30:00", "g1", "z", false}, // long before the period
		{"06:59:59", "g1", "z", true},  // it may be claimed just after
		{"07:00:00", "g3", "y", false}, // not covered
		{"07:00:00", "g1", "z", true},
		{"07:00:01", "g1", "z", false}, // arrived already
		{"09:10:00", "g1", "z", false},
	} {
		w.at(c.clock)
		if got := woken(c.device, c.zone); got != c.want {
			t.Errorf("at %s a passage at %s wakes: %t, want %t", c.clock, c.device, got, c.want)
		}
		w.tick()
	}
}
