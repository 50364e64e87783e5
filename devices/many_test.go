package devices_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/prove"
)

// TestAWholePropertyThatDropsIsShownOffline connects many devices at once, cuts
// them all, and starts the server again while half of them are connected.
func TestAWholePropertyThatDropsIsShownOffline(t *testing.T) {
	t.Parallel()
	n := prove.Size(300, 10_000)
	inWorld(t, func(t *testing.T, w *world) {
		many := make([]devices.Device, n)
		for i := range many {
			l, err := w.c.AddDevice(context.Background(), guard, w.zone.ID, devices.Gate, fmt.Sprintf("Gate %d", i))
			w.must(err)
			many[i] = l.Device
		}
		tell := func(up bool, from int) {
			for i, d := range many[from:] {
				w.c.Presence(d.ID, presence.Change{Up: up, Epoch: uint64(i + from + 1), At: time.Now(), Cause: "connection lost"})
			}
			synctest.Wait()
		}
		count := func(status presence.Status) (told int) {
			for _, d := range many {
				if w.news.deviceNow(d.ID).Link.Status == status {
					told++
				}
			}
			return told
		}
		tell(true, 0)
		if got := count(presence.Online); got != n {
			t.Errorf("%d of %d are shown online", got, n)
		}
		tell(false, n/2)
		if got := count(presence.Offline); got != n-n/2 {
			t.Errorf("%d of %d are shown offline", got, n-n/2)
		}
		w.restart()
		if got := count(presence.Offline); got != n {
			t.Errorf("after a start %d of %d are shown offline", got, n)
		}
	})
}
