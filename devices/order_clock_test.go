package devices_test

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestAStepOfTheServersClockMakesNoOrderOlderOrYounger(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{-time.Hour, time.Hour} {
		inWorld(t, func(t *testing.T, w *world) {
			w.stop()
			var stepped atomic.Int64
			w.now = func() time.Time { return time.Now().Add(time.Duration(stepped.Load())) }
			w.start(keys{})
			before, last := w.c.OrderClock(), int64(0)
			for i := range 3 {
				if i == 1 {
					stepped.Store(int64(step))
				}
				time.Sleep(time.Second)
				c, g := w.opens()
				since := time.Duration(i+1) * time.Second
				if got := w.c.OrderClock().Sub(before); got != since {
					t.Errorf("devices are told that %v have passed, want %v", got, since)
				}
				if want := before.Add(since); g.command.Issued != want.UnixMilli() || !c.Issued.Equal(want) {
					t.Errorf("order %d was issued %v, want %v", i, c.Issued, want)
				}
				if g.command.Seq <= last {
					t.Errorf("number %d after %d", g.command.Seq, last)
				}
				last = g.command.Seq
			}
		})
	}
}
