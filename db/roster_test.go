package db

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/prove"
)

func TestALongRosterIsOneCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	s := d.Devices()
	ok(t, s.AddSite(ctx, devices.Site{ID: "s1", Name: "Riverside", TimeZone: "UTC"}, entry("site.create", "site")))
	n := prove.Size(200, 5000)
	list, entries := make([]devices.Device, n), make([]devices.AuditEntry, n)
	for i := range list {
		id := devices.DeviceID(fmt.Sprintf("d%04d", i))
		list[i] = devices.Device{ID: id, Site: "s1", Zone: "z1", Kind: devices.Gate, Name: string(id), Created: time.Now()}
		entries[i] = entry("device.create", "device:"+string(id))
	}
	began := time.Now()
	revisions, err := s.AddRoster(ctx, []devices.Zone{{ID: "z1", Site: "s1", Name: "Yard"}}, list, nil, entries)
	ok(t, err)
	took := time.Since(began)
	lives, err := s.Devices(ctx)
	ok(t, err)
	if len(lives) != n || len(revisions) != n || revisions[n-1] != revisions[0]+devices.Revision(n-1) {
		t.Errorf("%d of %d devices, revisions from %d to %d", len(lives), n, revisions[0], revisions[n-1])
	}
	prove.Record(t, "a list of devices is stored whole, with a row of the audit trail for each", fmt.Sprintf("%d of %d", n, n),
		fmt.Sprintf("%d of %d in %s", len(lives), n, took.Round(time.Millisecond)))
}
