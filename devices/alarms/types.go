package alarms

import "time"

// Type is what an alarm is about.
type Type string

// Severity is how much harm may come of waiting: the list of ITU-T X.733 without its
// indeterminate and cleared, which are no severities here.
type Severity string

// The severities, from the gravest.
const (
	Critical Severity = "critical" // life, or an opening that nobody guards: now
	Major    Severity = "major"    // something does not work, or somebody gets around it: today's work
	Minor    Severity = "minor"    // should be looked into
	Warning  Severity = "warning"  // will become one of the above, or tells of carelessness
)

// Severities are all of them, the gravest first.
func Severities() []Severity { return []Severity{Critical, Major, Minor, Warning} }

// The types of alarms.
const (
	Fire                 Type = "fire"
	ForcedOpen           Type = "forced_open"
	Tamper               Type = "tamper"
	ClimbOver            Type = "climb_over"
	OtherContent         Type = "other_content"
	DidNotMove           Type = "did_not_move"
	Fault                Type = "fault"
	Offline              Type = "offline"
	RecordPending        Type = "record_pending"
	ModeNotTaken         Type = "mode_not_taken"
	HeldOpenTooLong      Type = "held_open_too_long"
	Tailgating           Type = "tailgating"
	ReverseEntry         Type = "reverse_entry"
	Uncertain            Type = "uncertain"
	UnknownAnswer        Type = "unknown_answer"
	LowPower             Type = "low_power"
	Flapping             Type = "flapping"
	OpenedWithoutCommand Type = "opened_without_command"
	PassTimeout          Type = "pass_timeout"
	BadMessage           Type = "bad_message"
	ClockDrift           Type = "clock_drift"
	ConfigDrift          Type = "config_drift"
)

// Kind is one row of the table of types.
type Kind struct {
	Type     Type
	Severity Severity
	// Stands is whether it is of a condition that ends; otherwise it is of a moment,
	// which is over when it is known.
	Stands bool
}

// Types is the table: every type, the gravest first.
func Types() []Kind {
	return []Kind{
		{Fire, Critical, false},
		{ForcedOpen, Critical, true},
		{Tamper, Major, true},
		{ClimbOver, Major, false},
		{OtherContent, Major, false},
		{DidNotMove, Major, false},
		{Fault, Major, true},
		{Offline, Major, true},
		{RecordPending, Major, true},
		{ModeNotTaken, Major, true},
		{HeldOpenTooLong, Minor, true},
		{Tailgating, Minor, false},
		{ReverseEntry, Minor, false},
		{Uncertain, Minor, false},
		{UnknownAnswer, Minor, false},
		{LowPower, Minor, true},
		{Flapping, Minor, true},
		{OpenedWithoutCommand, Warning, false},
		{PassTimeout, Warning, false},
		{BadMessage, Warning, false},
		{ClockDrift, Warning, true},
		{ConfigDrift, Warning, true},
	}
}

// KindOf is the row of a type; false if there is none.
func KindOf(t Type) (Kind, bool) {
	for _, k := range Types() {
		if k.Type == t {
			return k, true
		}
	}
	return Kind{}, false
}

// DefaultEscalation is after how long without an acknowledgement an alarm of a
// severity becomes louder; a severity that is not in it never does.
func DefaultEscalation() map[Severity]time.Duration {
	return map[Severity]time.Duration{Critical: 5 * time.Minute}
}
