package devices_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"gatehouse/devices"
)

func TestARosterIsRegisteredWithItsNewZones(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		rows := []devices.RosterRow{
			{Row: 2, Site: "翠湖花园", Zone: "东门", Kind: devices.Gate, Name: "Boom 2"},
			{Row: 3, Site: "翠湖花园", Zone: "Garage", Kind: devices.Turnstile, Name: "Lane 9"},
			{Row: 4, Site: "翠湖花园", Zone: "Garage", Kind: devices.Camera, Name: "Eye"},
		}
		dry, err := w.c.Import(ctx, guard, rows, true)
		w.must(err)
		if len(dry.Errors) != 0 || len(dry.Zones) != 1 || len(dry.Devices) != 3 || len(w.c.Devices()) != 3 || len(w.c.Zones()) != 1 {
			t.Fatalf("a dry run gives %+v, and there are %d devices", dry, len(w.c.Devices()))
		}
		made, err := w.c.Import(ctx, guard, rows, false)
		w.must(err)
		if len(made.Errors) != 0 || len(w.c.Devices()) != 6 || len(w.c.Zones()) != 2 {
			t.Fatalf("it gives %+v, and there are %d devices", made, len(w.c.Devices()))
		}
		if d := made.Devices; d[0].Zone != w.zone.ID || d[1].Zone != made.Zones[0].ID || d[1].Zone != d[2].Zone {
			t.Errorf("the zones are %+v", d)
		}
		for _, d := range made.Devices {
			if now := w.news.deviceNow(d.ID); now.Device != d {
				t.Errorf("on the feed is %+v, want %+v", now.Device, d)
			}
		}
		audit, err := w.c.Audit(ctx, 0, 4)
		w.must(err)
		if audit[0].Object != "device:"+string(made.Devices[2].ID) || audit[3].Verb != "zone.create" || audit[3].Actor != guard {
			t.Errorf("audited is %+v", audit)
		}
		again, err := w.c.Import(ctx, guard, rows, false)
		w.must(err)
		if len(again.Errors) != 3 || len(w.c.Devices()) != 6 {
			t.Errorf("the second time it gives %+v", again)
		}
		w.restart()
		if len(w.c.Devices()) != 6 || len(w.c.Zones()) != 2 {
			t.Errorf("after a restart there are %d devices", len(w.c.Devices()))
		}
	})
}

func TestARosterWithOneWrongRowRegistersNothingAndNamesEachField(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		got, err := w.c.Import(context.Background(), guard, []devices.RosterRow{
			{Row: 2, Site: "翠湖花园", Zone: "东门", Kind: devices.Gate, Name: "right"},
			{Row: 3, Site: "nowhere", Zone: "", Kind: "door", Name: ""},
			{Row: 4, Site: "翠湖花园", Zone: "New", Kind: devices.Gate, Name: "twin"},
			{Row: 5, Site: "翠湖花园", Zone: "New", Kind: devices.Camera, Name: "twin"},
			{Row: 6, Site: "翠湖花园", Zone: "东门", Kind: devices.Gate, Name: "Device gate"},
		}, false)
		w.must(err)
		var where []string
		for _, e := range got.Errors {
			where = append(where, fmt.Sprintf("%d %s", e.Row, e.Column))
			if e.Message == "" {
				t.Errorf("row %d, %s: nothing is said", e.Row, e.Column)
			}
		}
		if want := "[3 site 3 zone 3 kind 3 name 5 name 6 name]"; fmt.Sprint(where) != want {
			t.Errorf("wrong are %v, want %s", where, want)
		}
		if len(w.c.Devices()) != 3 || len(w.c.Zones()) != 1 || len(got.Devices) != 0 {
			t.Errorf("%d devices and %d zones are registered", len(w.c.Devices()), len(w.c.Zones()))
		}
	})
}

func TestARosterWhoseCommitWasReportedAsAnErrorIsShownIfItIsStored(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.store.set(nil, failing("roster"))
		_, err := w.c.Import(context.Background(), guard, []devices.RosterRow{{Row: 2, Site: "翠湖花园", Zone: "Yard", Kind: devices.Gate, Name: "Boom"}}, false)
		if devices.CodeOf(err) != devices.Unavailable {
			t.Fatalf("the error is %v", err)
		}
		synctest.Wait()
		if len(w.c.Devices()) != 4 || len(w.c.Zones()) != 2 {
			t.Errorf("%d devices and %d zones are shown", len(w.c.Devices()), len(w.c.Zones()))
		}
	})
}
