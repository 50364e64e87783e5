package devices

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices/arbiter"
)

// ScheduleSetting is what timetables want of one opening.
type ScheduleSetting struct {
	Device    DeviceID
	Direction string // of a turnstile's opening; else empty
	Mode      Mode   // HeldOpen or HeldClosed; Controlled releases
	By        Actor  // of the kind ActorSchedule: id and name of the timetable
	Reason    string
	Until     time.Time // zero: until it is released; in the past: as if released
}

// SetSchedules sets or releases the schedule layers of many openings in one commit,
// and gives those that changed. What would change nothing (mode, By, Reason and Until
// are as they are) is not stored again. A device that is not in service, or an
// opening that it does not have, is left out. The openings are told their new mode by
// Run. Errors: Invalid (Field is device, mode, by or reason), Unavailable (nothing is
// changed: ask again).
func (c *Control) SetSchedules(ctx context.Context, wanted []ScheduleSetting) ([]Layer, error) {
	const op = "layer.schedule"
	if !c.group.enter() {
		return nil, stopping(op)
	}
	defer c.group.leave()
	if err := checkSchedules(op, wanted); err != nil {
		return nil, err
	}
	if err := c.rulings.turn.takeFor(ctx, op, "an earlier layer"); err != nil {
		return nil, err
	}
	defer c.rulings.turn.give()
	var changed []Layer
	var notes layerNotes
	for _, s := range wanted {
		l, ok := c.scheduleLayer(s)
		if !ok || c.rulings.sameSchedule(l) {
			continue
		}
		changed = append(changed, l)
		notes.add(layerNote{actor: s.By, verb: op, timetable: s.By.ID}, l)
	}
	if len(changed) == 0 {
		return nil, nil
	}
	put, err := c.putLayers(ctx, changed, notes.entries(c))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return put, nil
}

// ScheduleLayers gives the schedule layers that are set.
func (c *Control) ScheduleLayers() []Layer {
	return c.rulings.selected(func(s arbiter.Setting) bool { return s.Layer == arbiter.Schedule })
}

// checkSchedules says what is wrong with what timetables want.
func checkSchedules(op string, wanted []ScheduleSetting) error {
	type opening struct {
		device    DeviceID
		direction string
	}
	seen := make(map[opening]bool, len(wanted))
	for _, s := range wanted {
		o := opening{s.Device, s.Direction}
		switch {
		case s.Mode != HeldOpen && s.Mode != HeldClosed && s.Mode != Controlled:
			return invalid(op, "mode", "must be one of "+list([]Mode{HeldOpen, HeldClosed, Controlled}))
		case s.By.Kind != ActorSchedule || s.By.ID == "":
			return invalid(op, "by", "must be a timetable: of the kind schedule, with an id")
		case seen[o]:
			return invalid(op, "device", "must be once in what is wanted with each direction: "+string(s.Device)+" is there twice")
		}
		if err := checkReason(op, s.Reason, false); err != nil {
			return err
		}
		seen[o] = true
	}
	return nil
}

// scheduleLayer is the layer that a setting wants; false if there is no such opening.
func (c *Control) scheduleLayer(s ScheduleSetting) (Layer, bool) {
	u, ok := c.places.unit(s.Device)
	if !ok || !hasOpening(u.kind, s.Direction) {
		return Layer{}, false
	}
	d, now := u.registered(), c.now()
	l := Layer{Zone: d.Zone, Set: s.Mode != Controlled, Setting: arbiter.Setting{
		Layer: arbiter.Schedule, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: string(d.Site), ID: string(d.ID), Direction: s.Direction},
		Mode: s.Mode, By: who(s.By), Reason: s.Reason, Since: now,
	}}
	if !s.Until.IsZero() {
		l.Until = s.Until.UTC().Truncate(time.Millisecond)
	}
	if l.Over(now) || !l.Set {
		l.Set, l.Mode, l.Until = false, Controlled, time.Time{}
	}
	return l, true
}
