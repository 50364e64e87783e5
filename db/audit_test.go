package db

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// olderTrail is a file from before the chain, with n rows of a person and one that
// tells of a person.
func olderTrail(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, FileName)
	older := platformSchema
	older.steps = older.steps[:slices.Index(older.steps, "0017_audit_chain")]
	f, err := openFile(context.Background(), fileOptions{path: path, schema: older, readers: 1, log: slog.Default()})
	ok(t, err)
	ok(t, f.close())
	const columns = "(at, actor_kind, actor_id, actor_name, actor_address, verb, site, object, detail, outcome)"
	alter(t, path, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+strconv.Itoa(n)+`)
		INSERT INTO audit `+columns+` SELECT i * 1000000, 'operator', 'o1', 'Li', '192.0.2.1', 'device.command', 's1', 'device:g1', '{"n":' || i || '}', 'ok' FROM n;
		INSERT INTO audit `+columns+` VALUES (NULL, 'system', 'demo', 'demo', '', 'operator.create', '', 'operator:o2', '{"name":"Wang","role":"guard"}', 'ok')`)
	return dir
}

func TestRowsOfAnOlderFileAreChained(t *testing.T) {
	t.Parallel()
	const n = 2500 // more than are read at once
	d := reopened(t, olderTrail(t, n))
	report, err := trail.Verify(context.Background(), d.Trail(), nil, nil)
	ok(t, err)
	if report.First != 1 || report.Last.Row != n+1 {
		t.Errorf("%+v", report)
	}
	rows, err := d.Devices().Audit(context.Background(), 0, 2)
	ok(t, err)
	want := []devices.AuditRow{
		{ID: n + 1, AuditEntry: devices.AuditEntry{
			Actor: devices.Actor{Kind: devices.ActorSystem, ID: "demo", Name: "demo"}, Verb: "operator.create",
			Object: "operator:o2", Detail: `{"name":"Wang","role":"guard"}`, Outcome: devices.OutcomeOK,
		}},
		{ID: n, AuditEntry: devices.AuditEntry{
			At: time.Unix(n, 0).UTC(), Actor: devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li", Address: "192.0.2.1"}, Verb: "device.command",
			Site: "s1", Object: "device:g1", Detail: `{"n":2500}`, Outcome: devices.OutcomeOK,
		}},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	stored, err := d.Trail().Rows(context.Background(), n-1, 2)
	ok(t, err)
	if stored[0].Actor.Name != "" || stored[0].ActorSealed.Key == 0 || strings.Contains(stored[1].Detail, "Wang") {
		t.Errorf("what they say of people is not sealed: %+v", stored)
	}
}

func TestAnOlderTrailOfPeopleWaitsForTheDataKey(t *testing.T) {
	t.Parallel()
	dir := olderTrail(t, 1)
	d, err := Open(context.Background(), Options{Dir: dir})
	if err == nil {
		ok(t, d.Close())
		t.Fatal("opened without a data key")
	}
	if !strings.Contains(err.Error(), "start the server once") {
		t.Errorf("%v", err)
	}
	reopened(t, dir)
}

func TestATrailIsReadBesideWhoWritesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := reopened(t, dir)
	register(t, d, gate)
	f, err := ReadTrail(context.Background(), dir)
	ok(t, err)
	defer func() { ok(t, f.Close()) }()
	for want := int64(3); want < 6; want++ {
		report, err := trail.Verify(context.Background(), f, nil, nil)
		ok(t, err)
		if report.Last.Row != want {
			t.Errorf("row %d, want %d", report.Last.Row, want)
		}
		ok(t, d.Devices().AddAudit(context.Background(), entry("device.command", "device:gate-1")))
	}
}

func TestAFolderWithoutATrailIsToldSo(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"an empty folder": t.TempDir(), "an older file": olderTrail(t, 1)} {
		f, err := ReadTrail(context.Background(), dir)
		if err == nil {
			ok(t, f.Close())
			t.Errorf("%s: read", name)
		}
	}
}
