package alarms

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// standing is what alarms need of a device as it is now.
type standing struct {
	device   devices.Device
	link     presence.Link
	reported time.Time // arrival of its report on this connection; zero: none yet
	tamper   bool
	fault    string
	alarm    devices.Alarm
	power    devices.Power
	drift    devices.Drift
	config   devices.ConfigStatus
	pending  time.Time        // since when a command waits for its record; zero: none does
	event    devices.Revision // of its newest event
}

func standingOf(l devices.Live) standing {
	s := standing{device: l.Device, link: l.Link, tamper: l.State.Tamper, fault: l.State.Fault,
		alarm: l.State.Alarm, power: l.State.Power, drift: l.State.Drift, config: l.Configured, pending: l.RecordPending}
	if l.Link.Status == presence.Online {
		s.reported = l.State.ReportedAt
	}
	if s.fault == "" && l.State.Physical == devices.Fault {
		s.fault = string(devices.Fault)
	}
	if l.Last != nil {
		s.event = l.Last.Revision
	}
	return s
}

// verdict is whether one condition holds.
type verdict struct {
	typ    Type
	holds  bool
	detail string
	at     time.Time // since when it is known to be so
}

// away is when the absence of a device becomes an alarm; false: it is not away.
func (s standing) away() (due time.Time, is bool) {
	return s.link.Outage(devices.Grace(s.device.Kind))
}

// judge gives the conditions of which something is known at this time. What a device
// reported before it went away says nothing of now: such conditions are neither
// raised nor over.
func (s standing) judge(now time.Time) []verdict {
	var all []verdict
	switch due, away := s.away(); {
	case away && !now.Before(due):
		all = append(all, verdict{Offline, true, s.link.Cause, now})
	case s.link.Status == presence.Online:
		all = append(all, verdict{Offline, false, "", s.link.Since})
	}
	if s.link.Status != presence.NeverSeen {
		all = append(all, verdict{Flapping, s.link.Flapping, "", now})
	}
	// While it stands the alarm waits for the same disk; the device itself says it at
	// once.
	if all = append(all, verdict{RecordPending, false, "", now}); !s.pending.IsZero() {
		all[len(all)-1] = verdict{RecordPending, true, "", s.pending}
	}
	if s.reported.IsZero() {
		return all
	}
	if s.config != devices.ConfigPending && s.config != devices.ConfigUnknown {
		all = append(all, verdict{ConfigDrift, s.config == devices.ConfigDrifting, "", now})
	}
	return append(all,
		verdict{Tamper, s.tamper, "", s.reported},
		verdict{Fault, s.fault != "", s.fault, s.reported},
		verdict{ForcedOpen, s.alarm == devices.ForcedOpen, "", s.reported},
		verdict{HeldOpenTooLong, s.alarm == devices.HeldOpenTooLong, "", s.reported},
		verdict{LowPower, s.power == devices.LowBattery, "", s.reported},
		verdict{ClockDrift, s.drift.Wrong(), seconds(s.drift.By), s.reported},
	)
}

// seconds is a clock's drift for people.
func seconds(d time.Duration) string { return d.Round(time.Second).String() }
