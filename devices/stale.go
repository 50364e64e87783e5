package devices

import (
	"time"

	"gatehouse/devices/presence"
)

// contractHeartbeat is how often the contract has every device report at least.
const contractHeartbeat = time.Minute

// HeartbeatEvery is how often a device reports at least: its own promise, or what the
// contract asks of every device.
func (s State) HeartbeatEvery() time.Duration {
	if s.Heartbeat > 0 {
		return min(s.Heartbeat, contractHeartbeat)
	}
	return contractHeartbeat
}

// FreshUntil is when the report is too old: one and a half heartbeats after it
// arrived, the measure that MQTT has for a silent client (MQTT-3.1.2-24). One
// report that the line delays is no alarm, and two that are missing always are.
// Zero: there is no report.
func (s State) FreshUntil() time.Time {
	if s.ReportedAt.IsZero() {
		return time.Time{}
	}
	return s.ReportedAt.Add(s.HeartbeatEvery() * 3 / 2)
}

// TooOld is whether the report says nothing of now any more.
func (s State) TooOld(now time.Time) bool {
	return !s.ReportedAt.IsZero() && now.After(s.FreshUntil())
}

// Doubt is why what a device does now is not known.
type Doubt string

// The doubts, in the order of what counts first.
const (
	NoDoubt     Doubt = ""
	NeverSeen   Doubt = "never_seen"
	OffLine     Doubt = "offline"
	NotReported Doubt = "not_reported" // it is connected, and has not reported since
	TooOld      Doubt = "too_old"      // its reports stopped coming
)

// DoubtAt is why what the device did last says nothing of now; NoDoubt: its last
// report is good.
func (l Live) DoubtAt(now time.Time) Doubt {
	switch {
	case l.Link.Status == presence.NeverSeen || l.Link.Status == "":
		return NeverSeen
	case l.Link.Status != presence.Online:
		return OffLine
	case l.State.ReportedAt.IsZero():
		return NotReported
	case l.State.TooOld(now):
		return TooOld
	}
	return NoDoubt
}
