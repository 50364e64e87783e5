package flow

import "testing"

func TestWhatWasLostDoubledOrOutOfOrderIsCounted(t *testing.T) {
	t.Parallel()
	acked := map[int]bool{0: true, 1: true, 2: true, 3: true}
	got := []int{0, 2, 1, 1, 9, -1}
	want := Tally{Acknowledged: 4, Came: 6, Lost: 1, Doubled: 1, Out: 1, Invented: 2}
	if all := Compare(acked, got, 5); all != want {
		t.Errorf("%s, want %s", all, want)
	}
	if all := want.Plus(want); all.Lost != 2 || all.Came != 12 {
		t.Errorf("twice: %s", all)
	}
}

func TestAPayloadIsItsNumber(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]int{"0": 0, "12 xxx": 12, "12 xyx": -1, "": -1, "a": -1} {
		if got := Number([]byte(payload)); got != want {
			t.Errorf("%q: %d, want %d", payload, got, want)
		}
	}
}
