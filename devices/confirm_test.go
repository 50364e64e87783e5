package devices_test

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

func TestTurnstilePassIsConfirmedByItsPassageOrCounter(t *testing.T) {
	t.Parallel()
	for name, show := range map[string]func(w *world, id devices.CommandID){
		"passage": func(w *world, id devices.CommandID) {
			w.must(w.report(w.lane, wire.Event, wire.EventPayload{
				ID: "e1", Seq: 1, At: 1, Type: "passage", Direction: "in", Result: "granted", Command: string(id),
			}))
		},
		"counter": func(w *world, id devices.CommandID) {
			w.must(w.report(w.lane, wire.State, wire.StatePayload{
				At: 2, Physical: "open", Capabilities: []string{"pass"}, Counters: map[string]int64{"in": 8, "out": 3}, Command: string(id),
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(_ *testing.T, w *world) {
				w.up(w.lane)
				w.must(w.report(w.lane, wire.State, wire.StatePayload{
					At: 1, Physical: "closed", Capabilities: []string{"pass"}, Counters: map[string]int64{"in": 7, "out": 3},
				}))
				r := w.request(devices.ActionPass)
				r.Args = map[string]string{"direction": "in"}
				c := w.send(w.lane, r)
				w.answers(w.lane, c.ID, "done", "")
				// The lane is free, but nobody has passed yet.
				w.must(w.report(w.lane, wire.State, wire.StatePayload{
					At: 2, Physical: "open", Capabilities: []string{"pass"}, Counters: map[string]int64{"in": 7, "out": 3}, Command: string(c.ID),
				}))
				// Somebody passes the other way.
				w.must(w.report(w.lane, wire.Event, wire.EventPayload{ID: "e0", Seq: 0, At: 1, Type: "passage", Direction: "out", Result: "granted"}))
				w.shows(c.ID, command.Accepted, command.Done)
				show(w, c.ID)
				w.shows(c.ID, command.Accepted, command.Done, command.Confirmed)
			})
		})
	}
}

func TestSnapshotIsConfirmedByTheEventThatNamesIt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.camera)
		c := w.send(w.camera, w.request(devices.ActionSnapshot))
		w.answers(w.camera, c.ID, "done", "")
		w.must(w.report(w.camera, wire.Event, wire.EventPayload{ID: "e1", Seq: 1, At: 1, Type: "snapshot"}))
		w.shows(c.ID, command.Accepted, command.Done)
		w.must(w.report(w.camera, wire.Event, wire.EventPayload{ID: "e2", Seq: 2, At: 1, Type: "snapshot", Command: string(c.ID)}))
		w.shows(c.ID, command.Accepted, command.Done, command.Confirmed)
	})
}

func TestKindsSayWhatShowsAnEffect(t *testing.T) {
	t.Parallel()
	order := func(a devices.Action, direction string) devices.Command {
		return devices.Command{ID: "c", Action: a, Args: map[string]string{"direction": direction}}
	}
	at := func(p devices.Physical, by devices.CommandID, in int64) devices.State {
		return devices.State{Physical: p, Command: by, Counters: map[string]int64{"in": in}}
	}
	for _, test := range []struct {
		name   string
		kind   devices.KindName
		c      devices.Command
		before devices.State
		after  devices.State
		done   bool
		want   bool
	}{
		{"open: opening, named", devices.Gate, order("open", ""), at("closed", "", 0), at("opening", "c", 0), false, true},
		{"open: open, done", devices.Gate, order("open", ""), at("closed", "", 0), at("open", "", 0), true, true},
		{"open: opening by another", devices.Gate, order("open", ""), at("closed", "", 0), at("opening", "x", 0), false, false},
		{"open: closed", devices.Gate, order("open", ""), at("closed", "", 0), at("closed", "c", 0), true, false},
		{"open: fault", devices.Gate, order("open", ""), at("closed", "", 0), at("fault", "c", 0), true, false},
		{"close: closing", devices.Gate, order("close", ""), at("open", "", 0), at("closing", "c", 0), false, true},
		{"close: closed", devices.Gate, order("close", ""), at("open", "", 0), at("closed", "", 0), true, true},
		{"close: open", devices.Gate, order("close", ""), at("open", "", 0), at("open", "c", 0), true, false},
		{"stop: stopped", devices.Gate, order("stop", ""), at("opening", "", 0), at("stopped", "c", 0), false, true},
		{"stop: open", devices.Gate, order("stop", ""), at("opening", "", 0), at("open", "c", 0), true, false},
		{"pass: counted", devices.Turnstile, order("pass", "in"), at("closed", "", 3), at("open", "c", 4), false, true},
		{"pass: counted by another", devices.Turnstile, order("pass", "in"), at("closed", "", 3), at("open", "", 4), true, false},
		{"pass: not counted", devices.Turnstile, order("pass", "in"), at("closed", "", 3), at("open", "c", 3), true, false},
		{"pass: other way", devices.Turnstile, order("pass", "out"), at("closed", "", 3), at("open", "c", 4), true, false},
		{"snapshot", devices.Camera, order("snapshot", ""), devices.State{}, at("", "c", 1), true, false},
	} {
		k, ok := devices.KindOf(test.kind)
		if !ok {
			t.Fatalf("no kind %s", test.kind)
		}
		if got := k.ShownByState(test.c, test.before, test.after, test.done); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestCountersOfAnOlderConnectionAreNotCompared(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		count := func(in int64, by devices.CommandID) {
			w.must(w.report(w.lane, wire.State, wire.StatePayload{
				At: 1, Physical: "closed", Capabilities: []string{"pass"}, Counters: map[string]int64{"in": in}, Command: string(by),
			}))
		}
		w.up(w.lane)
		count(700, "")
		r := w.request(devices.ActionPass)
		r.Args = map[string]string{"direction": "in"}
		c := w.send(w.lane, r)
		w.epoch++ // it starts anew, and its report is handled before the news of its connection
		count(1, c.ID)
		w.shows(c.ID, command.Accepted, command.Confirmed)
	})
}

func TestNobodySaysDidNotMoveWhileReportsWaitForTheDisk(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		w.store.set(failing("state"), nil)
		g.written()
		w.answers(w.gate, c.ID, "done", "")
		moved := wire.StatePayload{At: time.Now().UnixMilli(), Physical: "opening", Capabilities: capabilities[devices.Gate]}
		if err := w.report(w.gate, wire.State, moved); err == nil {
			t.Fatal("the disk took it")
		}
		time.Sleep(5 * time.Minute)
		w.shows(c.ID, command.Accepted, command.Sent, command.Done)
		w.store.set(nil, nil)
		w.must(w.report(w.gate, wire.State, moved))
		w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.Confirmed)

		c, g = w.opens() // a new connection, and a gate that is stuck
		g.written()
		w.answers(w.gate, c.ID, "done", "")
		w.says(w.gate, "closed", "")
		time.Sleep(20 * time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.DidNotMove)
	})
}
