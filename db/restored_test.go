package db

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/operators"
	"gatehouse/devices/schedule"
)

func TestWhatIsRestoredBringsBackNoSessionNoHeldOpenGateAndNoTimedCommand(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := opened(t)
	second := gate
	second.ID, second.Name = "gate-2", "west"
	register(t, d, gate, second)
	ok(t, d.Operators().AddFirstOperator(ctx, wang, entry("setup", "operator")))
	token := [32]byte{1}
	ok(t, d.Operators().AddSession(ctx, operators.Session{Key: token, Token: token, Operator: wang.ID, Created: start, LastSeen: start, Expires: start.Add(time.Hour)}, entry("session.create", "operator")))
	setting := func(id devices.DeviceID, mode devices.Mode) devices.Layer {
		return devices.Layer{Set: true, Zone: gate.Zone, Setting: arbiter.Setting{
			Layer: arbiter.Hold, Mode: mode, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: string(gate.Site), ID: string(id)},
			By: arbiter.Who{Kind: "operator", ID: "li", Name: "li"}, Since: start,
		}}
	}
	open, shut := setting(gate.ID, devices.HeldOpen), setting(second.ID, devices.HeldClosed)
	lock := setting(gate.ID, devices.LockedDown)
	lock.Layer = arbiter.Lockdown
	before, err := d.Devices().SaveLayers(ctx, []devices.Layer{open, shut, lock}, nil)
	ok(t, err)
	at := start.Add(26 * time.Hour)
	for id, next := range map[schedule.ID]time.Time{"past": start.Add(time.Hour), "coming": at.Add(time.Hour), "paused": {}} {
		ok(t, d.Schedules().PutSchedule(ctx, schedule.Schedule{
			ID: id, Site: gate.Site, Targets: []schedule.Target{{Device: gate.ID}}, Name: string(id), Cron: "0 7 * * *", TimeZone: "UTC",
			Action: devices.ActionOpen, Created: start, Next: next, Paused: next.IsZero(),
		}, entry("schedule.create", "schedule")))
	}

	done := entry("backup.restored", "backup:x")
	done.At = at
	ok(t, d.Restored(ctx, at, done))

	if _, err := d.Operators().Session(ctx, token); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("somebody is still signed in: %v", err)
	}
	set, err := d.Devices().Layers(ctx)
	ok(t, err)
	kept := map[devices.Mode]bool{}
	for _, l := range set {
		kept[l.Mode] = true
	}
	if len(set) != 2 || !kept[devices.HeldClosed] || !kept[devices.LockedDown] {
		t.Errorf("layers that are set: %v, want what keeps shut", set)
	}
	sites, err := d.Devices().Sites(ctx)
	ok(t, err)
	if sites[0].Revision <= before[0] {
		t.Errorf("revision %d after %d: who has the old picture would not ask for the new one", sites[0].Revision, before[0])
	}
	for id, want := range map[schedule.ID]time.Time{"past": at, "coming": at.Add(time.Hour), "paused": {}} {
		x, err := d.Schedules().Schedule(ctx, id)
		ok(t, err)
		if !x.Next.Equal(want) {
			t.Errorf("%s: due times count from %s, want %s", id, x.Next, want)
		}
	}
	for verb, want := range map[string]string{"backup.restored": "backup:x", "layer.release": "layer:" + open.ID()} {
		row, err := d.Trail().LastOf(ctx, verb)
		ok(t, err)
		if row == nil || row.Object != want {
			t.Errorf("the trail's %s is %v, want that of %s", verb, row, want)
		}
	}
}
