package alarms_test

import (
	"context"
	"slices"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/arbiter"
)

const notOpen = "it is to be held open, and reports controlled"

func TestAModeThatWasNotTakenStandsUntilTheDeviceReportsIt(t *testing.T) {
	t.Parallel()
	inHouse(t, func(t *testing.T, h *house) {
		h.takes(gate, false)
		h.s.ModeNotTaken(gate.ID, notOpen)
		a := h.only()
		h.is(a, alarms.ModeNotTaken, alarms.Raised, 1, alarms.Loud)
		if a.Detail != notOpen || a.Zone != gate.Zone || a.Severity != alarms.Major || a.Cause != (alarms.Cause{}) {
			t.Errorf("alarm is %+v", a)
		}
		h.reports(gate, nil) // still another mode
		h.s.ModeNotTaken(gate.ID, notOpen)
		h.is(h.only(), alarms.ModeNotTaken, alarms.Raised, 1, alarms.Loud)
		if _, err := h.s.Resolve(context.Background(), guard, a.ID, "seen"); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("resolving what stands: %v", err)
		}
		h.takes(gate, true)
		h.reports(gate, nil)
		h.is(h.only(), alarms.ModeNotTaken, alarms.Over, 1, alarms.Loud)
		h.takes(gate, false)
		h.reports(gate, nil) // that alone is none: it is given time
		h.is(h.only(), alarms.ModeNotTaken, alarms.Over, 1, alarms.Loud)
		h.s.ModeNotTaken(gate.ID, "it is to be held open, and is offline")
		h.is(h.only(), alarms.ModeNotTaken, alarms.Raised, 2, alarms.Loud)
		_, whats := h.now(a.ID)
		if want := []alarms.What{alarms.WasRaised, alarms.WasOver, alarms.WasBack}; !slices.Equal(whats, want) {
			t.Errorf("its history is %v, want %v", whats, want)
		}
	})
}

func TestAModeThatWasNotTakenIsOverWhenItsLayersWantWhatTheDeviceReports(t *testing.T) {
	t.Parallel()
	for name, scope := range map[string]arbiter.Scope{
		"device": {Kind: arbiter.OfDevice, Site: "s1", ID: string(gate.ID)}, "zone": {Kind: arbiter.OfZone, Site: "s1", ID: "z1"},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(_ *testing.T, h *house) {
				h.reports(gate, nil)
				h.takes(gate, false)
				h.s.ModeNotTaken(gate.ID, notOpen)
				h.is(h.only(), alarms.ModeNotTaken, alarms.Raised, 1, alarms.Loud)
				h.takes(gate, true)
				h.news.Layer(devices.Layer{Setting: arbiter.Setting{Layer: arbiter.Schedule, Scope: scope}})
				h.is(h.only(), alarms.ModeNotTaken, alarms.Over, 1, alarms.Loud)
			})
		})
	}
}

func TestADeviceThatTookItsModeMeanwhileOrIsGoneRaisesNone(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.takes(gate, true)
		h.s.ModeNotTaken(gate.ID, notOpen)
		h.s.ModeNotTaken("gone", notOpen)
		h.none()
	})
}

func TestAnAwayDeviceKeepsTheAlarmUntilItIsBackOrRetired(t *testing.T) {
	t.Parallel()
	inHouse(t, func(t *testing.T, h *house) {
		h.reports(gate, nil)
		h.reports(lane, nil)
		h.s.ModeNotTaken(gate.ID, notOpen) // nobody knows: it is away
		h.s.ModeNotTaken(lane.ID, notOpen)
		h.settle()
		if open := h.s.Open(); len(open) != 2 {
			t.Fatalf("open are %+v", open)
		}
		h.stop()
		h.start()
		h.reports(gate, nil)
		h.takes(lane, true)
		h.reports(lane, nil)
		h.news.DeviceGone(devices.Live{Device: gate})
		h.settle()
		for _, a := range h.s.Open() {
			h.is(a, alarms.ModeNotTaken, alarms.Over, 1, alarms.Loud)
		}
	})
}

func TestAModeThatWasNotTakenIsRaisedOnceTheDiskIsBack(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"before": false, "after": true} {
		t.Run(name+" the commit", func(t *testing.T) {
			inHouse(t, func(_ *testing.T, h *house) {
				h.store.refuse(!after, after)
				h.s.ModeNotTaken(gate.ID, notOpen)
				h.settle()
				h.store.refuse(false, false)
				h.is(h.only(), alarms.ModeNotTaken, alarms.Raised, 1, alarms.Loud)
			})
		})
	}
}
