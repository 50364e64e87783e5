package property

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
)

// orderly is several browsers that order gates about, each gate once, at a rate.
type orderly struct {
	clients []*Staff
	gates   []*quick
	offered int // commands per second

	next atomic.Int64
	ids  []string // by number of the command
}

// run gives all commands, and the time that it took until the last was answered.
func (o *orderly) run(t *testing.T) time.Duration {
	t.Helper()
	const each = 8 // requests under way of a browser
	began := time.Now()
	var work sync.WaitGroup
	for _, c := range o.clients {
		for range each {
			work.Go(func() {
				for i := int(o.next.Add(1) - 1); i < len(o.ids); i = int(o.next.Add(1) - 1) {
					<-time.After(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(o.offered)))) // the rate, nothing is awaited
					var made struct{ ID string }
					path, key := "/devices/"+o.gates[i%len(o.gates)].ID+"/commands", fmt.Sprintf("sustained-%d", i)
					if err := c.Try("POST", path, Body{"action": "open"}, 202, &made, "Idempotency-Key", key); err != nil {
						t.Error(err)
					}
					o.ids[i] = made.ID
				}
			})
		}
	}
	work.Wait()
	return time.Since(began)
}

// incomplete counts commands whose ladder has not each of its steps, and those that
// ended uncertain.
func (o *orderly) incomplete(t *testing.T, h *House) (incomplete, uncertain int) {
	t.Helper()
	for i, id := range o.ids {
		var c seenOrder
		prove.Eventually(t, "command "+id+" has ended and is recorded", func() bool {
			c = h.command(id)
			return c.Ended && !c.RecordPending
		})
		whole := c.Step == "confirmed" && !slices.ContainsFunc([]string{"accepted", "sent", "delivered", "done"}, func(step string) bool { return !c.has(step) })
		if did := o.gates[i%len(o.gates)].did(id); !whole || did != 1 {
			incomplete++
			t.Errorf("a gate acted %d times on a command with %+v", did, c.Rungs)
		}
		if c.Step == "uncertain" {
			uncertain++
		}
	}
	return incomplete, uncertain
}

// TestHundredsOfCommandsASecondEachClimbTheWholeLadder has several browsers order
// gates about for a while, each gate once, among many that are connected.
func TestHundredsOfCommandsASecondEachClimbTheWholeLadder(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	n, rate, span := prove.Size(40, 10_000), prove.Size(30, 300), prove.Size(1, 30)
	h := open(t, Options{Env: []string{"GATEHOUSE_MQTT_MAX_CONNECTIONS_PER_ADDRESS=20000"}})
	site := h.Site("East")
	h.Zone(site, "Garage")
	enrolled := h.enrol(t, "East", "Garage", n)
	w := h.watch(t, h.reader(site), site)
	o := &orderly{gates: h.quicks(t, enrolled, w), offered: rate + (rate+19)/20} // a little more than is promised, so that the rate is reached
	o.ids = make([]string, o.offered*span)
	for range 4 {
		o.clients = append(o.clients, h.SignIn())
	}
	stop := inTurn(t, max(1, n/50), func(i int) error { return o.gates[i%n].report() }) // each at least once a minute, as it must

	took := o.run(t)
	reached := float64(len(o.ids)) / took.Seconds()
	incomplete, uncertain := o.incomplete(t, h)
	stop()
	if got := h.online(t); got != n {
		t.Errorf("%d devices of %d are online", got, n)
	}
	prove.Record(t, fmt.Sprintf("commands to distinct devices among %d that are connected, for %d s, each up the whole ladder", n, span),
		"at least 300/s, 0 with an incomplete ladder, 0 uncertain",
		fmt.Sprintf("%.0f/s, %d commands, %d with an incomplete ladder, %d uncertain", reached, len(o.ids), incomplete, uncertain))
	if prove.Full() && reached < float64(rate) {
		t.Error("too slow")
	}
	h.Healthy()
}
