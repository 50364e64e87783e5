package devices

import (
	"strconv"
	"time"
)

// mostRecorded is how many seconds a camera records on one order.
const mostRecorded = 300

// camera (摄像头) takes pictures.
type camera struct{}

func (camera) Actions() []Action {
	return append([]Action{ActionSnapshot, ActionRecord}, commonActions()...)
}

// Openings implements Kind.
func (camera) Openings() []string { return nil }

func (camera) Check(a Action, args map[string]string) (field, problem string) {
	if a != ActionRecord {
		return onlyArgs(args)
	}
	if n, err := strconv.Atoi(args["seconds"]); err != nil || n < 1 || n > mostRecorded || args["seconds"] != strconv.Itoa(n) {
		return "args.seconds", "must be a whole number from 1 to " + strconv.Itoa(mostRecorded)
	}
	return onlyArgs(args, "seconds")
}

func (camera) Travel(a Action) time.Duration {
	if a == ActionRestart {
		return restartTime
	}
	return 5 * time.Second
}

// ShownByState holds for a recording when a report names its command; a picture is
// an event.
func (camera) ShownByState(c Command, before, after State, done bool) bool {
	if shown, is := shownCommon(c, before, after, done); is {
		return shown
	}
	return c.Action == ActionRecord && after.Command == c.ID
}

func (camera) ShownByEvent(c Command, e Event) bool {
	return c.Action == ActionSnapshot && e.Type == "snapshot" && e.Command == c.ID
}
