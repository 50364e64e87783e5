package property

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/proxy"
	"gatehouse/prove/served"
)

// meters makes n meters that share a goal.
func (h *House) meters(seed int64, n, goal int, address func() string) []*meter {
	zone, sent := h.Zone(h.Site("Garage"), "Exit"), &atomic.Int64{}
	list := make([]*meter, n)
	for i, d := range h.Devices(zone, "gate", n) {
		list[i] = &meter{
			Device: d, version: []mqtt.Version{mqtt.V311, mqtt.V5}[i%2], random: rand.New(rand.NewPCG(uint64(seed), uint64(i))),
			address: address, goal: goal / n, sent: sent,
		}
	}
	return list
}

// runMeters runs them all until they are done. Meanwhile disaster is called whenever
// so many more events were sent.
func runMeters(t *testing.T, list []*meter, every int, disaster func()) {
	t.Helper()
	var work sync.WaitGroup
	errs, over := make([]error, len(list)), make(chan struct{})
	stop := time.Now().Add(time.Duration(prove.Size(2, 20)) * time.Minute)
	for i, m := range list {
		work.Go(func() { errs[i] = m.run(stop) })
	}
	go func() { work.Wait(); close(over) }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for next := int64(every); ; {
		select {
		case <-over:
			for _, err := range errs {
				if err != nil {
					t.Error(err)
				}
			}
			return
		case <-tick.C:
			if now := list[0].sent.Load(); now >= next {
				disaster()
				next = list[0].sent.Load() + int64(every)
			}
		}
	}
}

func TestEveryBillingEventIsOneRowThroughKillsPowerCutsRebootsAndResets(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	random := rand.New(rand.NewPCG(uint64(seed), 99))
	disk := served.NewDisk(t, 256)
	h := open(t, Options{Disk: &disk})
	bad := h.Line(proxy.Fault{Reset: prove.Size(20_000, 60_000)}, seed)
	list := h.meters(seed, prove.Size(4, 20), prove.Size(1000, 10_000), bad.Addr)
	kills, cuts := 0, 0
	runMeters(t, list, prove.Size(150, 250), func() {
		if random.IntN(3) == 0 {
			h.CutPower()
			cuts++
		} else {
			h.Kill()
			kills++
		}
		h.Start()
	})
	h.CutPower()
	h.Start()
	events, reboots, repeated := 0, 0, 0
	for _, m := range list {
		m.agrees(t, h)
		events, reboots, repeated = events+m.goal, reboots+m.reboots, repeated+m.repeated
	}
	rows, conflicts := h.ledger(t, "").Rows, len(h.quarantine(t))
	if conflicts > 0 {
		t.Errorf("in quarantine: %v", h.quarantine(t))
	}
	h.Healthy()
	prove.Record(t, "every billing event is one ledger row through kill -9, power cuts, resets of the line and devices that begin again",
		"rows = events, sums equal, 0 conflicts",
		fmt.Sprintf("%d events, %d rows, %d conflicts; %d kills, %d power cuts, %d resets, %d reboots that said %d events again",
			events, rows, conflicts, kills, cuts+1, bad.Resets(), reboots, repeated))
}

// A billing event never changes: whoever says something else under its id, before or
// after an end of the server, changes nothing, and is seen.
func TestABillingEventWithOtherContentIsAConflictAndTheFirstStays(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	h := open(t, Options{})
	list := h.meters(seed, 2, prove.Size(20, 200), h.MQTT)
	for _, m := range list {
		m.goal = prove.Size(10, 100)
	}
	runMeters(t, list, 1<<30, func() {})
	lies := 0
	for _, m := range list {
		lie := flow.NewSender(m.Topic("billing"), 2, 3)
		lie.Words = func(n int) string { return billed(n+1, int64(n+1_000_001)) }
		for lie.Begun < m.goal || len(lie.Open) > 0 {
			c, err := m.Connect(h.MQTT(), m.version, true)
			if err != nil {
				t.Fatal(err)
			}
			until := lie.Begun + m.goal/2
			if err := lie.Run(c, func() bool { return lie.Begun < min(until, m.goal) }); err != nil {
				t.Fatal(err)
			}
			c.Cut()
			h.Restart()
		}
		lies += lie.Begun
	}
	for _, m := range list {
		m.agrees(t, h)
	}
	conflicts := 0
	for _, q := range h.quarantine(t) {
		if strings.Contains(q.Problem, "already has") && strings.Contains(q.Problem, "with other content") {
			conflicts++
		}
	}
	if conflicts != lies {
		t.Errorf("%d events with other content, %d conflicts are kept", lies, conflicts)
	}
	h.Healthy()
	prove.Record(t, "the same billing event id with other content changes nothing and is one conflict", "0 booked, 1 conflict each, the first stays",
		fmt.Sprintf("%d lies, %d conflicts, ledger as before", lies, conflicts))
}
