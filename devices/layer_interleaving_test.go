package devices_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// TestLockdownAgainstUnlockEndsInTheModeOfTheModel sets and releases lockdowns, holds
// and what timetables want, opens, cuts the line, and lets what was sent arrive reordered and
// repeated, at random. In the end the opening is in the mode that a naive model of
// the layers has, and no order was taken that the model refuses.
func TestLockdownAgainstUnlockEndsInTheModeOfTheModel(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	histories := prove.Size(40, 1000)
	for i := range histories {
		t.Run(fmt.Sprintf("history %d", i), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				r := &rivals{world: w, rnd: rand.New(rand.NewPCG(uint64(seed), uint64(i)))}
				r.run(t)
			})
		})
	}
	prove.Record(t, "lockdown against unlock, with commands reordered and repeated and lines that drop: the opening ends in the mode that its layers make",
		"0 wrong final states in 1000 random interleavings", fmt.Sprintf("%d interleavings, 0 wrong", histories))
}

// rivals is a gate that keeps the contract, a line that reorders and repeats, and
// people who want different things.
type rivals struct {
	*world
	rnd *rand.Rand

	// The naive model.
	zone, site bool
	hold       devices.Mode
	scheduled  devices.Mode
	until      time.Time // of the timetable's period; zero: without an end

	// The gate.
	mode    devices.Mode
	issued  int64
	acted   map[string]wire.AnswerPayload
	arrived int // how much of what was given has been taken off the line
	line    []given
}

func (r *rivals) wanted() devices.Mode {
	switch {
	case r.zone || r.site:
		return devices.LockedDown
	case r.hold != "":
		return r.hold
	case r.scheduled != "" && (r.until.IsZero() || time.Now().Before(r.until)):
		return r.scheduled
	}
	return devices.Controlled
}

func (r *rivals) run(t *testing.T) {
	r.mode, r.acted = devices.Controlled, map[string]wire.AnswerPayload{}
	r.connect()
	for range 25 {
		r.step(t)
		synctest.Wait()
		r.carry(r.rnd.IntN(3))
	}
	for range 12 { // nobody wants anything any more: it settles
		r.carry(1 << 20)
		time.Sleep(20 * time.Second)
		synctest.Wait()
	}
	if r.mode != r.wanted() {
		t.Errorf("the gate is %s, the model says %s", r.mode, r.wanted())
	}
}

func (r *rivals) step(t *testing.T) {
	ctx := context.Background()
	set := func(req devices.LayerRequest) {
		req.Reason = "exercise"
		if _, err := r.c.SetLayer(ctx, guard, req); err != nil {
			t.Error(err)
		}
	}
	open := func() error {
		_, err := r.c.Send(ctx, guard, r.gate.ID, r.request(devices.ActionOpen))
		return err
	}
	switch r.rnd.IntN(12) {
	case 0, 1:
		r.zone = !r.zone
		set(devices.LayerRequest{Action: lockOrNot(r.zone), Zone: r.zone0()})
	case 2:
		r.site = !r.site
		set(devices.LayerRequest{Action: lockOrNot(r.site), Site: r.world.site.ID})
	case 3, 4:
		r.hold = []devices.Mode{"", devices.HeldOpen, devices.HeldClosed}[r.rnd.IntN(3)]
		set(devices.LayerRequest{Action: map[devices.Mode]devices.LayerAction{
			"": devices.Release, devices.HeldOpen: devices.HoldOpen, devices.HeldClosed: devices.HoldClosed,
		}[r.hold], Device: r.gate.ID})
	case 5, 6:
		refused := devices.CodeOf(open()) == devices.Refused
		if want := r.wanted() == devices.LockedDown || r.wanted() == devices.HeldClosed; refused != want {
			t.Errorf("under %s an open was refused: %v", r.wanted(), refused)
		}
	case 7: // an unlock and a lockdown in the same moment: whichever is first, the lockdown stays
		var both sync.WaitGroup
		both.Go(func() { _ = open() })
		both.Go(func() { set(devices.LayerRequest{Action: devices.LockDown, Zone: r.zone0()}) })
		both.Wait()
		r.zone = true
	case 8:
		r.down(r.gate, "reset")
		r.line, r.arrived = nil, len(r.link.sent())
		r.connect()
	case 9:
		time.Sleep(time.Duration(r.rnd.IntN(8000)) * time.Millisecond)
	case 10, 11:
		r.timetable()
	}
}

// timetable has a timetable hold the gate open or closed, for a while or without an
// end, or want nothing of it any more.
func (r *rivals) timetable() {
	r.scheduled = []devices.Mode{"", devices.HeldOpen, devices.HeldClosed}[r.rnd.IntN(3)]
	r.until = time.Time{}
	if r.rnd.IntN(2) == 0 {
		r.until = time.Now().Add(time.Duration(r.rnd.IntN(20_000)) * time.Millisecond)
	}
	s := devices.ScheduleSetting{Device: r.gate.ID, Mode: devices.Controlled, By: mornings, Until: r.until}
	if r.scheduled != "" {
		s.Mode = r.scheduled
	}
	if _, err := r.c.SetSchedules(context.Background(), []devices.ScheduleSetting{s}); err != nil {
		r.t.Error(err)
	}
}

func (r *rivals) zone0() devices.ZoneID { return r.world.zone.ID }

func lockOrNot(lock bool) devices.LayerAction {
	if lock {
		return devices.LockDown
	}
	return devices.LockdownRelease
}

func (r *rivals) connect() {
	r.up(r.gate)
	r.issued = 0 // an older connection cannot bring anything any more
	r.keeps(r.gate, string(r.mode), nil)
}

// carry lets up to n of what is on the line arrive, in any order; some of it stays
// on the line and arrives again.
func (r *rivals) carry(n int) {
	sent := r.link.sent()
	r.line = append(r.line, sent[r.arrived:]...)
	r.arrived = len(sent)
	for ; n > 0 && len(r.line) > 0; n-- {
		i := r.rnd.IntN(len(r.line))
		g := r.line[i]
		if r.rnd.IntN(4) > 0 {
			r.line = slices.Delete(r.line, i, i+1)
		}
		g.written()
		g.acked()
		r.take(g.command)
		synctest.Wait()
	}
}

// take is what the contract wants of a gate.
func (r *rivals) take(c wire.CommandPayload) {
	a, again := r.acted[c.ID]
	if !again {
		a = wire.AnswerPayload{ID: c.ID, Outcome: "done", At: time.Now().UnixMilli()}
		switch {
		case c.Action == "mode" && c.Issued < r.issued:
			a.Outcome, a.Reason = "refused", "outdated"
		case c.Action == "mode":
			r.mode, r.issued = devices.Mode(c.Args["mode"]), c.Issued
		case r.mode == devices.LockedDown || r.mode == devices.HeldClosed:
			a.Outcome, a.Reason = "refused", string(r.mode)
		}
		r.acted[c.ID] = a
	}
	r.must(r.report(r.gate, wire.Answer, a))
	r.keeps(r.gate, string(r.mode), nil)
}
