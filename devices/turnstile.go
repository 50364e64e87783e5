package devices

import (
	"slices"
	"time"
)

// turnstile (闸机) lets people pass one by one, in two directions.
type turnstile struct{}

func (turnstile) Actions() []Action { return append([]Action{ActionPass}, commonActions()...) }

// Openings implements Kind.
func (turnstile) Openings() []string { return []string{"in", "out"} }

func (turnstile) Check(a Action, args map[string]string) (field, problem string) {
	if slices.Contains(commonActions(), a) {
		return onlyArgs(args)
	}
	if d := args["direction"]; d != "in" && d != "out" {
		return "args.direction", "must be in or out"
	}
	return onlyArgs(args, "direction")
}

// Travel is the time in which a person walks through.
func (turnstile) Travel(a Action) time.Duration {
	if a == ActionRestart {
		return restartTime
	}
	return 10 * time.Second
}

// ShownByState holds when the counter of the direction rose, and the report names
// the command as the cause.
func (turnstile) ShownByState(c Command, before, after State, done bool) bool {
	if shown, is := shownCommon(c, before, after, done); is {
		return shown
	}
	if c.Action == ActionMode {
		return shownMode(c, after)
	}
	d := c.Args["direction"]
	return after.Command == c.ID && after.Counters[d] > before.Counters[d]
}

func (turnstile) ShownByEvent(c Command, e Event) bool {
	return e.Type == "passage" && e.Command == c.ID && e.Result == "granted" &&
		(e.Direction == "" || e.Direction == c.Args["direction"])
}
