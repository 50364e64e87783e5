package devices

import (
	"gatehouse/devices/arbiter"
	"gatehouse/devices/presence"
)

// Outlook is what would become of an order if it were given now.
type Outlook struct {
	Stack  arbiter.Stack // the layers over the opening; empty: none, or the order is not about an opening
	Refuse error         // Refused, with the layer that would refuse it; nil: none would
	Absent string        // why the device could not be sent it; empty: it is connected
}

// Outlook looks what would become of an order, and gives none. Errors: NotFound (no such
// device), Invalid (as Send says).
func (c *Control) Outlook(id DeviceID, r Request) (Outlook, error) {
	const op = "command.outlook"
	u, ok := c.places.unit(id)
	if !ok || u.retired() {
		return Outlook{}, notFound(op, "device "+string(id))
	}
	if r.TTL == 0 {
		r.TTL = DefaultTTL
	}
	if err := u.check(op, r); err != nil {
		return Outlook{}, err
	}
	var o Outlook
	if _, momentary := moves[r.Action]; momentary {
		direction := ""
		if u.device.Kind == Turnstile {
			direction = r.Args["direction"]
		}
		o.Stack = c.stack(u, direction)
	}
	o.Refuse = c.refusal(op, u, r)
	if link := u.linkNow(); link.Status != presence.Online {
		o.Absent = absent(link)
	}
	return o, nil
}
