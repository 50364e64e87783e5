package main

import (
	"context"

	"gatehouse/devices"
)

// registered answers what ledger and schedules ask about devices.
type registered struct{ control *devices.Control }

// Zone says where a device stands.
func (r registered) Zone(id devices.DeviceID) (devices.SiteID, devices.ZoneID, bool) {
	d, ok := r.control.Registered(id)
	return d.Site, d.Zone, ok
}

// Device implements schedule.Registry.
func (r registered) Device(ctx context.Context, id devices.DeviceID) (devices.Device, error) {
	if d, ok := r.control.Registered(id); ok {
		return d, nil
	}
	if _, err := r.control.Device(ctx, id); err != nil {
		return devices.Device{}, err
	}
	return devices.Device{}, &devices.Error{Op: "device.get", Code: devices.NotFound, Message: "device " + string(id) + " is retired"}
}

// Site implements schedule.Registry.
func (r registered) Site(_ context.Context, id devices.SiteID) (devices.Site, error) {
	return r.control.Site(id)
}

// CheckAction implements schedule.Registry.
func (registered) CheckAction(kind devices.KindName, a devices.Action, args map[string]string) error {
	return devices.CheckAction(kind, a, args)
}
