package devices

import (
	"context"
	"time"

	"gatehouse/devices/command"
)

// lookAgain is when a command whose effect is overdue is looked at again, while
// reports of its device wait for the disk.
const lookAgain = 100 * time.Millisecond

// run saves, publishes and watches the clock until the command has been ended for
// a while, or life ends.
func (x *execution) run(life context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-life.Done():
			x.finishRecord()
			return
		case <-x.wake:
		case <-timer.C:
		case out := <-x.recording():
			x.recorded(out)
		}
		x.watch()
		if x.recording() != nil {
			x.tellPending()
			timer.Reset(x.next())
			continue
		}
		if !x.save(life) {
			x.finishRecord()
			return
		}
		if x.finish() {
			x.c.orders.drop(x)
			x.c.d.News.CommandGone(x.shown())
			return
		}
		timer.Reset(x.next())
	}
}

// watch records the steps that only the clock makes. While reports of the device wait
// for the disk nobody can say that none showed the effect.
func (x *execution) watch() {
	owing := x.unit.owing()
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
	case !x.done.IsZero() && !now.Before(x.moveBy()) && !owing:
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
	case !x.ended.IsZero() && x.row != nil:
		return afterglow // the record wakes it
	case !x.ended.IsZero():
		at = x.ended.Add(afterglow)
	case !x.done.IsZero():
		if at = x.moveBy(); !x.c.d.Now().Before(at) {
			return lookAgain
		}
	}
	return max(0, at.Sub(x.c.d.Now()))
}

// finish is whether the command can be forgotten; after that nothing can be
// recorded here.
func (x *execution) finish() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.clean() && !x.ended.IsZero() && !x.c.d.Now().Before(x.ended.Add(afterglow)) {
		x.gone = true
	}
	return x.gone
}

// save commits every recorded step, then publishes. Steps that are recorded
// meanwhile are saved with the next commit. False if life has ended.
func (x *execution) save(life context.Context) bool {
	for {
		x.mu.Lock()
		latest, clean, told := x.cmd, x.clean(), x.told && !x.pending
		x.mu.Unlock()
		if clean {
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
				x.tellMore()
			}
			return err
		})
		if !saved {
			return false
		}
		x.publish(latest)
	}
}

// publish makes a saved command visible: memory, then news, then those who wait. One
// that was shown before it was saved is shown so until all of it is saved.
func (x *execution) publish(saved Command) {
	x.mu.Lock()
	x.cmd.Revision = saved.Revision
	x.saved, x.told = saved, true
	var settled []chan error
	clean, waited := x.clean(), x.pending
	if clean {
		settled, x.waiting, x.pending = x.waiting, nil, false
	}
	x.mu.Unlock()
	if clean || !waited {
		x.c.d.News.Command(copyCommand(saved))
		x.c.said(saved.Site, saved.Zone, saved.Revision)
	}
	if clean && waited {
		x.unmarkPending()
	}
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
