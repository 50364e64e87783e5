package arbiter_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/devices/arbiter"
	"gatehouse/prove"
)

var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

var lane = arbiter.Opening{Site: "s", Zone: "z", Group: "A", Device: "d", Direction: "in"}

func set(l arbiter.Layer, s arbiter.Scope, m arbiter.Mode, r int64) arbiter.Change {
	return arbiter.Change{Setting: arbiter.Setting{Layer: l, Scope: s, Mode: m, Since: t0}, Set: true, Revision: r}
}

var (
	ofLane  = arbiter.Scope{Kind: arbiter.OfDevice, Site: "s", ID: "d", Direction: "in"}
	ofZone  = arbiter.Scope{Kind: arbiter.OfZone, Site: "s", ID: "z"}
	ofSite  = arbiter.Scope{Kind: arbiter.OfSite, Site: "s"}
	ofGroup = arbiter.Scope{Kind: arbiter.OfGroup, Site: "s", ID: "A"}
)

func TestReleasingALayerFallsBackToTheOneBelow(t *testing.T) {
	t.Parallel()
	var b arbiter.Book
	wants := func(want ...arbiter.Mode) {
		t.Helper()
		s := b.Stack(lane, t0)
		got := []arbiter.Mode{s.Mode()}
		for s = s.After(); s != nil; s = s.After() {
			got = append(got, s.Mode())
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("rules and follows %v, want %v", got, want)
		}
	}
	wants(arbiter.Controlled)
	b.Apply(set(arbiter.Hold, ofLane, arbiter.HeldOpen, 1))
	b.Apply(set(arbiter.Lockdown, ofSite, arbiter.LockedDown, 2))
	b.Apply(set(arbiter.Lockdown, ofZone, arbiter.LockedDown, 3))
	b.Apply(set(arbiter.Fire, ofGroup, arbiter.FireRelease, 4))
	wants(arbiter.FireRelease, arbiter.LockedDown, arbiter.LockedDown, arbiter.HeldOpen, arbiter.Controlled)
	release := func(l arbiter.Layer, s arbiter.Scope, r int64) {
		c := set(l, s, arbiter.Controlled, r)
		c.Set = false
		b.Apply(c)
	}
	release(arbiter.Lockdown, ofZone, 5)
	wants(arbiter.FireRelease, arbiter.LockedDown, arbiter.HeldOpen, arbiter.Controlled)
	release(arbiter.Fire, ofGroup, 6)
	release(arbiter.Lockdown, ofSite, 7)
	wants(arbiter.HeldOpen, arbiter.Controlled)
}

func TestAHoldEndsAtItsTime(t *testing.T) {
	t.Parallel()
	var b arbiter.Book
	c := set(arbiter.Hold, ofLane, arbiter.HeldOpen, 1)
	c.Until = t0.Add(time.Hour)
	b.Apply(c)
	if got := b.Stack(lane, c.Until.Add(-1)).Mode(); got != arbiter.HeldOpen {
		t.Errorf("just before its end it is %s", got)
	}
	if got := b.Stack(lane, c.Until).Mode(); got != arbiter.Controlled {
		t.Errorf("at its end it is %s", got)
	}
}

func TestASettingCoversNothingElse(t *testing.T) {
	t.Parallel()
	var b arbiter.Book
	b.Apply(set(arbiter.Hold, ofLane, arbiter.HeldOpen, 1))
	b.Apply(set(arbiter.Fire, ofGroup, arbiter.FireRelease, 2))
	b.Apply(set(arbiter.Lockdown, ofZone, arbiter.LockedDown, 3))
	for _, o := range []arbiter.Opening{
		{Site: "s", Zone: "y", Device: "d", Direction: "out"},
		{Site: "r", Zone: "z", Group: "A", Device: "d", Direction: "in"},
		{Site: "s", Zone: "y", Group: "B", Device: "e"},
	} {
		if s := b.Stack(o, t0); len(s) != 0 {
			t.Errorf("%+v is covered by %+v", o, s)
		}
	}
}

