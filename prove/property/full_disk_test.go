package property

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// What has no room on the disk has room in memory: a gate opens, and says that
// nobody has written it down yet.
func TestAFullDiskHoldsUpNobodyAtAGate(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	disk := served.NewDisk(t, 64)
	h := open(t, Options{Disk: &disk})
	doors := h.doors(t, h.Zone(h.Site("East"), "Garage"), 8)
	free := h.o.Disk.Fill(t, h.Server())
	var p pressed
	for most := prove.Size(200, 2000); p.pending < prove.Size(8, 64); most-- { // what the log of the database has ready is used up first
		if most == 0 {
			t.Fatal("the database still has room")
		}
		one := h.pressAll(t, doors[len(p.ids)%len(doors):][:1], 1)
		p.ids, p.pending = append(p.ids, one.ids...), p.pending+one.pending
		if one.pending > 0 {
			p.took = append(p.took, one.took...)
		}
	}
	for _, id := range p.ids[len(p.ids)-p.pending:] {
		if o := h.command(id); !o.RecordPending {
			t.Errorf("the disk is full, and command %s is shown as recorded", id)
		}
	}
	slices.Sort(p.took)
	freed := time.Now()
	free()
	h.judge(t, doors, p)
	recovery := time.Since(freed)
	if prove.Full() && (recovery > 10*time.Second || p.p99() > 300*time.Millisecond) {
		t.Errorf("p99 %s; everything was recorded %s after there was room", p.p99(), recovery)
	}
	h.Healthy()
	prove.Record(t, "a full disk holds up nobody at a gate, and says that the record is pending", "opened within 300 ms; with room again everything is recorded within 10 s",
		fmt.Sprintf("p99 %s of %d; all recorded after %s", p.p99().Round(time.Millisecond), len(p.took), recovery.Round(time.Millisecond)))
}
