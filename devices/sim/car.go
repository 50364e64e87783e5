package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gatehouse/devices/wire"
)

// How a car drives.
const (
	untilPicture = 300 * time.Millisecond // from its arrival
	untilKnown   = 600 * time.Millisecond // until the gate knows the plate and opens
	underBoom    = 1500 * time.Millisecond
	clearOfBoom  = 700 * time.Millisecond
)

// What a control page may be told.
var (
	ErrWrongKind = errors.New("this kind of device cannot do that")
	ErrBusy      = errors.New("a car is at this gate already")
	ErrNoBilling = errors.New("this device has not made a billing event yet")
)

// car is one car at a gate.
type car struct {
	event, billing string // ids
	plate          string
	direction      string
	under          bool // under the boom
}

// Drive is what a car will leave behind.
type Drive struct {
	Event   string `json:"event"`   // id of the passage, and of the camera's picture
	Billing string `json:"billing"` // id of the billing event
	Plate   string `json:"plate"`
}

// Car drives a car with a known plate through the gate; direction is in or out.
// It returns when the car has arrived: the camera takes its picture and reads its plate, the gate
// opens by itself, the car passes, is counted and charged, the gate closes.
func (d *Device) Car(direction string) (Drive, error) {
	return ask(d, func() (Drive, error) {
		g, ok := d.body.(*gate)
		if !ok {
			return Drive{}, ErrWrongKind
		}
		if g.car != nil {
			return Drive{}, ErrBusy
		}
		g.car = &car{event: newID(), billing: newID(), plate: plate(d.id.Currency), direction: direction}
		g.approach()
		return Drive{g.car.event, g.car.billing, g.car.plate}, nil
	})
}

func (g *gate) approach() {
	c := g.car
	if g.d.eye != nil {
		g.d.after(untilPicture, func() {
			g.d.eye.capture(c.event, c.direction, Scene{Plate: c.plate, Colour: rand.IntN(len(paints))}) //nolint:gosec // a car's colour
		})
	}
	g.d.after(untilKnown, func() {
		if g.car != c {
			return
		}
		if mode := g.d.modes.of(""); staysClosed(mode) {
			g.turnAway(mode)
			return
		}
		if g.leaf.physical == isOpen {
			g.pass()
			return
		}
		if g.leaf.physical != isOpening {
			g.d.cause = ""
			g.leaf.move(true)
			g.d.sendState()
		}
	})
}

// turnAway refuses a car that nothing lets in now: it drives off.
func (g *gate) turnAway(reason string) {
	c := g.car
	g.car = nil
	g.d.emit(wire.EventPayload{
		ID: c.event, Type: "passage", Direction: c.direction, Result: "denied", Reason: reason,
		Credential: "plate:" + c.plate, Camera: g.d.id.Camera,
	})
}

// pass drives the car through the open gate.
func (g *gate) pass() {
	c := g.car
	if c.under {
		return
	}
	c.under = true
	g.d.after(underBoom, func() {
		g.d.memory.Counters[c.direction]++
		g.d.emit(wire.EventPayload{
			ID: c.event, Type: "passage", Direction: c.direction, Result: "granted",
			Credential: "plate:" + c.plate, Camera: g.d.id.Camera,
		})
		hours := 1 + rand.Int64N(6) //nolint:gosec // a stay
		g.d.charge(wire.BillingPayload{
			ID: c.billing, Amount: hours * 500, Currency: g.d.id.Currency,
			For: fmt.Sprintf("停车 parking %d h", hours), Event: c.event,
		})
		g.d.sendState()
		g.d.after(clearOfBoom, func() {
			g.car = nil
			if g.leaf.physical == isOpen && !g.d.troubles.propped && !staysOpen(g.d.modes.of("")) {
				g.close()
			}
		})
	})
}

// plate makes a number plate as they are where the currency is used.
func plate(currency string) string {
	const letters, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789"
	pick := func(from string, n int) string {
		s := make([]byte, n)
		for i := range s {
			s[i] = from[rand.IntN(len(from))] //nolint:gosec // a plate
		}
		return string(s)
	}
	switch {
	case currency == "CNY" && rand.IntN(4) == 0: //nolint:gosec // every fourth car has a battery
		return "粤B" + pick("DF", 1) + pick(digits, 5)
	case currency == "CNY":
		return "粤B" + pick(digits, 5)
	}
	return pick(letters, 2) + pick(digits, 2) + " " + pick(letters, 3)
}

// RepeatBilling sends the last billing event again: the same id, the same content.
func (d *Device) RepeatBilling() (wire.BillingPayload, error) {
	return ask(d, func() (wire.BillingPayload, error) {
		if d.memory.Billing == nil {
			return wire.BillingPayload{}, ErrNoBilling
		}
		d.bill(*d.memory.Billing)
		return *d.memory.Billing, nil
	})
}
