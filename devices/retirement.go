package devices

import (
	"context"
	"time"
)

// CauseRetired is the cause of a retired device's link being offline.
const CauseRetired = "retired"

// Retirement takes a device out of service for good, and may give its place to a
// new one.
type Retirement struct {
	Device    DeviceID
	At        time.Time
	Successor *Device // nil: nobody; never seen otherwise
}

// RegistryStore is the part of Store that changes what is registered. Each method
// is one durable transaction with its audit entry; NotFound if there is no such
// thing. A retired device does not change any more: that is Conflict.
type RegistryStore interface {
	RenameSite(ctx context.Context, id SiteID, name string, a AuditEntry) error
	RenameZone(ctx context.Context, id ZoneID, name string, a AuditEntry) error
	// EditDevice sets name and zone, which is one of the device's own site.
	EditDevice(ctx context.Context, id DeviceID, zone ZoneID, name string, a AuditEntry) (Revision, error)
	// AddRoster adds zones, and devices in them or in others with the configurations
	// that they begin with, all or none; it gives
	// the revision of each device.
	AddRoster(ctx context.Context, zones []Zone, d []Device, configs map[DeviceID]Configuration, a []AuditEntry) ([]Revision, error)
	// Retire gives a successor the device's configuration, and one of the same site its
	// fire wiring and its schedules, where the store keeps those. It raises the revision of the device's site, and then that of its
	// successor's; heir is 0 without one.
	Retire(ctx context.Context, r Retirement, a AuditEntry) (old, heir Revision, err error)
}

// Enrolment ends what lets a device in: its credential, and with it its connection.
// A device without one is no error.
type Enrolment interface {
	EndDevice(ctx context.Context, by Actor, d DeviceID) error
}
