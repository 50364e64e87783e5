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
	Open         Physical = "open"
	MovingOpen   Physical = "opening"
	Closed       Physical = "closed"
	MovingClosed Physical = "closing"
	Stopped      Physical = "stopped"
	Fault        Physical = "fault"
	Unknown      Physical = "unknown"
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
	Alarm        Alarm
	Power        Power
	Signal       int               // of its radio, dBm; 0: not said
	Heartbeat    time.Duration     // its own promise; 0: that of the contract
	Config       int64             // the revision of the configuration that it runs; 0: none
	Settings     map[string]string // what it runs, by name
	Drift        Drift             // of its clock
}

// Alarm is what an opening itself calls one.
type Alarm string

// The alarms of an opening.
const (
	NoAlarm         Alarm = ""
	ForcedOpen      Alarm = "forced_open"
	HeldOpenTooLong Alarm = "held_open_too_long"
)

// Power is what a device runs on.
type Power string

// The powers; empty: not said.
const (
	Mains      Power = "mains"
	Battery    Power = "battery"
	LowBattery Power = "low" // it will soon be empty
)
