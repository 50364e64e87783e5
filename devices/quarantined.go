package devices

import "time"

// Quarantined is a message that could not be understood, kept with its bytes.
type Quarantined struct {
	ID       int64
	Device   DeviceID
	Site     SiteID
	Topic    string
	Payload  []byte
	Problem  string // which field is wrong and what would be right
	Why      Why
	Arrived  time.Time
	Revision Revision
}

// Why says what kind of message it is that was not understood. Decisions are made
// by it; Problem is for people.
type Why string

// The reasons for which a message is kept in quarantine.
const (
	Malformed     Why = "malformed"      // a field, or the whole, is not as the contract says
	Oversized     Why = "oversized"      // larger than the contract allows
	WrongKind     Why = "wrong_kind"     // this kind of device says no such thing
	WrongChannel  Why = "wrong_channel"  // nothing is expected there
	OtherContent  Why = "other_content"  // the same id was said before with other content
	UnknownAnswer Why = "unknown_answer" // to a command that was not sent to this device
	Stranger      Why = "stranger"       // of a device that is not registered there
)
