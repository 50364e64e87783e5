package property

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
)

// TestDevicesThatComeBackTogetherHoldUpNoOrder restarts the server under many virtual
// devices, which all connect again as soon as it is there, and orders those that are
// back to open meanwhile.
func TestDevicesThatComeBackTogetherHoldUpNoOrder(t *testing.T) {
	n := prove.Size(200, 2000)
	h := open(t, Options{})
	site := h.Site("East")
	h.Zone(site, "Garage")
	r, all := h.reader(site), h.enrol(t, "East", "Garage", n)
	h.Simulate(all, h.MQTT, 20)
	w := h.watch(t, r, site)
	prove.Eventually(t, "all devices are online", func() bool { return w.online() == n })

	h.Kill()
	h.Start()
	began := time.Now()
	w = h.watch(t, r, site)
	back := make(chan time.Duration, 1)
	go func() {
		for w.online() < n && time.Since(began) < time.Minute {
			<-time.After(10 * time.Millisecond) // counting is work of its own
		}
		back <- time.Since(began)
	}()
	var took []time.Duration
	var all2 time.Duration
	var mu sync.Mutex
	var orders sync.WaitGroup
	failed := 0
	for i := 0; all2 == 0; i++ {
		select {
		case all2 = <-back:
		case <-time.After(20 * time.Millisecond):
		}
		d := all[(i*37)%n]
		orders.Go(func() {
			at, ok := h.unlock(d)
			mu.Lock()
			defer mu.Unlock()
			if ok {
				took = append(took, at)
			} else {
				failed++ // it was not back yet, which the order said at once
			}
		})
	}
	orders.Wait()
	if h.online(t) != n || len(took) == 0 {
		t.Fatalf("%d of %d devices are back; %d orders were done", h.online(t), n, len(took))
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	prove.Record(t, fmt.Sprintf("%d devices come back at once after a restart, orders go on", n), "all back in 10 s, order to done p99 500 ms",
		fmt.Sprintf("%s; %d orders, p50 %s, p99 %s (%d to devices that were not back)", all2.Round(10*time.Millisecond), len(took),
			p50.Round(time.Millisecond), p99.Round(time.Millisecond), failed))
	if prove.Full() && (all2 > 10*time.Second || p99 > 500*time.Millisecond) {
		t.Error("too slow")
	}
	h.Healthy()
}

// unlock orders a gate to open and gives the time until the device said that it had
// done so; false if it was not connected.
func (h *House) unlock(d Device) (time.Duration, bool) {
	asked := time.Now()
	var c struct {
		ID    string
		Ended bool
		Rungs []struct {
			Step string
			At   time.Time
		}
	}
	key := fmt.Sprintf("storm-%d", asked.UnixNano())
	if err := h.Try("POST", "/devices/"+d.ID+"/commands", Body{"action": "open"}, 202, &c, "Idempotency-Key", key); err != nil {
		return 0, false
	}
	for {
		for _, r := range c.Rungs {
			switch r.Step {
			case "done":
				return r.At.Sub(asked), true
			case "failed", "refused", "uncertain", "expired":
				return 0, false
			}
		}
		<-time.After(10 * time.Millisecond) // asking is work of its own
		if err := h.Try("GET", "/commands/"+c.ID, nil, 200, &c); err != nil || time.Since(asked) > 20*time.Second {
			return 0, false
		}
	}
}
