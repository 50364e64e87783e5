package devices

import "time"

// camera (摄像头) takes pictures.
type camera struct{}

func (camera) Actions() []Action { return []Action{ActionSnapshot} }

// Openings implements Kind.
func (camera) Openings() []string { return nil }

func (camera) Check(_ Action, args map[string]string) (field, problem string) { return onlyArgs(args) }

func (camera) Travel(Action) time.Duration { return 5 * time.Second }

// ShownByState never holds: a picture is an event.
func (camera) ShownByState(Command, State, State, bool) bool { return false }

func (camera) ShownByEvent(c Command, e Event) bool {
	return e.Type == "snapshot" && e.Command == c.ID
}
