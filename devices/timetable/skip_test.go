package timetable_test

import (
	"testing"

	"gatehouse/devices/timetable"
)

func TestWhatWasLeftOutAndThenAskedForGoesOnAfterAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	_, err := w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	w.at("07:00:00")
	w.at("08:00:00")
	_, err = w.service.RunNow(t.Context(), wang, v.ID)
	w.ok(err)
	w.tick()
	w.set("08:10:00")
	_, err = w.service.Update(t.Context(), wang, v.ID, timetable.Draft{Name: "the mornings", Week: everyDay(open(7*60, 9*60)), Targets: []timetable.Target{gate1}})
	w.ok(err)
	w.tick()
	w.wantHeld("g1 held_open until 09:00")
}

func TestABeginningThatIsLeftOutStaysLeftOutWhenAnEditMovesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := func(p ...timetable.Period) timetable.Draft {
		return timetable.Draft{Name: "mornings", Week: everyDay(p...), Targets: []timetable.Target{gate1}}
	}
	v := w.create("mornings", everyDay(open(7*60, 9*60), open(17*60, 19*60)), gate1)
	_, err := w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	_, err = w.service.Update(t.Context(), wang, v.ID, day(open(7*60+15, 9*60), open(17*60, 19*60)))
	w.ok(err)
	w.at("07:15:00")
	w.wantHeld("")
	w.at("17:00:00")
	w.wantHeld("g1 held_open until 19:00")
	_, err = w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	got, err := w.service.Update(t.Context(), wang, v.ID, day(open(17*60, 19*60)))
	w.ok(err)
	if !got.SkipDue.IsZero() {
		t.Errorf("of a day that has no such period any more is left out %s", got.SkipDue)
	}
}
