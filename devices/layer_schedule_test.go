package devices_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

var mornings = devices.Actor{Kind: devices.ActorSchedule, ID: "tt-1", Name: "Mornings"}

// schedules has timetables want something, and gives what changed.
func (w *world) schedules(wanted ...devices.ScheduleSetting) []devices.Layer {
	w.t.Helper()
	changed, err := w.c.SetSchedules(context.Background(), wanted)
	w.must(err)
	synctest.Wait()
	return changed
}

func (w *world) opens07(d devices.Device, direction string) devices.ScheduleSetting {
	return devices.ScheduleSetting{Device: d.ID, Direction: direction, Mode: devices.HeldOpen, By: mornings, Reason: "rush hour", Until: time.Now().Add(2 * time.Hour)}
}

// scheduleRows are the audit rows of timetables, oldest first.
func (w *world) scheduleRows() (rows []devices.AuditRow) {
	w.t.Helper()
	all, err := w.c.Audit(context.Background(), 0, 0)
	w.must(err)
	for _, r := range all {
		if r.Verb == "layer.schedule" {
			rows = append([]devices.AuditRow{r}, rows...)
		}
	}
	return rows
}

func TestATimetableSetsAndReleasesTheScheduleLayerAloneAndHoldsSurviveIt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.keeps(w.gate, "controlled", nil)
		w.up(w.lane)
		w.keeps(w.lane, "controlled", map[string]string{"in": "controlled", "out": "controlled"})
		set := w.schedules(w.opens07(w.gate, ""), w.opens07(w.lane, "in"))
		if len(set) != 2 || set[0].Layer != arbiter.Schedule || !set[0].Set || set[0].Revision == 0 || set[0].By.ID != mornings.ID {
			t.Errorf("set are %+v", set)
		}
		w.wantsTold(w.gate, "held_open")
		w.wantsTold(w.lane, "held_open in")
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.gate.ID})
		w.wantsTold(w.gate, "held_open, held_closed")
		if got := w.c.ScheduleLayers(); len(got) != 2 {
			t.Errorf("the schedule layers are %+v", got)
		}
		w.schedules(devices.ScheduleSetting{Device: w.gate.ID, Mode: devices.Controlled, By: mornings})
		w.wantsTold(w.gate, "held_open, held_closed")
		w.layer(devices.LayerRequest{Action: devices.Release, Device: w.gate.ID})
		w.wantsTold(w.gate, "held_open, held_closed, controlled")
		if got := w.c.ScheduleLayers(); len(got) != 1 || got[0].Scope.Direction != "in" {
			t.Errorf("the schedule layers are %+v", got)
		}
	})
}

func TestWhatATimetableWantsAlreadyIsNotStoredAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		first := w.opens07(w.gate, "")
		w.schedules(first)
		if again := w.schedules(first); len(again) != 0 {
			t.Errorf("again %+v", again)
		}
		never := devices.ScheduleSetting{Device: w.lane.ID, Direction: "out", Mode: devices.Controlled, By: mornings}
		if again := w.schedules(first, never); len(again) != 0 {
			t.Errorf("what was never set was released: %+v", again)
		}
		for what, change := range map[string]func(*devices.ScheduleSetting){
			"mode":   func(s *devices.ScheduleSetting) { s.Mode = devices.HeldClosed },
			"reason": func(s *devices.ScheduleSetting) { s.Reason = "another" },
			"until":  func(s *devices.ScheduleSetting) { s.Until = s.Until.Add(time.Minute) },
			"by":     func(s *devices.ScheduleSetting) { s.By.ID = "tt-2" },
		} {
			w.schedules(first)
			other := first
			change(&other)
			if changed := w.schedules(other); len(changed) != 1 {
				t.Errorf("another %s changed %+v", what, changed)
			}
		}
	})
}

func TestManyOpeningsOfATimetableAreOneCommitWithOneAuditEntryForEachSiteAndMode(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		var wanted []devices.ScheduleSetting
		for i := range 60 {
			l, err := w.c.AddDevice(context.Background(), guard, w.zone.ID, devices.Gate, fmt.Sprintf("Gate %d", i))
			w.must(err)
			wanted = append(wanted, w.opens07(l.Device, ""))
		}
		closes := w.opens07(w.lane, "in")
		closes.Mode = devices.HeldClosed
		commits := 0
		w.store.set(func(op string) error {
			if op == "layer" {
				commits++
			}
			return nil
		}, nil)
		if changed := w.schedules(append(wanted, closes)...); len(changed) != 61 || commits != 1 {
			t.Errorf("%d changed in %d commits", len(changed), commits)
		}
		rows := w.scheduleRows()
		if len(rows) != 2 {
			t.Fatalf("the audit trail has %+v", rows)
		}
		var detail struct {
			Mode, Reason, Until string
			Openings            []string
			Count               int
		}
		w.must(json.Unmarshal([]byte(rows[0].Detail), &detail))
		if rows[0].Object != "timetable:tt-1" || rows[0].Actor != mornings || rows[0].Site != w.site.ID || detail.Count != 60 ||
			len(detail.Openings) != 50 || detail.Mode != "held_open" || detail.Reason != "rush hour" || detail.Until == "" {
			t.Errorf("the entry is %+v", rows[0])
		}
		w.must(json.Unmarshal([]byte(rows[1].Detail), &detail))
		if detail.Count != 1 || detail.Mode != "held_closed" || detail.Openings[0] != string(w.lane.ID)+"/in" {
			t.Errorf("the entry is %+v", rows[1])
		}
	})
}

