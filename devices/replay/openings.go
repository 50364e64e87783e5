package replay

import (
	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// OpeningKinds are the kinds of lines that tell who or what opened something.
func OpeningKinds() []Kind { return []Kind{Layer, Switch, Command, Event} }

// Opens is whether a line tells who or what opened something, held it open, or took a
// layer from it: what somebody asks who wants to know who opened a gate, and why.
func (l Line) Opens() bool {
	switch l.Kind {
	case Command:
		return commandOpens(*l.Command)
	case Event:
		return eventOpens(*l.Event)
	case Layer:
		return l.Layer.Set && holdsOpen(l.Layer.Mode) || !l.Layer.Set && l.Layer.Layer != arbiter.Schedule
	case Switch:
		return holdsOpen(l.Switch.Mode)
	}
	return false
}

func holdsOpen(m devices.Mode) bool { return m == devices.HeldOpen || m == devices.FireRelease }

func commandOpens(c devices.Command) bool {
	switch c.Action {
	case devices.ActionOpen, devices.ActionPass:
		return true
	case devices.ActionMode:
		return holdsOpen(devices.Mode(c.Args["mode"]))
	}
	return false
}

// eventOpens: a movement after a command is told by the command.
func eventOpens(e devices.Event) bool {
	switch e.Type {
	case "passage":
		return e.Result == "granted"
	case "opened_without_command", "forced_open", "fire":
		return true
	case "movement":
		return (e.Physical == devices.Open || e.Physical == devices.MovingOpen) && e.Command == ""
	}
	return false
}
