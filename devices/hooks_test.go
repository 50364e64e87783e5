package devices_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

func TestEachEventIsToldOnceAfterItsCommit(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.stop()
		var mu sync.Mutex
		var told []devices.Event
		w.happened = func(e devices.Event) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e)
		}
		w.start(keys{})
		w.up(w.lane)
		passage := wire.EventPayload{ID: "e-1", Seq: 1, Type: "passage", At: time.Now().UnixMilli(), Direction: "in", Result: "granted"}
		w.store.set(failing("event"), nil)
		if w.report(w.lane, wire.Event, passage) == nil || len(told) != 0 {
			t.Errorf("an event that is not stored was told: %+v", told)
		}
		w.store.set(nil, nil)
		w.must(w.report(w.lane, wire.Event, passage))
		w.must(w.report(w.lane, wire.Event, passage))
		if len(told) != 1 || told[0].ID != "e-1" || told[0].Result != "granted" || told[0].Revision == 0 || told[0].Zone != w.zone.ID {
			t.Errorf("told were %+v", told)
		}
	})
}

func TestChangesOfPlacesAreToldWhenTheyAreSo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.stop()
		var told atomic.Int64
		openings := ""
		w.places = func() {
			told.Add(1)
			openings = fmt.Sprint(w.c.Openings())
		}
		w.start(keys{})
		ctx := context.Background()
		var elsewhere devices.Site
		var zone, far devices.Zone
		var fresh devices.Live
		for _, step := range []struct {
			what string
			is   bool
			do   func() error
		}{
			{"a zone is made", true, func() (err error) { zone, err = w.c.AddZone(ctx, guard, w.site.ID, "West"); return err }},
			{"a site is made", true, func() (err error) { elsewhere, err = w.c.AddSite(ctx, guard, "Far", "UTC"); return err }},
			{"its first zone is made", true, func() (err error) { far, err = w.c.AddZone(ctx, guard, elsewhere.ID, "Far"); return err }},
			{"a device is registered", true, func() (err error) {
				fresh, err = w.c.AddDevice(ctx, guard, zone.ID, devices.Gate, "New")
				return err
			}},
			{"a device is renamed", false, func() (err error) {
				_, err = w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Name: "Other"})
				return err
			}},
			{"a device is moved", true, func() (err error) {
				_, err = w.c.EditDevice(ctx, guard, w.gate.ID, devices.DeviceEdit{Zone: zone.ID})
				return err
			}},
			{"a device is replaced", true, func() (err error) { fresh, err = w.c.Replace(ctx, guard, fresh.Device.ID, "broken"); return err }},
			{"a device goes to another site", true, func() (err error) {
				fresh, err = w.c.Transfer(ctx, guard, fresh.Device.ID, far.ID, "moved")
				return err
			}},
			{"a device is retired", true, func() error { return w.c.Retire(ctx, guard, fresh.Device.ID, "gone") }},
			{"a list is registered", true, func() error {
				_, err := w.c.Import(ctx, guard, []devices.RosterRow{{Row: 2, Site: w.site.Name, Zone: "South", Kind: devices.Gate, Name: "South"}}, false)
				return err
			}},
		} {
			told.Store(0)
			openings = ""
			w.must(step.do())
			if is := told.Load() > 0; is != step.is {
				t.Errorf("%s: told %t", step.what, is)
			}
			if step.is && openings != fmt.Sprint(w.c.Openings()) {
				t.Errorf("%s: it was told before it was so", step.what)
			}
		}
	})
}
