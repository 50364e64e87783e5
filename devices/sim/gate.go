package sim

import (
	"time"

	"gatehouse/devices/wire"
)

// How a gate behaves.
const (
	stayOpen = 3 * time.Second // after an open, before it closes by itself
)

// gate is a barrier: it opens, stays a while, and closes by itself.
type gate struct {
	d    *Device
	leaf leaf
	car  *car // the one in front of it, or under it
}

func newGate(d *Device) *gate {
	g := &gate{d: d, leaf: leaf{d: d, physical: isClosed}}
	g.leaf.arrived = g.arrived
	return g
}

func (g *gate) describe(s *wire.StatePayload) {
	s.Mode, s.Physical = "controlled", g.leaf.physical
}

func (g *gate) actions() []string { return []string{actOpen, actClose, actStop} }

func (g *gate) act(c wire.CommandPayload) (refusal string) {
	if len(c.Args) > 0 {
		return badArguments
	}
	switch {
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

func (g *gate) arrived() {
	if g.leaf.physical != isOpen {
		return
	}
	if g.car != nil {
		g.pass()
		return
	}
	g.closeLater()
}

// closeLater closes the gate when it has stayed open long enough.
func (g *gate) closeLater() {
	g.leaf.later(stayOpen, func() {
		if g.leaf.physical != isOpen || g.car != nil {
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
