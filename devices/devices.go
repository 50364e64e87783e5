package devices

import (
	"time"

	"gatehouse/devices/command"
	"gatehouse/devices/presence"
)

// Ids are opaque; the platform makes UUIDv7. They never change and are never
// used again.
type (
	SiteID    string
	ZoneID    string
	DeviceID  string
	CommandID string
	// EventID is made by a device and unique within it.
	EventID string
	// Revision orders everything that is said about one site.
	Revision int64
)

// Site (小区/园区) is one property.
type Site struct {
	ID       SiteID
	Name     string
	TimeZone string // IANA name, for example Asia/Shanghai
	Revision Revision
}

// Zone is a part of a site: building, entrance, garage. Zones are one level.
type Zone struct {
	ID   ZoneID
	Site SiteID
	Name string
}

// KindName is what a device is.
type KindName string

// The kinds of devices.
const (
	Gate      KindName = "gate"
	Turnstile KindName = "turnstile"
	Camera    KindName = "camera"
)

// Device is one gate, turnstile or camera as the registry knows it.
type Device struct {
	ID      DeviceID
	Site    SiteID
	Zone    ZoneID
	Kind    KindName
	Name    string
	Created time.Time
}

// Mode of an opening.
type Mode string

// The modes of an opening.
const (
	Controlled  Mode = "controlled"
	HeldOpen    Mode = "held_open"
	HeldClosed  Mode = "held_closed"
	LockedDown  Mode = "locked_down"
	FireRelease Mode = "fire_release"
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
	Mode         Mode     // empty: unknown, or not an opening
	Physical     Physical // Unknown until the device's own report
	Tamper       bool
	Fault        string
	Counters     map[string]int64
	Capabilities []Action
	Firmware     string
	Command      CommandID
	DeviceTime   time.Time // the device's clock in the report
	ReportedAt   time.Time // arrival of the report; zero: none since it came online
}

// Live is everything that is known of a device now: what the wall shows.
type Live struct {
	Device   Device
	Link     presence.Link
	State    State
	Last     *Event // its newest event, if any
	Revision Revision
}

// Action is something a device can be ordered to do.
type Action string

// The actions of the present kinds.
const (
	ActionOpen     Action = "open"     // gate: open once; closes by itself
	ActionClose    Action = "close"    // gate
	ActionStop     Action = "stop"     // gate, where able
	ActionPass     Action = "pass"     // turnstile: pass once; argument direction=in|out
	ActionSnapshot Action = "snapshot" // camera
)

// Request is what somebody wants a device to do.
type Request struct {
	Key    string // idempotency key of the caller; the same key gives the same command
	Action Action
	Args   map[string]string
	Reason string        // why, in the person's words; required by some actions
	TTL    time.Duration // 0: 5 s; at most 30 s for an opening
}

// Command is one order and all that is known of what became of it.
type Command struct {
	ID       CommandID
	Device   DeviceID
	Site     SiteID
	Zone     ZoneID
	Seq      int64 // rises within the device
	Key      string
	Action   Action
	Args     map[string]string
	Reason   string
	Actor    Actor
	Issued   time.Time
	TTL      time.Duration
	Ladder   command.Ladder
	Revision Revision
}

// Event is something a device said once.
type Event struct {
	Device     DeviceID
	ID         EventID
	Site       SiteID
	Zone       ZoneID
	Seq        int64
	Type       string // passage, movement, snapshot
	Command    CommandID
	Direction  string
	Result     string
	Reason     string
	Credential string
	Physical   Physical
	Trigger    string
	Camera     DeviceID
	Picture    bool // a picture belongs to it
	DeviceTime time.Time
	ArrivedAt  time.Time
	Revision   Revision
}

// Actor is who wants something done.
type Actor struct {
	Kind    ActorKind
	ID      string
	Name    string // as it was at the time, for people
	Address string // network address, if there is one
}

// ActorKind is what an Actor is.
type ActorKind string

// The kinds of actors.
const (
	ActorOperator ActorKind = "operator"
	ActorSchedule ActorKind = "schedule"
	ActorSystem   ActorKind = "system"
)

// AuditEntry is one line of the audit trail: one per write.
type AuditEntry struct {
	At      time.Time
	Actor   Actor
	Verb    string // for example device.command, schedule.create
	Site    SiteID // empty: not of one site
	Object  string // kind:id
	Detail  string // JSON: before, after, reason
	Outcome string // ok, refused
}

// Verb is a right: what somebody may do. See operators for who has which.
type Verb string

// The verbs of the platform.
const (
	SeeDevices      Verb = "devices.see"
	CommandDevices  Verb = "devices.command"
	ManageDevices   Verb = "devices.manage"
	SeeLedger       Verb = "ledger.see"
	ManageSchedules Verb = "schedules.manage"
	SeeAudit        Verb = "audit.see"
	ManageAccess    Verb = "access.manage"
)

// Quarantined is a message that could not be understood, kept with its bytes.
type Quarantined struct {
	ID       int64
	Device   DeviceID
	Site     SiteID
	Topic    string
	Payload  []byte
	Problem  string // which field is wrong and what would be right
	Arrived  time.Time
	Revision Revision
}
