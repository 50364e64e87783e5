package devices_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/storetest"
)

func TestOpeningsAreGatesAndDirectionsInService(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		gate := devices.Opening{Site: w.site.ID, Zone: w.zone.ID, Device: w.gate.ID, Kind: devices.Gate, Name: w.gate.Name}
		in := devices.Opening{Site: w.site.ID, Zone: w.zone.ID, Device: w.lane.ID, Direction: "in", Kind: devices.Turnstile, Name: w.lane.Name}
		out := in
		out.Direction = "out"
		want := []devices.Opening{gate, in, out}
		if w.lane.ID < w.gate.ID {
			want = []devices.Opening{in, out, gate}
		}
		if got := w.c.Openings(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("openings are %+v, want %+v", got, want)
		}
		w.must(w.c.Retire(context.Background(), guard, w.lane.ID, "gone"))
		if got := w.c.Openings(); fmt.Sprint(got) != fmt.Sprint([]devices.Opening{gate}) {
			t.Errorf("openings are %+v", got)
		}
		for _, none := range []struct {
			d         devices.DeviceID
			direction string
		}{{w.lane.ID, "in"}, {w.gate.ID, "in"}, {w.camera.ID, ""}, {"none", ""}} {
			if s, ok := w.c.Standing(none.d, none.direction); ok {
				t.Errorf("there is %+v", s)
			}
		}
	})
}

func TestStandingIsWhatAnOpeningIsToBeAndWhatItReportsOnThisConnection(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		is := func(reported devices.Mode, online, able bool, layers ...arbiter.Layer) {
			t.Helper()
			s, ok := w.c.Standing(w.lane.ID, "in")
			if !ok || s.Device != w.lane.ID || s.Direction != "in" || s.Reported != reported || s.Online != online || s.Able != able {
				t.Errorf("it stands as %+v", s)
			}
			var got []arbiter.Layer
			for _, l := range s.Stack {
				got = append(got, l.Layer)
			}
			if fmt.Sprint(got) != fmt.Sprint(layers) {
				t.Errorf("its layers are %v, want %v", got, layers)
			}
		}
		is("", false, false)
		w.up(w.lane)
		is("", true, false)
		w.keeps(w.lane, "controlled", map[string]string{"in": "held_closed", "out": "controlled"})
		is(devices.HeldClosed, true, true)
		w.schedules(w.opens07(w.lane, "in"))
		is(devices.HeldClosed, true, true, arbiter.Schedule)
		w.layer(devices.LayerRequest{Action: devices.LockDown, Zone: w.zone.ID})
		is(devices.HeldClosed, true, true, arbiter.Lockdown, arbiter.Schedule)
		w.down(w.lane, "connection lost")
		is("", false, true, arbiter.Lockdown, arbiter.Schedule)
		w.up(w.lane)
		is("", true, false, arbiter.Lockdown, arbiter.Schedule)
		time.Sleep(2 * time.Hour)
		if s, _ := w.c.Standing(w.lane.ID, "in"); len(s.Stack) != 1 {
			t.Errorf("after the end of the timetable's period it stands as %+v", s)
		}
	})
}

// BenchmarkOpenings is the list of a property with 10,000 gates.
func BenchmarkOpenings(b *testing.B) {
	c := devices.NewControl(devices.Deps{Store: storetest.NewMemory(), Link: &link{}, News: newNews(nil), Keys: keys{}})
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	site, err := c.AddSite(ctx, guard, "Site", "UTC")
	must(err)
	zone, err := c.AddZone(ctx, guard, site.ID, "Zone")
	must(err)
	for i := range 10_000 {
		_, err := c.AddDevice(ctx, guard, zone.ID, devices.Gate, fmt.Sprintf("Gate %d", i))
		must(err)
	}
	for b.Loop() {
		c.Openings()
	}
}

func TestModesAreTakenOnceEveryOpeningReportsWhatItsLayersMake(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		is := func(taken, known bool) {
			t.Helper()
			if gotTaken, gotKnown := w.c.ModesTaken(w.lane.ID); gotTaken != taken || gotKnown != known {
				t.Errorf("taken %t, known %t", gotTaken, gotKnown)
			}
		}
		is(false, false)
		w.up(w.lane)
		is(false, false)
		w.keeps(w.lane, "controlled", map[string]string{"in": "controlled", "out": "controlled"})
		is(true, true)
		w.schedules(w.opens07(w.lane, "in"))
		is(false, true)
		w.keeps(w.lane, "controlled", map[string]string{"in": "held_open", "out": "controlled"})
		is(true, true)
		w.down(w.lane, "connection lost")
		is(false, false)
		w.must(w.c.Retire(context.Background(), guard, w.lane.ID, "gone"))
		is(false, false)
	})
}
