package devices

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// How long a command may take to reach its device.
const (
	DefaultTTL = 5 * time.Second
	MaxTTL     = 30 * time.Second
)

// Kind is what is known of all devices of a kind. It is a value without state;
// all its methods are pure.
type Kind interface {
	// Actions that devices of this kind know. One device may know fewer.
	Actions() []Action
	// Openings are the directions of the openings that it has: one that is empty
	// for a single opening, none for a kind that opens nothing.
	Openings() []string
	// Check says what is wrong with the arguments of one of Actions: the field
	// (args.direction) and what would be right, or "" twice.
	Check(a Action, args map[string]string) (field, problem string)
	// Travel is how long the effect of an action may take to show.
	Travel(a Action) time.Duration
	// ShownByState is whether a report shows the effect of c. before is the state
	// until then; done is whether the device has said that it executed c.
	ShownByState(c Command, before, after State, done bool) bool
	// ShownByEvent is whether an event shows the effect of c.
	ShownByEvent(c Command, e Event) bool
}

// KindOf gives the Kind of a name; false if there is none.
func KindOf(name KindName) (Kind, bool) {
	switch name {
	case Gate:
		return gate{}, true
	case Turnstile:
		return turnstile{}, true
	case Camera:
		return camera{}, true
	}
	return nil, false
}

// Kinds are the names of all kinds.
func Kinds() []KindName { return []KindName{Gate, Turnstile, Camera} }

// CheckAction is nil if devices of a kind know the action with these arguments;
// otherwise it is Invalid with Field kind, action or args.{name}.
func CheckAction(kind KindName, a Action, args map[string]string) error {
	k, ok := KindOf(kind)
	if !ok {
		return invalid("device.check", "kind", "must be one of "+list(Kinds()))
	}
	if !slices.Contains(k.Actions(), a) {
		return invalid("device.check", "action", fmt.Sprintf("a %s knows %s", kind, list(k.Actions())))
	}
	if field, problem := k.Check(a, args); field != "" {
		return invalid("device.check", field, problem)
	}
	return nil
}

// hasOpening is whether devices of a kind have an opening of this direction.
func hasOpening(k Kind, direction string) bool { return slices.Contains(k.Openings(), direction) }

// onlyArgs refuses arguments that an action does not have.
func onlyArgs(args map[string]string, known ...string) (field, problem string) {
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return "args." + name, "this action takes no arguments"
		}
		return "args." + name, "this action knows only " + list(known)
	}
	return "", ""
}

func list[S ~string](words []S) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
