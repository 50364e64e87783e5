package main

import "testing"

func TestMemoryIsReturnedOnceAfterACrowdCameOrLeft(t *testing.T) {
	t.Parallel()
	open, freed := 0, 0
	tidy := newTidying(func() int { return open })
	tidy.free = func() { freed++ }
	for i, step := range []struct{ open, freed int }{
		{0, 0}, {10, 0}, {10, 0}, // a few
		{1500, 0}, {3000, 0}, {3000, 1}, {3000, 1}, // a crowd came
		{2900, 1}, {2900, 1}, // a few left
		{0, 1}, {0, 2}, {0, 2}, // all left
	} {
		open = step.open
		if tidy.look(); freed != step.freed {
			t.Fatalf("step %d: freed %d times, want %d", i, freed, step.freed)
		}
	}
}
