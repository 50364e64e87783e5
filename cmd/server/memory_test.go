package main

import (
	"runtime"
	"testing"
)

func TestMemoryIsReturnedOnceAfterACrowdCameOrLeft(t *testing.T) {
	t.Parallel()
	open, freed := 0, 0
	tidy := &tidying{
		connections: func() int { return open }, free: func() { freed++ },
		live: func() uint64 { return heapFloor }, setPercent: func(int) int { return 0 },
	}
	for i, step := range []struct{ open, freed int }{
		{0, 0}, {10, 0}, {10, 0}, // a few
		{1500, 0}, {3000, 0}, {3000, 1}, {3000, 1}, // a crowd came
		{2900, 1}, {2900, 1}, // a few left
		{0, 1}, {0, 2}, {0, 2}, // all left
		{2000, 2}, {0, 2}, {0, 3}, {0, 3}, // a crowd came and left at once
	} {
		open = step.open
		if tidy.look(); freed != step.freed {
			t.Fatalf("step %d: freed %d times, want %d", i, freed, step.freed)
		}
	}
}

func TestASmallHeapGrowsToTheFloorAndALargeOneAsGoHasIt(t *testing.T) {
	t.Parallel()
	for mib := uint64(0); mib < 300; mib++ {
		live := mib << 20
		percent := percentFor(live)
		if percent < 100 || percent > 100 && live*uint64(100+percent) > heapFloor*100 {
			t.Errorf("%d MiB live: %d %%", mib, percent)
		}
	}
	if p := percentFor(4 << 20); p < 400 {
		t.Errorf("4 MiB live: %d %%", p)
	}
	runtime.GC()
	if live := heapLive(); live == 0 || live == heapFloor {
		t.Errorf("the runtime says that %d bytes are live", live)
	}
}
