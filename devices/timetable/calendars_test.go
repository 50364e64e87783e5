package timetable_test

import (
	"errors"
	"testing"
	"time"

	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
)

// onWorkdays holds g1 open on Mondays and Tuesdays that are what they usually are.
func (w *world) onWorkdays() timetable.View {
	w.t.Helper()
	return w.create("workdays", timetable.Week{timetable.Monday: {open(7*60, 9*60)}, timetable.Tuesday: {open(7*60, 9*60)}}, gate1)
}

// holiday makes the present day, a Monday, a holiday of the site.
func (w *world) holiday() {
	w.t.Helper()
	w.ok(w.calendar.Put(w.t.Context(), wang, "s", calendar.Entry{Day: "2026-03-02", Kind: calendar.Holiday}))
}

func TestACalendarThatChangesWhileTheStoreRefusesIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onWorkdays()
	w.at("07:00:00")
	w.set("07:30:00")
	w.holiday()
	w.store.Fail = func(string) error { return errors.New("busy") }
	w.service.Tick(t.Context())
	w.store.Fail = nil
	w.at("07:31:00")
	w.wantHeld("")
	w.wantRuns("07:31 calendar controlled done; 07:00 began held_open done")
}

func TestACalendarThatChangesWhileTheServerIsAwayCountsWhenItIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onWorkdays()
	w.at("07:00:00")
	w.set("07:30:00")
	w.holiday()
	w.start() // before anybody looked at it
	w.at("07:31:00")
	w.wantHeld("")
	w.service.PlacesChanged()
	w.at("10:00:00")
	w.wantHeld("")
	w.wantRuns("07:31 calendar controlled done; 07:00 began held_open done")
}

func TestTwoChangesOfTheCalendarAndAnEditInOneMomentAllCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.onWorkdays()
	w.at("07:00:00")
	w.holiday()
	w.tick()
	w.wantHeld("")
	w.ok(w.calendar.Remove(t.Context(), wang, "s", "2026-03-02"))
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
	_, err := w.service.Pause(t.Context(), wang, v.ID, time.Time{})
	w.ok(err)
	w.now = w.now.Add(10 * time.Millisecond)
	w.tick()
	w.wantHeld("")
}

func TestARestartAfterTheClockWentBackALittleReleasesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onWorkdays()
	w.at("07:00:00")
	w.start()
	w.at("06:59:30")
	w.wantHeld("g1 held_open until 09:00")
	w.at("07:00:00")
	w.at("08:59:59")
	w.wantHeld("g1 held_open until 09:00")
	w.at("09:00:00")
	w.wantRuns("09:00 ended controlled done; 07:00 began held_open done")
}

func TestACalendarThatChangesInTheMomentOfAnEditCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.onWorkdays()
	w.at("07:00:00")
	_, err := w.service.Update(t.Context(), wang, v.ID, timetable.Draft{Name: "edited", Week: v.Week, Targets: v.Targets})
	w.ok(err)
	w.now = w.now.Add(time.Millisecond)
	w.tick() // the edit
	w.now = w.now.Add(-time.Millisecond)
	w.holiday()
	w.tick()
	w.now = w.now.Add(time.Second)
	w.tick()
	w.wantHeld("")
}
