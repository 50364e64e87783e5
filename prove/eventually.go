package prove

import (
	"testing"
	"time"
)

// patience is how long a test waits for a fact that must come: far longer than it
// takes, so that only one that never comes fails.
const patience = 30 * time.Second

// Eventually waits until a fact holds; what says which, if it never does.
func Eventually(t testing.TB, what string, fact func() bool) {
	t.Helper()
	end := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}
