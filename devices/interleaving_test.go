package devices_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// TestWhateverComesInWhateverOrderTheLadderIsTrue lets devices connect, drop,
// act, answer and report at random, on a disk that fails and stands still, and
// compares what is shown with what the devices really did.
func TestWhateverComesInWhateverOrderTheLadderIsTrue(t *testing.T) {
	t.Parallel()
	seeds := prove.Size(40, 2000)
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				c := &chaos{world: w, rnd: rand.New(rand.NewPCG(seed, 7)), truth: map[string]*truth{}}
				c.run()
				c.check(t)
			})
		})
	}
	prove.Record(t, "the ladder of a command says what the device really did, whatever comes in whatever order, on a disk that fails",
		"0 untrue ladders, no command acted on twice", fmt.Sprintf("%d random histories, 0 untrue", seeds))
}

// chaos drives a world at random.
type chaos struct {
	*world
	mu    sync.Mutex // guards what follows
	rnd   *rand.Rand
	truth map[string]*truth // by command id
	next  uint64            // epochs
	tasks sync.WaitGroup
}

// truth is what really became of a command that was given to the link.
type truth struct {
	times   int  // given
	written bool // left the process
	acted   bool // the device did it
}

func (c *chaos) n(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rnd.IntN(n)
}

func (c *chaos) pause(longest time.Duration) {
	time.Sleep(time.Duration(c.n(int(longest/time.Millisecond))) * time.Millisecond)
}

func (c *chaos) spawn(f func()) {
	c.tasks.Add(1)
	go func() {
		defer c.tasks.Done()
		f()
	}()
}

func (c *chaos) run() {
	c.store.set(c.disk, nil)
	for _, d := range []devices.Device{c.gate, c.lane} {
		c.spawn(func() { c.live(d) })
		for range 3 {
			c.spawn(func() { c.order(d) })
		}
	}
	c.tasks.Wait()
	c.store.set(nil, nil)
	time.Sleep(3 * time.Minute)
	synctest.Wait()
}

// disk fails and stands still now and then.
func (c *chaos) disk(string) error {
	switch c.n(12) {
	case 0:
		return errDisk
	case 1:
		c.pause(3 * time.Second)
	default:
		c.pause(5 * time.Millisecond)
	}
	return nil
}

// order sends commands.
func (c *chaos) order(d devices.Device) {
	for range 8 {
		c.pause(8 * time.Second)
		c.mu.Lock()
		c.reports++
		r := devices.Request{Key: fmt.Sprintf("key-%05d", c.reports), Action: devices.ActionOpen}
		c.mu.Unlock()
		if d.Kind == devices.Turnstile {
			r.Action, r.Args = devices.ActionPass, map[string]string{"direction": "in"}
		}
		for range 1 + c.n(2) { // people press twice
			c.spawn(func() { _, _ = c.c.Send(context.Background(), guard, d.ID, r) })
		}
	}
}

// live is one device: it connects, does what it is told, and drops.
func (c *chaos) live(d devices.Device) {
	seen := 0
	for range 6 {
		c.pause(10 * time.Second)
		c.mu.Lock()
		c.next++
		epoch := c.next
		c.mu.Unlock()
		c.link.connect(d.ID, true)
		up := presence.Change{Up: true, Epoch: epoch, At: time.Now()}
		c.spawn(func() { c.pause(50 * time.Millisecond); c.c.Presence(d.ID, up) })
		c.spawn(func() { c.tell(d, epoch, wire.State, c.state(d, "closed", "")) })
		until := time.Now().Add(time.Duration(c.n(30)) * time.Second)
		for time.Now().Before(until) {
			c.pause(300 * time.Millisecond)
			all := c.link.sent()
			for ; seen < len(all); seen++ {
				if g := all[seen]; g.to.ID == d.ID {
					c.spawn(func() { c.obey(g, epoch) })
				}
			}
		}
		c.link.connect(d.ID, false)
		down := presence.Change{Epoch: epoch, At: time.Now(), Cause: "connection lost"}
		c.spawn(func() { c.pause(50 * time.Millisecond); c.c.Presence(d.ID, down) })
	}
}