func TestATimetableLeavesOutWhatIsNotInServiceOrDoesNotExist(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.must(w.c.Retire(context.Background(), guard, w.gate.ID, "gone"))
		none := w.opens07(w.gate, "")
		none.Device = "none"
		if changed := w.schedules(w.opens07(w.gate, ""), w.opens07(w.camera, ""), w.opens07(w.lane, ""), none); len(changed) != 0 {
			t.Errorf("changed are %+v", changed)
		}
		if changed := w.schedules(w.opens07(w.gate, ""), w.opens07(w.lane, "out")); len(changed) != 1 {
			t.Errorf("changed are %+v", changed)
		}
	})
}

func TestWhatATimetableWantedUntilAMomentThatIsOverIsReleased(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		late := w.opens07(w.gate, "")
		late.Until = time.Now()
		if changed := w.schedules(late); len(changed) != 0 {
			t.Errorf("changed are %+v", changed)
		}
		w.schedules(w.opens07(w.gate, ""))
		if changed := w.schedules(late); len(changed) != 1 || changed[0].Set || len(w.c.ScheduleLayers()) != 0 {
			t.Errorf("changed are %+v", changed)
		}
	})
}

func TestATimetableThatCannotBeStoredChangesNothingAndMayAskAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		wanted := []devices.ScheduleSetting{w.opens07(w.gate, ""), w.opens07(w.lane, "in")}
		for name, disk := range map[string][2]func(string) error{"before": {failing("layer"), nil}, "after": {nil, failing("layer")}} {
			w.store.set(disk[0], disk[1])
			if _, err := w.c.SetSchedules(context.Background(), wanted); devices.CodeOf(err) != devices.Unavailable {
				t.Errorf("%s the commit: %v", name, err)
			}
			if got := w.c.ScheduleLayers(); len(got) != 0 {
				t.Errorf("set are %+v", got)
			}
		}
		w.store.set(nil, nil)
		if changed := w.schedules(wanted...); len(changed) != 2 {
			t.Errorf("changed are %+v", changed)
		}
	})
}

func TestWhatATimetableWantsOutlivesARestart(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		wanted := []devices.ScheduleSetting{w.opens07(w.gate, ""), w.opens07(w.lane, "in")}
		w.schedules(wanted...)
		w.restart()
		if changed := w.schedules(wanted...); len(changed) != 0 || len(w.c.ScheduleLayers()) != 2 {
			t.Errorf("after a start %+v changed", changed)
		}
	})
}

func TestWrongWishesOfTimetablesNameTheFieldAndChangeNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		for field, change := range map[string]func(*devices.ScheduleSetting){
			"mode":   func(s *devices.ScheduleSetting) { s.Mode = devices.LockedDown },
			"by":     func(s *devices.ScheduleSetting) { s.By = guard },
			"reason": func(s *devices.ScheduleSetting) { s.Reason = strings.Repeat("x", 2000) },
			"device": func(s *devices.ScheduleSetting) { s.Device, s.Direction = w.gate.ID, "" },
		} {
			wrong := w.opens07(w.lane, "in")
			change(&wrong)
			_, err := w.c.SetSchedules(context.Background(), []devices.ScheduleSetting{w.opens07(w.gate, ""), wrong})
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if got := w.c.ScheduleLayers(); len(got) != 0 {
			t.Errorf("set are %+v", got)
		}
	})
}

func TestAnOrderThatATimetableRefusesSaysWhichAndUntilWhen(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.schedules(w.opens07(w.gate, ""))
		_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionClose))
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Refused || e.Ruling.Layer != arbiter.Schedule ||
			!strings.Contains(e.Message, "held open by timetable Mornings") || !strings.Contains(e.Message, " until ") {
			t.Errorf("a close: %v", err)
		}
	})
}

func TestWhatATimetableHoldsIsHeldByTheDeviceThatTakesItsPlace(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		wanted := w.opens07(w.gate, "")
		w.schedules(wanted)
		heir, err := w.c.Replace(context.Background(), guard, w.gate.ID, "struck by a lorry")
		w.must(err)
		synctest.Wait()
		set := w.c.ScheduleLayers()
		if len(set) != 1 || set[0].Scope.ID != string(heir.Device.ID) || set[0].By.ID != mornings.ID {
			t.Fatalf("the schedule layers are %+v", set)
		}
		wanted.Device = heir.Device.ID
		if changed := w.schedules(wanted); len(changed) != 0 {
			t.Errorf("the timetable changed %+v", changed)
		}
	})
}
