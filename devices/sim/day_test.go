package sim

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// day is what a property does while its server is gone for a day.
type day struct {
	t       *testing.T
	fleet   *Fleet
	drives  map[string][]Drive // by gate
	wrong   int                // decisions of a gate that its mode forbids
	reboots int
	memory  map[string]Memory
	mu      sync.Mutex // guards memory, which every device's goroutine writes
}

func (d *day) save(id string) func(Memory) {
	return func(m Memory) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.memory[id] = m
	}
}

// car drives up to a gate that must let it in, or must not.
func (d *day) car(gate string, in bool) {
	d.t.Helper()
	drive, err := d.fleet.Device(gate).Car("in")
	if err != nil {
		d.t.Fatal(err)
	}
	d.drives[gate] = append(d.drives[gate], drive)
	time.Sleep(time.Second)
	synctest.Wait()
	v := mustView(d.t, d.fleet.Device(gate))
	if open := v.Physical == isOpen || v.Physical == isOpening; open != in {
		d.wrong++
	}
	time.Sleep(20 * time.Second)
	synctest.Wait()
}

// The server is gone for a day: gates go on by the mode that they were told last, and
// what happened is told when it is back, each once and in order.
func TestADayWithoutTheServerIsToldWholeWhenItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &day{t: t, drives: map[string][]Drive{}, memory: map[string]Memory{}}
		var ids []Identity
		for _, name := range []string{"controlled", "held", "locked"} {
			g := identity(Gate, name)
			g.Camera = "eye-" + name
			ids = append(ids, g, identity(Camera, "eye-"+name))
		}
		fleet, end := startWith(t, ids, d)
		d.fleet = fleet
		plug(fleet.Device("controlled"))
		plug(fleet.Device("held"))
		plug(fleet.Device("locked"))
		orderMode(fleet.Device("held"), "m1", time.Now(), heldOpen, "")
		orderMode(fleet.Device("locked"), "m2", time.Now(), lockedDown, "")
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, id := range ids {
			fleet.Device(id.ID).Disconnected()
		}
		late := wire.CommandPayload{ID: "late", Seq: 1 << 40, Action: "open", Issued: time.Now().UnixMilli(), TTL: 5000}
		late.Signature = wire.Sign(key, "controlled", late)

		gone := time.Now()
		every := 24 * time.Hour / time.Duration(prove.Size(48, 24*60)) // a car at each gate
		for time.Since(gone) < 24*time.Hour {
			d.car("controlled", true)
			d.car("held", true)
			d.car("locked", false)
			if n := len(d.drives["locked"]); n%16 == 0 { // the power fails, too
				end()
				d.reboots++
				d.fleet, end = startWith(t, ids, d)
			}
			time.Sleep(every - 63*time.Second)
		}
		d.back(late)
		end()
	})
}

// startWith starts the devices with what they remember.
func startWith(t *testing.T, ids []Identity, d *day) (*Fleet, func()) {
	t.Helper()
	return runFleet(t, ids, func(i Identity) Options {
		d.mu.Lock()
		defer d.mu.Unlock()
		return Options{Memory: d.memory[i.ID], Save: d.save(i.ID)}
	})
}

// back has the server come back, and compares.
func (d *day) back(late wire.CommandPayload) {
	d.t.Helper()
	lines := map[string]*broker{}
	for _, dev := range d.fleet.Devices() {
		lines[dev.id.ID] = plug(dev)
	}
	// An order that has waited somewhere for a day is no order any more.
	d.fleet.Device("controlled").Receive(wire.Topic("s1", "controlled", wire.Command), encode(late))
	time.Sleep(time.Minute)
	synctest.Wait()
	if a := lastAnswer(d.t, lines["controlled"]); a.ID != "late" || a.Reason != "expired" {
		d.t.Errorf("an order of yesterday: %+v", a)
	}
	told, lost, doubled, swapped := 0, 0, 0, 0
	for gate, drives := range d.drives {
		events := on[wire.EventPayload](d.t, lines[gate], wire.Event)
		bills := on[wire.BillingPayload](d.t, lines[gate], wire.Billing)
		told += len(events) + len(bills)
		seen := map[string]int{}
		for i, e := range events {
			if seen[e.ID]++; i > 0 && e.Seq != events[i-1].Seq+1 {
				swapped++
			}
		}
		for i, b := range bills {
			if seen[b.ID]++; i > 0 && b.Seq != bills[i-1].Seq+1 {
				swapped++
			}
		}
		for _, drive := range drives {
			if seen[drive.Event] == 0 || gate != "locked" && seen[drive.Billing] == 0 {
				lost++
			}
			if pictures := lines["eye-"+gate].raw(wire.Picture); len(pictures) != len(drives) {
				lost++
			}
		}
		for _, n := range seen {
			doubled += n - 1
		}
	}
	if d.wrong+lost+doubled+swapped > 0 {
		d.t.Errorf("%d wrong decisions, %d lost, %d doubled, %d out of order", d.wrong, lost, doubled, swapped)
	}
	prove.Record(d.t, "a server that is gone for a day: gates decide by the mode they were told last, and tell each event once when it is back",
		"0 wrong decisions, 0 lost, 0 doubled", fmt.Sprintf("%d cars, %d power failures; %d told, %d lost, %d doubled, %d wrong decisions",
			3*len(d.drives["locked"]), d.reboots, told, lost, doubled, d.wrong))
}
