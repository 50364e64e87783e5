package timetable_test

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

func TestACrowdOfChecksKeepsNoSwitchWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const crowd = 180
	for i := range crowd {
		w.create(fmt.Sprint(i), everyDay(open(7*60, 9*60)), gate1)
	}
	w.at("07:00:00")
	w.set("07:02:00")
	writes := 0
	w.store.Fail = func(string) error { writes++; return nil }
	for ticks := 1; ; ticks++ {
		before := writes
		wait := w.service.Tick(t.Context())
		if writes-before > crowd/2 || ticks > 10 {
			t.Fatalf("tick %d wrote %d times", ticks, writes-before)
		}
		if wait > 0 {
			break
		}
	}
	runs, err := w.store.Runs(t.Context(), timetable.RunQuery{Limit: 500})
	w.ok(err)
	for _, r := range runs {
		if r.Checked.IsZero() {
			t.Fatalf("not checked: %+v", r)
		}
	}
}

func TestARunThatIsForgottenBeforeItsCheckHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:00")
	w.ok(w.service.Delete(t.Context(), wang, v.ID))
	_, err := w.store.Forget(t.Context(), w.now.Add(time.Hour), 10)
	w.ok(err)
	w.set("07:02:00")
	if err := w.service.Work(t.Context()); err != nil {
		t.Errorf("the check of what is forgotten: %v (%s)", err, devices.CodeOf(err))
	}
}
