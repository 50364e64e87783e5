package timetable_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// spread is a world with a hundred gates, whose beginnings are spread over a minute.
func spread(t *testing.T, week timetable.Week) *world {
	t.Helper()
	w := newWorld(t)
	w.openings = nil
	for i := range 100 {
		w.openings = append(w.openings, devices.Opening{Site: "s", Zone: "z", Device: devices.DeviceID(fmt.Sprintf("g%02d", i)), Kind: devices.Gate})
	}
	_, err := w.service.Create(t.Context(), wang, timetable.Draft{Name: "spread", Week: week, Targets: []timetable.Target{zoneZ}, Jitter: time.Minute})
	w.ok(err)
	w.tick()
	return w
}

func TestJitterSpreadsBeginningsAndNotEnds(t *testing.T) {
	t.Parallel()
	w := spread(t, everyDay(open(7*60, 9*60)))
	moments := map[int]int{}
	first := func() map[place]int {
		seen := map[place]int{}
		for second := range 70 {
			w.at(fmt.Sprintf("07:%02d:%02d", second/60, second%60))
			for at := range w.layers {
				if _, ok := seen[at]; !ok {
					seen[at] = second
					moments[second]++
				}
			}
		}
		return seen
	}
	day1 := first()
	if len(day1) != 100 || len(moments) < 30 || moments[0] > 10 {
		t.Errorf("%d gates in %d seconds, %d at once", len(day1), len(moments), moments[0])
	}
	if got := w.results(); strings.Count(got, " set") != 100 {
		t.Errorf("results %q", got)
	}
	w.at("07:03:00")
	if got := w.results(); strings.Count(got, "reached") != 100 {
		t.Errorf("checked %q", got)
	}
	w.at("09:00:00")
	w.wantHeld("")
	w.now = w.now.AddDate(0, 0, 1)
	w.at("06:59:59")
	for at, second := range first() {
		if day1[at] != second {
			t.Fatalf("%s began after %d s, and on the next day after %d s", at.device, day1[at], second)
		}
	}
}

func TestAStartAmidAJitterGoesOnWithIt(t *testing.T) {
	t.Parallel()
	w := spread(t, everyDay(open(7*60, 9*60)))
	w.at("07:00:20")
	n := len(w.layers)
	w.start()
	w.tick()
	if len(w.layers) != n || n < 10 || n > 90 {
		t.Errorf("%d are held, before the start %d", len(w.layers), n)
	}
	w.at("07:00:59")
	w.at("07:01:01")
	if len(w.layers) != 100 {
		t.Errorf("%d are held", len(w.layers))
	}
	if got := w.results(); strings.Count(got, " set") != 100 {
		t.Errorf("results %q", got)
	}
}

func TestWhatGoesOnIsNotSpread(t *testing.T) {
	t.Parallel()
	w := spread(t, everyDay(open(7*60, 8*60), open(8*60, 9*60)))
	w.at("07:00:00")
	w.at("07:02:00")
	before := len(w.switched)
	w.at("08:00:00")
	w.start()
	w.at("08:00:10")
	if len(w.layers) != 100 || len(w.switched) != before {
		t.Errorf("%d are held; switched was %v", len(w.layers), w.switched[before:])
	}
}

func TestAnArrivalBeforeTheMomentOfItsDeviceIsNotForgotten(t *testing.T) {
	t.Parallel()
	first := open(7*60, 9*60)
	first.FirstArrival = true
	w := spread(t, everyDay(first))
	w.refuses = errors.New("busy")
	w.set("07:00:00")
	w.service.Tick(t.Context())
	for _, o := range w.openings {
		w.service.Happened(devices.Event{Device: o.Device, Site: "s", Zone: "z", Type: "passage", Result: "granted", DeviceTime: w.now, ArrivedAt: w.now})
	}
	w.service.Tick(t.Context())
	w.refuses = nil
	w.tick()
	w.start()
	w.at("07:02:00")
	if len(w.layers) != 100 {
		t.Errorf("%d are held", len(w.layers))
	}
}
