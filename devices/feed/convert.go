package feed

import (
	"maps"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
)

// DeviceOf is what a console is told of a device. Lists and maps are never null.
func DeviceOf(l devices.Live) Device {
	if l.Doubt == devices.NoDoubt {
		l.Doubt = l.DoubtAt(l.State.ReportedAt) // whoever made it may have had no clock
	}
	d := Device{
		ID: string(l.Device.ID), Site: string(l.Device.Site), Zone: string(l.Device.Zone),
		Kind: string(l.Device.Kind), Name: l.Device.Name,
		Link:      LinkOf(l.Link),
		FireGroup: l.Fire.Group, FireInput: l.Fire.Input,
		Doubt: string(l.Doubt), Modes: map[string]string{}, Physical: string(devices.Unknown),
		Tamper: l.State.Tamper, Fault: l.State.Fault, Firmware: l.State.Firmware, Unsigned: l.Unsigned(),
		Heartbeat: int(l.State.HeartbeatEvery().Seconds()), ClockDrift: driftOf(l.State.Drift),
		Config:       Config{Revision: l.Config.Revision, Reported: l.State.Config, Status: string(l.Configured)},
		Telemetry:    telemetryOf(l.Telemetry),
		Counters:     make(map[string]int64, len(l.State.Counters)),
		Capabilities: make([]string, len(l.State.Capabilities)),
		ReportedAt:   instant(l.State.ReportedAt),
		Revision:     int64(l.Revision),
	}
	if l.Doubt == devices.NoDoubt {
		nowOf(&d, l.State)
	}
	maps.Copy(d.Counters, l.State.Counters)
	for i, a := range l.State.Capabilities {
		d.Capabilities[i] = string(a)
	}
	if l.Last != nil {
		e := EventOf(*l.Last)
		d.LastEvent = &e
	}
	return d
}

// nowOf is what a good report says of now. Of an older one only what holds until a
// report takes it back is told: tamper, fault, counters and what the device is.
func nowOf(d *Device, s devices.State) {
	d.Mode, d.Alarm, d.Power, d.Signal = string(s.Mode), string(s.Alarm), string(s.Power), decibels(s.Signal)
	if s.Physical != "" {
		d.Physical = string(s.Physical)
	}
	for direction, mode := range s.Modes {
		d.Modes[direction] = string(mode)
	}
}

func driftOf(d devices.Drift) *ClockDrift {
	if !d.Known() {
		return nil
	}
	return &ClockDrift{Ms: d.By.Milliseconds(), At: d.At.UTC(), Wrong: d.Wrong()}
}

func telemetryOf(t devices.Telemetry) *Telemetry {
	if t.ArrivedAt.IsZero() {
		return nil
	}
	return &Telemetry{Voltage: t.Voltage, Temperature: t.Temperature, Signal: decibels(t.Signal), At: t.ArrivedAt.UTC()}
}

// decibels is nil for a signal that was not said.
func decibels(signal int) *int {
	if signal == 0 {
		return nil
	}
	return &signal
}

// LinkOf is what a console is told of a device's connection.
func LinkOf(l presence.Link) Link {
	return Link{
		Status: string(l.Status), Since: instant(l.Since), Cause: l.Cause,
		Flapping: l.Flapping, FlappingSince: instant(l.FlappingSince),
	}
}

// instant is nil for a time that never was.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// CommandOf is what a console is told of a command.
func CommandOf(c devices.Command) Command {
	f := Command{
		ID: string(c.ID), Device: string(c.Device), Site: string(c.Site), Zone: string(c.Zone),
		Action: string(c.Action), Args: make(map[string]string, len(c.Args)), Reason: c.Reason,
		Actor:  Actor{Kind: string(c.Actor.Kind), ID: c.Actor.ID, Name: c.Actor.Name},
		Issued: c.Issued.UTC(), TTL: c.TTL.Milliseconds(),
		Step: string(command.Shown(c.Ladder)), Ended: command.Ended(c.Ladder),
		Rungs:    make([]Rung, len(c.Ladder.Rungs)),
		Revision: int64(c.Revision), RecordPending: c.RecordPending,
	}
	maps.Copy(f.Args, c.Args)
	for i, r := range c.Ladder.Rungs {
		f.Rungs[i] = Rung{Step: string(r.Step), At: r.At.UTC(), Detail: r.Detail}
	}
	return f
}

// EventOf is what a console is told of an event.
func EventOf(e devices.Event) Event {
	return Event{
		Device: string(e.Device), ID: string(e.ID), Type: e.Type, Direction: e.Direction, Result: e.Result,
		Reason: e.Reason, Credential: e.Credential, Physical: string(e.Physical), Trigger: e.Trigger,
		Camera: string(e.Camera), Picture: e.Picture, Command: string(e.Command),
		Plate: e.Plate, Confidence: e.Confidence, Colour: e.Colour, Snapshot: string(e.Snapshot),
		DeviceTime: e.DeviceTime.UTC(), ArrivedAt: e.ArrivedAt.UTC(),
	}
}

// TodayOf is what a console is told of a site's day; takings by currency.
func TodayOf(s devices.SiteID, day string, t devices.Tally) Today {
	takings := make([]Money, 0, len(t.Takings))
	for _, currency := range slices.Sorted(maps.Keys(t.Takings)) {
		takings = append(takings, Money{Amount: t.Takings[currency], Currency: currency})
	}
	return Today{
		Site: string(s), Day: day, Passages: t.Passages, Takings: takings, LedgerRows: t.LedgerRows,
		Quarantined: t.Quarantined, Revision: int64(t.Revision),
		Switches: t.Switches.Done, SwitchesSkipped: t.Switches.Skipped, SwitchesNotReached: t.Switches.NotReached,
		TimedSent: t.Timed.Sent, TimedSkipped: t.Timed.Skipped, TimedFailed: t.Timed.Failed,
	}
}

// SnapshotOf is the first picture of everything, from which the feed goes on. The
// alarms that are open must be read after the snapshot.
func SnapshotOf(s devices.Snapshot, open []alarms.Alarm) Snapshot {
	return Snapshot{
		At:       s.At.UTC(),
		Sites:    each(s.Sites, SiteOf),
		Zones:    each(s.Zones, ZoneOf),
		Devices:  each(s.Devices, DeviceOf),
		Commands: each(s.Commands, CommandOf),
		Layers:   each(s.Layers, LayerOf),
		Risky:    devices.Risky(),
		Alarms:   each(open, AlarmOf),
		Today:    each(s.Today, func(t devices.Today) Today { return TodayOf(t.Site.ID, t.Day, t.Tally) }),
	}
}

// SiteOf is what a console is told of a site.
func SiteOf(s devices.Site) Site {
	return Site{ID: string(s.ID), Name: s.Name, TimeZone: s.TimeZone, Revision: int64(s.Revision)}
}

// ZoneOf is what a console is told of a zone.
func ZoneOf(z devices.Zone) Zone {
	return Zone{ID: string(z.ID), Site: string(z.Site), Name: z.Name}
}

func each[T, U any](list []T, f func(T) U) []U {
	all := make([]U, len(list))
	for i, v := range list {
		all[i] = f(v)
	}
	return all
}
