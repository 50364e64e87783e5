package devices

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

const (
	minKey    = 8
	maxKey    = 64
	maxReason = 200
)

// Send orders a device to do something, once, and returns as soon as the order is
// handed to the device's connection: what becomes of it is told by News and
// Command. It is handed over when it is committed, or 150 ms after it was asked
// for: then the command is RecordPending until the store has it. A device that is
// not connected gives a command that ended "failed"; an order never waits for a
// device.
//
// The same Key of the same actor for the same device gives the first command
// again, and nothing is sent; with another request it is Conflict. Other errors: NotFound (no such
// device), Invalid (Field is key, action, args.{name}, reason or ttlMs),
// Refused (a layer rules the opening: Ruling), Unavailable (the server stops, or too
// much waits to be recorded: repeat with the same key), Internal (the store refused it).
func (c *Control) Send(ctx context.Context, a Actor, id DeviceID, r Request) (Command, error) {
	const op = "command.send"
	asked := c.d.Now()
	if !c.group.enter() {
		return Command{}, stopping(op)
	}
	defer c.group.leave()
	u, ok := c.places.unit(id)
	if !ok {
		return Command{}, notFound(op, "device "+string(id))
	}
	if r.TTL == 0 {
		r.TTL = DefaultTTL
	}
	if err := u.check(op, r); err != nil {
		return Command{}, err
	}
	cmd, err := c.order(ctx, op, u, a, r, asked)
	if CodeOf(err) == Refused {
		c.auditRefused(ctx, u, a, r, err)
	}
	return cmd, err
}

// auditRefused writes down who was refused what.
func (c *Control) auditRefused(ctx context.Context, u *unit, a Actor, r Request, why error) {
	entry := c.audit(a, "device.command", u.device.Site, "device:"+string(u.device.ID),
		map[string]any{"action": r.Action, "args": r.Args, "reason": r.Reason, "refused": why.Error()})
	entry.Outcome = OutcomeRefused
	c.note(ctx, entry)
}

// order records a request that is right and sends it. Its caller is inside the
// group. A momentary order that a layer refuses is Refused: this is decided in the
// lane, so that what is sent after a lockdown's mode was decided after it was set.
func (c *Control) order(ctx context.Context, op string, u *unit, a Actor, r Request, asked time.Time) (Command, error) {
	id, err := newID(op)
	if err != nil {
		return Command{}, err
	}
	return c.orderAs(ctx, op, CommandID(id), u, a, r, asked)
}

// orderAs is order with the id that the command is to have.
func (c *Control) orderAs(ctx context.Context, op string, id CommandID, u *unit, a Actor, r Request, asked time.Time) (Command, error) {
	if err := u.lane.takeFor(ctx, op, "an earlier command of this device"); err != nil {
		return Command{}, err
	}
	defer u.lane.give()
	if u.retired() {
		return Command{}, notFound(op, "device "+string(u.device.ID))
	}
	if first, known := c.keys.find(u.device.ID, keyOf(a, r)); known {
		return c.remembered(ctx, op, u, first, r, asked)
	}
	cmd, entry := c.draft(id, u, a, r, asked) // before the layers are looked at: a mode of a layer set after is dated later
	if err := c.refusal(op, u, r); err != nil {
		return Command{}, err
	}
	// From here on the order stands, even if its sender goes away.
	return c.carryOut(op, u, cmd, entry, r, asked)
}

