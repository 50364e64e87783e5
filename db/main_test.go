package db

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatehouse/devices"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		writeUntilKilled(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// opened gives a new database that ends with the test.
func opened(t testing.TB) *DB {
	t.Helper()
	return reopened(t, t.TempDir())
}

// reopened opens the database in dir; it ends with the test.
func reopened(t testing.TB, dir string) *DB {
	t.Helper()
	d, err := Open(context.Background(), Options{Dir: dir, DataKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// yield lets other goroutines run.
func yield() { runtime.Gosched() }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code devices.Code) {
	t.Helper()
	if got := devices.CodeOf(err); got != code {
		t.Errorf("error is %q (%v), want %q", got, err, code)
	}
}

var (
	start = time.Date(2026, 3, 1, 8, 30, 0, 123456e3, time.UTC)
	gate  = devices.Device{ID: "gate-1", Site: "site-1", Zone: "zone-1", Kind: devices.Gate, Name: "东门", Created: start}
)

func entry(verb, object string) devices.AuditEntry {
	return devices.AuditEntry{
		At: start, Actor: devices.Actor{Kind: devices.ActorSystem, ID: "test", Name: "test"},
		Verb: verb, Object: object, Detail: "{}", Outcome: devices.OutcomeOK,
	}
}

// register puts devices into a database, with the sites and zones they name.
func register(t testing.TB, d *DB, known ...devices.Device) {
	t.Helper()
	ctx := context.Background()
	s := d.Devices()
	sites, zones := map[devices.SiteID]bool{}, map[devices.ZoneID]bool{}
	for _, k := range known {
		if !sites[k.Site] {
			ok(t, s.AddSite(ctx, devices.Site{ID: k.Site, Name: string(k.Site), TimeZone: "UTC"}, entry("site.create", "site")))
		}
		if !zones[k.Zone] {
			ok(t, s.AddZone(ctx, devices.Zone{ID: k.Zone, Site: k.Site, Name: string(k.Zone)}, entry("zone.create", "zone")))
		}
		sites[k.Site], zones[k.Zone] = true, true
		_, err := s.AddDevice(ctx, k, entry("device.create", "device"))
		ok(t, err)
	}
}

func passage(n int) devices.Event {
	return devices.Event{
		Device: gate.ID, ID: devices.EventID(fmt.Sprintf("e-%06d", n)), Site: gate.Site, Zone: gate.Zone, Seq: int64(n),
		Type: "passage", Direction: "in", Result: "granted", DeviceTime: start, ArrivedAt: start.Add(time.Duration(n) * time.Millisecond),
	}
}
