package timetable

import (
	"time"

	"gatehouse/devices"
)

// Run is one switch of a timetable: from Due on it says Mode. Inserting it is the claim:
// (Timetable, Due) is unique, so a switch is never carried out twice.
type Run struct {
	Timetable ID
	Site      devices.SiteID
	Name      string // of the timetable, as it was
	Due       time.Time
	Claimed   time.Time
	Why       Why
	Mode      devices.Mode // HeldOpen or HeldClosed; Controlled: it holds nothing from then on
	Until     time.Time    // the end of the period; zero with Controlled
	// FirstArrival lets each device wait for its first granted passage.
	FirstArrival bool
	Outcome      Outcome
	Detail       string    // why skipped
	By           string    // whoever asked for it; empty: the clock
	Checked      time.Time // when the openings were looked at; zero: not yet, or never
}

// Why there was a switch.
type Why string

// Why there can be a switch.
const (
	Began    Why = "began"  // a period began
	Ended    Why = "ended"  // a period ended
	Edited   Why = "edited" // the timetable was made or changed
	Paused   Why = "paused"
	Resumed  Why = "resumed"
	Asked    Why = "asked"    // somebody wanted it now
	Calendar Why = "calendar" // the calendar says something else of the day
)

// Outcome of a run.
type Outcome string

// The outcomes of a run. What became of each opening is in its Results.
const (
	Claimed Outcome = "claimed" // on its way
	Done    Outcome = "done"
	Skipped Outcome = "skipped" // see Detail
	// Uncertain is a period that is over: the server stopped after the claim, and nothing
	// tells any more whether its openings were held.
	Uncertain Outcome = "uncertain"
)

// Result is what a run did to one opening.
type Result struct {
	Timetable ID
	Due       time.Time
	Device    devices.DeviceID
	Direction string
	Effect    Effect
	Detail    string // who holds it instead
	At        time.Time
	// What the check afterwards found.
	Check   Check
	Found   string            // in words, for people
	Command devices.CommandID // that told the device; empty: none was needed
}

// Effect is what a run did to an opening.
type Effect string

// The effects of a run.
const (
	Set      Effect = "set"      // it is held from then on
	Released Effect = "released" // it is held no more
	Waiting  Effect = "waiting"  // for the first arrival
	Later    Effect = "later"    // its moment within the jitter has not come
	Arrived  Effect = "arrived"  // somebody arrived, and it is held from then on
	Left     Effect = "left"     // another timetable holds it: see Detail
	Nothing  Effect = "nothing"  // it was as it is to be
)

// Check is what the check after a run found of an opening.
type Check string

// What a check can find.
const (
	Unchecked  Check = ""
	Reached    Check = "reached"     // it reports the mode
	Overruled  Check = "overruled"   // a stronger layer rules it
	NotReached Check = "not_reached" // an alarm
	Offline    Check = "offline"     // an alarm: it is told when it is back
	Unable     Check = "unable"      // it cannot take modes: an alarm
	Gone       Check = "gone"        // it is not in service any more
)
