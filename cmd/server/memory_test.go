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
		live: func() uint64 { return heapFloor }, allocated: func() uint64 { return 0 }, setPercent: func(int) int { return 0 },
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

func TestMemoryIsReturnedOnceMoreWhenACrowdHasComeToRest(t *testing.T) {
	t.Parallel()
	open, allocated, freed := 0, uint64(0), 0
	tidy := &tidying{
		connections: func() int { return open }, free: func() { freed++ }, live: func() uint64 { return 200 << 20 },
		allocated: func() uint64 { return allocated }, setPercent: func(int) int { return 0 },
	}
	turn := func(moments int, rate uint64) {
		for range moments {
			allocated += rate
			tidy.look()
		}
	}
	const busy, calm = 40 << 20, 1 << 20
	turn(60, busy)
	open = 2 * crowd
	turn(60, busy)
	if freed != 1 {
		t.Errorf("a crowd came: freed %d times, want 1", freed)
	}
	for range 2 { // the second time nobody came
		turn(60, calm)
		if freed != 2 {
			t.Errorf("at rest: freed %d times, want 2", freed)
		}
		turn(60, busy)
	}
}

func TestALargeServerAtRestIsCollectedEarlyAndABusyOneIsNot(t *testing.T) {
	t.Parallel()
	const live = 200 << 20
	allocated, percent := uint64(0), 0
	tidy := &tidying{
		connections: func() int { return 0 }, free: func() {}, live: func() uint64 { return live },
		allocated: func() uint64 { return allocated }, setPercent: func(p int) int { percent = p; return 0 },
	}
	for _, phase := range []struct {
		what    string
		rate    uint64 // bytes a moment
		percent int
	}{
		{"at rest", 2 << 20, restful}, {"busy", 40 << 20, 100}, {"between, after busy", 7 << 20, 100}, {"at rest again", 2 << 20, restful},
		{"between, after rest", 7 << 20, restful},
	} {
		for range 60 {
			allocated += phase.rate
			tidy.look()
		}
		if percent != phase.percent {
			t.Errorf("%s: %d %% of garbage, want %d", phase.what, percent, phase.percent)
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
