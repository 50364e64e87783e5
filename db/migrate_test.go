package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/devices/plates"
)

// tidy takes comments and layout out of SQL.
func tidy(text string) string {
	text = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`\s+`).ReplaceAllString(text, " ")
	text = regexp.MustCompile(` ?([(),]) ?`).ReplaceAllString(text, "$1")
	return strings.TrimSpace(text)
}

// shape gives what a file holds: name of each table, index and trigger to its SQL.
func shape(t *testing.T, path string) map[string]string {
	t.Helper()
	pool, err := sql.Open(driverName, "file:"+path)
	ok(t, err)
	defer func() { ok(t, pool.Close()) }()
	rows, err := pool.Query("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'")
	ok(t, err)
	defer func() { ok(t, rows.Close()) }()
	out := map[string]string{}
	for rows.Next() {
		var name, text string
		ok(t, rows.Scan(&name, &text))
		out[name] = tidy(text)
	}
	ok(t, rows.Err())
	return out
}

func TestMigrationsMakeTheDocumentedSchema(t *testing.T) {
	t.Parallel()
	for _, s := range []schema{platformSchema, sessionsSchema} {
		t.Run(s.whole, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			migrated, documented := filepath.Join(dir, "migrated.db"), filepath.Join(dir, "documented.db")
			f, err := openFile(context.Background(), fileOptions{path: migrated, schema: s, readers: 1, log: slog.Default()})
			ok(t, err)
			ok(t, f.close())
			text, err := sqlFiles.ReadFile(s.whole)
			ok(t, err)
			alter(t, documented, string(text))
			if d := cmp.Diff(shape(t, documented), shape(t, migrated)); d != "" {
				t.Errorf("%s and its migrations differ (-documented +migrated):\n%s", s.whole, d)
			}
		})
	}
}

func TestEveryTableIsStrict(t *testing.T) {
	t.Parallel()
	d := opened(t)
	var loose []string
	ok(t, d.file.read.Raw("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND schema = 'main' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'").Scan(&loose).Error)
	if len(loose) != 0 {
		t.Errorf("not strict: %v", loose)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	dir := filled(t, 1)
	path := filepath.Join(dir, FileName)
	before := shape(t, path)
	broken := platformSchema
	broken.steps = append(append([]string{}, broken.steps...), "9998_absent")
	f, err := openFile(context.Background(), fileOptions{path: path, schema: broken, readers: 1, log: slog.Default()})
	if err == nil {
		ok(t, f.close())
		t.Fatal("opened with a migration that does not exist")
	}
	var e *OpenError
	if !errors.As(err, &e) {
		t.Errorf("%T: %v", err, err)
	}
	if d := cmp.Diff(before, shape(t, path)); d != "" {
		t.Errorf("the schema changed:\n%s", d)
	}
}

// A file from before readings of plates: its passages belong to readings that come now.
func TestPassagesOfAnOlderFileAreFoundByTheirPlates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	older := platformSchema
	older.steps = older.steps[:slices.Index(older.steps, "0007_cameras")]
	f, err := openFile(context.Background(), fileOptions{path: path, schema: older, readers: 1, log: slog.Default()})
	ok(t, err)
	ok(t, f.close())
	alter(t, path, `INSERT INTO sites VALUES ('site-1', 'East', 'UTC', 1);
		INSERT INTO zones VALUES ('zone-1', 'site-1', 'Gate');
		INSERT INTO devices (id, site, zone, kind, name, link_status, link_cause, link_epoch, link_remote, state, command_seq, revision)
		VALUES ('gate-1', 'site-1', 'zone-1', 'gate', 'Gate', 'offline', '', 0, '', '{}', 0, 1);
		INSERT INTO events (device, id, site, zone, seq, type, command, direction, result, reason, credential, physical, "trigger", camera, picture, device_time, arrived_at, revision)
		VALUES ('gate-1', 'e1', 'site-1', 'zone-1', 1, 'passage', '', 'in', 'granted', '', 'plate:粤b·123 45', '', '', '', 0, 1000000, 1000000, 1)`)
	d := reopened(t, dir)
	read := devices.Event{
		Device: gate.ID, ID: "p1", Site: gate.Site, Zone: gate.Zone, Type: plates.EventType, Plate: "粤B12345", Confidence: 90,
		DeviceTime: time.Unix(3, 0), ArrivedAt: time.Unix(3, 0),
	}
	_, _, err = d.Devices().AddEvent(context.Background(), read)
	ok(t, err)
	found, err := d.Plates().Readings(context.Background(), plates.Query{})
	ok(t, err)
	if len(found) != 1 || found[0].Passage == nil || found[0].Passage.ID != "e1" {
		t.Errorf("readings %+v", found)
	}
}

// A file from before first passwords and second factors: whoever had an account has it,
// with a password that is theirs, no factor, and no proof of who they are.
func TestPeopleOfAnOlderFileKeepTheirAccountsAndSessions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	older := platformSchema
	older.steps = older.steps[:slices.Index(older.steps, "0010_passwords")]
	f, err := openFile(context.Background(), fileOptions{path: path, schema: older, readers: 1, log: slog.Default()})
	ok(t, err)
	ok(t, f.close())
	alter(t, path, `INSERT INTO operators VALUES ('o1', 'Li', 'phc', 'administrator', 'en', 1000000, 0);
		INSERT INTO operator_sessions VALUES (x'`+strings.Repeat("07", 32)+`', 'o1', 1000000, 1000000, 2000000, '192.0.2.1', 'test')`)
	people := reopened(t, dir).Operators()
	o, err := people.OperatorByName(context.Background(), "li")
	ok(t, err)
	if o.ID != "o1" || o.MustChange || o.HasFactor() || o.Factor.Step != 0 || len(o.Factor.Recovery) != 0 {
		t.Errorf("the account is %+v", o)
	}
	s, err := people.Session(context.Background(), [32]byte(bytes.Repeat([]byte{7}, 32)))
	ok(t, err)
	if s.Operator != "o1" || s.Token != s.Key || !s.Proved.IsZero() {
		t.Errorf("the session is %+v", s)
	}
	if _, said, err := people.FactorRoles(context.Background()); err != nil || said {
		t.Errorf("which roles need a factor: said %v, %v", said, err)
	}
	edited, err := people.EditOperator(context.Background(), "o1", func(o *operators.Operator) *devices.AuditEntry {
		o.Factor = operators.Factor{Secret: []byte("sealed"), Step: 5, Wrong: 3, Recovery: [][32]byte{{1}}}
		return nil
	})
	ok(t, err)
	again, err := people.Operator(context.Background(), "o1")
	ok(t, err)
	if !again.HasFactor() || again.Factor.Step != 5 || again.Factor.Wrong != 3 || len(again.Factor.Recovery) != 1 || edited.Name != "Li" {
		t.Errorf("edited it is %+v", again)
	}
	ok(t, people.ProveSession(context.Background(), s.Key, s.Token, [32]byte{8}, time.Unix(3, 0), entry("prove", "operator:o1")))
}