// carryOut has a new command recorded, and sends it when it is, or when that takes
// too long. Its caller holds the lane.
func (c *Control) carryOut(op string, u *unit, cmd Command, entry AuditEntry, r Request, asked time.Time) (Command, error) {
	row := c.startRecord(cmd, entry, 0)
	out, answered := c.await(cmd, row, asked)
	var x *execution
	switch {
	case answered && out.err != nil:
		c.doubt(u, cmd.ID, asked)
		return Command{}, fmt.Errorf("%s: %w", op, out.err)
	case answered && out.existed:
		return c.repeated(op, u, out.stored, r, asked)
	case answered:
		x = c.execute(u, out.stored, asked, nil)
	case c.orders.full():
		c.giveUp(u, cmd.ID, row, asked)
		return Command{}, &Error{Op: op, Code: Unavailable, Message: "too many commands wait to be recorded: the disk does not answer"}
	default:
		x = c.execute(u, cmd, asked, row)
	}
	c.keys.note(u.device.ID, cmd.Key, cmd.ID, asked, c.d.Now())
	halted := c.orders.haltedNow(cmd, asked)
	switch {
	case command.Ended(cmd.Ladder):
	case halted != "":
		x.record(command.Cancelled, c.now(), halted)
	default:
		c.give(u, x, x.shown())
	}
	return x.shown(), nil
}

// keyOf makes a key the actor's own: nobody can take the key of another's order,
// or of a schedule's, before it is given.
func keyOf(a Actor, r Request) string { return string(a.Kind) + ":" + a.ID + ":" + r.Key }

// check says what is wrong with a request, by field.
func (u *unit) check(op string, r Request) error {
	if err := CheckAction(u.device.Kind, r.Action, r.Args); err != nil {
		return err
	}
	able := u.snapshot().State.Capabilities
	if len(able) > 0 && !slices.Contains(able, r.Action) {
		return invalid(op, "action", "this device says that it can "+list(able))
	}
	return checkOrder(op, r, NeedsReason(string(r.Action)))
}

// checkOrder says what is wrong with what every order has.
func checkOrder(op string, r Request, explained bool) error {
	if len(r.Key) < minKey || len(r.Key) > maxKey || !printable(r.Key) {
		return invalid(op, "key", fmt.Sprintf("must have %d to %d printable characters", minKey, maxKey))
	}
	if err := checkReason(op, r.Reason, explained); err != nil {
		return err
	}
	if r.TTL < time.Millisecond || r.TTL > MaxTTL {
		return invalid(op, "ttlMs", fmt.Sprintf("must be from 1 to %d", MaxTTL.Milliseconds()))
	}
	return nil
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// draft makes the command and its audit entry; a device that is not connected
// gives one that has ended already.
func (c *Control) draft(id CommandID, u *unit, a Actor, r Request, asked time.Time) (Command, AuditEntry) {
	cmd := Command{
		ID: id, Device: u.device.ID, Site: u.device.Site, Zone: u.registered().Zone, Key: keyOf(a, r),
		Action: r.Action, Args: maps.Clone(r.Args), Reason: r.Reason, Actor: a,
		Issued: c.issued(asked), TTL: r.TTL.Truncate(time.Millisecond),
		Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: asked.UTC().Truncate(time.Millisecond)}}},
	}
	if r.Action == ActionMode {
		cmd.Issued = u.issueMode(cmd.Issued)
	}
	cmd.Seq = u.nextSeq(cmd.Issued)
	detail := map[string]any{"command": id, "action": r.Action, "args": r.Args, "reason": r.Reason, "ttlMs": cmd.TTL.Milliseconds()}
	entry := c.audit(a, "device.command", u.device.Site, "device:"+string(u.device.ID), detail)
	if link := u.linkNow(); link.Status != presence.Online {
		why := absent(link)
		cmd.Ladder, _ = command.Record(cmd.Ladder, command.Rung{Step: command.Failed, At: c.now(), Detail: why})
		detail["failed"] = why
		entry = c.audit(a, entry.Verb, entry.Site, entry.Object, detail)
		entry.Outcome = OutcomeRefused
	}
	return cmd, entry
}

// absent says why a device cannot be sent anything.
func absent(l presence.Link) string {
	if l.Status != presence.Offline {
		return "never connected"
	}
	why := "offline since " + l.Since.UTC().Format("2006-01-02T15:04:05.000Z")
	if l.Cause != "" {
		why += ", " + l.Cause
	}
	return why
}

