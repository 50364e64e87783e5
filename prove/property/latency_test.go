package property

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
)

// TestAnUnlockAmongManyDevicesThatTalkIsConfirmedSoon presses gates, each at its
// time whether or not the one before is done, while all devices talk, billing among
// it, and a console reads the feed.
func TestAnUnlockAmongManyDevicesThatTalkIsConfirmedSoon(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	n, rate, presses := prove.Size(20, 1000), prove.Size(20, 500), prove.Size(20, 500)
	h := open(t, Options{})
	site := h.Site("East")
	h.Zone(site, "Garage")
	enrolled := h.enrol(t, "East", "Garage", n)
	w := h.console(t, h.Staff)
	all := h.quicks(t, enrolled, w)
	stop := inTurn(t, rate, func(i int) error { return all[i%n].talk(i/n + i) })

	began, pressed, over := make([]time.Time, presses), make([]string, presses), make(chan struct{})
	var work sync.WaitGroup
	stopPresses := inTurn(t, 20, func(i int) error {
		if i == presses {
			close(over)
		}
		if i < presses {
			work.Go(func() {
				began[i] = time.Now()
				var c struct{ ID string }
				if err := h.Try("POST", "/devices/"+all[i*7%n].ID+"/commands", Body{"action": "open"}, 202, &c, "Idempotency-Key", fmt.Sprintf("latency-%d", i)); err != nil {
					t.Error(err)
				}
				pressed[i] = c.ID
			})
		}
		return nil
	})
	<-over
	stopPresses()
	work.Wait()
	took := make([]time.Duration, presses)
	for i, id := range pressed {
		prove.Eventually(t, "command "+id+" is confirmed", func() bool { return !w.confirmedAt(id).IsZero() })
		took[i] = w.confirmedAt(id).Sub(began[i])
		if did := all[i*7%n].did(id); did != 1 {
			t.Errorf("a gate acted %d times on %s", did, id)
		}
	}
	talked, billed := stop(), 0
	for _, d := range all {
		d.mu.Lock()
		billed += d.billed
		d.mu.Unlock()
	}
	prove.Eventually(t, "every billing event is a row", func() bool { return h.ledger(t, "").Rows == billed })
	if list := h.quarantine(t); len(list) > 0 {
		t.Errorf("%d messages are in quarantine: %+v", len(list), list[0])
	}
	slices.Sort(took)
	p50, p99, most := took[len(took)/2], took[(len(took)*99+99)/100-1], took[len(took)-1]
	prove.Record(t, fmt.Sprintf("an unlock among %d devices that talk, %d messages/s with billing, a console reading: HTTP request to confirmed on the feed", n, rate),
		"p50 20 ms, p99 100 ms, at most 500 ms",
		fmt.Sprintf("p50 %s, p99 %s, at most %s of %d; %d messages, %d of them billing",
			p50.Round(100*time.Microsecond), p99.Round(100*time.Microsecond), most.Round(100*time.Microsecond), presses, talked, billed))
	if prove.Full() && (p50 > 20*time.Millisecond || p99 > 100*time.Millisecond || most > 500*time.Millisecond) {
		t.Error("too slow")
	}
	h.Healthy()
}
