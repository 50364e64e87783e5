package sim

import (
	"slices"

	"gatehouse/devices/wire"
)

// The modes of an opening.
const (
	controlled  = "controlled"
	heldOpen    = "held_open"
	heldClosed  = "held_closed"
	lockedDown  = "locked_down"
	fireRelease = "fire_release"
)

// outdated is the answer to a mode that is older than the one it was told last.
const outdated = "outdated"

// staysOpen is whether an opening in this mode is open whatever happens.
func staysOpen(mode string) bool { return mode == heldOpen || mode == fireRelease }

// staysClosed is whether nothing opens it.
func staysClosed(mode string) bool { return mode == heldClosed || mode == lockedDown }

// modes are what the openings of a device were told. They are kept without power;
// what is the newest is known on one connection only, as an older one cannot bring
// anything any more.
type modes struct {
	d      *Device
	issued map[string]int64 // of the newest, by direction
}

func (m *modes) of(direction string) string {
	if mode := m.d.memory.Modes[direction]; mode != "" {
		return mode
	}
	return controlled
}

// take keeps the mode that a command tells, or says why not.
func (m *modes) take(c wire.CommandPayload, directions ...string) (direction, refusal string) {
	direction, mode := c.Args["direction"], c.Args["mode"]
	known := slices.Contains(directions, direction)
	want := 1
	if direction != "" {
		want = 2
	}
	switch mode {
	case controlled, heldOpen, heldClosed, lockedDown, fireRelease:
	default:
		known = false
	}
	switch {
	case !known || len(c.Args) != want:
		return direction, badArguments
	case c.Issued < m.issued[direction]:
		return direction, outdated
	}
	m.set(direction, mode)
	m.issued[direction] = c.Issued
	return direction, ""
}

func (m *modes) set(direction, mode string) {
	if m.d.memory.Modes == nil {
		m.d.memory.Modes = map[string]string{}
	}
	m.d.memory.Modes[direction] = mode
	m.d.remembered()
}

// Fire has the device say that its input of the fire alarm system became active,
// and returns the id of that event.
func (d *Device) Fire() (string, error) {
	return ask(d, func() (string, error) {
		id := newID()
		d.emit(wire.EventPayload{ID: id, Type: "fire"})
		return id, nil
	})
}
