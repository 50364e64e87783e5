package abuse

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestAllBombsTogetherStayBelowTheCeiling(t *testing.T) {
	parallel(t)
	var e embedded // what a machine with 256 MB would be given
	e.Limits.MaxRetained, e.Limits.MaxRetainedBytes = 100_000, 16<<20
	e.Limits.MaxQueuedAll, e.Limits.MaxQueuedAllBytes = 100_000, 16<<20
	e.Limits.MaxConnections = 2000
	s := embed(t, e, "GOMEMLIMIT=200MiB")
	size := func(n int) int { return prove.Size(n/50, n) }
	absentees(t, s, prove.Size(20, 500))
	n := newNeighbour(t, s)
	attacks := map[string]func() error{
		"filters":  func() error { c, _, _, err := filterBomb(s, "filters", size(100_000)); closeLater(t, c); return err },
		"retained": func() error { _, _, err := retainBomb(s, "retained", size(500_000)); return err },
		"absent":   func() error { return flood(s, "away", 0, size(500_000)) },
		"fan-out":  func() error { return stuckAudience(t, s, prove.Size(10, 300)) },
		"never acknowledges": func() error {
			c, err := s.dial(mqtt.Connect{ClientID: "never"})
			if err == nil {
				closeLater(t, c)
				err = c.SubscribeNow(1, 1, "away/#")
			}
			return err
		},
	}
	for k := range prove.Size(5, 100) {
		attacks[fmt.Sprint("held ", k)] = func() error {
			_, _, err := holdOpen(s, mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("held-", k), Persistent: true}, 1000)
			return err
		}
	}
	began := time.Now()
	var wg sync.WaitGroup
	for name, attack := range attacks {
		wg.Go(func() {
			if err := attack(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	pings := n.stop()
	limit(t, "the most memory ever, KiB", s.Peak(), 256<<10)
	prove.Record(t, "all bombs together stay below 256 MB", "0 deaths, 256 MB, a neighbour is served",
		fmt.Sprintf("%d attacks at once in %s: %.0f MB at most, neighbour %s", len(attacks), short(time.Since(began)), float64(s.Peak())/1024, pings))
}

func closeLater(t *testing.T, c *mqtt.Conn) {
	if c != nil {
		t.Cleanup(func() { c.Close() })
	}
}

// stuckAudience subscribes to everything with ten filters each, and reads nothing.
func stuckAudience(t *testing.T, s *server, n int) error {
	for k := range n {
		c, err := s.dial(mqtt.Connect{ClientID: fmt.Sprint("stuck-", k)})
		if err != nil {
			return err
		}
		closeLater(t, c)
		if k%10 == 0 { // the others have filters only
			c.Subscribe(1, 0, "away/#")
		}
		c.Subscribe(2, 0, overlapping()[1:]...)
		if err := c.Flush(); err != nil {
			return err
		}
	}
	return nil
}
