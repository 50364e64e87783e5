package broker

import "testing"

func TestAnEndedIdentifierIsKeptForTwoGenerationsAndNoLonger(t *testing.T) {
	t.Parallel()
	var f freed
	for gen := uint64(1); gen <= 100; gen++ {
		for n := range 20 {
			f.add(uint16(gen*20)+uint16(n), gen)
		}
		if got := f.by(uint16(gen * 20)); got != gen {
			t.Fatalf("one that ended in %d can be given again with %d", gen, got)
		}
		if got := f.by(uint16((gen - 1) * 20)); gen > 1 && got != gen-1 {
			t.Fatalf("one that ended before %d can be given again with %d", gen, got)
		}
		if n := len(f.now) + len(f.before); n > 40 {
			t.Fatalf("%d are kept after %d generations", n, gen)
		}
	}
	f.add(1, 200)
	if n := len(f.now) + len(f.before); n != 1 || f.by(100*20) != 0 {
		t.Errorf("%d are kept after a rest", n)
	}
}
