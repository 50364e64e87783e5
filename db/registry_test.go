package db

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

func TestSchedulesFollowAReplacementAndPauseWithoutOne(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	known := []devices.Device{
		{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North in", Created: time.Now()},
		{ID: "g2", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North out", Created: time.Now()},
		{ID: "g3", Site: "s2", Zone: "z2", Kind: devices.Gate, Name: "Yard", Created: time.Now()},
	}
	register(t, d, known...)
	put := func(id schedule.ID, of devices.Device) {
		ok(t, d.Schedules().PutSchedule(ctx, schedule.Schedule{
			ID: id, Site: of.Site, Device: of.ID, Name: string(id), Cron: "0 7 * * *", TimeZone: "Asia/Shanghai",
			Action: devices.ActionOpen, Created: time.Now(), Next: time.Now().Add(time.Hour),
		}, devices.AuditEntry{Verb: "schedule.create", Outcome: devices.OutcomeOK}))
	}
	put("replaced", known[0])
	put("moved", known[1])
	put("other", known[2])
	retire := func(id, heir devices.DeviceID, site devices.SiteID, zone devices.ZoneID) {
		_, _, err := d.Devices().Retire(ctx, devices.Retirement{Device: id, At: time.Now(), Successor: &devices.Device{
			ID: heir, Site: site, Zone: zone, Kind: devices.Gate, Name: "New", Created: time.Now(),
		}}, devices.AuditEntry{Verb: "device.replace", Outcome: devices.OutcomeOK})
		ok(t, err)
	}
	retire("g1", "h1", "s1", "z1")
	retire("g2", "h2", "s2", "z2")
	for id, want := range map[schedule.ID]struct {
		device devices.DeviceID
		paused bool
	}{"replaced": {"h1", false}, "moved": {"g2", true}, "other": {"g3", false}} {
		got, err := d.Schedules().Schedule(ctx, id)
		ok(t, err)
		if got.Device != want.device || got.Paused != want.paused || got.Paused != got.Next.IsZero() {
			t.Errorf("schedule %q is of %s, paused %v, next %s; want %+v", id, got.Device, got.Paused, got.Next, want)
		}
	}
}
