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
	if q.Successor == nil {
		return nil
	}
	return c.eachHold(ctx, q.Device, func(l Layer) error {
		if SiteID(l.Scope.Site) != q.Successor.Site {
			return nil
		}
		l.Scope.ID, l.Zone = string(q.Successor.ID), q.Successor.Zone
		if _, err := c.putLayer(ctx, a, "layer.follow", l); err != nil {
			return fmt.Errorf("layer.follow: %w", err)
		}
		return nil
	})
}

// eachHold goes through the layers that are over one device alone.
func (c *Control) eachHold(ctx context.Context, id DeviceID, do func(Layer) error) error {
	if err := c.rulings.turn.takeFor(ctx, "layer.follow", "an earlier layer"); err != nil {
		return err
	}
	defer c.rulings.turn.give()
	for _, l := range c.rulings.all() {
		if l.Scope.Kind != arbiter.OfDevice || l.Scope.ID != string(id) {
			continue
		}
		if err := do(l); err != nil {
			return err
		}
	}
	return nil
}
