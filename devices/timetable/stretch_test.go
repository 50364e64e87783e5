package timetable_test

import (
	"errors"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// nights holds a gate closed every night.
func (w *world) nights() {
	w.t.Helper()
	w.create("nights", everyDay(closed(0, 6*60), closed(22*60, timetable.EndOfDay)), gate1)
	w.at("22:00:00")
	w.wantHeld("g1 held_closed until 06:00")
}

func TestWhatIsHeldOverMidnightStaysHeldIfTheServerIsAwayThen(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"an hour": time.Hour, "until the night after the next": 49 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.nights()
			w.set("23:50:00")
			w.now = w.now.Add(away)
			w.start()
			w.tick()
			if away > 24*time.Hour {
				w.wantHeld("") // that period began while the server was away
				return
			}
			w.wantHeld("g1 held_closed until 06:00")
			if l := w.layers[place{"g1", ""}]; l.Mode != devices.HeldClosed || len(w.switched) != 1 {
				t.Errorf("it was switched: %v", w.switched)
			}
			w.wantRuns("00:00 began held_closed done; 22:00 began held_closed done")
		})
	}
}

func TestWhatIsHeldAroundTheClockStaysHeldHoweverLongTheServerIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("always", everyDay(open(0, timetable.EndOfDay)), gate1)
	w.tick()
	w.now = w.now.Add(50 * time.Hour)
	w.start()
	w.tick()
	if l := w.layers[place{"g1", ""}]; l.Mode != devices.HeldOpen {
		t.Errorf("held is %q", w.held())
	}
}

func TestWhatIsHeldOverMidnightStaysHeldIfTheServerStopsOrTheStoreRefusesThen(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"it stops": true, "the store refuses": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.nights()
			w.set("23:59:00")
			w.now = w.now.Add(time.Minute)
			w.store.Fail = func(op string) error {
				if op == "finish" {
					return errors.New("busy")
				}
				return nil
			}
			w.service.Tick(t.Context())
			w.store.Fail = nil
			if restart {
				w.start()
			}
			w.at("01:00:00")
			w.wantHeld("g1 held_closed until 06:00")
			w.wantRuns("00:00 began held_closed done; 22:00 began held_closed done")
		})
	}
}

func TestWhatIsHeldGoesOnIfItsResultsCannotBeStoredForLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.tick()
	w.store.Fail = func(op string) error {
		if op == "finish" {
			return errors.New("busy")
		}
		return nil
	}
	w.set("07:00:00")
	w.service.Tick(t.Context())
	w.wantHeld("g1 held_open until 09:00")
	w.store.Fail = nil
	w.at("07:10:00")
	w.wantHeld("g1 held_open until 09:00")
	w.wantRuns("07:00 began held_open done")
}
