package devices

import (
	"context"
	"slices"
	"sync"
	"time"

	"gatehouse/devices/arbiter"
	"gatehouse/devices/presence"
)

const (
	// tellers is how many devices are told their modes at once: enough to share
	// commits, and that thousands are told in seconds also on a disk that is slow.
	tellers = 64
	// modeTTL is how long a mode command is good for.
	modeTTL = 10 * time.Second
	// A device that does not report the mode it was told is told again, after
	// pauses that double.
	tellAgain   = 5 * time.Second
	tellAgainAt = time.Minute // the longest pause
)

// system is who acts when nobody does.
var system = Actor{Kind: ActorSystem, ID: "arbiter", Name: "arbiter"}

// telling is what an opening was told last and has not shown yet.
type telling struct {
	mode  Mode
	tries int
	next  time.Time // when it is told again
}

// unsettled are the devices that do not report yet what their layers make.
type unsettled struct {
	mu    sync.Mutex // guards units
	units map[*unit]bool
}

func newUnsettled() *unsettled { return &unsettled{units: map[*unit]bool{}} }

func (s *unsettled) put(u *unit, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.units[u] = true
	} else {
		delete(s.units, u)
	}
}

func (s *unsettled) all() []*unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*unit, 0, len(s.units))
	for u := range s.units {
		all = append(all, u)
	}
	return all
}

// touch has every device that a scope covers told its mode.
func (c *Control) touch(s arbiter.Scope) {
	if s.Kind == arbiter.OfDevice {
		if u, ok := c.places.unit(DeviceID(s.ID)); ok {
			c.tells.add(u)
		}
		return
	}
	for _, u := range c.places.allUnits() {
		d := u.registered()
		covered := string(d.Site) == s.Site && (s.Kind == arbiter.OfSite ||
			s.Kind == arbiter.OfZone && string(d.Zone) == s.ID ||
			s.Kind == arbiter.OfGroup && u.fireGroup() == s.ID)
		if covered {
			c.tells.add(u)
		}
	}
}

// keepModes tells devices their modes until ctx ends.
func (c *Control) keepModes(ctx context.Context) {
	for {
		u, ok := c.tells.next(ctx)
		if !ok {
			return
		}
		c.tell(ctx, u)
	}
}

// watchModes tells again whoever has not shown its mode, and ends holds at their
// time, until ctx ends.
func (c *Control) watchModes(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, u := range c.unsettled.all() {
			c.tells.add(u)
		}
		c.endLayers(ctx)
	}
}

// tell compares what a device reports on its present connection with what its
// layers make, and tells it what is different. One that is not connected, or has
// not reported yet, is looked at again when it reports.
func (c *Control) tell(ctx context.Context, u *unit) {
	if u.teller.take(ctx) != nil {
		return
	}
	defer u.teller.give()
	state, current := u.reportedNow()
	if !current || !slices.Contains(state.Capabilities, ActionMode) {
		c.unsettled.put(u, false)
		return
	}
	open := false
	for _, direction := range u.kind.Openings() {
		open = !c.tellOpening(ctx, u, direction, state.ModeOf(direction)) || open
	}
	c.unsettled.put(u, open)
}

// reportedNow is the state that a device reported on its present connection.
func (u *unit) reportedNow() (s State, current bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	current = u.link.Status == presence.Online && u.reported >= u.link.Epoch && !u.live.State.ReportedAt.IsZero()
	return copyLive(u.live).State, current
}

// tellOpening is true once the opening reports the mode that its layers make, and
// nothing else is on the way to it. Its caller holds u.teller.
func (c *Control) tellOpening(ctx context.Context, u *unit, direction string, reported Mode) bool {
	stack := c.stack(u, direction)
	if s, rules := stack.Rules(); rules && s.Layer == arbiter.Fire {
		delete(u.told, direction) // told by assertFire, which waits for nothing
		return true
	}
	want, told, now := stack.Mode(), u.told[direction], c.d.Now()
	if reported == want && (told.mode == "" || told.mode == want) {
		delete(u.told, direction)
		return true
	}
	if told.mode != want {
		told = telling{mode: want}
	}
	if now.Before(told.next) {
		return false
	}
	told.next = now.Add(min(tellAgain<<min(told.tries, 10), tellAgainAt))
	told.tries++
	if err := c.sendMode(ctx, u, direction, stack); err != nil {
		c.d.Log.Warn("mode not told; trying again", "device", u.device.ID, "mode", want, "err", err)
		told.next = now.Add(time.Second)
	}
	if u.told == nil {
		u.told = map[string]telling{}
	}
	u.told[direction] = told
	return false
}

// sendMode tells an opening the mode that its layers make, as a command of whoever
// set what rules.
func (c *Control) sendMode(ctx context.Context, u *unit, direction string, stack arbiter.Stack) error {
	const op = "mode.send"
	if !c.group.enter() {
		return stopping(op)
	}
	defer c.group.leave()
	key, err := newID(op)
	if err != nil {
		return err
	}
	r := Request{Key: key, Action: ActionMode, Args: modeArgs(stack.Mode(), direction), TTL: modeTTL}
	a := system
	if s, rules := stack.Rules(); rules {
		a, r.Reason = Actor{Kind: ActorKind(s.By.Kind), ID: s.By.ID, Name: s.By.Name}, s.Reason
	}
	_, err = c.order(ctx, op, u, a, r, c.d.Now())
	return err
}

func modeArgs(m Mode, direction string) map[string]string {
	args := map[string]string{"mode": string(m)}
	if direction != "" {
		args["direction"] = direction
	}
	return args
}
