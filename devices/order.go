package devices

import (
	"time"

	"gatehouse/devices/command"
)

// Action is something a device can be ordered to do.
type Action string

// The actions of the present kinds.
const (
	ActionOpen     Action = "open"     // gate: open once; closes by itself
	ActionClose    Action = "close"    // gate
	ActionStop     Action = "stop"     // gate, where able
	ActionPass     Action = "pass"     // turnstile: pass once; argument direction=in|out
	ActionSnapshot Action = "snapshot" // camera
	ActionRecord   Action = "record"   // camera; argument seconds=1 to 300
	ActionRestart  Action = "restart"  // all; of a camera its reboot
	// ActionSetTime has a device set its clock by the platform's time. The platform
	// gives the order by itself when a clock is off by more than ClockLimit.
	ActionSetTime Action = "set_time"
	// ActionMode tells an opening the mode that its layers make: arguments mode and,
	// of a turnstile, direction. Only the platform itself sends it: see SetLayer.
	ActionMode Action = "mode"
)

// Request is what somebody wants a device to do.
type Request struct {
	Key    string // idempotency key of the caller, 8 to 64 characters; the same key gives the same command
	Action Action
	Args   map[string]string
	Reason string        // why, in the person's words; required by some actions
	TTL    time.Duration // 0: DefaultTTL; at most MaxTTL
}

// Command is one order and all that is known of what became of it.
type Command struct {
	ID       CommandID
	Device   DeviceID
	Site     SiteID
	Zone     ZoneID
	Seq      int64 // rises within the device, and is at least Issued in Unix ms: see unit.nextSeq
	Key      string
	Action   Action
	Args     map[string]string
	Reason   string
	Actor    Actor
	Issued   time.Time // of Control.OrderClock, which devices are told; the rungs have the wall clock
	TTL      time.Duration
	Ladder   command.Ladder
	Revision Revision
	// RecordPending is true while the command is sent and its row, or a step of it
	// that was shown, is not stored: a crash of the server would lose it. Revision
	// is 0 then. It is never stored.
	RecordPending bool
}
