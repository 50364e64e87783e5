package schedule

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

// Run is one due time of a schedule for one device and what became of it. Inserting
// it is the claim: (Schedule, Device, Due) is unique, so it is never sent twice.
type Run struct {
	Schedule ID
	Device   devices.DeviceID
	Site     devices.SiteID
	Zone     devices.ZoneID // where the device stood
	Due      time.Time      // of a manual run: when it was asked for
	At       time.Time      // the device's own instant: Due and its part of the jitter
	Claimed  time.Time
	Outcome  Outcome
	Detail   string            // why skipped or failed
	Command  devices.CommandID // the command that was sent, if one was
	// Key is of a manual run: the idempotency key of whoever asked for it, whose name
	// is By. (Schedule, Device, Key) is unique then. It is empty of a due time.
	Key string
	By  string

	CheckAt time.Time         // when its result is looked at; zero: never, or done
	Checked time.Time         // when it was
	Result  command.Step      // how far its command had come then
	Again   devices.CommandID // the command that was sent once more
}

// Manual is whether a person asked for the run.
func (r Run) Manual() bool { return r.Key != "" }

// Outcome of a run.
type Outcome string

// The outcomes of a run. What the device did is the ladder of the run's command.
const (
	Claimed Outcome = "claimed" // claimed; the process ended before it was known to be sent
	SentOut Outcome = "sent"    // a command was made: see its ladder
	Skipped Outcome = "skipped" // too late, or left out, with Detail
	Broken  Outcome = "failed"  // no command could be made: Detail says why
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Claimed, SentOut, Skipped, Broken} }
