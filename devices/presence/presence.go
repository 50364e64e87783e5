package presence

import "time"

// Link is whether a device is connected, since when, and why not.
type Link struct {
	Status Status
	Since  time.Time // of Status; zero for NeverSeen
	Cause  string    // why offline
	Epoch  uint64    // of the connection that Status speaks of, within one run of the server
	Remote string
}

// Status of a link.
type Status string

// The statuses of a link.
const (
	NeverSeen Status = "never_seen"
	Online    Status = "online"
	Offline   Status = "offline"
)

// Change is one piece of news about a device's connection.
type Change struct {
	Up     bool
	Epoch  uint64
	At     time.Time
	Cause  string
	Remote string
}
