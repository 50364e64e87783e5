package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
