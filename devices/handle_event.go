package devices

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/devices/wire"
)

// handleEvent stores an event once, and sees which command it confirms.
func (c *Control) handleEvent(ctx context.Context, u *unit, r Report) error {
	p, err := wire.DecodeEvent(r.Payload)
	if err != nil {
		return err
	}
	if types := wire.EventTypes(string(u.device.Kind)); !slices.Contains(types, p.Type) {
		return refuse(WrongKind, "type", fmt.Sprintf("a %s does not say %s; it may say %s", u.device.Kind, p.Type, strings.Join(types, ", ")))
	}
	e := eventOf(u.registered(), p, r.Arrived)
	if e.Type == wire.EventFire {
		if err := c.fireInput(ctx, u, e); err != nil {
			return err
		}
	}
	if err := c.saveEvent(ctx, u, e); err != nil {
		if CodeOf(err) == Conflict {
			return refuse(OtherContent, "id", fmt.Sprintf("event %q of this device is stored with other content; an event never changes", p.ID))
		}
		return err
	}
	return u.settleShown(ctx, func(x *execution) bool { return x.shownByEvent(e) })
}

func (c *Control) saveEvent(ctx context.Context, u *unit, e Event) error {
	if err := u.turn.take(ctx); err != nil {
		return err
	}
	defer u.turn.give()
	r, existed, err := c.d.Store.AddEvent(ctx, e)
	if err != nil {
		return fmt.Errorf("event.save: %w", err)
	}
	if existed {
		return nil
	}
	e.Revision = r
	c.change(u, r, func(l *Live) { l.Last = &e })
	if e.Type == "passage" {
		c.TodayChanged(e.Site)
	}
	c.d.Happened(e)
	return nil
}

func eventOf(d Device, p wire.EventPayload, arrived time.Time) Event {
	return Event{
		Device: d.ID, ID: EventID(p.ID), Site: d.Site, Zone: d.Zone, Seq: p.Seq, Type: p.Type,
		Command: CommandID(p.Command), Direction: p.Direction, Result: p.Result, Reason: p.Reason,
		Credential: p.Credential, Physical: Physical(p.Physical), Trigger: p.Trigger,
		Camera: DeviceID(p.Camera), Plate: p.Plate, Confidence: p.Confidence, Colour: p.Colour, Snapshot: EventID(p.Snapshot),
		Picture: p.Picture, DeviceTime: time.UnixMilli(p.At).UTC(), ArrivedAt: arrived,
	}
}

// PictureStored tells that the picture of an event is there, with the revision of
// that commit. It never blocks.
func (c *Control) PictureStored(d DeviceID, e EventID, r Revision) {
	u, ok := c.places.unit(d)
	if !ok {
		return
	}
	c.group.start(func() {
		if u.turn.take(c.group.life) != nil {
			return
		}
		defer u.turn.give()
		if last := u.snapshot().Last; last == nil || last.ID != e {
			return
		}
		c.change(u, r, func(l *Live) {
			last := *l.Last
			last.Picture = true
			l.Last = &last
		})
	})
}
