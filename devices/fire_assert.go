package devices

import (
	"context"
	"slices"
	"time"

	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

// assertFire tells every opening of a device that is to be released and has not
// reported itself open. It waits for no lane, no disk and no other command.
func (c *Control) assertFire(u *unit) {
	k := fireKey{u.device.Site, u.fireGroup()}
	for _, direction := range u.kind.Openings() {
		if c.fires.due(k, fireOpening{u.device.ID, direction}, u.linkNow(), c.d.Now()) {
			c.giveFire(u, k, direction)
		}
	}
}

// due is whether an opening is to be told now; then it is not due for a while.
func (s *fires) due(k fireKey, at fireOpening, link presence.Link, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.standing[k]
	if f == nil {
		return false
	}
	p, n := f.proof(at), fireNext{f.ID, at}
	if p == nil || p.Holds || now.Before(s.next[n]) {
		return false
	}
	if !link.Reachable() {
		p.Problem = absent(link)
		return false
	}
	s.next[n] = now.Add(fireAgain)
	return true
}

func (f *FireReport) proof(at fireOpening) *FireProof {
	for i := range f.Openings {
		if p := &f.Openings[i]; p.Device == at.device && p.Direction == at.direction {
			return p
		}
	}
	return nil
}

// giveFire hands the command to the link. It is no row of the store: the report of
// the release has what became of it.
func (c *Control) giveFire(u *unit, k fireKey, direction string) {
	problem := ""
	if err := c.sendFire(u, direction); err != nil {
		problem = err.Error()
		c.d.Log.Error("opening not told to release; trying again", "device", u.device.ID, "direction", direction, "err", err)
	}
	now := c.now()
	c.fires.mark(k, func(f *FireReport) {
		if p := f.proof(fireOpening{u.device.ID, direction}); p != nil {
			p.Problem = problem
			if problem == "" && p.Commanded.IsZero() {
				p.Commanded = now
			}
		}
	})
}

func (c *Control) sendFire(u *unit, direction string) error {
	const op = "fire.send"
	key, err := c.d.Keys.CommandKey(c.group.life, u.device.ID)
	if err != nil {
		return err
	}
	id, err := newID(op)
	if err != nil {
		return err
	}
	now := c.d.Now()
	issued := u.issueMode(c.issued(now))
	cmd := Command{
		ID: CommandID(id), Device: u.device.ID, Seq: issued.UnixMilli(), Action: ActionMode, Args: modeArgs(FireRelease, direction),
		Issued: issued, TTL: modeTTL,
	}
	payload, err := encode(key, cmd)
	if err != nil {
		return err
	}
	c.fires.expect(cmd.ID, fireOpening{u.device.ID, direction})
	_, err = c.d.Link.Give(c.group.life, u.registered(), payload, cmd.ID, now.Add(modeTTL), func(LinkReport) {})
	return err
}

// keptFireCommands is how many ids of commands are remembered for their answers.
const keptFireCommands = 100_000

// expect has the answer to a command understood.
func (s *fires) expect(id CommandID, at fireOpening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.commands) >= keptFireCommands {
		clear(s.commands)
	}
	s.commands[id] = at
}

// answered takes a device's answer to a command of a fire release; false if it was
// to another command.
func (s *fires) answered(u *unit, k fireKey, p wire.AnswerPayload) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.commands[CommandID(p.ID)]
	if !ok || at.device != u.device.ID {
		return false
	}
	if f := s.standing[k]; f != nil && p.Outcome == "refused" {
		if proof := f.proof(at); proof != nil && !proof.Holds {
			proof.Problem = "refused: " + p.Reason
		}
	}
	return true
}

// fireSeen takes what a report says of a device's openings, before it is stored,
// and has those told again that are not open.
func (c *Control) fireSeen(u *unit, after State, epoch uint64) {
	u.mu.Lock()
	fresh, group := epoch >= max(u.reported, u.link.Epoch), u.live.Fire.Group
	u.mu.Unlock()
	k := fireKey{u.device.Site, group}
	if group == "" || !fresh {
		return
	}
	changed, stands := false, false
	c.fires.mark(k, func(f *FireReport) {
		stands = true
		for _, direction := range u.kind.Openings() {
			if p := f.proof(fireOpening{u.device.ID, direction}); p != nil {
				changed = p.see(after, c.now()) || changed
			}
		}
	})
	if changed {
		c.fires.changed(k)
	}
	if stands {
		c.assertFire(u)
	}
}

// see is true if the report changes what is known of the opening. One that is
// still opening is not proven yet: it may get stuck.
func (p *FireProof) see(s State, now time.Time) bool {
	was := *p
	p.Holds = s.ModeOf(p.Direction) == FireRelease && s.Physical == Open
	if p.Holds {
		p.Problem = ""
	} else if len(s.Capabilities) > 0 && !slices.Contains(s.Capabilities, ActionMode) {
		p.Problem = "unable: it does not know modes"
	}
	if p.Holds && p.Confirmed.IsZero() {
		p.Confirmed = now
	}
	return *p != was
}

// fireInput releases the group whose input a device is, before its event is
// stored. An event that has done so once does nothing more. After an error it has
// to come again.
func (c *Control) fireInput(ctx context.Context, u *unit, e Event) error {
	u.mu.Lock()
	group := u.live.Fire.Input
	u.mu.Unlock()
	trigger := FireTrigger{u.device.ID, e.ID}
	if group == "" || c.fires.known(trigger) {
		return nil
	}
	a := Actor{Kind: ActorSystem, ID: string(u.device.ID), Name: u.registered().Name}
	_, err := c.releaseFire(ctx, "fire.release", a, fireKey{u.device.Site, group}, "", trigger)
	if err != nil {
		c.d.Log.Error("fire input without effect", "device", u.device.ID, "group", group, "err", err)
	}
	if CodeOf(err) == Invalid {
		return nil // nothing belongs to the group: it would be so again
	}
	return err
}

// keepAlarmed tells devices that came back, or joined a group, until ctx ends.
func (c *Control) keepAlarmed(ctx context.Context) {
	for {
		u, ok := c.alarmed.next(ctx)
		if !ok {
			return
		}
		c.assertFire(u)
	}
}

// watchFires tells again whoever is not open yet, and latches again what could not
// be, until ctx ends.
func (c *Control) watchFires(ctx context.Context) {
	tick := time.NewTicker(fireAgain / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, f := range c.fires.all() {
			for _, u := range c.fireUnits(fireKey{f.Site, f.Group}) {
				c.alarmed.add(u)
			}
		}
		if c.fires.unlatched() && c.fires.latching.take(ctx) == nil {
			c.writeLatch()
			c.fires.latching.give()
		}
	}
}
