package web

import (
	"context"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

func aLockdown() devices.Layer {
	return devices.Layer{Set: true, Zone: "z1", Revision: 11, Setting: arbiter.Setting{
		Layer: arbiter.Lockdown, Scope: arbiter.Scope{Kind: arbiter.OfZone, Site: "s1", ID: "z1"}, Mode: devices.LockedDown,
		By: arbiter.Who{Kind: "operator", ID: "o1", Name: "Wang"}, Reason: "a lost child", Since: noon,
	}}
}

func (c *control) Layers() []devices.Layer { return []devices.Layer{aLockdown()} }

func (c *control) SetLayer(_ context.Context, a devices.Actor, r devices.LayerRequest) ([]devices.Layer, error) {
	c.actor, c.asked = a, r
	return []devices.Layer{aLockdown()}, c.err
}
