package devices

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/devices/wire"
)

// Configure sets how a device is wanted to be; base is the revision that whoever
// asks has seen (0: none). The device is told at once, or when it comes. The same
// settings again change nothing. NotFound; Conflict if somebody else changed them
// meanwhile; Invalid: Field is settings.{name}.
func (c *Control) Configure(ctx context.Context, a Actor, id DeviceID, base int64, texts map[string]string) (Live, error) {
	const op = "device.configure"
	u, ok := c.places.unit(id)
	if !ok {
		return Live{}, notFound(op, "device "+string(id))
	}
	want, wrong := ReadSettings(u.device.Kind, texts)
	if len(wrong) > 0 {
		return Live{}, invalid(op, "settings."+wrong[0].Setting, wrong[0].Message)
	}
	if err := u.turn.takeFor(ctx, op, "something of this device"); err != nil {
		return Live{}, err
	}
	defer u.turn.give()
	was := u.snapshot()
	switch {
	case !was.Device.Retired.IsZero():
		return Live{}, notFound(op, "device "+string(id))
	case want == was.Config.Settings:
		return c.live(u), nil
	case was.Config.Revision != base:
		return Live{}, outdatedConfig(op, was.Config.Revision)
	}
	next := Configuration{Revision: base + 1, Settings: want, At: c.now(), By: who(a)}
	entry := c.audit(a, op, u.device.Site, "device:"+string(id), map[string]any{
		"revision": next.Revision, "before": was.Config.Settings.Texts(), "after": want.Texts(),
	})
	r, err := c.d.Store.SaveConfig(ctx, id, next, entry)
	if CodeOf(err) == Conflict { // an earlier one was stored although its commit was reported as an error
		return Live{}, c.learnConfig(ctx, op, u)
	}
	if err != nil {
		return Live{}, fmt.Errorf("%s: %w", op, err)
	}
	c.change(u, r, func(l *Live) { l.Config = next })
	c.configs.add(u)
	return c.live(u), nil
}

func outdatedConfig(op string, newest int64) error {
	return &Error{Op: op, Code: Conflict, Field: "base", Message: fmt.Sprintf("the configuration is at revision %d by now: look at it again", newest)}
}

// learnConfig takes what the store knows, and says so as a conflict. The caller
// holds turn.
func (c *Control) learnConfig(ctx context.Context, op string, u *unit) error {
	newest, err := c.d.Store.Configs(ctx, u.device.ID, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if len(newest) == 0 {
		return notFound(op, "device "+string(u.device.ID))
	}
	c.change(u, 0, func(l *Live) { l.Config = newest[0] })
	c.configs.add(u)
	return outdatedConfig(op, newest[0].Revision)
}

// Configs are the revisions of a device's configuration, and then of those whose
// place it took, newest first.
func (c *Control) Configs(ctx context.Context, id DeviceID, limit int) ([]Configuration, error) {
	if _, ok := c.places.ever(id); !ok {
		return nil, notFound("device.configs", "device "+string(id))
	}
	all, err := alongLine(c.places.line(id), limit, func(d DeviceID, limit int) ([]Configuration, error) {
		return c.d.Store.Configs(ctx, d, limit)
	})
	// A successor begins with the revision that its predecessor ended with.
	return slices.CompactFunc(all, func(a, b Configuration) bool { return a.Revision == b.Revision }), err
}

// putters is how many configurations are put at once: enough to share commits.
const putters = 8

// keepConfigs puts configurations where their devices find them until ctx ends.
func (c *Control) keepConfigs(ctx context.Context) {
	for {
		u, ok := c.configs.next(ctx)
		if !ok || !c.retry(ctx, "configuration of "+string(u.device.ID), func() error { return c.putConfig(ctx, u) }) {
			return
		}
	}
}

// putConfig puts the newest: whatever changes after it was read is put again.
func (c *Control) putConfig(ctx context.Context, u *unit) error {
	if err := u.configuring.take(ctx); err != nil {
		return err
	}
	defer u.configuring.give()
	l := u.snapshot()
	if l.Config.Revision == 0 || !l.Device.Retired.IsZero() {
		return c.d.Configs.PutConfig(ctx, l.Device, nil)
	}
	payload, err := json.Marshal(wire.ConfigPayload{Revision: l.Config.Revision, Settings: l.Config.Settings.Texts()})
	if err != nil {
		return fmt.Errorf("device.configure: %w", err)
	}
	return c.d.Configs.PutConfig(ctx, l.Device, payload)
}

// putAllConfigs puts what the store knows: the broker may have lost it, or have
// something newer than a store that was brought back from a copy.
func (c *Control) putAllConfigs() {
	for _, u := range c.places.allUnits() {
		c.configs.add(u)
	}
}

// nowhere is the ConfigOutlet of a Control that was given none.
type nowhere struct{}

// PutConfig implements ConfigOutlet.
func (nowhere) PutConfig(context.Context, Device, []byte) error { return nil }
