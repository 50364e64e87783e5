package timetable_test

import (
	"context"
	"errors"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
)

// daysThatRefuse refuse as often as they are to.
type daysThatRefuse struct {
	timetable.Days
	times int
}

func (d *daysThatRefuse) Book(ctx context.Context, site devices.SiteID) (calendar.Book, error) {
	if d.times--; d.times >= 0 {
		return calendar.Book{}, errors.New("busy")
	}
	return d.Days.Book(ctx, site)
}

func TestACalendarThatCannotBeReadAtTheStartLosesNoTimetable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.service = timetable.New(timetable.Deps{Store: w.store, Layers: w, Places: places{w}, Days: &daysThatRefuse{w.calendar, 1}, Now: w.clock})
	w.service.Tick(t.Context())
	w.at("07:01:00")
	w.wantHeld("g1 held_open until 09:00")
	if all, err := w.service.List(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("there are %v, %v", all, err)
	}
}
