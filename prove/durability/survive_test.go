package durability

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/prove"
)

func TestWhatSurvivesKill9EqualsTheModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	d := newDriver(t, onFolder(t), r)
	kills := prove.Size(3, 20)
	for range kills {
		s := d.s
		at := time.AfterFunc(time.Duration(100+r.IntN(prove.Size(400, 2000)))*time.Millisecond, func() { s.Shoot() })
		d.run()
		at.Stop()
		d.check(start(t, s.dir))
	}
	lively(t, d.s)
	prove.Record(t, "sessions, subscriptions with options, queued and retained messages and wills after kill -9 equal a model", "0 differences",
		fmt.Sprintf("%d kills, %d deeds, %d messages: 0 differences", kills, d.deeds, d.written))
}
