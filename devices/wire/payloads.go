package wire

// Channel is the part of a device topic that follows the device: what the
// message is about.
type Channel string

// The channels of the contract. See doc.go for direction, QoS and retain of each.
const (
	Status    Channel = "status"
	State     Channel = "state"
	Telemetry Channel = "telemetry"
	Event     Channel = "event"
	Billing   Channel = "billing"
	Picture   Channel = "picture" // followed by the event id
	Time      Channel = "time"
	Command   Channel = "command"
	Answer    Channel = "answer"
	Config    Channel = "config"
)

// StatusPayload says whether the device is there. The device publishes online
// after it connected; its will says offline.
type StatusPayload struct {
	Status string `json:"status"` // "online" or "offline"
	Cause  string `json:"cause,omitempty"`
}

// StatePayload is a full state report. A device sends it when it has connected,
// on every change, and at least once a minute: it is the heartbeat.
type StatePayload struct {
	At   int64  `json:"at"`             // device clock, Unix ms
	Mode string `json:"mode,omitempty"` // controlled, held_open, held_closed, locked_down, fire_release; not for cameras
	// Modes are those of a turnstile by direction ("in", "out"), if it keeps them apart; Mode is then that of "in".
	Modes        map[string]string `json:"modes,omitempty"`
	Physical     string            `json:"physical,omitempty"` // open, opening, closed, closing, stopped, fault, unknown; not for cameras
	Tamper       bool              `json:"tamper"`
	Fault        string            `json:"fault,omitempty"`    // code; empty: none
	Counters     map[string]int64  `json:"counters,omitempty"` // passages by direction ("in", "out"), pictures ("pictures"); never fall but at a reset
	Capabilities []string          `json:"capabilities"`       // actions that this device can do
	Firmware     string            `json:"firmware,omitempty"`
	Command      string            `json:"command,omitempty"` // id of the command that caused the present movement or count, if one did
	Alarm        string            `json:"alarm,omitempty"`   // forced_open, held_open_too_long; empty: none
	Power        string            `json:"power,omitempty"`   // mains, battery, low (the battery will soon be empty)
	Signal       int64             `json:"signal,omitempty"`  // of its radio, dBm, -150 to -1
	// Heartbeat is the device's own promise: a state report at least every so many seconds, 1 to 60; 0: every 60.
	Heartbeat int64             `json:"heartbeat,omitempty"`
	Config    int64             `json:"config,omitempty"`   // the revision of the configuration that it runs; 0: none
	Settings  map[string]string `json:"settings,omitempty"` // what it runs, by name: see ConfigPayload
}

// EventPayload is something that a device says once.
type EventPayload struct {
	ID      string `json:"id"`                // made by the device, unique within it, 1 to 64 of [A-Za-z0-9._-]
	Seq     int64  `json:"seq"`               // rises by one per event of the device
	At      int64  `json:"at"`                // device clock, Unix ms
	Type    string `json:"type"`              // see EventTypes
	Command string `json:"command,omitempty"` // id of the command that caused it, if one did
	// Passage fields.
	Direction  string `json:"direction,omitempty"`  // in, out
	Result     string `json:"result,omitempty"`     // granted, denied
	Reason     string `json:"reason,omitempty"`     // of a denial: see DenyReasons; the code of a fault
	Credential string `json:"credential,omitempty"` // plate:粤B12345, card:0004512, none
	Picture    bool   `json:"picture,omitempty"`    // a picture follows under this event's id
	// Movement fields: a movement that nobody commanded names its trigger.
	Physical string `json:"physical,omitempty"`
	Trigger  string `json:"trigger,omitempty"` // command, vehicle, button, remote, hand
	// For a passage whose picture another device took: the camera's device id.
	Camera string `json:"camera,omitempty"`
	// Plate fields, besides Direction: the camera says them for each reading, as often as it likes.
	Plate      string `json:"plate,omitempty"`      // as it was read, for example 粤B·12345
	Confidence int    `json:"confidence,omitempty"` // 0 to 100
	Colour     string `json:"colour,omitempty"`     // of the plate, as GA 36 has them: blue, yellow, black, white, green, yellow_green; other
	Snapshot   string `json:"snapshot,omitempty"`   // id of this device's event whose picture shows the plate, if that is not this one
}

// BillingPayload is money. The device keeps it until PUBCOMP and sends the same
// id after any doubt.
type BillingPayload struct {
	ID       string `json:"id"`
	Seq      int64  `json:"seq"` // rises by one per billing event of the device
	At       int64  `json:"at"`
	Amount   int64  `json:"amount"`             // minor units (fen, cents)
	Currency string `json:"currency"`           // ISO 4217
	For      string `json:"for"`                // what it is for, for people
	Event    string `json:"event,omitempty"`    // the passage that it belongs to
	Corrects string `json:"corrects,omitempty"` // id of the billing event that this one corrects
}

// TimePayload is the server's clock.
type TimePayload struct {
	Now int64 `json:"now"` // Unix ms
}

// CommandPayload orders one action. The device acts once per id, and refuses when
// its clock plus the offset it learned from Time is past Issued + TTL.
type CommandPayload struct {
	ID        string            `json:"id"`
	Seq       int64             `json:"seq"` // rises within a device, with gaps
	Action    string            `json:"action"`
	Args      map[string]string `json:"args,omitempty"`
	Issued    int64             `json:"issued"`    // server clock, Unix ms
	TTL       int64             `json:"ttl"`       // ms
	Signature string            `json:"signature"` // see Sign
}

// AnswerPayload is the device's own word on a command. The reasons of a refusal are
// expired, no_clock, bad_signature, unknown_action, bad_arguments, blocked, replayed,
// not_moving, outdated, and the mode that forbids it: held_closed, locked_down,
// held_open, fire_release. Another word is shown as it is.
type AnswerPayload struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"`          // done, refused
	Reason  string `json:"reason,omitempty"` // why refused
	At      int64  `json:"at"`               // device clock, Unix ms
}
