package storetest

import (
	"maps"
	"slices"

	"gatehouse/devices"
)

func copyLive(l devices.Live) devices.Live {
	l.State.Counters = maps.Clone(l.State.Counters)
	l.State.Modes = maps.Clone(l.State.Modes)
	l.State.Capabilities = slices.Clone(l.State.Capabilities)
	if l.Last != nil {
		e := *l.Last
		l.Last = &e
	}
	return l
}

func copyCommand(c devices.Command) devices.Command {
	c.Args = maps.Clone(c.Args)
	c.Ladder.Rungs = slices.Clone(c.Ladder.Rungs)
	return c
}

func first[T any](all []T, limit int) []T {
	if limit <= 0 {
		limit = 100
	}
	return all[:min(limit, len(all))]
}

func missing(op, what string) error {
	return &devices.Error{Op: op, Code: devices.NotFound, Message: what + " does not exist"}
}

func taken(op, what string) error {
	return &devices.Error{Op: op, Code: devices.Conflict, Message: what + " exists already"}
}
