package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// walkThrough is how long a person takes once the arm is open.
const walkThrough = 900 * time.Millisecond

// turnstile lets people through one by one.
type turnstile struct {
	d     *Device
	leaf  leaf
	queue []person // the first is the one that it is open for
}

// person is somebody who may pass once.
type person struct {
	event      string
	direction  string
	credential string
	command    string // id of the command that let them pass, if one did
}

func newTurnstile(d *Device) *turnstile {
	t := &turnstile{d: d, leaf: leaf{d: d, physical: isClosed}}
	if t.free() {
		t.leaf.physical, t.leaf.position = isOpen, 1
	}
	t.leaf.arrived = t.arrived
	return t
}

func (t *turnstile) describe(s *wire.StatePayload) {
	s.Mode, s.Physical = t.d.modes.of("in"), t.leaf.physical
	s.Modes = map[string]string{"in": t.d.modes.of("in"), "out": t.d.modes.of("out")}
}

func (t *turnstile) actions() []string { return []string{actPass, actMode} }

// free is whether the arm stays open, because a direction does.
func (t *turnstile) free() bool {
	return staysOpen(t.d.modes.of("in")) || staysOpen(t.d.modes.of("out"))
}

// mode does what a new mode of a direction wants.
func (t *turnstile) mode(c wire.CommandPayload) (refusal string) {
	direction, refusal := t.d.modes.take(c, "in", "out")
	if refusal != "" {
		return refusal
	}
	t.d.cause = c.ID
	if staysClosed(t.d.modes.of(direction)) && len(t.queue) > 0 {
		// Who stands in the arm already goes through; who waits does not.
		t.queue = append(t.queue[:1:1], slices.DeleteFunc(t.queue[1:], func(p person) bool { return p.direction == direction })...)
	}
	switch open := t.leaf.physical == isOpen || t.leaf.physical == isOpening; {
	case t.free() && !open:
		t.leaf.move(true)
	case !t.free() && len(t.queue) == 0 && open:
		t.leaf.move(false)
	}
	return ""
}

func (t *turnstile) act(c wire.CommandPayload) (refusal string) {
	if c.Action == actMode {
		return t.mode(c)
	}
	direction := c.Args["direction"]
	if len(c.Args) != 1 || direction != "in" && direction != "out" {
		return badArguments
	}
	if mode := t.d.modes.of(direction); staysClosed(mode) {
		return mode
	}
	t.admit(person{event: newID(), direction: direction, credential: "none", command: c.ID})
	return ""
}

// admit lets a person pass when those before have.
func (t *turnstile) admit(p person) {
	t.queue = append(t.queue, p)
	if len(t.queue) == 1 {
		t.serve()
	}
}

// serve opens for the first of the queue.
func (t *turnstile) serve() {
	t.d.cause = t.queue[0].command
	t.leaf.move(true)
}

func (t *turnstile) arrived() {
	if t.leaf.physical == isOpen {
		if len(t.queue) > 0 {
			t.d.after(walkThrough, t.passed)
		}
		return
	}
	if len(t.queue) > 0 {
		t.serve()
		t.d.sendState()
	}
}

func (t *turnstile) passed() {
	p := t.queue[0]
	t.queue = slices.Delete(t.queue, 0, 1)
	t.d.memory.Counters[p.direction]++
	t.d.emit(wire.EventPayload{
		ID: p.event, Type: "passage", Direction: p.direction, Result: "granted",
		Credential: p.credential, Command: p.command,
	})
	if t.free() || t.d.troubles.propped {
		if len(t.queue) > 0 {
			t.serve()
		}
	} else {
		t.leaf.move(false)
	}
	t.d.sendState()
}

// Person walks somebody with a known card through the turnstile, and returns the
// id of the passage that there will be.
func (d *Device) Person(direction string) (string, error) {
	return ask(d, func() (string, error) {
		t, ok := d.body.(*turnstile)
		if !ok {
			return "", ErrWrongKind
		}
		p := person{
			event:      newID(),
			direction:  direction,
			credential: fmt.Sprintf("card:%07d", rand.IntN(10_000_000)), //nolint:gosec // a card's number
		}
		if mode := t.d.modes.of(direction); staysClosed(mode) {
			d.emit(wire.EventPayload{
				ID: p.event, Type: "passage", Direction: direction, Result: "denied", Reason: mode, Credential: p.credential,
			})
			return p.event, nil
		}
		first := len(t.queue) == 0
		t.admit(p)
		if first {
			d.sendState()
		}
		return p.event, nil
	})
}
