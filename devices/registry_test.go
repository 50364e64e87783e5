package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gatehouse/devices"
)

func TestRegistryNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		site := func(name, zone string) error { _, err := w.c.AddSite(ctx, guard, name, zone); return err }
		zone := func(s devices.SiteID, name string) error { _, err := w.c.AddZone(ctx, guard, s, name); return err }
		device := func(z devices.ZoneID, k devices.KindName, name string) error {
			_, err := w.c.AddDevice(ctx, guard, z, k, name)
			return err
		}
		for name, test := range map[string]struct {
			err   error
			code  devices.Code
			field string
		}{
			"site without a name":    {site("  ", "Asia/Shanghai"), devices.Invalid, "name"},
			"site with a long name":  {site(strings.Repeat("园", 81), "Asia/Shanghai"), devices.Invalid, "name"},
			"name with a line break": {site("a\nb", "Asia/Shanghai"), devices.Invalid, "name"},
			"unknown time zone":      {site("x", "Mars/Base"), devices.Invalid, "timeZone"},
			"no time zone":           {site("x", ""), devices.Invalid, "timeZone"},
			"time zone of the host":  {site("x", "Local"), devices.Invalid, "timeZone"},
			"zone of no site":        {zone("none", "x"), devices.NotFound, ""},
			"zone without a name":    {zone(w.site.ID, ""), devices.Invalid, "name"},
			"device of no zone":      {device("none", devices.Gate, "x"), devices.Invalid, "zone"},
			"device of no kind":      {device(w.zone.ID, "rocket", "x"), devices.Invalid, "kind"},
			"device without a name":  {device(w.zone.ID, devices.Gate, ""), devices.Invalid, "name"},
		} {
			var e *devices.Error
			if !errors.As(test.err, &e) || e.Code != test.code || e.Field != test.field {
				t.Errorf("%s: %v, want %s of %q", name, test.err, test.code, test.field)
			}
		}
		if err := site(strings.Repeat("园", 80), "America/St_Johns"); err != nil {
			t.Error(err)
		}
	})
}

func TestRegistryWritesAreAuditedWithTheirActor(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		rows, err := w.c.Audit(context.Background(), 0, 0)
		w.must(err)
		verbs := map[string]int{}
		for _, r := range rows {
			verbs[r.Verb]++
			if r.Actor != guard || r.Site != w.site.ID || r.Outcome != devices.OutcomeOK {
				t.Errorf("the row is %+v", r)
			}
		}
		if verbs["site.create"] != 1 || verbs["zone.create"] != 1 || verbs["device.create"] != 3 {
			t.Errorf("the verbs are %v", verbs)
		}
	})
}

func TestWhatIsDoneBesideTheDomainIsAuditedToo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.must(w.c.Record(context.Background(), guard, "broker.kick", "client:g1", map[string]any{"reason": "server_busy"}))
		rows, err := w.c.Audit(context.Background(), 0, 1)
		w.must(err)
		r := rows[0]
		if r.Actor != guard || r.Verb != "broker.kick" || r.Object != "client:g1" || r.Detail != `{"reason":"server_busy"}` || r.Site != "" || r.Outcome != devices.OutcomeOK {
			t.Errorf("the row is %+v", r)
		}
	})
}

func TestSnapshotHasEverythingOfTheWall(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, _ := w.opens()
		s := w.c.Snapshot()
		if len(s.Sites) != 1 || len(s.Zones) != 1 || len(s.Devices) != 3 || len(s.Commands) != 1 || len(s.Today) != 1 {
			t.Fatalf("the snapshot is %+v", s)
		}
		if s.Commands[0].ID != c.ID || s.Sites[0].Revision < s.Commands[0].Revision {
			t.Errorf("the command is %+v, the site at %d", s.Commands[0], s.Sites[0].Revision)
		}
		for _, d := range s.Devices {
			if d.Revision > s.Sites[0].Revision {
				t.Errorf("%s is at %d, the site at %d", d.Device.Name, d.Revision, s.Sites[0].Revision)
			}
		}
	})
}

func TestWhatIsGivenOutIsACopy(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		l, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		l.State.Capabilities[0] = "changed"
		again, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		if again.State.Capabilities[0] != devices.ActionOpen {
			t.Error("a caller changed the model")
		}
	})
}
