package devices

import (
	"slices"
	"time"
)

// restartTime is how long a device may be away when it restarts.
const restartTime = 90 * time.Second

// capabilitySignature is what a device names among its capabilities if it verifies
// the signatures of commands.
const capabilitySignature Action = "signature"

// commonActions are those of every kind. One device may know fewer.
func commonActions() []Action { return []Action{ActionRestart, ActionSetTime} }

// shownCommon is whether a report shows the effect of an action of every kind; is
// says whether the command is one.
func shownCommon(c Command, before, after State, done bool) (shown, is bool) {
	switch c.Action {
	case ActionRestart:
		// Its report names the command, or is the first of a new connection.
		return after.Command == c.ID || done && before.ReportedAt.IsZero(), true
	case ActionSetTime:
		return done && after.DeviceTime.Sub(after.ReportedAt).Abs() <= ClockLimit, true
	}
	return false, false
}

// Unsigned is whether the device, as far as it has said, does not verify the
// signatures of commands: whoever gets into its network can order it about.
func (l Live) Unsigned() bool {
	able := l.State.Capabilities
	return len(able) > 0 && !slices.Contains(able, capabilitySignature)
}
