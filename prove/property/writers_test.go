package property

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
)

// clerk is one of many people who change things at the same time.
type clerk struct {
	*Staff
	number       int
	site, device string
	zones        int
}

// work does the n-th change. Each is one transaction with its audit entry.
func (c *clerk) work(n int) error {
	status, answer, err := c.change(n)
	if err == nil && status >= 300 {
		err = fmt.Errorf("%d %s", status, answer)
	}
	if err != nil {
		return fmt.Errorf("clerk %d, change %d: %w", c.number, n, err)
	}
	return nil
}

func (c *clerk) change(n int) (int, []byte, error) {
	name := fmt.Sprintf("clerk %d, %d", c.number, n)
	switch n % 4 {
	case 0:
		return c.Ask("PATCH", "/devices/"+c.device, Body{"name": name})
	case 1:
		return c.Ask("POST", "/devices/"+c.device+"/commands", Body{"action": "open"}, "Idempotency-Key", fmt.Sprintf("key-%04d-%06d", c.number, n))
	case 2:
		return c.Ask("PATCH", "/sites/"+c.site, Body{"name": name})
	default:
		if c.zones++; c.zones > 20 { // enough of them
			return c.Ask("PATCH", "/devices/"+c.device, Body{"name": name})
		}
		return c.Ask("POST", "/sites/"+c.site+"/zones", Body{"name": name})
	}
}

func TestManyWhoChangeThingsAtOnceBesideTheBrokerAreNeverToldThatTheDatabaseIsLocked(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	seed, people := prove.Seed(t), 100
	h := open(t, Options{})
	list := h.meters(seed, 4, prove.Size(1000, 40_000), h.MQTT)
	var changes, reads atomic.Int64
	until := time.Now().Add(time.Duration(prove.Size(2, 600)) * time.Second)
	clerks := make([]*clerk, people)
	for i := range clerks {
		site := h.Site(fmt.Sprintf("Site %d", i))
		d := Device{}
		h.Must("POST", "/devices", Body{"zone": h.Zone(site, "Gatehouse"), "kind": "gate", "name": "Gate"}, 201, &d)
		clerks[i] = &clerk{Staff: h.Staff, number: i, site: site, device: d.ID}
	}
	var all sync.WaitGroup
	for _, c := range clerks {
		all.Go(func() {
			for n := 0; time.Now().Before(until); n++ {
				if err := c.work(n); err != nil {
					t.Error(err)
					return
				}
				changes.Add(1)
				if status, _, err := c.Ask("GET", "/ledger?limit=100", nil); err != nil || status != http.StatusOK {
					t.Errorf("a read beside it: %d %v", status, err)
				}
				reads.Add(1)
			}
		})
	}
	runMeters(t, list, 1<<30, func() {})
	all.Wait()
	for _, m := range list {
		m.agrees(t, h)
	}
	locked := strings.Count(h.Server().Stderr.String(), "locked")
	if locked > 0 {
		t.Errorf("the server said %d times that something is locked", locked)
	}
	h.Healthy()
	prove.Record(t, "100 people who change things at once beside a broker that is busy", `0 "locked" errors, every change is done`,
		fmt.Sprintf("%d changes and %d reads beside %d billing events, %d locked", changes.Load(), reads.Load(), 4*list[0].goal, locked))
}
