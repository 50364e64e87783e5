package devices

import (
	"context"
	"fmt"

	"gatehouse/devices/arbiter"
)

// holdsFollow lays the holds of a device over its successor within the site, before
// that exists: a gate that is held closed is not open for a moment because it was
// replaced.
func (c *Control) holdsFollow(ctx context.Context, a Actor, q Retirement) error {
	const op = "layer.follow"
	if q.Successor == nil {
		return nil
	}
	if err := c.rulings.turn.takeFor(ctx, op, "an earlier layer"); err != nil {
		return err
	}
	defer c.rulings.turn.give()
	for _, l := range c.rulings.all() {
		if l.Scope.Kind != arbiter.OfDevice || l.Scope.ID != string(q.Device) || SiteID(l.Scope.Site) != q.Successor.Site {
			continue
		}
		l.Scope.ID, l.Zone = string(q.Successor.ID), q.Successor.Zone
		if _, err := c.putLayer(ctx, a, op, l); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	return nil
}
