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
	t.leaf.arrived = t.arrived
	return t
}

func (t *turnstile) describe(s *wire.StatePayload) {
	s.Mode, s.Physical = "controlled", t.leaf.physical
}

func (t *turnstile) actions() []string { return []string{actPass} }

func (t *turnstile) act(c wire.CommandPayload) (refusal string) {
	direction := c.Args["direction"]
	if len(c.Args) != 1 || direction != "in" && direction != "out" {
		return badArguments
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
		t.d.after(walkThrough, t.passed)
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
	t.leaf.move(false)
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
		first := len(t.queue) == 0
		t.admit(p)
		if first {
			d.sendState()
		}
		return p.event, nil
	})
}
