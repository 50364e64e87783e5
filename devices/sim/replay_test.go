package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// signed is a command as the platform sends it now, number n of the device.
func signed(d *Device, n int64, action string) wire.CommandPayload {
	c := wire.CommandPayload{
		ID: fmt.Sprintf("%s-%d", d.id.ID, n), Seq: time.Now().UnixMilli()*10 + n, Action: action,
		Issued: time.Now().UnixMilli(), TTL: 5000,
	}
	if action == actPass {
		c.Args = map[string]string{"direction": "in"}
	}
	c.Signature = wire.Sign(key, d.id.ID, c)
	return c
}

// passes is how many people a turnstile let in: what it did, not what it says.
func passes(t *testing.T, d *Device) int64 {
	t.Helper()
	synctest.Wait()
	n, err := ask(d, func() (int64, error) { return d.memory.Counters["in"], nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// receive gives a device what is on the wire, as it is.
func receive(d *Device, c wire.CommandPayload) {
	d.Receive(wire.Topic("s1", d.id.ID, wire.Command), encode(c))
	synctest.Wait()
}

// changed are the commands that somebody makes of one that was caught.
func changed(c wire.CommandPayload) []wire.CommandPayload {
	var all []wire.CommandPayload
	change := func(edit func(*wire.CommandPayload)) {
		o := c
		o.Args = maps.Clone(c.Args)
		edit(&o)
		all = append(all, o)
	}
	change(func(o *wire.CommandPayload) { o.ID += "x" })
	change(func(o *wire.CommandPayload) { o.Seq += 1_000_000_000 })
	change(func(o *wire.CommandPayload) { o.Issued += time.Hour.Milliseconds() })
	change(func(o *wire.CommandPayload) { o.TTL += time.Hour.Milliseconds() })
	change(func(o *wire.CommandPayload) { o.Args["direction"] = "out" })
	change(func(o *wire.CommandPayload) { o.Signature = "" })
	change(func(o *wire.CommandPayload) { o.Signature = o.Signature[2:] + o.Signature[:2] })
	change(func(o *wire.CommandPayload) {
		o.ID, o.Seq = o.ID+"x", o.Seq+1_000_000_000
		o.Issued = time.Now().Add(time.Hour).UnixMilli()
	})
	return all
}

func TestACaughtCommandOpensNothingAgain(t *testing.T) {
	t.Parallel()
	trials, replays := prove.Size(20, 1000), 0
	synctest.Test(t, func(t *testing.T) {
		f := start(t, Options{Speed: 1000}, identity(Turnstile, "t1"), identity(Turnstile, "t2"))
		d, other := f.Device("t1"), f.Device("t2")
		for _, one := range []*Device{d, other} {
			plug(one)
		}
		for n := range int64(trials) {
			c := signed(d, n, actPass)
			receive(d, c)
			for _, again := range append(changed(c), c, c) {
				receive(d, again)
				receive(other, again)
				replays += 2
			}
			time.Sleep(time.Hour)
			tell(d, time.Now())
			receive(d, c)
			d.Disconnected() // and on a new connection
			plug(d)
			receive(d, c)
			replays += 2
		}
		if n := passes(t, d); n != int64(trials) {
			t.Errorf("%d people let in by %d commands", n, trials)
		}
		if n, out := passes(t, other), other.memory.Counters["out"]+d.memory.Counters["out"]; n != 0 || out != 0 {
			t.Errorf("%d people let in at another device, %d in the other direction", n, out)
		}
	})
	prove.Record(t, "a caught command, sent again at once, an hour later, to another device, or changed, is executed again", "0",
		fmt.Sprintf("0 of %d", replays))
}

func TestACommandThatWasHeldBackIsNotExecutedAfterANewerOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		held := signed(d, 1, actOpen)
		receive(d, signed(d, 2, actClose))
		receive(d, held)
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 2 || a[1].Reason != replayed {
			t.Errorf("answers = %+v, want the second refused: %s", a, replayed)
		}
	})
}

func TestADeviceKnowsTheLastNumberOverARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var kept Memory
		id := identity(Gate, "g1")
		d := start(t, Options{Save: func(m Memory) { kept = m }}, id).Device("g1")
		plug(d)
		held := signed(d, 1, actOpen)
		receive(d, signed(d, 2, actOpen))
		kept.Commands = nil // even if it has forgotten the ids
		again := start(t, Options{Memory: kept}, id).Device("g1")
		b := plug(again)
		receive(again, held)
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 || a[0].Reason != replayed {
			t.Errorf("answers = %+v, want refused: %s", a, replayed)
		}
	})
}

// hour is one trial: a device with a bad clock on one connection, ordered about.
type hour struct {
	skew, jump       time.Duration
	late, refused, n int
}

func (h *hour) run(t *testing.T, dice *rand.Rand) {
	d := start(t, Options{Skew: h.skew, Speed: 1000}, identity(Turnstile, "t1")).Device("t1")
	plug(d)
	for i := range int64(60) {
		time.Sleep(time.Duration(dice.IntN(120)) * time.Second)
		tell(d, time.Now())
		if dice.IntN(3) == 0 {
			d.JumpClock(h.jump)
		}
		// One that comes in time, and one that stood in the line for too long.
		before := passes(t, d)
		fresh := signed(d, 2*i, actPass)
		receive(d, fresh)
		time.Sleep(time.Second)
		if passes(t, d) == before {
			h.refused++
		}
		h.n++
		stale := signed(d, 2*i+1, actPass)
		before = passes(t, d)
		time.Sleep(5*time.Second + 100*time.Millisecond)
		receive(d, stale)
		time.Sleep(time.Second)
		if passes(t, d) != before {
			h.late++
		}
	}
}

func TestNoClockOfADeviceMakesAnOpeningLateOrRefusesOneInTime(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	late, refused, n := 0, 0, 0
	for i := range prove.Size(2, 50) {
		for _, h := range []*hour{
			{}, {skew: 30 * time.Second}, {skew: -30 * time.Second}, {skew: 24 * time.Hour}, {skew: -24 * time.Hour},
			{jump: time.Hour}, {jump: -time.Hour}, {skew: time.Minute, jump: -24 * time.Hour},
		} {
			synctest.Test(t, func(t *testing.T) {
				h.run(t, rand.New(rand.NewPCG(uint64(seed), uint64(i))))
			})
			late, refused, n = late+h.late, refused+h.refused, n+h.n
		}
	}
	if late != 0 || refused != 0 {
		t.Errorf("%d openings late, %d of %d in time refused", late, refused, n)
	}
	prove.Record(t, "openings late, and openings in time refused, by devices whose clock is 30 s or a day off, or jumps",
		"0 late, at most 0.1 % refused", fmt.Sprintf("%d late, %d refused, of %d each", late, refused, n))
}

func TestADeviceThatWasNeverToldTheTimeOpensNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{Speed: 1000}, identity(Turnstile, "t1")).Device("t1")
		d.Connected(&broker{})
		receive(d, signed(d, 1, actPass))
		if n := passes(t, d); n != 0 {
			t.Errorf("%d people let in", n)
		}
	})
}

func TestACounterThatRunsFastRefusesNothingAfterWeeks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{Speed: 1000}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		slow := 0.0 // how far the server's clock is behind a device that gains 100 ppm
		for range 21 * 24 * 60 {
			time.Sleep(time.Minute)
			slow += 60 * 100e-6
			tell(d, time.Now().Add(-time.Duration(slow*float64(time.Second))))
		}
		c := signed(d, 1, actOpen)
		c.Issued -= int64(slow * 1000)
		c.Signature = wire.Sign(key, d.id.ID, c)
		receive(d, c)
		if a := on[wire.AnswerPayload](t, b, wire.Answer); len(a) != 1 || a[0].Outcome != "done" {
			t.Errorf("answers = %+v after %.0f s of drift", a, slow)
		}
	})
}
