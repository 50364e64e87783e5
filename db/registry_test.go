package db

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
	"gatehouse/devices/timetable"
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
			ID: id, Site: of.Site, Targets: []schedule.Target{{Device: of.ID}}, Name: string(id), Cron: "0 7 * * *", TimeZone: "Asia/Shanghai",
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
		if len(got.Targets) != 1 || got.Targets[0].Device != want.device || got.Paused != want.paused || got.Paused != got.Next.IsZero() {
			t.Errorf("schedule %q is of %v, paused %v, next %s; want %+v", id, got.Targets, got.Paused, got.Next, want)
		}
	}
}

func TestTimetablesFollowAReplacementAndLoseWhatIsRetired(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	known := []devices.Device{
		{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North in", Created: time.Now()},
		{ID: "g2", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North out", Created: time.Now()},
		{ID: "g3", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "Yard", Created: time.Now()},
		{ID: "g4", Site: "s2", Zone: "z2", Kind: devices.Gate, Name: "Elsewhere", Created: time.Now()},
	}
	register(t, d, known...)
	of := func(ids ...string) (all []timetable.Target) {
		for _, id := range ids {
			all = append(all, timetable.Target{Kind: timetable.OfDevice, ID: id})
		}
		return all
	}
	put := func(id timetable.ID, targets []timetable.Target) {
		ok(t, d.Timetables().PutTimetable(ctx, timetable.Timetable{ID: id, Site: "s1", Name: string(id), Targets: targets, Created: time.Now(), Changed: time.Now()},
			devices.AuditEntry{Verb: "timetable.create", Outcome: devices.OutcomeOK}))
	}
	put("a", append(of("g1", "g2", "g3"), timetable.Target{Kind: timetable.OfZone, ID: "z1"}))
	put("b", of("g3"))
	retire := func(id devices.DeviceID, heir *devices.Device) {
		_, _, err := d.Devices().Retire(ctx, devices.Retirement{Device: id, At: time.Now(), Successor: heir}, devices.AuditEntry{Verb: "device.retire", Outcome: devices.OutcomeOK})
		ok(t, err)
	}
	retire("g1", &devices.Device{ID: "h1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "New", Created: time.Now()})
	retire("g2", &devices.Device{ID: "h2", Site: "s2", Zone: "z2", Kind: devices.Gate, Name: "New", Created: time.Now()})
	retire("g3", nil)
	got, err := d.Timetables().Timetables(ctx)
	ok(t, err)
	if want := append(of("h1"), timetable.Target{Kind: timetable.OfZone, ID: "z1"}); !slices.Equal(got[0].Targets, want) {
		t.Errorf("a covers %v, want %v", got[0].Targets, want)
	}
	if len(got[1].Targets) != 0 {
		t.Errorf("b covers %v", got[1].Targets)
	}
	put("a", of("g1", "g2")) // by somebody who had read it before
	got, err = d.Timetables().Timetables(ctx)
	ok(t, err)
	if want := of("h1"); !slices.Equal(got[0].Targets, want) {
		t.Errorf("after an edit of before, a covers %v, want %v", got[0].Targets, want)
	}
}
