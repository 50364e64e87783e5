package command

import "time"

// Step is one rung of the ladder.
type Step string

// The rungs, by the meaning that the package documentation gives them.
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
	Cancelled  Step = "cancelled"    // end: certain that it did not happen, because somebody took it back
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

// steps is the whole machine: how far each step is, and whether it is an end. The
// ends that say "it did not happen" are less far than the device's own "done":
// once a device said that it acted, nothing makes that unsaid.
var steps = map[Step]struct {
	rank int
	end  bool
}{
	Accepted:   {1, false},
	Sent:       {2, false},
	Delivered:  {3, false},
	Refused:    {4, true},
	Failed:     {4, true},
	Expired:    {4, true},
	Cancelled:  {4, true},
	Done:       {5, false},
	Confirmed:  {6, true},
	DidNotMove: {6, true},
	Uncertain:  {6, true},
}

// Shown is the step that people are shown: the furthest that was recorded, or the
// end that was reached first. It is empty for an empty ladder.
func Shown(l Ladder) Step {
	var shown Step
	for _, r := range l.Rungs {
		if steps[shown].end {
			break
		}
		if steps[r.Step].rank > steps[shown].rank {
			shown = r.Step
		}
	}
	return shown
}

// Ended is whether the ladder has reached an end.
func Ended(l Ladder) bool { return steps[Shown(l)].end }

// Has is whether a step was recorded, shown or not.
func Has(l Ladder, s Step) bool {
	for _, r := range l.Rungs {
		if r.Step == s {
			return true
		}
	}
	return false
}

// Record adds a rung. Each known step is recorded once, in whatever order it
// comes, even after the end; a repetition or an unknown step changes nothing. The
// given ladder is never modified.
func Record(l Ladder, r Rung) (Ladder, bool) {
	if _, known := steps[r.Step]; !known || Has(l, r.Step) {
		return l, false
	}
	rungs := make([]Rung, len(l.Rungs), len(l.Rungs)+1)
	copy(rungs, l.Rungs)
	return Ladder{Rungs: append(rungs, r)}, true
}
