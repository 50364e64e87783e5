package sim

import (
	"errors"
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// ErrTrouble is the answer to a trouble that this kind of device does not have.
var ErrTrouble = errors.New("this kind of device has no such trouble")

// troubles are what is wrong with a device, as its state reports say it.
type troubles struct {
	tamper  bool
	fault   string
	alarm   string
	propped bool // something keeps the leaf open
}

func (t *troubles) describe(s *wire.StatePayload) {
	s.Tamper, s.Fault, s.Alarm = t.tamper, t.fault, t.alarm
}

// shut ends what a shut leaf cannot be.
func (t *troubles) shut() { t.alarm, t.propped = "", false }

// Trouble has something happen to the device, by the type of the event that it says
// of it (see wire.EventTypes), and gives the event's id. What stands, stands until
// Mend.
func (d *Device) Trouble(kind string) (string, error) {
	return ask(d, func() (string, error) {
		if !slices.Contains(wire.EventTypes(d.id.Kind), kind) {
			return "", ErrTrouble
		}
		e := wire.EventPayload{ID: newID(), Type: kind}
		switch kind {
		case wire.EventForcedOpen:
			d.troubles.alarm, e.Trigger = wire.EventForcedOpen, "hand"
			d.pull()
		case wire.EventUncommand:
			e.Trigger, e.Physical = "remote", isOpening
			d.pull()
		case wire.EventHeldOpen:
			return e.ID, d.prop(e)
		case wire.EventTamper:
			d.troubles.tamper = true
		case wire.EventFault:
			d.troubles.fault, e.Reason = "E7", "E7"
		case wire.EventTailgating, wire.EventReverse, wire.EventClimb, wire.EventTimeout:
			e.Direction = "in"
		default: // a passage, a picture, a fire: these have ways of their own
			return "", ErrTrouble
		}
		return d.say(e)
	})
}

func (d *Device) say(e wire.EventPayload) (string, error) {
	d.emit(e)
	d.sendState()
	return e.ID, nil
}

// pull opens the leaf, ordered by nobody.
func (d *Device) pull() {
	d.cause = ""
	if l := d.body.(leafed).door(); l.physical != isOpen && l.physical != isOpening {
		l.move(true)
	}
}

// prop opens the leaf and keeps it so. The device says so once its open time is over.
func (d *Device) prop(e wire.EventPayload) error {
	l := d.body.(leafed).door()
	d.troubles.propped = true
	d.pull()
	d.sendState()
	d.after(d.lasts(wire.SettingOpenTime, time.Second), func() {
		if d.troubles.propped && l.physical == isOpen {
			d.troubles.alarm = wire.EventHeldOpen
			d.emit(e)
			d.sendState()
		}
	})
	return nil
}

// Mend ends every trouble; a leaf that nothing keeps open shuts.
func (d *Device) Mend() error {
	_, err := ask(d, func() (struct{}, error) {
		d.troubles = troubles{}
		if b, ok := d.body.(leafed); ok && b.door().physical != isClosed && !b.free() {
			d.cause = ""
			b.door().move(false)
		}
		d.sendState()
		return struct{}{}, nil
	})
	return err
}

// leafed is a body with something that opens.
type leafed interface {
	door() *leaf
	free() bool // it is to stay open
}

func (g *gate) door() *leaf { return &g.leaf }

func (g *gate) free() bool { return staysOpen(g.d.modes.of("")) }

func (t *turnstile) door() *leaf { return &t.leaf }
