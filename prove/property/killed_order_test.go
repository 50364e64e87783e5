package property

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
)

// Wherever an order is when the server is killed, afterwards it is told as what may
// have happened, and no door acts on it again.
func TestAKillAtAnyStepOfAnOrderLeadsToTheTruth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	h := open(t, Options{})
	zone := h.Zone(h.Site("East"), "Garage")
	ends, acted := map[string]int{}, 0
	rounds := prove.Size(4, 100)
	for round := range rounds {
		doors := h.doors(t, zone, 4)
		var presses sync.WaitGroup
		for i, d := range doors {
			presses.Go(func() {
				// The answer may be lost with the server: what the door saw counts.
				_, _, _ = h.Ask("POST", "/devices/"+d.ID+"/commands", Body{"action": "open"}, "Idempotency-Key", fmt.Sprintf("killed-%d-%d", round, i))
			})
		}
		<-time.After(time.Duration(random.IntN(40)) * time.Millisecond) // the instant of the kill, nothing is awaited
		h.Kill()
		presses.Wait()
		h.Start()
		for _, d := range doors {
			var list struct{ Commands []seenOrder }
			h.Get("/devices/"+d.ID+"/commands", &list)
			for _, o := range list.Commands {
				_, did := d.actedOn(o.ID)
				if !o.Ended || o.RecordPending || did && slices.Contains([]string{"failed", "expired", "refused", "cancelled"}, o.Step) ||
					!did && slices.Contains([]string{"confirmed", "did_not_move"}, o.Step) {
					t.Errorf("after a kill (the door acted: %v) an order is shown %s: %+v", did, o.Step, o)
				}
				ends[o.Step]++
			}
			d.mu.Lock()
			acted += len(d.acted)
			if d.twice > 0 || len(d.acted) > 1 {
				t.Errorf("%s acted on %d orders, %d of them again", d.Name, len(d.acted), d.twice)
			}
			d.mu.Unlock()
		}
	}
	h.Healthy()
	prove.Record(t, "a kill of the server at any step of an order leads to the truth", "0 untrue ends",
		fmt.Sprintf("%d kills, %d doors acted; ends %v, 0 untrue", rounds, acted, ends))
}
