package devices

import (
	"time"

	"gatehouse/devices/arbiter"
)

// Mode of an opening.
type Mode = arbiter.Mode

// The modes of an opening.
const (
	Controlled  = arbiter.Controlled
	HeldOpen    = arbiter.HeldOpen
	HeldClosed  = arbiter.HeldClosed
	LockedDown  = arbiter.LockedDown
	FireRelease = arbiter.FireRelease
)

// Physical is where the leaf, boom or barrier is.
type Physical string

// The physical states of an opening.
const (
	Open    Physical = "open"
	Opening Physical = "opening"
	Closed  Physical = "closed"
	Closing Physical = "closing"
	Stopped Physical = "stopped"
	Fault   Physical = "fault"
	Unknown Physical = "unknown"
)

// State is the last that a device reported of itself. The zero State is that of a
// device that has not reported since it came (back) online: everything unknown.
type State struct {
	Mode         Mode            // empty: unknown, or not an opening
	Modes        map[string]Mode // of a turnstile, by direction; nil: Mode is that of both
	Physical     Physical        // Unknown until the device's own report
	Tamper       bool
	Fault        string
	Counters     map[string]int64
	Capabilities []Action
	Firmware     string
	Command      CommandID // what caused the present movement or count
	DeviceTime   time.Time // the device's clock in the report
	ReportedAt   time.Time // arrival of the report; zero: none since it came online
}
