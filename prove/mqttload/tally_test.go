package main

import (
	"testing"
	"time"
)

// note lets a tally hear of messages, given as publisher and number.
func note(t *tally, messages ...[2]int) {
	for _, m := range messages {
		payload := make([]byte, stampSize)
		stamp(payload, m[0], m[1], time.Now())
		t.note(payload)
	}
}

func TestWhatIsLostDoubledOrOutOfOrderIsCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                    string
		messages                                [][2]int
		received, lost, doubled, outOf, foreign int
	}{
		{"all", [][2]int{{5, 0}, {5, 1}, {5, 2}, {6, 0}, {6, 1}, {6, 2}}, 6, 0, 0, 0, 0},
		{"publishers between each other", [][2]int{{6, 0}, {5, 0}, {6, 1}, {5, 1}, {5, 2}, {6, 2}}, 6, 0, 0, 0, 0},
		{"a gap", [][2]int{{5, 0}, {5, 2}, {6, 0}, {6, 1}, {6, 2}}, 5, 1, 0, 0, 0},
		{"the last", [][2]int{{5, 0}, {5, 1}, {5, 2}, {6, 0}, {6, 1}}, 5, 1, 0, 0, 0},
		{"late", [][2]int{{5, 0}, {5, 2}, {5, 1}, {6, 0}, {6, 1}, {6, 2}}, 6, 0, 0, 1, 0},
		{"twice", [][2]int{{5, 0}, {5, 1}, {5, 1}, {5, 2}, {5, 0}, {6, 0}, {6, 1}, {6, 2}}, 6, 0, 2, 0, 0},
		{"nothing", nil, 0, 6, 0, 0, 0},
		{"another's", [][2]int{{4, 0}, {7, 0}, {5, 3}}, 0, 6, 0, 0, 3},
	} {
		tally := newTally(5, 2, 3)
		note(tally, c.messages...)
		if tally.received != c.received || tally.lost() != c.lost || tally.doubled != c.doubled ||
			tally.disordered != c.outOf || tally.foreign != c.foreign {
			t.Errorf("%s: %+v, lost %d", c.name, tally, tally.lost())
		}
	}
}

func TestOnlyWhatWasAcknowledgedCanBeLost(t *testing.T) {
	t.Parallel()
	tally := newTally(0, 1, 100)
	note(tally, [2]int{0, 0}, [2]int{0, 1}, [2]int{0, 5})
	tally.of[0].due = 3
	if tally.wanted() != 3 || tally.lost() != 1 {
		t.Errorf("wanted %d, lost %d; want 3 and 1", tally.wanted(), tally.lost())
	}
}

func TestADamagedPayloadIsForeign(t *testing.T) {
	t.Parallel()
	tally := newTally(0, 1, 1)
	tally.note(make([]byte, stampSize-1))
	if tally.foreign != 1 || tally.received != 0 {
		t.Errorf("%+v", tally)
	}
}

func TestKeepingTheTallyAllocatesNothing(t *testing.T) {
	tally, payload := newTally(0, 1, 1000), make([]byte, stampSize)
	number := 0
	if n := testing.AllocsPerRun(500, func() {
		stamp(payload, 0, number, time.Time{})
		tally.note(payload)
		number++
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
