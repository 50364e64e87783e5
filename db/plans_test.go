package db

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/plans"
	plantest "gatehouse/devices/plans/storetest"
)

func TestPlanStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	plantest.RunStoreTests(t, func(t *testing.T) plans.Store {
		t.Helper()
		d := opened(t)
		known := []devices.Device{{ID: "gate-9", Site: "site-1", Zone: "site-1-zone", Kind: devices.Gate, Name: "Old", Created: start}}
		for id, site := range plantest.Devices {
			known = append(known, devices.Device{ID: id, Site: site, Zone: devices.ZoneID(site + "-zone"), Kind: devices.Gate, Name: string(id), Created: start})
		}
		register(t, d, known...)
		_, _, err := d.Devices().Retire(context.Background(), devices.Retirement{Device: "gate-9", At: start}, entry("device.retire", "device"))
		ok(t, err)
		return d.Plans()
	})
}

func TestPlansFollowAReplacementAndLoseWhatIsRetiredOrGoes(t *testing.T) {
	t.Parallel()
	ctx, d := context.Background(), opened(t)
	gateAt := func(id devices.DeviceID, site devices.SiteID) devices.Device {
		return devices.Device{ID: id, Site: site, Zone: devices.ZoneID(site + "-zone"), Kind: devices.Gate, Name: string(id), Created: start}
	}
	register(t, d, gateAt("replaced", "s1"), gateAt("moved", "s1"), gateAt("retired", "s1"), gateAt("stays", "s1"), gateAt("elsewhere", "s2"))
	pin := func(id devices.DeviceID, x float64) plans.Pin { return plans.Pin{Device: id, X: x, Y: 0.5, Turn: 90} }
	draw := func(id plans.ID, pins ...plans.Pin) plans.Plan {
		p := plans.Plan{ID: id, Site: "s1", Name: string(id), Revision: 1, Changed: start, Picture: plans.Picture{Format: plans.PNG}}
		p, err := d.Plans().AddPlan(ctx, p, entry("plan.create", "plan"))
		ok(t, err)
		p.Pins = pins
		p.Revision, err = d.Plans().ChangePlan(ctx, p, entry("plan.change", "plan"))
		ok(t, err)
		return p
	}
	all := draw("all", pin("moved", 0.1), pin("replaced", 0.2), pin("retired", 0.3), pin("stays", 0.4))
	other := draw("other", pin("replaced", 0.9))
	draw("untouched", pin("stays", 0.6))
	retire := func(id devices.DeviceID, heir *devices.Device) {
		_, _, err := d.Devices().Retire(ctx, devices.Retirement{Device: id, At: time.Now(), Successor: heir}, entry("device.retire", "device"))
		ok(t, err)
	}
	here, there := gateAt("heir", "s1"), gateAt("gone", "s2")
	retire("replaced", &here)
	retire("moved", &there)
	retire("retired", nil)
	for id, want := range map[plans.ID][]plans.Pin{
		"all": {pin("heir", 0.2), pin("stays", 0.4)}, "other": {pin("heir", 0.9)}, "untouched": {pin("stays", 0.6)},
	} {
		if got, err := d.Plans().Plan(ctx, id); err != nil || !slices.Equal(got.Pins, want) || (got.Revision == 2) != (id == "untouched") {
			t.Errorf("plan %q has %v at revision %d (%v), want %v", id, got.Pins, got.Revision, err, want)
		}
	}
	for _, p := range []plans.Plan{all, other} { // by somebody who had read it before
		if _, err := d.Plans().ChangePlan(ctx, p, entry("plan.change", "plan")); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("an edit of before: %v", err)
		}
	}
}
