package devices

import (
	"encoding/json"

	"gatehouse/devices/command"
)

// sentBefore is what the rung "accepted" of a command says for good if it was sent
// before it was recorded.
const sentBefore = "sent before it was recorded"

// clean is whether everything that was recorded is saved. Its caller holds mu.
func (x *execution) clean() bool {
	return x.row == nil && len(x.saved.Ladder.Rungs) == len(x.cmd.Ladder.Rungs)
}

// recording gives the answer to the row of the command; nil: it is stored.
func (x *execution) recording() chan recorded {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.row == nil {
		return nil
	}
	return x.row.over
}

// markPending notes that the command is sent before it is recorded.
func (x *execution) markPending() {
	if !command.Ended(x.cmd.Ladder) {
		x.cmd = copyCommand(x.cmd)
		x.cmd.Ladder.Rungs[0].Detail = sentBefore
	}
	x.c.d.Log.Warn("record pending: a command goes on before it is recorded", "command", x.id, "device", x.unit.device.ID)
	if x.c.orders.addPending(x.unit, 1, x.c.now()) {
		x.c.deviceSays(x.unit)
	}
}

// unmarkPending notes that all of it is saved.
func (x *execution) unmarkPending() {
	if x.c.orders.addPending(x.unit, -1, x.c.now()) {
		x.c.deviceSays(x.unit)
	}
}

// deviceSays has the news look at a device again: something of it changed that has
// no revision. It does not wait.
func (c *Control) deviceSays(u *unit) {
	c.group.start(func() {
		if u.turn.take(c.group.life) == nil {
			defer u.turn.give()
			c.change(u, 0, func(*Live) {})
		}
	})
}

// tellPending shows the command as it is known now, if that is more than was shown.
func (x *execution) tellPending() {
	now := x.shown()
	x.mu.Lock()
	more := !x.told || len(now.Ladder.Rungs) > x.toldRungs
	x.told, x.toldRungs = true, len(now.Ladder.Rungs)
	x.mu.Unlock()
	if more {
		x.c.d.News.Command(now)
	}
}

// tellMore is tellPending for a command whose row is stored and whose steps are not: a
// command that was shown pending is shown so until all of it is saved.
func (x *execution) tellMore() {
	x.mu.Lock()
	pending := x.pending
	x.mu.Unlock()
	if pending {
		x.tellPending()
	}
}

// recorded takes what the store said of the row.
func (x *execution) recorded(out recorded) {
	x.mu.Lock()
	defer x.mu.Unlock()
	entry := x.row.entry
	switch {
	case out.err == nil && !out.existed:
		x.row, x.saved, x.cmd.Revision = nil, out.stored, out.stored.Revision
		return
	case out.existed:
		// The store was silent, and memory did not reach back to the first command of
		// this key. The second was sent, so it is recorded, under a key of its own.
		x.c.d.Log.Error("an order was carried out again: its key is older than memory", "command", x.id, "first", out.stored.ID)
		x.cmd.Key = "again:" + string(x.id)
		entry.Detail = withDetail(entry.Detail, "repeats", string(out.stored.ID))
	default:
		x.c.d.Log.Error("the store refuses the record of a command; trying again", "command", x.id, "err", out.err)
	}
	first := x.cmd
	first.Ladder = command.Ladder{Rungs: x.cmd.Ladder.Rungs[:1]}
	x.row = x.c.startRecord(copyCommand(first), entry, recordPause)
}

// withDetail adds a word to the detail of an audit entry.
func withDetail(detail, name, value string) string {
	all := map[string]any{}
	if json.Unmarshal([]byte(detail), &all) != nil {
		return detail
	}
	all[name] = value
	if text, err := json.Marshal(all); err == nil {
		return string(text)
	}
	return detail
}

// finishRecord waits, when the server stops, for the record of a command that was
// sent before it, for as long as the last words last. What is lost is logged whole.
func (x *execution) finishRecord() {
	for over := x.recording(); over != nil; over = x.recording() {
		x.recorded(<-over) // its end is bounded by group.lasting
		if x.c.group.lasting.Err() != nil {
			break
		}
	}
	x.mu.Lock()
	latest, pending, missing := copyCommand(x.cmd), x.pending, x.row != nil
	x.mu.Unlock()
	if !pending {
		return
	}
	var err error
	if !missing {
		_, err = x.c.d.Store.SaveLadder(x.c.group.lasting, latest)
	}
	if missing || err != nil {
		x.c.d.Log.Error("LOST: a command was sent, and the server stops before it is recorded",
			"command", x.id, "device", latest.Device, "action", latest.Action, "args", latest.Args, "reason", latest.Reason,
			"actor", latest.Actor, "issued", latest.Issued, "ladder", latest.Ladder.Rungs, "row", !missing, "err", err)
	}
}
