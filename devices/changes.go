package devices

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StateChange is one thing that a device reported otherwise than before.
type StateChange struct {
	ID         int64 // rises with each change that is stored
	Device     DeviceID
	Field      string // mode, physical, tamper, …: see stateFields; a setting is settings.{name}
	Was, Now   string // empty: nothing, or not said
	DeviceTime time.Time
	ArrivedAt  time.Time
	Command    CommandID // what the device named as the cause of the report, if it did
	Revision   Revision
}

// stateFields are what a change may be of, and how a state says it. Counts of
// passages and pictures are not among them, as each has its event, nor what
// changes all the time: signal and clock.
func stateFields() []stateField {
	return []stateField{
		{"mode", func(s State) string { return string(s.Mode) }},
		{"mode.in", func(s State) string { return string(s.Modes["in"]) }},
		{"mode.out", func(s State) string { return string(s.Modes["out"]) }},
		{"physical", func(s State) string { return string(s.Physical) }},
		{"alarm", func(s State) string { return string(s.Alarm) }},
		{"tamper", func(s State) string { return strconv.FormatBool(s.Tamper) }},
		{"fault", func(s State) string { return s.Fault }},
		{"power", func(s State) string { return string(s.Power) }},
		{"firmware", func(s State) string { return s.Firmware }},
		{"capabilities", func(s State) string { return capable(s.Capabilities) }},
		{"heartbeat", func(s State) string { return s.HeartbeatEvery().String() }},
		{"config", func(s State) string { return strconv.FormatInt(s.Config, 10) }},
	}
}

type stateField struct {
	name string
	text func(State) string
}

// SettingsField is what a query names to see the changes of every setting.
const SettingsField = "settings"

func capable(actions []Action) string {
	sorted := slices.Clone(actions)
	slices.Sort(sorted)
	return list(sorted)
}

// maxChange is how much of a value a change keeps, in bytes.
const maxChange = 256

// StateChanges are what a report says otherwise than the one before; that of a device
// that has never reported has no ReportedAt.
func StateChanges(d DeviceID, before, after State) []StateChange {
	var all []StateChange
	add := func(field, was, now string) {
		if was != now {
			all = append(all, StateChange{
				Device: d, Field: field, Was: clipped(was), Now: clipped(now),
				DeviceTime: after.DeviceTime, ArrivedAt: after.ReportedAt, Command: after.Command,
			})
		}
	}
	for _, f := range stateFields() {
		was := f.text(before)
		if before.ReportedAt.IsZero() {
			was = "" // a first word is a change
		}
		add(f.name, was, f.text(after))
	}
	for _, name := range keysOf(before.Settings, after.Settings) {
		add(SettingsField+"."+name, before.Settings[name], after.Settings[name])
	}
	return all
}

// keysOf are the keys of both, each once, in order.
func keysOf(maps ...map[string]string) []string {
	var keys []string
	for _, m := range maps {
		for k := range m {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func clipped(s string) string {
	if len(s) <= maxChange {
		return s
	}
	return strings.ToValidUTF8(s[:maxChange], "")
}

// ChangeQuery selects changes of the state of some devices.
type ChangeQuery struct {
	Devices  []DeviceID
	Field    string    // empty: all; settings: all of them
	From, To time.Time // arrived at From or later, before To; zero: no bound
	Before   int64     // only those with a smaller ID; 0: from the newest
	Limit    int
}

// ChangeStore is the part of Store that keeps what states were.
type ChangeStore interface {
	// Changes are selected newest first.
	Changes(ctx context.Context, q ChangeQuery) ([]StateChange, error)
	// ForgetChanges removes some that arrived before a time, the oldest, and says
	// whether there may be more.
	ForgetChanges(ctx context.Context, before time.Time) (more bool, err error)
}

// Changes are what a device, and those whose place it took, reported otherwise than
// before, newest first; Devices of q is not used. Those of retired devices stay.
func (c *Control) Changes(ctx context.Context, id DeviceID, q ChangeQuery) ([]StateChange, error) {
	if _, ok := c.places.ever(id); !ok {
		return nil, notFound("device.changes", "device "+string(id))
	}
	q.Devices = c.places.line(id)
	return c.d.Store.Changes(ctx, q)
}
