package devices

import "slices"

// risky are the deeds that harm if they are done by mistake or in bad faith: each
// needs a reason. It is the one list of them: Control, API and console decide by
// it. The names are those of actions and of what people do to layers.
var risky = []string{
	string(HoldOpen),        // nobody is asked who he is any more
	string(LockDown),        // people are kept in or out
	string(LockdownRelease), // the danger that it was for may not be over
	"fire_release",          // everything opens
	"fire_end",              // people may still be inside
	"batch",                 // many openings at once
	string(ActionRestart),   // the opening is without control for a while
}

// NeedsReason is whether a deed needs a reason.
func NeedsReason(deed string) bool { return slices.Contains(risky, deed) }

// Risky are the deeds that need a reason.
func Risky() []string { return slices.Clone(risky) }