// obey is what becomes of one command: at most one of the ways that are possible.
func (c *chaos) obey(g given, epoch uint64) {
	c.mu.Lock()
	what := c.truth[g.command.ID]
	if what == nil {
		what = &truth{}
		c.truth[g.command.ID] = what
	}
	c.mu.Unlock()
	c.pause(4 * time.Second)
	if c.n(5) == 0 {
		g.ended(false, "connection lost")
		return
	}
	if !time.Now().Before(g.deadline) {
		g.ended(false, devices.LinkExpired)
		return
	}
	c.note(func() { what.written = true })
	g.written()
	if c.n(4) > 0 {
		c.spawn(func() { c.pause(time.Second); g.acked() })
	}
	switch c.n(5) {
	case 0: // silence
	case 1:
		c.pause(time.Second)
		c.tell(g.to, epoch, wire.Answer, wire.AnswerPayload{ID: g.command.ID, Outcome: "refused", Reason: "blocked", At: 1})
	default:
		c.note(func() { what.acted = true })
		c.spawn(func() {
			c.pause(8 * time.Second)
			c.tell(g.to, epoch, wire.Answer, wire.AnswerPayload{ID: g.command.ID, Outcome: "done", At: 1})
		})
		if c.n(4) > 0 {
			c.pause(5 * time.Second)
			c.tell(g.to, epoch, wire.State, c.state(g.to, "opening", g.command.ID))
		}
	}
	if c.n(3) == 0 {
		c.spawn(func() { c.pause(time.Second); g.ended(true, "connection lost") })
	}
}

func (c *chaos) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *chaos) state(d devices.Device, physical, by string) wire.StatePayload {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports++
	return wire.StatePayload{
		At: 1, Physical: physical, Command: by, Capabilities: capabilities[d.Kind],
		Counters: map[string]int64{"in": c.reports},
	}
}

// tell offers a message until it is taken, as the broker does.
func (c *chaos) tell(d devices.Device, epoch uint64, ch wire.Channel, payload any) {
	for {
		if c.reportOn(epoch, d, ch, payload) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (c *chaos) check(t *testing.T) {
	ctx := context.Background()
	for _, g := range c.link.sent() {
		if c.truth[g.command.ID] == nil {
			c.truth[g.command.ID] = &truth{} // given as the device dropped
		}
		c.truth[g.command.ID].times++
	}
	made, ends := 0, map[command.Step]int{}
	for _, d := range []devices.Device{c.gate, c.lane} {
		all, err := c.store.Commands(ctx, devices.CommandQuery{Device: d.ID, Limit: 1000})
		c.must(err)
		made += len(all)
		for _, cmd := range all {
			shown := command.Shown(cmd.Ladder)
			ends[shown]++
			c.judge(t, cmd, shown)
		}
		live, err := c.c.Device(ctx, d.ID)
		c.must(err)
		if told := c.news.deviceNow(d.ID); told.Revision != live.Revision || told.Link != live.Link || told.State.Physical != live.State.Physical {
			t.Errorf("the feed says %+v, Control %+v", told, live)
		}
		if live.Link.Status != presence.Offline {
			t.Errorf("the device is gone, and shown as %+v", live.Link)
		}
	}
	rows, err := c.c.Audit(ctx, 0, 10000)
	c.must(err)
	audited := 0
	for _, r := range rows {
		if r.Verb == "device.command" {
			audited++
		}
	}
	if audited != made {
		t.Errorf("%d commands have %d audit rows", made, audited)
	}
	if len(c.c.Snapshot().Commands) != 0 {
		t.Error("ended commands are still on the feed")
	}
	t.Logf("ends: %v", ends)
}

func (c *chaos) judge(t *testing.T, cmd devices.Command, shown command.Step) {
	what := c.truth[string(cmd.ID)]
	if what == nil {
		what = &truth{}
	}
	wrong := ""
	switch {
	case !command.Ended(cmd.Ladder):
		wrong = "has not ended"
	case what.times > 1:
		wrong = "was given twice"
	case what.acted && (shown == command.Failed || shown == command.Expired || shown == command.Refused):
		wrong = "was done by the device"
	case !what.acted && (shown == command.Confirmed || shown == command.DidNotMove):
		wrong = "was not done by the device"
	case what.times == 0 && shown != command.Failed && shown != command.Expired:
		wrong = "was never given to the link"
	case what.written && (shown == command.Failed || shown == command.Expired):
		wrong = "was on the wire"
	}
	if wrong != "" {
		t.Errorf("command %s is shown %s, but %s: %+v", cmd.ID, shown, wrong, cmd.Ladder.Rungs)
	}
	if !c.news.isGone(cmd.ID) {
		t.Errorf("command %s (%s) was not taken off the feed", cmd.ID, shown)
	}
}
