package devices_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/storetest"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// manyGates registers and connects gates that report their mode.
func (w *world) manyGates(n int) []devices.Device {
	w.t.Helper()
	many := make([]devices.Device, n)
	for i := range many {
		l, err := w.c.AddDevice(context.Background(), guard, w.zone.ID, devices.Gate, fmt.Sprintf("Gate %d", i))
		w.must(err)
		many[i] = l.Device
		w.up(l.Device)
		w.keeps(l.Device, "controlled", nil)
	}
	return many
}

// TestManyLayersThatRunOutEndInOneCommit has timetables hold many openings until one
// moment, with a hold by somebody that ends then, too.
func TestManyLayersThatRunOutEndInOneCommit(t *testing.T) {
	t.Parallel()
	n := prove.Size(200, 2000)
	inWorld(t, func(t *testing.T, w *world) {
		many := w.manyGates(n)
		end := time.Now().Add(20 * time.Second) // nobody is silent for too long until then
		wanted := make([]devices.ScheduleSetting, n)
		for i, d := range many {
			wanted[i] = w.opens07(d, "")
			wanted[i].Until = end
		}
		w.schedules(wanted...)
		w.layer(devices.LayerRequest{Action: devices.HoldClosed, Device: w.lane.ID, Until: end})
		before := w.c.Layers()
		if len(before) != n+2 { // the lane has two openings
			t.Fatalf("%d layers are set", len(before))
		}
		for _, d := range many {
			w.keeps(d, "held_open", nil)
		}
		commits := 0
		w.store.set(func(op string) error {
			if op == "layer" {
				commits++
			}
			return nil
		}, nil)
		time.Sleep(time.Until(end) + time.Second)
		synctest.Wait()
		if left := w.c.Layers(); len(left) != 0 || commits != 1 {
			t.Errorf("%d layers are left, after %d commits", len(left), commits)
		}
		for _, d := range many {
			w.wantsTold(d, "held_open, controlled")
		}
		ends := map[string]int{}
		rows, err := w.c.Audit(context.Background(), 0, 10*n)
		w.must(err)
		for _, r := range rows {
			var detail struct{ Count int }
			w.must(json.Unmarshal([]byte(r.Detail), &detail))
			if r.Verb == "layer.expired" {
				ends[r.Object] = detail.Count
			}
		}
		if len(ends) != 3 || ends["timetable:tt-1"] != n {
			t.Errorf("the audit trail has the ends %v", ends)
		}
	})
}

// slowDisk is a store whose writes take as long as those of a disk.
type slowDisk struct {
	*storetest.Memory
	takes time.Duration
}

func (s slowDisk) SaveLayers(ctx context.Context, all []devices.Layer, a []devices.AuditEntry) ([]devices.Revision, error) {
	time.Sleep(s.takes)
	return s.Memory.SaveLayers(ctx, all, a)
}

func (s slowDisk) AddCommand(ctx context.Context, c devices.Command, a devices.AuditEntry) (devices.Command, bool, error) {
	time.Sleep(s.takes)
	return s.Memory.AddCommand(ctx, c, a)
}

// everyone is a link that notes who was told a mode.
type everyone struct {
	mu   sync.Mutex
	told map[devices.DeviceID]int
}

func (e *everyone) Give(_ context.Context, to devices.Device, _ []byte, _ devices.CommandID, _ time.Time, _ func(devices.LinkReport)) (func() bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told[to.ID]++
	return func() bool { return false }, nil
}

func (e *everyone) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.told)
}

// TestThousandsOfOpeningsAreSwitchedTogether measures, by a real clock, how long it
// takes from the wish of a timetable until every opening was told, on a disk of which
// each write takes 20 ms.
func TestThousandsOfOpeningsAreSwitchedTogether(t *testing.T) {
	t.Parallel()
	n := prove.Size(200, 2000)
	line := &everyone{told: map[devices.DeviceID]int{}}
	c := devices.NewControl(devices.Deps{Store: slowDisk{storetest.NewMemory(), 20 * time.Millisecond}, Link: line, News: newNews(t), Keys: keys{}})
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Load(ctx))
	go func() { ended <- c.Run(ctx) }()
	defer func() { end(); must(<-ended) }()
	site, err := c.AddSite(ctx, guard, "翠湖花园", "Asia/Shanghai")
	must(err)
	zone, err := c.AddZone(ctx, guard, site.ID, "东门")
	must(err)
	wanted := make([]devices.ScheduleSetting, n)
	for i := range wanted {
		l, err := c.AddDevice(ctx, guard, zone.ID, devices.Gate, fmt.Sprintf("Gate %d", i))
		must(err)
		c.Presence(l.Device.ID, presence.Change{Up: true, Epoch: uint64(i + 1), At: time.Now()})
		state, err := json.Marshal(wire.StatePayload{At: time.Now().UnixMilli(), Mode: "controlled", Physical: "closed", Capabilities: []string{"mode"}})
		must(err)
		must(c.HandleReports(ctx, []devices.Report{{
			Site: site.ID, Device: l.Device.ID, Channel: wire.State, Topic: wire.Topic(string(site.ID), string(l.Device.ID), wire.State),
			Payload: state, Arrived: time.Now(), Epoch: uint64(i + 1),
		}})[0])
		wanted[i] = devices.ScheduleSetting{Device: l.Device.ID, Mode: devices.HeldOpen, By: mornings}
	}
	begun := time.Now()
	changed, err := c.SetSchedules(ctx, wanted)
	must(err)
	if len(changed) != n {
		t.Errorf("%d of %d changed", len(changed), n)
	}
	prove.Eventually(t, "every opening is told", func() bool { return line.count() == n })
	took := time.Since(begun)
	if prove.Full() && took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	prove.Record(t, "2,000 openings that a timetable switches at one moment are told together", "all within 5 s",
		fmt.Sprintf("%d openings in %v", n, took.Round(time.Millisecond)))
}
