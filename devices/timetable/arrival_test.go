package timetable_test

import (
	"errors"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

var firstIn = timetable.Period{From: 7 * 60, To: 9 * 60, Mode: devices.HeldOpen, FirstArrival: true}

// passage tells that somebody went in at a device of zone z.
func (w *world) passage(d devices.DeviceID) {
	w.service.Happened(devices.Event{Device: d, Site: "s", Zone: "z", Type: "passage", Result: "granted", DeviceTime: w.now, ArrivedAt: w.now})
}

func TestAFirstArrivalWhileTheBeginningCannotBeClaimedCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("first in", everyDay(firstIn), gate1)
	w.tick()
	w.set("07:00:00")
	w.store.Fail = func(string) error { return errors.New("busy") }
	w.service.Tick(t.Context())
	w.set("07:00:30")
	w.passage("g1")
	w.service.Tick(t.Context())
	w.store.Fail = nil
	w.at("07:01:00")
	w.wantHeld("g1 held_open until 09:00")
}

func TestAFirstArrivalBeforeTheRunIsFinishedIsRememberedAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("first in", everyDay(firstIn), gate1)
	w.create("closes", everyDay(closed(7*60, 7*60+30)), gate1)
	w.tick()
	w.refuses = errors.New("busy")
	w.set("07:00:00")
	w.service.Tick(t.Context())
	w.passage("g1")
	w.refuses = nil
	w.at("07:00:30")
	w.wantHeld("g1 held_closed until 07:30")
	w.start()
	w.now = w.now.Add(time.Minute)
	w.tick()
	w.at("07:30:00")
	w.wantHeld("g1 held_open until 09:00")
}

func TestWhoArrivedNeedNotComeAgainAfterAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("first in", everyDay(firstIn), gate1)
	w.at("07:00:00")
	w.passage("g1")
	w.at("07:10:00")
	w.wantHeld("g1 held_open until 09:00")
	_, err := w.service.Update(t.Context(), wang, v.ID, timetable.Draft{
		Name: "the first in", Week: everyDay(firstIn), Targets: []timetable.Target{gate1, {Kind: timetable.OfDevice, ID: "g2"}},
	})
	w.ok(err)
	w.at("07:11:00")
	w.wantHeld("g1 held_open until 09:00")
	w.start()
	w.at("07:12:00")
	w.wantHeld("g1 held_open until 09:00")
	w.now = w.now.AddDate(0, 0, 1)
	w.at("07:00:00")
	w.wantHeld("")
}
