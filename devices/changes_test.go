package devices_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

func (w *world) changes(d devices.DeviceID, q devices.ChangeQuery) []string {
	w.t.Helper()
	list, err := w.c.Changes(context.Background(), d, q)
	w.must(err)
	var all []string
	for _, c := range list {
		all = append(all, c.Field+": "+c.Was+" → "+c.Now)
	}
	return all
}

func TestAChangeOfStateIsKeptOverRestartsAndReplacements(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		physical := devices.ChangeQuery{Field: "physical"}
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.down(w.gate, "")
		w.up(w.gate)
		w.says(w.gate, "closed", "") // as before: what was unknown meanwhile is of the link
		if got := w.changes(w.gate.ID, physical); strings.Join(got, "; ") != "physical:  → closed" {
			t.Errorf("over a lost line: %v", got)
		}
		w.restart()
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.says(w.gate, "open", "cmd-1")
		heir, err := w.c.Replace(context.Background(), guard, w.gate.ID, "hit by a lorry")
		w.must(err)
		w.up(heir.Device)
		w.says(heir.Device, "closed", "")
		for _, d := range []devices.DeviceID{w.gate.ID, heir.Device.ID} {
			want := "physical: closed → open; physical:  → closed"
			if d == heir.Device.ID {
				want = "physical:  → closed; " + want
			}
			if got := w.changes(d, physical); strings.Join(got, "; ") != want {
				t.Errorf("%s: %v, want %s", d, got, want)
			}
		}
		if _, err := w.c.Changes(context.Background(), "none", devices.ChangeQuery{}); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("of an unknown device: %v", err)
		}
	})
}

func TestAHeartbeatThatChangesNothingLeavesNoTrace(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		beat := func(signal int64, in int64) {
			w.must(w.report(w.gate, wire.State, wire.StatePayload{
				At: time.Now().UnixMilli(), Physical: "closed", Signal: signal, Counters: map[string]int64{"in": in}, Capabilities: []string{"open", "close"},
			}))
			time.Sleep(time.Minute)
		}
		beat(-60, 1)
		before := len(w.changes(w.gate.ID, devices.ChangeQuery{}))
		beat(-70, 2)
		beat(-80, 3)
		if got := w.changes(w.gate.ID, devices.ChangeQuery{}); len(got) != before {
			t.Errorf("heartbeats changed %v", got)
		}
		w.must(w.report(w.gate, wire.State, wire.StatePayload{At: 1, Physical: "closed", Capabilities: []string{"close", "open"}}))
		if got := w.changes(w.gate.ID, devices.ChangeQuery{}); len(got) != before {
			t.Errorf("the same in another order changed %v", got)
		}
	})
}

func TestChangesAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.stop()
		w.keep = 3 * time.Hour
		w.start(keys{})
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.down(w.gate, "")
		time.Sleep(w.keep - time.Minute)
		if got := w.changes(w.gate.ID, devices.ChangeQuery{}); len(got) == 0 {
			t.Error("forgotten too early")
		}
		time.Sleep(3 * time.Hour)
		if got := w.changes(w.gate.ID, devices.ChangeQuery{}); len(got) != 0 {
			t.Errorf("kept for too long: %v", got)
		}
	})
}
