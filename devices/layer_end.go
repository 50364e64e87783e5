package devices

import (
	"context"
	"time"

	"gatehouse/devices/arbiter"
)

// endLayers releases, in one commit, what has run out, which counts no more already,
// and what is over a device that is not in service.
func (c *Control) endLayers(ctx context.Context) {
	now := c.now()
	over := func(s arbiter.Setting) bool { verb, _ := c.layerEnd(s, now); return verb != "" }
	if len(c.rulings.selected(over)) == 0 || c.rulings.turn.take(ctx) != nil {
		return
	}
	defer c.rulings.turn.give()
	ended := c.rulings.selected(over) // again: somebody may have changed them
	if len(ended) == 0 {
		return
	}
	entries := c.release(ended, now)
	if _, err := c.putLayers(ctx, ended, entries); err != nil {
		c.d.Log.Error("cannot save the end of layers; trying again", "layers", len(ended), "err", err)
	}
}

// release makes of layers that end what is to be stored, and gives what the audit
// trail is told: one entry for each, but for those of timetables.
func (c *Control) release(ended []Layer, now time.Time) (entries []AuditEntry) {
	var notes layerNotes
	for i, l := range ended {
		verb, why := c.layerEnd(l.Setting, now)
		timetable := l.By.ID
		l.Set, l.Mode, l.By, l.Since, l.Until, l.Reason = false, Controlled, who(system), now, time.Time{}, why
		ended[i] = l
		if l.Layer == arbiter.Schedule {
			notes.add(layerNote{actor: system, verb: verb, timetable: timetable}, l)
			continue
		}
		detail := map[string]any{"reason": why, "mode": string(l.Mode)}
		entries = append(entries, c.audit(system, verb, SiteID(l.Scope.Site), "layer:"+l.ID(), detail))
	}
	return append(entries, notes.entries(c)...)
}

// layerEnd is why a layer that is set is to be released, as verb and reason; empty:
// it is not.
func (c *Control) layerEnd(s arbiter.Setting, now time.Time) (verb, why string) {
	switch {
	case s.Over(now):
		return "layer.expired", "its time is over"
	case s.Scope.Kind == arbiter.OfDevice && !c.places.inService(DeviceID(s.Scope.ID)):
		return "layer.retired", "the device is retired"
	}
	return "", ""
}
