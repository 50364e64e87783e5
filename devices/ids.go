package devices

// Ids are opaque; the platform makes UUIDv7. They never change and are never
// used again.
type (
	// SiteID names a Site.
	SiteID string
	// ZoneID names a Zone.
	ZoneID string
	// DeviceID names a Device.
	DeviceID string
	// CommandID names a Command.
	CommandID string
	// EventID is made by a device and unique within it.
	EventID string
	// Revision orders everything that is said about one site.
	Revision int64
)
