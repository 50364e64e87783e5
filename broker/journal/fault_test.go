package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
	"gatehouse/prove"
)

// life is a journal on a disk that fails, beside the plainest store, which has
// all that was acknowledged.
type life struct {
	t       *testing.T
	what    string
	size    int64 // of segments; 0: the smallest
	d       *simDisk
	j       *Journal
	history *storetest.History
	model   *broker.MemoryStore
	asked   []broker.Change // whose Apply did not answer
}

func (l *life) open() (err error) {
	o := Options{SegmentSize: max(l.size, MinSegmentSize), Log: slog.New(slog.DiscardHandler)}
	l.j, err = open(context.Background(), l.d, "/sim", o)
	return err
}

// run opens the journal and applies changes until something fails for good.
func (l *life) run(applies int) {
	if l.open() != nil {
		return
	}
	for range applies {
		changes := l.history.Next()
		err := l.j.Apply(context.Background(), changes)
		if errors.Is(err, broker.ErrNoSpace) {
			l.same("after ErrNoSpace", l.j, l.model)
			err = l.j.Apply(context.Background(), changes)
		}
		if err != nil {
			l.asked = changes
			l.staysBroken(err)
			return
		}
		apply(l.t, l.model, changes...)
	}
}

// staysBroken tries once more: no further fsync may pretend that all is well.
func (l *life) staysBroken(err error) {
	if errors.Is(err, broker.ErrNoSpace) {
		l.t.Fatalf("%s: there is space again and it says %v", l.what, err)
	}
	syncs := l.d.syncs
	again := l.j.Apply(context.Background(), l.history.Next())
	if again == nil || again.Error() != err.Error() || l.d.syncs != syncs {
		l.t.Fatalf("%s: it failed with %v, and then said %v after %d syncs", l.what, err, again, l.d.syncs-syncs)
	}
}

// comeBack opens the journal on what is left. What was acknowledged is there; what
// was asked for is there as well, or not at all.
func (l *life) comeBack(d *simDisk) {
	l.d = d
	if err := l.open(); err != nil {
		l.t.Fatalf("%s: it does not open: %v", l.what, err)
	}
	if l.asked != nil && l.differ(l.j, l.model) != "" {
		apply(l.t, l.model, l.asked...)
	}
	l.asked = nil
	l.same("after the restart", l.j, l.model)
}

func (l *life) differ(got, want broker.Store) string {
	d, err := storetest.Diff(got, want)
	if err != nil {
		l.t.Fatalf("%s: %v", l.what, err)
	}
	return d
}

func (l *life) same(when string, got, want broker.Store) {
	l.t.Helper()
	if d := l.differ(got, want); d != "" {
		l.t.Fatalf("%s: %s: -want +got\n%s", l.what, when, d)
	}
}

// The n-th thing that is done to the disk fails, for every n: nothing that was
// acknowledged is lost and nothing is half there, now and after two more lives.
func TestEveryStepMayFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		how  failure
	}{{"crash", crash}, {"broken disk", brokenDisk}, {"full disk", fullDisk}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			seed := prove.Seed(t)
			steps := 0
			for pass := range prove.Size(1, 20) {
				for n, more := 1, true; more; n++ {
					more = failAt(t, c.how, n, seed+int64(pass))
					steps++
				}
			}
			prove.Record(t, "the session store through a "+c.name+" at every write, sync, rename and allocation",
				"0 lost, 0 half there", fmt.Sprintf("%d failures: 0 lost, 0 half there", steps))
		})
	}
}

// failAt fails the n-th step; false if there are not so many.
func failAt(t *testing.T, how failure, n int, seed int64) bool {
	r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
	l := &life{
		t: t, what: fmt.Sprintf("step %d, seed %d", n, seed), d: newSimDisk(r),
		history: storetest.NewHistory(seed), model: broker.NewMemoryStore(),
	}
	l.d.fail, l.d.how = n, how
	l.run(60)
	failed := l.d.steps >= n
	for range 2 {
		if r.IntN(3) == 0 {
			l.comeBack(l.d.afterKill())
		} else {
			l.comeBack(l.d.afterPowerCut())
		}
		l.run(5)
	}
	return failed
}

// Crashes come at random, also while it is being opened after the last one.
func TestRandomCrashesLoseNothing(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	l := &life{t: t, d: newSimDisk(r), history: storetest.NewHistory(seed), model: broker.NewMemoryStore()}
	crashes := prove.Size(300, 10_000)
	for n := range crashes {
		l.what = fmt.Sprintf("crash %d", n)
		l.d.fail, l.d.how = 1+r.IntN(200), crash
		if r.IntN(4) == 0 {
			l.d.fail = 1 + r.IntN(12) // while it opens
		}
		l.run(40)
		if r.IntN(2) == 0 {
			l.comeBack(l.d.afterKill())
		} else {
			l.comeBack(l.d.afterPowerCut())
		}
	}
	prove.Record(t, "the session store through crashes and power cuts at random steps", "0 lost, 0 half there",
		fmt.Sprintf("%d crashes: 0 lost, 0 half there", crashes))
}
