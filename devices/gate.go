package devices

import "time"

// gate is a barrier (道闸), a sliding gate (大门) or a door (门禁门).
type gate struct{}

func (gate) Actions() []Action {
	return append([]Action{ActionOpen, ActionClose, ActionStop}, commonActions()...)
}

// Openings implements Kind.
func (gate) Openings() []string { return []string{""} }

func (gate) Check(_ Action, args map[string]string) (field, problem string) { return onlyArgs(args) }

func (gate) Travel(a Action) time.Duration {
	switch a {
	case ActionStop:
		return 2 * time.Second
	case ActionRestart:
		return restartTime
	}
	return 10 * time.Second
}

// ShownByState holds when the leaf is where the action sends it, and the device
// either names the command as the cause or has said that it executed it.
func (gate) ShownByState(c Command, before, after State, done bool) bool {
	if shown, is := shownCommon(c, before, after, done); is {
		return shown
	}
	if c.Action == ActionMode {
		return shownMode(c, after)
	}
	return (done || after.Command == c.ID) && wanted(c.Action, after.Physical)
}

// wanted is whether a leaf is where an action sends it.
func wanted(a Action, p Physical) bool {
	switch a {
	case ActionOpen:
		return p == MovingOpen || p == Open
	case ActionClose:
		return p == MovingClosed || p == Closed
	case ActionStop:
		return p == Stopped
	}
	return false
}

func (gate) ShownByEvent(c Command, e Event) bool {
	return e.Type == "movement" && e.Command == c.ID && wanted(c.Action, e.Physical)
}
