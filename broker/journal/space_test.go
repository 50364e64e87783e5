package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
	"gatehouse/prove"
)

func newLife(t *testing.T, seed int64, capacity int64) *life {
	t.Helper()
	d := newSimDisk(rand.New(rand.NewPCG(uint64(seed), 9)))
	d.capacity = capacity
	l := &life{t: t, what: "life", d: d, history: storetest.NewHistory(seed), model: broker.NewMemoryStore()}
	ok(t, l.open())
	return l
}

func retained(topic string, size int) broker.Change {
	return broker.PutRetained{Message: broker.Message{Topic: topic, Payload: []byte(strings.Repeat("x", size))}}
}

// fill stores retained messages until the disk is full, and gives how many it
// holds.
func (l *life) fill(size int) (n int) {
	for ; ; n++ {
		c := retained(fmt.Sprint("fill/", n), size)
		err := l.j.Apply(context.Background(), []broker.Change{c})
		if errors.Is(err, broker.ErrNoSpace) {
			l.same("on a full disk", l.j, l.model)
			return n
		}
		ok(l.t, err)
		apply(l.t, l.model, c)
	}
}

func TestFilesFollowTheSizeOfWhatTheyHold(t *testing.T) {
	t.Parallel()
	const size = 32 << 10 // many times what one Apply has, as in earnest
	l := &life{
		t: t, what: "life", size: size, d: newSimDisk(rand.New(rand.NewPCG(1, 1))), history: storetest.NewHistory(prove.Seed(t)),
		model: broker.NewMemoryStore(),
	}
	ok(t, l.open())
	most := 0.0
	for n := range prove.Size(3000, 100_000) {
		changes := l.history.Next()
		if n%1000 == 500 { // now and then much more is live
			for i := range 40 {
				changes = append(changes, retained(fmt.Sprint("much/", i), 300+n%700))
			}
		}
		if n%1000 == 999 {
			for i := range 40 {
				changes = append(changes, broker.DeleteRetained{Topic: fmt.Sprint("much/", i)})
			}
		}
		apply(t, l.j, changes...)
		apply(t, l.model, changes...)
		if n%1000 >= 100 {
			most = max(most, float64(l.d.used())/float64(3*l.j.segments.live+8*size))
		}
	}
	l.same("at the end", l.j, l.model)
	ok(t, l.j.Close())
	l.comeBack(l.d.afterPowerCut())
	if most > 1 {
		t.Errorf("the files were %.2f times of what they may be", most)
	}
	prove.Record(t, "the session store's files follow what is live", "at most 3 times of it and 8 segments, from 100 Applys after much of it went",
		fmt.Sprintf("at most %.2f of that", most))
}

func TestEverythingThatWasRemovedMakesRoom(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 6*MinSegmentSize)
	for range prove.Size(3000, 50_000) { // far more than the disk has
		changes := l.history.Next()
		apply(t, l.j, changes...)
		apply(t, l.model, changes...)
	}
	l.same("at the end", l.j, l.model)
}

// A disk that is full takes what removes, and then again what there is room for.
func TestAFullDiskTakesRemovalsAndThenMore(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 12*MinSegmentSize)
	for round := range prove.Size(20, 500) {
		n := l.fill(100 + 137*round%900)
		for i := range n {
			if i%3 == round%3 {
				continue
			}
			gone := broker.DeleteRetained{Topic: fmt.Sprint("fill/", i)}
			apply(t, l.j, gone)
			apply(t, l.model, gone)
		}
		l.same("after removals", l.j, l.model)
		if again := l.fill(50); again == 0 {
			t.Fatalf("round %d: nothing fits although two thirds of %d were removed", round, n)
		}
		var all []broker.Change
		for i := range 3000 {
			all = append(all, broker.DeleteRetained{Topic: fmt.Sprint("fill/", i)})
		}
		for len(all) > 0 {
			apply(t, l.j, all[:100]...)
			apply(t, l.model, all[:100]...)
			all = all[100:]
		}
		if round%2 == 0 {
			l.comeBack(l.d.afterPowerCut())
		}
	}
}

func TestSpaceThatIsGivenIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 5*MinSegmentSize)
	l.fill(500)
	c := retained("one more", 900)
	for range 10 {
		if err := l.j.Apply(context.Background(), []broker.Change{c}); !errors.Is(err, broker.ErrNoSpace) {
			t.Fatalf("a full disk says %v", err)
		}
	}
	files := l.d.used()
	l.d.capacity += 2 * MinSegmentSize
	apply(t, l.j, c)
	apply(t, l.model, c)
	l.same("with more space", l.j, l.model)
	if files > 5*MinSegmentSize+markSize {
		t.Errorf("%d bytes of files", files)
	}
}

func TestAnIdleStoreWritesNothing(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 0)
	l.run(100)
	steps := l.d.steps
	apply(t, l.j)
	l.same("while idle", l.j, l.model)
	if l.d.steps != steps {
		t.Errorf("%d things were done to the disk", l.d.steps-steps)
	}
}

func TestOneApplyIsOneSync(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 0)
	var most, sum int
	n := prove.Size(500, 10_000)
	for range n {
		before := l.d.syncs
		segments := l.j.segments.newest().number
		apply(t, l.j, l.history.Next()...)
		one := l.d.syncs - before - int(l.j.segments.newest().number-segments) // a new segment's header is synced as well
		sum, most = sum+one, max(most, one)
	}
	if most != 1 || sum != n {
		t.Errorf("%d syncs for %d Applys, at most %d for one", sum, n, most)
	}
}

func TestWhatIsLargerThanASegmentHasOneOfItsOwn(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 0)
	for n := range 50 {
		changes := append(l.history.Next(), retained(fmt.Sprint("large/", n%3), n%5*MinSegmentSize))
		apply(t, l.j, changes...)
		apply(t, l.model, changes...)
	}
	l.same("at once", l.j, l.model)
	l.comeBack(l.d.afterPowerCut())
	for range 2000 {
		changes := l.history.Next()
		apply(t, l.j, changes...)
		apply(t, l.model, changes...)
	}
	l.same("after cleaning", l.j, l.model)
	if used, live := l.d.used(), l.j.segments.live; used > 3*live+6*MinSegmentSize {
		t.Errorf("%d bytes of files for %d live", used, live)
	}
}

// What did not fit is not there after a crash, even if only zeros are missing of it.
func TestWhatDidNotFitIsNotThereAfterACrash(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 0)
	refused := 0
	n := prove.Size(50, 1000)
	for n := range n {
		c := broker.PutRetained{Message: broker.Message{Topic: fmt.Sprint(n), Payload: make([]byte, 300)}}
		l.d.fail, l.d.how = l.d.steps+1, fullDisk
		switch err := l.j.Apply(context.Background(), []broker.Change{c}); {
		case err == nil: // a new segment was refused, and what was dead had room
			apply(t, l.model, c)
		case errors.Is(err, broker.ErrNoSpace):
			refused++
		default:
			t.Fatalf("a full disk says %v", err)
		}
		l.comeBack(l.d.afterKill())
		keep := retained("kept", n)
		apply(t, l.j, keep)
		apply(t, l.model, keep)
	}
	if refused < n/2 {
		t.Errorf("only %d of %d were refused", refused, n)
	}
}
