package durability

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/prove"
)

func TestSIGTERMUnderLoadLosesNothing(t *testing.T) {
	alone(t)
	var took []time.Duration
	strikes := func(t *testing.T, s *server) *server {
		began := time.Now()
		next := restarted(t, s)
		took = append(took, time.Since(began)-next.Ready)
		return next
	}
	survives(t, "acknowledged messages survive SIGTERM under load, exit code 0", prove.Size(2, 20), onFolder, strikes, fast)
	slices.Sort(took)
	slowest := took[len(took)-1]
	if prove.Full() && slowest > 5*time.Second {
		t.Errorf("the slowest end took %s", slowest)
	}
	prove.Record(t, "SIGTERM under load ends the broker soon", "within 5 s", fmt.Sprintf("slowest of %d: %s", len(took), slowest.Round(time.Millisecond)))
}
