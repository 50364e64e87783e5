package property

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// A full disk takes no money: what was acknowledged is in the ledger, what was not is
// said again, and with room everything goes on by itself.
func TestAFullDiskAcknowledgesNoBillingEventThatItDoesNotHave(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	seed := prove.Seed(t)
	disk := served.NewDisk(t, 64)
	h := open(t, Options{Disk: &disk})
	list := h.meters(seed, 4, prove.Size(4000, 40_000), h.MQTT)
	free := h.o.Disk.Fill(t, h.Server())
	var said bool
	var recovery time.Duration
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		untilStill(list[0].sent)
		said = strings.Contains(h.Server().Stderr.String(), "full")
		still, freed := list[0].sent.Load(), time.Now()
		free()
		for list[0].sent.Load() == still && time.Since(freed) < time.Minute {
			<-time.After(time.Millisecond)
		}
		recovery = time.Since(freed)
	}()
	runMeters(t, list, 1<<30, func() {})
	<-waited
	if !said || !h.Server().Alive() || prove.Full() && recovery > 10*time.Second {
		t.Fatalf("the server said that the disk was full: %v, lives: %v, went on after %s: %s", said, h.Server().Alive(), recovery, tail(h.Server().Stderr.String()))
	}
	h.Restart()
	for _, m := range list {
		m.agrees(t, h)
	}
	if n := len(h.quarantine(t)); n > 0 {
		t.Errorf("%d in quarantine", n)
	}
	h.Healthy()
	prove.Record(t, "a full disk acknowledges no billing event that is not in the ledger, and with room again everything goes on by itself",
		"0 acknowledged and lost, 0 ends of the server, on within 10 s", fmt.Sprintf("%d events, all in the ledger; on %s after there was room", 4*list[0].goal, recovery.Round(time.Millisecond)))
}

// untilStill waits until nothing more is acknowledged: the count of what was begun
// stands still while the devices wait.
func untilStill(count *atomic.Int64) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for last := int64(-1); ; {
		<-tick.C
		now := count.Load()
		if now > 0 && now == last {
			return
		}
		last = now
	}
}
