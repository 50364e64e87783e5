package sim

import (
	"math/rand/v2"
	"time"

	"gatehouse/devices/wire"
)

// camera takes pictures of what stands before it.
type camera struct {
	d *Device
}

func newCamera(d *Device) *camera { return &camera{d} }

func (c *camera) describe(*wire.StatePayload) {}

func (c *camera) actions() []string { return []string{actSnapshot} }

func (c *camera) act(cmd wire.CommandPayload) (refusal string) {
	if len(cmd.Args) > 0 {
		return badArguments
	}
	c.shoot(newID(), cmd.ID, Scene{Colour: rand.IntN(len(paints))}) //nolint:gosec // a car's colour
	return ""
}

// capture has the camera take the picture of another device's event.
func (c *camera) capture(event, command string, s Scene) {
	c.d.post(func() {
		c.shoot(event, command, s)
		c.d.sendState()
	})
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
