package wire

import "slices"

// The types of events.
const (
	EventPassage  = "passage"  // somebody passed, or was denied
	EventMovement = "movement" // of a leaf; its trigger says what moved it
	EventSnapshot = "snapshot" // a picture was taken
	EventPlate    = "plate"    // a camera read a number plate
	EventFire     = "fire"     // the input of the fire alarm system became active

	EventForcedOpen = "forced_open"            // open, and nothing that the device knows opened it
	EventHeldOpen   = "held_open_too_long"     // open for longer than its open time
	EventTamper     = "tamper"                 // the housing was opened
	EventFault      = "fault"                  // reason is the device's own code
	EventTailgating = "tailgating"             // a second one passed on one credential
	EventReverse    = "reverse_entry"          // against the direction that was released
	EventClimb      = "climb_over"             // over or under the arm
	EventTimeout    = "pass_timeout"           // released, and nobody passed in time
	EventUncommand  = "opened_without_command" // by fob, hand crank or button
)

// openingEvents are of whatever opens, personEvents of what people pass one by one.
var (
	commonEvents  = []string{EventFire, EventTamper, EventFault}
	openingEvents = []string{EventPassage, EventMovement, EventForcedOpen, EventHeldOpen, EventTailgating, EventTimeout, EventUncommand}
	personEvents  = []string{EventReverse, EventClimb}
	cameraEvents  = []string{EventSnapshot, EventPlate}
)

// EventTypes are the types of events that a kind of device (gate, turnstile, camera)
// may say; none for a kind that the contract does not know. A gate may say reverse
// entry too: cars come in by the way out.
func EventTypes(kind string) []string {
	switch kind {
	case "gate":
		return slices.Concat(commonEvents, openingEvents, cameraEvents, []string{EventReverse})
	case "turnstile":
		return slices.Concat(commonEvents, openingEvents, personEvents, cameraEvents)
	case "camera":
		return slices.Concat(commonEvents, cameraEvents)
	}
	return nil
}

// eventTypes are all of them.
func eventTypes() []string {
	return slices.Concat([]string{EventPassage, EventMovement, EventSnapshot, EventPlate, EventFire},
		[]string{EventForcedOpen, EventHeldOpen, EventTamper, EventFault, EventTailgating, EventReverse, EventClimb, EventTimeout, EventUncommand})
}

// DenyReasons are the words for why a passage was denied: those of the enumeration
// DenyReason of the ONVIF Access Control Service Specification, in this contract's
// spelling, its credential that is not found and its antipassback violation, and
// what the modes of an opening and a full car park add. Another text is taken and
// shown as it is: a denied passage with a new word is a denied passage.
func DenyReasons() []string {
	return []string{
		"credential_not_found", "credential_not_enabled", "credential_not_active", "credential_expired", "invalid_pin",
		"not_permitted_at_this_time", "unauthorized", "antipassback_violation", "external", "other",
		"held_closed", "locked_down", "full", "unpaid",
	}
}
