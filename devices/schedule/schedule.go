package schedule

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// ID of a schedule.
type ID string

// Schedule is one timed command: at each time that Cron names in TimeZone, Action
// goes to its targets.
type Schedule struct {
	ID       ID
	Site     devices.SiteID
	Targets  []Target // of the site, by device
	Name     string
	Cron     string // five fields, or @hourly @daily @weekly @monthly @yearly; no seconds
	TimeZone string // IANA name
	Action   devices.Action
	Args     map[string]string
	Paused   bool // until somebody resumes it
	Created  time.Time
	// Next in the store is the first due time of the rule in its present form (as
	// it was made, changed or resumed), whatever the calendar says: earlier ones do
	// not count. In what the Service answers it is the next due time from now that
	// is not left out. Zero when paused.
	Next time.Time

	Late     Late
	SkipLate time.Duration   // of Skip: a run that is later than this is skipped; default 5 min
	Days     []calendar.Kind // due on these days of the site only; empty: on every day
	Jitter   time.Duration   // the targets are spread over it; 0: all at once
	Check    time.Duration   // the result is looked at after this time; 0: never
	// PausedUntil is when it resumes by itself. What it answers for has no due times
	// before it, so nothing is caught up.
	PausedUntil time.Time
	LeftOut     LeftOut
}

// Target is a device that a schedule is for.
type Target struct {
	Device devices.DeviceID
	// Since is from when it is: due times before it are another device's, which it
	// took the place of. Zero: from the first on.
	Since time.Time
}

// LeftOut is the one due time that somebody chose to leave out.
type LeftOut struct {
	Due time.Time // zero: none
	By  string    // the name of whoever chose it
}

// Devices are the targets without the rest.
func (s Schedule) Devices() []devices.DeviceID {
	ids := make([]devices.DeviceID, len(s.Targets))
	for i, t := range s.Targets {
		ids[i] = t.Device
	}
	return ids
}

// Late is what becomes of a run that could not be sent when it was due.
type Late string

// The choices. CatchUp is not for what opens.
const (
	Skip    Late = "skip"     // later than SkipLate it is recorded as skipped
	CatchUp Late = "catch_up" // it is sent, however late; of several that were missed the newest
)

// inTime is whether a run may still be sent that is so late.
func (s Schedule) inTime(late time.Duration) bool {
	return s.Late == CatchUp || late <= s.SkipLate
}
