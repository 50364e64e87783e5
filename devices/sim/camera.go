package sim

import (
	"math/rand/v2"
	"strconv"
	"time"
	"unicode/utf8"

	"gatehouse/devices/wire"
)

// camera takes pictures of what stands before it.
type camera struct {
	d *Device
}

func newCamera(d *Device) *camera { return &camera{d} }

func (c *camera) describe(*wire.StatePayload) {}

func (c *camera) actions() []string { return []string{actSnapshot, actRecord} }

func (c *camera) act(cmd wire.CommandPayload) (refusal string) {
	if cmd.Action == actRecord {
		if n, err := strconv.Atoi(cmd.Args["seconds"]); err != nil || len(cmd.Args) != 1 || n < 1 || n > 300 {
			return badArguments
		}
		c.d.cause = cmd.ID // a virtual camera keeps no film: it only says that it records
		return ""
	}
	if len(cmd.Args) > 0 {
		return badArguments
	}
	c.shoot(newID(), cmd.ID, Scene{Colour: rand.IntN(len(paints))}) //nolint:gosec // a car's colour
	return ""
}

// capture has the camera take the picture of another device's event, and read the
// plate of a car: as cameras do, while the car comes nearer, each time a little surer.
func (c *camera) capture(event, direction string, s Scene) {
	c.d.post(func() {
		c.shoot(event, "", s)
		c.d.sendState()
		for i := range reads {
			c.d.after(time.Duration(i)*readEvery, func() { c.read(event, direction, s, 70+i*25/(reads-1)) })
		}
	})
}

// How often the camera reads the plate of one car.
const (
	reads     = 3
	readEvery = 400 * time.Millisecond
)

func (c *camera) read(event, direction string, s Scene, confidence int) {
	c.d.emit(wire.EventPayload{
		ID: newID(), Type: "plate", Plate: s.Plate, Confidence: confidence, Colour: colourOf(s.Plate), Direction: direction, Snapshot: event,
	})
}

// colourOf is the colour of a plate: those of new-energy cars have one character more.
func colourOf(plate string) string {
	switch {
	case plate == "" || plate[0] < utf8.RuneSelf:
		return "other" // not of China
	case utf8.RuneCountInString(plate) > 7:
		return "green"
	}
	return "blue"
}

func (c *camera) shoot(event, command string, s Scene) {
	s.Camera, s.At = c.d.id.ID, time.Now().Add(c.d.skew)
	jpeg, err := s.JPEG()
	if err != nil {
		c.d.log.Error("no picture", "err", err)
		return
	}
	c.d.memory.Counters["pictures"]++
	c.d.cause = command
	c.d.emit(wire.EventPayload{ID: event, Type: "snapshot", Command: command, Picture: true})
	c.d.keep(Message{
		Channel: wire.Picture,
		Topic:   wire.PictureTopic(c.d.id.Site, c.d.id.ID, event),
		Payload: jpeg,
		QoS:     1,
	})
}
