package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

func renamed(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	ok(t, s.RenameSite(ctx, "s1", "云栖花园", audit("site.rename", "site:s1")))
	ok(t, s.RenameZone(ctx, "z1", "North gate", audit("zone.rename", "zone:z1")))
	for _, site := range must[[]devices.Site](t)(s.Sites(ctx)) {
		if want := map[devices.SiteID]string{"s1": "云栖花园", "s2": "Harbour Court"}[site.ID]; site.Name != want {
			t.Errorf("site %s is called %q, want %q", site.ID, site.Name, want)
		}
	}
	for _, z := range must[[]devices.Zone](t)(s.Zones(ctx)) {
		if want := map[devices.ZoneID]string{"z1": "North gate", "z2": "Garage", "z3": "Gate house"}[z.ID]; z.Name != want {
			t.Errorf("zone %s is called %q, want %q", z.ID, z.Name, want)
		}
	}
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	wantCode(t, s.RenameSite(ctx, "none", "x", audit("site.rename", "site:none")), devices.NotFound)
	wantCode(t, s.RenameZone(ctx, "none", "x", audit("zone.rename", "zone:none")), devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
}

func edited(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	state := devices.State{Physical: devices.Open, ReportedAt: t0}
	r1 := must[devices.Revision](t)(s.SaveState(ctx, "g1", state))
	r2 := must[devices.Revision](t)(s.EditDevice(ctx, "g1", "z2", "Garage in", audit("device.edit", "device:g1")))
	if r2 <= r1 {
		t.Errorf("revision %d after %d", r2, r1)
	}
	want := registered[0]
	want.Zone, want.Name = "z2", "Garage in"
	l := live(t, s, "g1")
	equal(t, "device", l.Device, want)
	equal(t, "state", l.State, state)
	equal(t, "revision", l.Revision, r2)
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	_, err := s.EditDevice(ctx, "g1", "z3", "x", audit("device.edit", "device:g1")) // of the other site
	wantCode(t, err, devices.NotFound)
	_, err = s.EditDevice(ctx, "none", "z1", "x", audit("device.edit", "device:none"))
	wantCode(t, err, devices.NotFound)
	equal(t, "device", live(t, s, "g1").Device, want)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
}

func retired(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	must[devices.Revision](t)(s.SaveLink(ctx, "g1", presence.Link{Status: presence.Online, Since: t0, Epoch: 3}))
	at := t0.Add(time.Hour)
	old, heir, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: at}, audit("device.retire", "device:g1"))
	ok(t, err)
	l := live(t, s, "g1")
	if l.Device.Retired.UnixMilli() != at.UnixMilli() || l.Link.Status != presence.Offline || l.Link.Cause != devices.CauseRetired || l.Revision != old || heir != 0 {
		t.Errorf("the retired device is %+v, revisions %d and %d", l, old, heir)
	}
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	_, _, err = s.Retire(ctx, devices.Retirement{Device: "g1", At: at}, audit("device.retire", "device:g1"))
	wantCode(t, err, devices.Conflict)
	_, err = s.EditDevice(ctx, "g1", "z2", "x", audit("device.edit", "device:g1"))
	wantCode(t, err, devices.Conflict)
	_, _, err = s.Retire(ctx, devices.Retirement{Device: "none", At: at}, audit("device.retire", "device:none"))
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
}

func wiringInherited(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	w := devices.FireWiring{Group: "A", Input: "B"}
	must[devices.Revision](t)(s.SaveFireWiring(ctx, "g1", w, audit("device.fire", "device:g1")))
	here := devices.Device{ID: "g2", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "New", Created: t0}
	there := devices.Device{ID: "g3", Site: "s2", Zone: "z3", Kind: devices.Gate, Name: "Moved", Created: t0}
	_, _, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: t0, Successor: &here}, audit("device.replace", "device:g1"))
	ok(t, err)
	_, _, err = s.Retire(ctx, devices.Retirement{Device: "g2", At: t0, Successor: &there}, audit("device.transfer", "device:g2"))
	ok(t, err)
	equal(t, "wiring of a replacement", live(t, s, "g2").Fire, w)
	equal(t, "wiring at another site", live(t, s, "g3").Fire, devices.FireWiring{})
}

func succeeded(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	must[devices.Revision](t)(s.SaveLink(ctx, "g1", presence.Link{Status: presence.Online, Since: t0, Epoch: 3}))
	d := devices.Device{ID: "g2", Site: "s2", Zone: "z3", Kind: devices.Gate, Name: "Moved", Created: t0}
	wrong := d
	wrong.Zone = "z1" // of the other site
	_, _, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: t0, Successor: &wrong}, audit("device.transfer", "device:g1"))
	wantCode(t, err, devices.NotFound)
	if l := live(t, s, "g1"); !l.Device.Retired.IsZero() || l.Link.Status != presence.Online {
		t.Errorf("a refused retirement changed the device: %+v", l)
	}
	_, heir, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: t0, Successor: &d}, audit("device.transfer", "device:g1"))
	ok(t, err)
	d.Replaces = "g1"
	l := live(t, s, "g2")
	equal(t, "successor", l, devices.Live{
		Device: d, Link: presence.Link{Status: presence.NeverSeen}, State: devices.State{Physical: devices.Unknown}, Revision: heir,
	})
	if live(t, s, "g1").Device.Retired.IsZero() {
		t.Error("the old device is in service")
	}
}

func rosterAllOrNone(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	zone := devices.Zone{ID: "z9", Site: "s1", Name: "Yard"}
	list := []devices.Device{
		{ID: "n1", Site: "s1", Zone: "z9", Kind: devices.Gate, Name: "Yard in", Created: t0},
		{ID: "n2", Site: "s2", Zone: "z3", Kind: devices.Camera, Name: "Eye", Created: t0},
	}
	entries := []devices.AuditEntry{audit("zone.create", "zone:z9"), audit("device.create", "device:n1"), audit("device.create", "device:n2")}
	wrong := append(append([]devices.Device{}, list...), devices.Device{ID: "n3", Site: "s1", Zone: "z3", Kind: devices.Gate, Name: "x", Created: t0})
	_, err := s.AddRoster(ctx, []devices.Zone{zone}, wrong, nil, entries)
	wantCode(t, err, devices.NotFound)
	equal(t, "zones after a refusal", len(must[[]devices.Zone](t)(s.Zones(ctx))), 3)
	equal(t, "devices after a refusal", len(must[[]devices.Live](t)(s.Devices(ctx))), 3)
	equal(t, "audit rows after a refusal", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
	revisions := must[[]devices.Revision](t)(s.AddRoster(ctx, []devices.Zone{zone}, list, map[devices.DeviceID]devices.Configuration{"n1": barrier}, entries))
	for i, d := range list {
		l := live(t, s, d.ID)
		equal(t, "device", l.Device, d)
		equal(t, "revision", l.Revision, revisions[i])
	}
	equal(t, "configuration of the first", live(t, s, "n1").Config, barrier)
	equal(t, "configuration of the second", live(t, s, "n2").Config, devices.Configuration{})
	equal(t, "zones", len(must[[]devices.Zone](t)(s.Zones(ctx))), 4)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before+3)
}
