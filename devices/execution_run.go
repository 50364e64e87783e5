package devices

import (
	"context"
	"time"

	"gatehouse/devices/command"
)

// run saves, publishes and watches the clock until the command has been ended for
// a while, or life ends.
func (x *execution) run(life context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-life.Done():
			return
		case <-x.wake:
		case <-timer.C:
		}
		x.watch()
		if !x.save(life) {
			return
		}
		if x.finish() {
			x.c.orders.drop(x)
			x.c.d.News.CommandGone(x.committed())
			return
		}
		timer.Reset(x.next())
	}
}

// watch records the steps that only the clock makes.
func (x *execution) watch() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.ended.IsZero() {
		return
	}
	now, at := x.c.d.Now(), x.c.now()
	switch {
	case x.done.IsZero() && !now.Before(x.silent):
		detail := "no answer by the deadline"
		if x.lost != "" {
			detail += "; the connection ended: " + x.lost
		}
		x.recordLocked(command.Uncertain, at, detail)
	case !x.done.IsZero() && !now.Before(x.moveBy()):
		x.recordLocked(command.DidNotMove, at, "no effect was reported in time")
	}
}

func (x *execution) moveBy() time.Time {
	return x.done.Add(x.unit.kind.Travel(x.cmd.Action) + moveGrace)
}

// next is how long nothing will happen by the clock alone.
func (x *execution) next() time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := x.silent
	switch {
	case !x.ended.IsZero():
		at = x.ended.Add(afterglow)
	case !x.done.IsZero():
		at = x.moveBy()
	}
	return max(0, at.Sub(x.c.d.Now()))
}

// finish is whether the command can be forgotten; after that nothing can be
// recorded here.
func (x *execution) finish() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	clean := len(x.saved.Ladder.Rungs) == len(x.cmd.Ladder.Rungs)
	if clean && !x.ended.IsZero() && !x.c.d.Now().Before(x.ended.Add(afterglow)) {
		x.gone = true
	}
	return x.gone
}

// save commits every recorded step, then publishes. Steps that are recorded
// meanwhile are saved with the next commit. False if life has ended.
func (x *execution) save(life context.Context) bool {
	for {
		x.mu.Lock()
		latest, dirty, told := x.cmd, len(x.cmd.Ladder.Rungs) > len(x.saved.Ladder.Rungs), x.told
		x.mu.Unlock()
		if !dirty {
			if !told {
				x.publish(latest)
			}
			return true
		}
		saved := x.c.retry(life, "command "+string(x.id), func() (err error) {
			x.watch()
			x.mu.Lock()
			latest = x.cmd
			x.mu.Unlock()
			latest.Revision, err = x.c.d.Store.SaveLadder(life, latest)
			if err != nil {
				x.unsaved(err)
			}
			return err
		})
		if !saved {
			return false
		}
		x.publish(latest)
	}
}

// publish makes a saved command visible: memory, then news, then those who wait.
func (x *execution) publish(saved Command) {
	x.mu.Lock()
	x.cmd.Revision = saved.Revision
	x.saved, x.told = saved, true
	var settled []chan error
	if len(x.saved.Ladder.Rungs) == len(x.cmd.Ladder.Rungs) {
		settled, x.waiting = x.waiting, nil
	}
	x.mu.Unlock()
	x.c.d.News.Command(copyCommand(saved))
	x.c.said(saved.Site, saved.Zone, saved.Revision)
	for _, w := range settled {
		w <- nil
	}
}

// unsaved tells everybody who waits for a save that it failed this time.
func (x *execution) unsaved(err error) {
	x.mu.Lock()
	waiting := x.waiting
	x.waiting = nil
	x.mu.Unlock()
	for _, w := range waiting {
		w <- err
	}
}
