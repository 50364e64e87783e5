package command

import "time"

// Step is one rung of the ladder.
type Step string

// The rungs, by the meaning that domain documentation (doc.go) gives them.
const (
	Accepted   Step = "accepted"
	Sent       Step = "sent"
	Delivered  Step = "delivered"
	Done       Step = "done"
	Confirmed  Step = "confirmed"    // end
	DidNotMove Step = "did_not_move" // end, alarm
	Refused    Step = "refused"      // end
	Failed     Step = "failed"       // end: certain that it did not happen
	Expired    Step = "expired"      // end: certain that it did not happen
	Uncertain  Step = "uncertain"    // end, alarm
)

// Rung is one recorded step.
type Rung struct {
	Step   Step      `json:"step"`
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"` // device's reason, cause of the end
}

// Ladder is every step that was recorded of a command, in the order in which they
// were learned. Shown is the furthest.
type Ladder struct {
	Rungs []Rung `json:"rungs"`
}
