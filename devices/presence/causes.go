package presence

import "time"

// Why devices are offline: the words of the broker, of the platform, and, with a
// will or a "status" of its own, the device's.
const (
	CauseDisconnect    = "disconnect"      // the device said DISCONNECT
	CauseLost          = "connection lost" // the socket closed or broke
	CauseKeepAlive     = "keep-alive"      // silent for 1.5 times its keep-alive
	CauseTakeOver      = "take-over"       // the device connected again
	CauseKicked        = "kicked"          // by a person
	CauseRevoked       = "revoked"         // its credential ended
	CauseProtocol      = "protocol error"
	CauseSlow          = "too slow"       // it did not read what was for it
	CauseShutdown      = "shutdown"       // the server stops
	CauseHeartbeatLost = "heartbeat lost" // its connection stands, its reports do not come
	CauseSaidOffline   = "said offline"   // by the device or its will, without a cause
	RestartCause       = "server restart" // until the device is back
)

// RestartGrace is how long devices may take to come back after a start of the server
// before that is an outage: they wait longer between their attempts the longer the
// server was away.
const RestartGrace = 30 * time.Second

// Outage is from when a device is offline for so long that it is an outage; false: it
// is not offline. grace is that of its kind. A shorter drop is shown and counted, and
// nobody is called.
func (l Link) Outage(grace time.Duration) (from time.Time, offline bool) {
	if l.Status != Offline {
		return time.Time{}, false
	}
	return l.Since.Add(graceAfter(l.Cause, grace)), true
}

// graceAfter is how long a device may be gone for a cause: a stop of the server is none
// of its doing.
func graceAfter(cause string, grace time.Duration) time.Duration {
	if cause == CauseShutdown || cause == RestartCause {
		return max(grace, RestartGrace)
	}
	return grace
}
