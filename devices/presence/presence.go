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

// Change is one piece of news about a device's connection. Epoch rises with every
// connection that is made to this run of the server.
type Change struct {
	Up     bool
	Epoch  uint64
	At     time.Time
	Cause  string // why it ended; empty when Up
	Remote string
}

// Apply gives the link after a change. The news may come in any order and more
// than once, from the connection and from the device's will: a change of an older
// connection than the link speaks of changes nothing, and within one connection
// the first "down" is final.
func Apply(l Link, c Change) (Link, bool) {
	switch {
	case c.Epoch < l.Epoch:
		return l, false
	case c.Epoch == l.Epoch && (c.Up || l.Status != Online):
		return l, false
	case c.Up:
		return Link{Status: Online, Since: c.At, Epoch: c.Epoch, Remote: c.Remote}, true
	}
	remote := c.Remote
	if remote == "" && c.Epoch == l.Epoch {
		remote = l.Remote
	}
	return Link{Status: Offline, Since: c.At, Cause: c.Cause, Epoch: c.Epoch, Remote: remote}, true
}

// Restart gives the link at the start of the server: connections do not survive
// it, so what was online is offline, and epochs begin anew.
func Restart(l Link, at time.Time) Link {
	l.Epoch = 0
	if l.Status == Online {
		return Link{Status: Offline, Since: at, Cause: RestartCause}
	}
	return l
}

// RestartCause is the cause of being offline after a start of the server, until
// the device is back.
const RestartCause = "server restart"