func TestMomentaryOrdersAgainstEachMode(t *testing.T) {
	t.Parallel()
	for mode, allowed := range map[arbiter.Mode][]arbiter.Move{
		arbiter.Controlled: {arbiter.Open, arbiter.Close, arbiter.Stop},
		arbiter.HeldOpen:   {arbiter.Open}, arbiter.FireRelease: {arbiter.Open},
		arbiter.HeldClosed: {arbiter.Close}, arbiter.LockedDown: {arbiter.Close},
	} {
		got := []arbiter.Move{}
		for _, m := range []arbiter.Move{arbiter.Open, arbiter.Close, arbiter.Stop} {
			if mode.Allows(m) {
				got = append(got, m)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(allowed) {
			t.Errorf("%s allows %v, want %v", mode, got, allowed)
		}
	}
}

// TestWhateverOrderChangesComeInTheModelAgrees makes random histories of settings
// and releases, gives them to a Book reordered and repeated, and compares every
// opening with a model that read the history in its order.
func TestWhateverOrderChangesComeInTheModelAgrees(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	const histories = 1000
	for h := range histories {
		rnd := rand.New(rand.NewPCG(uint64(seed), uint64(h)))
		history := randomHistory(rnd)
		now := t0.Add(time.Duration(rnd.IntN(100)) * time.Minute)
		var b arbiter.Book
		for _, i := range rnd.Perm(len(history)) {
			b.Apply(history[i])
			b.Apply(history[rnd.IntN(len(history))])
			b.Apply(history[i])
		}
		for _, o := range openings {
			want, stack := naive(history, o, now), b.Stack(o, now)
			for _, mode := range want {
				if stack.Mode() != mode {
					t.Fatalf("history %d: %+v: got %s, the model says %v", h, o, stack.Mode(), want)
				}
				stack = stack.After()
			}
			if len(stack) != 0 {
				t.Fatalf("history %d: %+v has more than the model: %+v", h, o, stack)
			}
		}
	}
	prove.Record(t, "which layer rules an opening, and what follows it, does not depend on the order in which changes arrive, nor on repetitions",
		"0 wrong states in 1000 random interleavings", fmt.Sprintf("%d interleavings, 0 wrong", histories))
}

var openings = []arbiter.Opening{
	{Site: "s", Zone: "y", Group: "A", Device: "d", Direction: "in"},
	{Site: "s", Zone: "y", Group: "A", Device: "d", Direction: "out"},
	{Site: "s", Zone: "z", Group: "B", Device: "e"},
	{Site: "s", Zone: "z", Device: "f"},
	{Site: "r", Zone: "x", Group: "A", Device: "g"},
}

func randomHistory(rnd *rand.Rand) []arbiter.Change {
	all := make([]arbiter.Change, 2+rnd.IntN(40))
	for i := range all {
		o := openings[rnd.IntN(len(openings))]
		c := arbiter.Change{Revision: int64(i + 1), Set: rnd.IntN(3) > 0}
		switch rnd.IntN(4) {
		case 0:
			c.Layer, c.Mode, c.Scope = arbiter.Fire, arbiter.FireRelease, arbiter.Scope{Kind: arbiter.OfGroup, Site: o.Site, ID: o.Group}
		case 1:
			c.Layer, c.Mode = arbiter.Lockdown, arbiter.LockedDown
			c.Scope = []arbiter.Scope{
				{Kind: arbiter.OfSite, Site: o.Site}, {Kind: arbiter.OfZone, Site: o.Site, ID: o.Zone},
				{Kind: arbiter.OfDevice, Site: o.Site, ID: o.Device, Direction: o.Direction},
			}[rnd.IntN(3)]
		default:
			c.Layer = []arbiter.Layer{arbiter.Hold, arbiter.Schedule}[rnd.IntN(2)]
			c.Mode = []arbiter.Mode{arbiter.HeldOpen, arbiter.HeldClosed}[rnd.IntN(2)]
			c.Scope = arbiter.Scope{Kind: arbiter.OfDevice, Site: o.Site, ID: o.Device, Direction: o.Direction}
			if rnd.IntN(3) == 0 {
				c.Until = t0.Add(time.Duration(rnd.IntN(100)) * time.Minute)
			}
		}
		all[i] = c
	}
	return all
}

// naive reads a history in its order and gives the modes of an opening, the one
// that rules first, and "controlled" under all.
func naive(history []arbiter.Change, o arbiter.Opening, now time.Time) []arbiter.Mode {
	var modes []arbiter.Mode
	for _, layer := range []arbiter.Layer{"fire", "lockdown", "hold", "schedule"} {
		for i := len(history) - 1; i >= 0; i-- { // what was set last in a layer is the stronger
			c := history[i]
			if c.Layer != layer || !c.Set || !c.Until.IsZero() && !now.Before(c.Until) || !covers(c.Scope, o) {
				continue
			}
			changedLater := false
			for _, later := range history[i+1:] {
				changedLater = changedLater || later.Layer == c.Layer && later.Scope == c.Scope
			}
			if !changedLater {
				modes = append(modes, c.Mode)
			}
		}
	}
	return append(modes, arbiter.Controlled)
}

func covers(s arbiter.Scope, o arbiter.Opening) bool {
	if s.Site != o.Site {
		return false
	}
	switch s.Kind {
	case arbiter.OfSite:
		return true
	case arbiter.OfZone:
		return s.ID == o.Zone
	case arbiter.OfGroup:
		return s.ID == o.Group && o.Group != ""
	}
	return s.ID == o.Device && s.Direction == o.Direction
}