// remembered answers a key that memory knows. Its caller holds the lane.
func (c *Control) remembered(ctx context.Context, op string, u *unit, id CommandID, r Request, asked time.Time) (Command, error) {
	first, known := c.orders.get(id)
	if !known {
		var err error
		if first, err = c.d.Store.Command(ctx, id); err != nil {
			return Command{}, &Error{Op: op, Code: Unavailable, Message: "this key has a command already, and what became of it cannot be read now", Err: err}
		}
	}
	return c.repeated(op, u, first, r, asked)
}

// repeated answers a key that the device has a command of already. Its caller holds
// the lane.
func (c *Control) repeated(op string, u *unit, first Command, r Request, asked time.Time) (Command, error) {
	if first.Action != r.Action || !maps.Equal(first.Args, r.Args) || first.Reason != r.Reason ||
		first.TTL != r.TTL.Truncate(time.Millisecond) {
		return Command{}, &Error{Op: op, Code: Conflict, Field: "key", Message: "this key was used for another command; every new command needs a new key"}
	}
	if x, ok := c.orders.find(first.ID); ok {
		return x.shown(), nil
	}
	if command.Ended(first.Ladder) {
		return first, nil
	}
	// Its commit was reported as an error, so nobody sent it, and now nobody will.
	return c.neverSent(u, first, asked).shown(), nil
}

// giveUp takes the row of a command back that is not sent, and ends the row if it
// is stored all the same.
func (c *Control) giveUp(u *unit, id CommandID, row *recording, asked time.Time) {
	row.withdraw()
	c.group.start(func() {
		<-row.over
		c.doubt(u, id, asked)
	})
}

// doubt looks whether a command whose commit was reported as an error is stored
// all the same, and ends it if it is.
func (c *Control) doubt(u *unit, id CommandID, asked time.Time) {
	c.group.start(func() {
		c.retry(c.group.life, "command "+string(id), func() error {
			if err := u.lane.take(c.group.life); err != nil {
				return err
			}
			defer u.lane.give()
			cmd, err := c.d.Store.Command(c.group.life, id)
			if CodeOf(err) == NotFound {
				return nil
			}
			if err != nil {
				return err
			}
			if _, known := c.orders.find(id); !known && !command.Ended(cmd.Ladder) {
				c.neverSent(u, cmd, asked)
			}
			return nil
		})
	})
}

// neverSent ends a stored command that was certainly not sent. Its caller holds
// the lane.
func (c *Control) neverSent(u *unit, cmd Command, asked time.Time) *execution {
	x := c.execute(u, cmd, asked, nil)
	x.record(command.Failed, c.now(), "never sent: it was not known to be recorded")
	return x
}

// give signs a command and hands it to the link. Its caller holds the lane.
func (c *Control) give(u *unit, x *execution, cmd Command) {
	if !c.d.Now().Before(x.expires) {
		x.record(command.Expired, c.now(), "the deadline passed before it was recorded")
		return
	}
	key, err := c.d.Keys.CommandKey(c.group.life, u.device.ID)
	if err != nil {
		c.d.Log.Error("no command key", "device", u.device.ID, "err", err)
		x.record(command.Failed, c.now(), "the device has no command key")
		return
	}
	payload, err := encode(key, cmd)
	if err != nil {
		x.record(command.Failed, c.now(), err.Error())
		return
	}
	recall, err := c.d.Link.Give(c.group.life, u.registered(), payload, cmd.ID, x.expires, x.onLink)
	x.recallable(recall)
	if err != nil {
		c.d.Log.Info("command not sent", "device", u.device.ID, "command", cmd.ID, "err", err)
		x.record(command.Failed, c.now(), "no live connection")
	}
}

// encode makes the signed message of a command.
func encode(key []byte, cmd Command) ([]byte, error) {
	p := wire.CommandPayload{
		ID: string(cmd.ID), Seq: cmd.Seq, Action: string(cmd.Action), Args: cmd.Args,
		Issued: cmd.Issued.UnixMilli(), TTL: cmd.TTL.Milliseconds(),
	}
	p.Signature = wire.Sign(key, string(cmd.Device), p)
	return json.Marshal(p)
}
