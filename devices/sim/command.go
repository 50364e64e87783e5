package sim

import (
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// Reasons for which a device refuses a command.
const (
	expired       = "expired"
	noClock       = "no_clock"
	badSignature  = "bad_signature"
	unknownAction = "unknown_action"
	badArguments  = "bad_arguments"
	blocked       = "blocked"
	replayed      = "replayed"
	notMoving     = "not_moving"
)

// Actions of the virtual devices.
const (
	actOpen     = "open"
	actClose    = "close"
	actStop     = "stop"
	actPass     = "pass"
	actSnapshot = "snapshot"
	actMode     = "mode"
	actRecord   = "record"
	actRestart  = "restart"
	actSetTime  = "set_time"
)

// restartTakes is how long a virtual device is busy when it restarts.
const restartTakes = 3 * time.Second

// actions are all that the device can do; its capabilities say besides that it
// verifies signatures.
func (d *Device) actions() []string { return append(d.body.actions(), actRestart, actSetTime) }

func (d *Device) capabilities() []string { return append(d.actions(), "signature") }

// act does what every device can, or what its body can.
func (d *Device) act(c wire.CommandPayload) (refusal string) {
	if c.Action != actRestart && c.Action != actSetTime {
		return d.body.act(c)
	}
	if len(c.Args) > 0 {
		return badArguments
	}
	if c.Action == actRestart {
		d.after(restartTakes, func() { // it is back, and says what made it go
			d.cause = c.ID
			d.sendState()
		})
		return ""
	}
	now := c.Issued
	if d.offset != nil {
		now = d.uptime() + *d.offset
	}
	d.skew = time.Until(time.UnixMilli(now))
	d.cause = c.ID
	return ""
}

// command verifies, acts once, answers, and reports, in this order.
func (d *Device) command(payload []byte) {
	c, err := wire.DecodeCommand(payload)
	if err != nil {
		d.log.Warn("bad command", "err", err)
		return
	}
	if !wire.Verify(d.id.CommandKey, d.id.ID, c) {
		// Not remembered: whoever forges must not spoil the id of a true command.
		d.send(wire.Answer, wire.AnswerPayload{ID: c.ID, Outcome: "refused", Reason: badSignature, At: d.now()}, 1, false)
		return
	}
	if first, again := d.memory.answered(c.ID); again {
		d.send(wire.Answer, first, 1, false)
		return
	}
	a := wire.AnswerPayload{ID: c.ID, Outcome: "done", At: d.now()}
	a.Reason = d.refusal(c)
	if a.Reason == "" {
		a.Reason = d.act(c)
	}
	if a.Reason != "" {
		a.Outcome = "refused"
	}
	if d.ordered(c) && c.Seq > d.memory.CommandSeq {
		d.memory.CommandSeq = c.Seq
	}
	d.memory.remember(Remembered{a, c.Action, time.Now()})
	d.remembered()
	d.send(wire.Answer, a, 1, false)
	if a.Outcome == "done" {
		d.sendState()
	}
	d.log.Info("command", "id", c.ID, "action", c.Action, "outcome", a.Outcome, "reason", a.Reason)
}

// refusal is why the device must not act, or nothing.
func (d *Device) refusal(c wire.CommandPayload) string {
	switch {
	case !slices.Contains(d.actions(), c.Action):
		return unknownAction
	case d.offset == nil && opens(c):
		return noClock
	case d.offset != nil && d.uptime()+*d.offset > c.Issued+c.TTL:
		return expired
	case d.ordered(c) && c.Seq <= d.memory.CommandSeq:
		return replayed
	}
	return ""
}

// opens is whether a command that somebody caught would let people in. Of a fire
// release nothing may depend on a clock.
func opens(c wire.CommandPayload) bool {
	mode := c.Args["mode"]
	return c.Action == actOpen || c.Action == actPass || c.Action == actMode && (mode == controlled || mode == heldOpen)
}

// ordered is whether a command must have a greater number than those before it. A
// mode need not: it is told again until it is shown, and judged by its own time.
func (d *Device) ordered(c wire.CommandPayload) bool { return c.Action != actMode }
