package sim

import (
	"time"

	"gatehouse/devices/wire"
)

// gate is a barrier: it opens, stays a while, and closes by itself.
type gate struct {
	d    *Device
	leaf leaf
	car  *car // the one in front of it, or under it
}

func newGate(d *Device) *gate {
	g := &gate{d: d, leaf: leaf{d: d, physical: isClosed}}
	if staysOpen(d.modes.of("")) {
		g.leaf.physical, g.leaf.position = isOpen, 1
	}
	g.leaf.arrived = g.arrived
	return g
}

func (g *gate) describe(s *wire.StatePayload) {
	s.Mode, s.Physical = g.d.modes.of(""), g.leaf.physical
}

func (g *gate) actions() []string { return []string{actOpen, actClose, actStop, actMode} }

func (g *gate) act(c wire.CommandPayload) (refusal string) {
	if c.Action == actMode {
		return g.mode(c)
	}
	if len(c.Args) > 0 {
		return badArguments
	}
	mode := g.d.modes.of("")
	switch {
	case c.Action == actOpen && staysClosed(mode), c.Action == actClose && staysOpen(mode),
		c.Action == actStop && mode != controlled:
		return mode
	case c.Action == actClose && g.car != nil && g.car.under:
		return blocked
	case c.Action == actStop && !g.leaf.moving():
		return notMoving
	case c.Action == actOpen && g.leaf.physical == isOpen:
		g.leaf.serial++ // the time to stay open begins again
		g.closeLater()
	case c.Action == actOpen:
		g.leaf.move(true)
	case c.Action == actClose && g.leaf.physical != isClosed:
		g.leaf.move(false)
	case c.Action == actStop:
		g.leaf.halt()
	}
	g.d.cause = c.ID
	return ""
}

// mode does what a new mode wants. A gate that is to be closed waits for the car
// under its boom.
func (g *gate) mode(c wire.CommandPayload) (refusal string) {
	if _, refusal := g.d.modes.take(c, ""); refusal != "" {
		return refusal
	}
	g.d.cause = c.ID
	g.obey()
	return ""
}

// obey moves the leaf to where the mode wants it.
func (g *gate) obey() {
	mode, underway := g.d.modes.of(""), g.car != nil && g.car.under
	switch {
	case staysOpen(mode) && g.leaf.physical != isOpen && g.leaf.physical != isOpening:
		g.leaf.move(true)
	case staysClosed(mode) && !underway && g.leaf.physical != isClosed && g.leaf.physical != isClosing:
		g.leaf.move(false)
	case mode == controlled && g.leaf.physical == isOpen && g.car == nil:
		g.closeLater()
	}
}

func (g *gate) arrived() {
	if g.leaf.physical != isOpen {
		if mode := g.d.modes.of(""); g.car != nil && staysClosed(mode) {
			g.turnAway(mode)
		}
		return
	}
	if g.car != nil {
		g.pass()
		return
	}
	g.closeLater()
}

// closeLater closes the gate when its pulse is over.
func (g *gate) closeLater() {
	g.leaf.later(g.d.lasts(wire.SettingPulse, time.Millisecond), func() {
		if g.leaf.physical != isOpen || g.car != nil || g.d.troubles.propped || staysOpen(g.d.modes.of("")) {
			return
		}
		g.close()
	})
}

// close closes it by itself: no command is the cause.
func (g *gate) close() {
	g.d.cause = ""
	g.leaf.move(false)
	g.d.sendState()
}
