package timetable_test

import (
	"testing"
	"time"

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

func TestABeginningInAPauseCanBeLeftOutAndNothingIsShownOfWhatIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	_, err := w.service.Pause(t.Context(), wang, v.ID, morning.Add(2*time.Hour)) // until eight
	w.ok(err)
	if v, err = w.service.Get(t.Context(), v.ID); err != nil || v.Next == nil || v.Next.StartSkipped {
		t.Errorf("next is %+v, %v", v.Next, err)
	}
	v, err = w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	if v.Next == nil || !v.Next.Start.Equal(morning.Add(25*time.Hour)) {
		t.Errorf("next is %+v", v.Next)
	}
	a, err := w.service.Agenda(t.Context(), nil, func(timetable.Timetable) bool { return true }, w.now, w.now.Add(24*time.Hour))
	w.ok(err)
	if len(a.Coming) != 1 || !a.Coming[0].LeftOut {
		t.Errorf("the agenda has %+v", a.Coming)
	}
	w.at("08:00:00")
	w.wantHeld("")
	v, err = w.service.SkipNext(t.Context(), wang, v.ID, false)
	w.ok(err)
	if _, err = w.service.RunNow(t.Context(), wang, v.ID); err != nil {
		t.Error(err)
	}
	w.at("08:01:00")
	w.wantHeld("g1 held_open until 09:00")
	v, err = w.service.Get(t.Context(), v.ID)
	if err != nil || v.Paused || !v.PausedUntil.IsZero() || v.Next == nil || !v.Next.Start.Equal(morning.Add(25*time.Hour)) {
		t.Errorf("after the pause it is %+v, next %+v, %v", v.Timetable, v.Next, err)
	}
	_, err = w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	w.now = w.now.AddDate(0, 0, 1)
	w.at("09:00:00")
	if v, err = w.service.Get(t.Context(), v.ID); err != nil || !v.SkipDue.IsZero() {
		t.Errorf("of yesterday is left out %s, %v", v.SkipDue, err)
	}
}
