package devices

import (
	"time"

	"gatehouse/devices/presence"
)

// KindName is what a device is.
type KindName string

// The kinds of devices.
const (
	Gate      KindName = "gate"
	Turnstile KindName = "turnstile"
	Camera    KindName = "camera"
)

// Device is one gate, turnstile or camera as the registry knows it.
type Device struct {
	ID      DeviceID
	Site    SiteID
	Zone    ZoneID
	Kind    KindName
	Name    string
	Created time.Time

	Retired  time.Time // zero: in service
	Replaces DeviceID  // whose place it took; empty: nobody's
}

// FireWiring is what a device has to do with fire groups of its site. The zero
// value is none.
type FireWiring struct {
	Group string // its openings are released with this group
	Input string // its event "fire" releases this group
}

// Live is everything that is known of a device now: what the wall shows.
type Live struct {
	Device   Device
	Link     presence.Link
	State    State
	Last     *Event // its newest event, if any
	Fire     FireWiring
	Revision Revision

	Telemetry Telemetry
	Config    Configuration // how it is wanted to be

	Doubt      Doubt        // why State says nothing of now: see DoubtAt
	Configured ConfigStatus // whether State is as Config wants it: see ConfigStatusAt
	// RecordPending is since when a command of it waits for its record; zero: none does.
	RecordPending time.Time
}
