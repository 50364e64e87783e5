package presence

import "time"

// Link is whether a device is connected, since when, and why not.
type Link struct {
	Status Status
	Since  time.Time // of Status; zero for NeverSeen
	Cause  string    // why offline
	Epoch  uint64    // of the connection that Status speaks of, within one run of the server
	Remote string

	// Connected is whether the connection stands although the device is offline: only
	// after HeartbeatLost.
	Connected bool
	// Flapping is whether it came and went so often that this is what is to be said of
	// it, and FlappingSince since when. Flaps is what that is decided by. All three are
	// of one run of the server.
	Flapping      bool
	FlappingSince time.Time
	Flaps         Flaps
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
// the first "down" is final. Only the silence of a device whose connection stands
// is not: see Silence.
func Apply(l Link, c Change) (Link, bool) {
	switch {
	case c.Epoch < l.Epoch:
		return l, false
	case c.Epoch == l.Epoch && l.Connected && !c.Up: // it was silent, and now it is gone
		l.Connected, l.Cause = false, c.Cause
		return l, true
	case c.Epoch == l.Epoch && (c.Up || l.Status != Online):
		return l, false
	case c.Up:
		return l.to(Link{Status: Online, Since: c.At, Epoch: c.Epoch, Remote: c.Remote}, CauseTakeOver), true
	}
	remote := c.Remote
	if remote == "" && c.Epoch == l.Epoch {
		remote = l.Remote
	}
	return l.to(Link{Status: Offline, Since: c.At, Cause: c.Cause, Epoch: c.Epoch, Remote: remote}, c.Cause), true
}

// Silence gives the link of a device whose connection stands and whose reports do
// not come any more: offline by HeartbeatLost. False if it is not online.
func Silence(l Link, at time.Time) (Link, bool) {
	if l.Status != Online {
		return l, false
	}
	next := Link{Status: Offline, Since: at, Cause: CauseHeartbeatLost, Epoch: l.Epoch, Remote: l.Remote, Connected: true}
	return l.to(next, CauseHeartbeatLost), true
}

// Heard gives the link after a report that came on the connection of epoch: a
// device that was only silent is back. False if it was not.
func Heard(l Link, epoch uint64, at time.Time) (Link, bool) {
	if !l.Connected || l.Epoch != epoch {
		return l, false
	}
	return l.to(Link{Status: Online, Since: at, Epoch: l.Epoch, Remote: l.Remote}, ""), true
}

// to is the step from l to the next status. cause is why l ended, if it was online.
// Times of one link differ, so that each names one span of its history.
func (l Link) to(next Link, cause string) Link {
	if ahead := l.Since.Sub(next.Since); ahead >= 0 && ahead < time.Second {
		next.Since = l.Since.Add(time.Millisecond)
	}
	next.Flapping, next.FlappingSince, next.Flaps = l.Flapping, l.FlappingSince, l.Flaps
	if l.Status != Online || byPeople(cause) {
		return next
	}
	next.Flaps = l.Flaps.Drop(next.Since)
	if !next.Flapping && next.Flaps.Penalty >= FlapsFrom {
		next.Flapping, next.FlappingSince = true, next.Since
	}
	return next
}

// byPeople is whether an end says nothing of the device and its line.
func byPeople(cause string) bool {
	return cause == CauseKicked || cause == CauseRevoked || cause == CauseShutdown || cause == RestartCause
}

// Reachable is whether the connection stands, whatever the device says on it.
func (l Link) Reachable() bool { return l.Status == Online || l.Connected }

// Calm gives the link once it has been quiet for long enough: it does not flap any
// more. False if there is nothing to say yet.
func Calm(l Link, now time.Time) (Link, bool) {
	if !l.Flapping || now.Before(l.Flaps.CalmAt()) {
		return l, false
	}
	l.Flapping, l.FlappingSince, l.Flaps = false, time.Time{}, Flaps{}
	return l, true
}

// Restart gives the link at the start of the server: connections do not survive
// it, so what was online is offline, and epochs begin anew. What the stop of the
// server ended is offline by it as well.
func Restart(l Link, at time.Time) Link {
	if l.Status == Online || l.Connected || l.Status == Offline && l.Cause == CauseShutdown {
		return Link{Status: Offline, Since: at, Cause: RestartCause}
	}
	l.Epoch, l.Flapping, l.FlappingSince, l.Flaps = 0, false, time.Time{}, Flaps{}
	return l
}
