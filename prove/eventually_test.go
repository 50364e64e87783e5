package prove_test

import (
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/prove"
)

// failing is a test that notes its failure and goes on.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Fatalf(string, ...any) { f.failed = true; panic(f) }

func TestAFactIsWaitedForAndOneThatNeverComesFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		due := time.Now().Add(time.Second)
		prove.Eventually(t, "a second passes", func() bool { return !time.Now().Before(due) })
		f := &failing{TB: t}
		func() {
			defer func() { _ = recover() }()
			prove.Eventually(f, "never", func() bool { return false })
		}()
		if !f.failed {
			t.Error("a fact that never came was no failure")
		}
	})
}
