package devices

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/devices/command"
)

// withdrawnDetail is what is said of a command that was not sent because whoever
// gave it lost the right to.
const withdrawnDetail = "whoever ordered it lost the right to"

// withdrawers is how many commands are taken back at once: each may wait for its
// device's lane.
const withdrawers = 32

// Withdraw takes back whatever somebody ordered until now of devices outside of what is
// left to them, and that is not sent yet, alone or to many: it ends "cancelled", and what is
// not made yet is not made. What was sent goes on, and so do modes,
// which belong to their layer. It returns when nothing of it can be sent any more, or
// when ctx ends: the rest is taken back all the same. Errors: Unavailable, or that of
// ctx.
func (c *Control) Withdraw(ctx context.Context, by, of Actor, left Reach) error {
	const op = "command.withdraw"
	over := make(chan struct{})
	c.orders.withdraw(of, c.d.Now(), left) // first those that are not made, so that none slips through
	started := c.group.start(func() {
		defer close(over)
		if n := c.takeBack(op, withdrawnDetail, c.waitingOf(of, left)); n > 0 {
			c.note(c.group.life, c.audit(by, op, "", string(of.Kind)+":"+of.ID, map[string]any{"takenBack": n}))
		}
	})
	if !started {
		return stopping(op)
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
}

// waitingOf are the commands of somebody, outside of what is left to them, that are
// made and not sent.
func (c *Control) waitingOf(a Actor, left Reach) (all []*execution) {
	for _, cmd := range c.orders.all() {
		x, there := c.orders.find(cmd.ID)
		if there && !left.Place(cmd.Site, cmd.Zone) && giverOf(cmd.Actor) == giverOf(a) && command.Shown(cmd.Ladder) == command.Accepted {
			all = append(all, x)
		}
	}
	return all
}

// takeBack takes back those of some commands that are not sent, and counts them.
func (c *Control) takeBack(op, why string, all []*execution) int64 {
	var back atomic.Int64
	var work sync.WaitGroup
	free := make(chan struct{}, withdrawers)
	for _, x := range all {
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			if got, err := x.cancel(c.group.life, op, why); err == nil && command.Shown(got.Ladder) == command.Cancelled {
				back.Add(1)
			}
		})
	}
	work.Wait()
	return back.Load()
}

// withdraw keeps what somebody asked for until a moment from being sent.
func (o *orders) withdraw(of Actor, at time.Time, left Reach) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.withdrawn[giverOf(of)] = withdrawal{at, left}
}

// withdrawal is when somebody lost the right to order about what is not left to them.
type withdrawal struct {
	at   time.Time
	left Reach
}

// takes is whether an order that was asked for at a moment is lost.
func (w withdrawal) takes(asked time.Time, s SiteID, z ZoneID) bool {
	return !asked.After(w.at) && !w.left.Place(s, z)
}

// giver is who gives orders.
type giver struct {
	kind ActorKind
	id   string
}

func giverOf(a Actor) giver { return giver{a.Kind, a.ID} }

// haltedNow is why an order that was asked for at a moment must not be sent any more;
// empty: it may.
func (o *orders) haltedNow(cmd Command, asked time.Time) (why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost, some := o.withdrawn[giverOf(cmd.Actor)]
	switch {
	case o.halts[cmd.ID]:
		return haltedDetail
	case some && cmd.Action != ActionMode && lost.takes(asked, cmd.Site, cmd.Zone):
		return withdrawnDetail
	}
	return ""
}
