package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/devices"
)

// wantRefused opens a database that cannot be used: one clear error, and nothing
// new in its folder.
func wantRefused(t *testing.T, dir, problem string) *OpenError {
	t.Helper()
	before, _ := os.ReadDir(dir) // the folder itself may be what is missing
	d, err := Open(context.Background(), Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		ok(t, d.Close())
		t.Fatalf("opened; want the problem %q", problem)
	}
	var e *OpenError
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v, want an OpenError", err, err)
	}
	if e.Path != filepath.Join(dir, FileName) || e.Remedy == "" || !strings.Contains(e.Problem, problem) {
		t.Errorf("problem %q, remedy %q, path %q; want the problem %q", e.Problem, e.Remedy, e.Path, problem)
	}
	if strings.ContainsRune(err.Error(), '\n') {
		t.Errorf("more than one line: %q", err)
	}
	after, _ := os.ReadDir(dir)
	if len(after) > len(before) {
		t.Errorf("left behind: %v, before %v", after, before)
	}
	return e
}

// filled makes a database with some rows, and closes it.
func filled(t testing.TB, rows int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	d, err := Open(context.Background(), Options{Dir: dir})
	ok(t, err)
	register(t, d, gate)
	for n := range rows {
		_, _, err := d.Devices().AddEvent(context.Background(), passage(n))
		ok(t, err)
	}
	ok(t, d.Close())
	return dir
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	d := reopened(t, filled(t, 3))
	events, err := d.Devices().Events(context.Background(), devices.EventQuery{})
	ok(t, err)
	if len(events) != 3 {
		t.Errorf("%d events, want 3", len(events))
	}
}

func TestFileIsOfItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reopened(t, dir)
	files, err := os.ReadDir(dir)
	ok(t, err)
	if len(files) != 3 {
		t.Errorf("files %v, want the database, its log and its index", files)
	}
	for _, f := range files {
		info, err := f.Info()
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestMissingFolderIsRefused(t *testing.T) {
	t.Parallel()
	wantRefused(t, filepath.Join(t.TempDir(), "nowhere"), "folder does not exist")
}

func TestReadOnlyFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.Chmod(dir, 0o500))
	if os.Geteuid() == 0 {
		dir = "/proc/self" // root may write everywhere but here
	}
	e := wantRefused(t, dir, "")
	if e.Problem != "it cannot be written" && dir != "/proc/self" {
		t.Errorf("problem %q", e.Problem)
	}
}

func TestFolderInPlaceOfTheFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.Mkdir(filepath.Join(dir, FileName), 0o700))
	wantRefused(t, dir, "it is a folder")
}

func TestDamagedFilesAreRefused(t *testing.T) {
	t.Parallel()
	whole := filled(t, 400)
	good, err := os.ReadFile(filepath.Join(whole, FileName))
	ok(t, err)
	if len(good) < 16*4096 {
		t.Fatalf("only %d bytes", len(good))
	}
	for _, c := range []struct {
		name, problem string
		damage        func([]byte) []byte
	}{
		{"header", "not a database", func(b []byte) []byte { copy(b, "garbage garbage!"); return b }},
		{"other content", "not a database", func([]byte) []byte { return bytes.Repeat([]byte("hello "), 2000) }},
		{"cut in the middle", "damaged", func(b []byte) []byte { return b[:len(b)/2] }},
		{"cut within a page", "damaged", func(b []byte) []byte { return b[:len(b)-1000] }},
		{"cut to nothing", "it is empty", func([]byte) []byte { return nil }},
		{"page overwritten", "damaged", func(b []byte) []byte { clear(b[10*4096 : 11*4096]); return b }},
		{"schema overwritten", "damaged", func(b []byte) []byte { clear(b[100:120]); return b }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			bad := c.damage(bytes.Clone(good))
			ok(t, os.WriteFile(filepath.Join(dir, FileName), bad, 0o600))
			wantRefused(t, dir, c.problem)
			after, err := os.ReadFile(filepath.Join(dir, FileName))
			ok(t, err)
			if !bytes.Equal(bad, after) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

func TestDatabaseOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := filled(t, 0)
	alter(t, filepath.Join(dir, FileName), "INSERT INTO migrations (id) VALUES ('9999_future')")
	wantRefused(t, dir, "newer version")
}

func TestDatabaseOfAnotherProgramIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, FileName), nil, 0o600))
	alter(t, filepath.Join(dir, FileName), "CREATE TABLE contacts (id INTEGER)")
	wantRefused(t, dir, "another kind")
}

func TestSessionsAreNotMistakenForThePlatform(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := OpenSessions(context.Background(), filepath.Join(dir, FileName), nil)
	ok(t, err)
	ok(t, s.Close())
	wantRefused(t, dir, "another kind")
}

func TestInterruptedCreationIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, FileName+".new"), []byte("half"), 0o600))
	reopened(t, dir)
	if _, err := os.Stat(filepath.Join(dir, FileName+".new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half made file: %v", err)
	}
}

// alter runs SQL on a file that nobody has open.
func alter(t *testing.T, path, query string) {
	t.Helper()
	pool, err := sql.Open(driverName, "file:"+path)
	ok(t, err)
	_, err = pool.Exec(query)
	ok(t, errors.Join(err, pool.Close()))
}

func TestDamageFoundAfterTheStartIsReported(t *testing.T) {
	t.Parallel()
	path := filepath.Join(filled(t, 400), FileName)
	o := fileOptions{path: path, schema: platformSchema, readers: 1, log: slog.New(slog.DiscardHandler), budget: 1}
	f, err := openFile(context.Background(), o)
	ok(t, err)
	f.checks.Wait() // a whole file: nothing to report
	ok(t, f.close())
	if len(f.failed) != 0 {
		t.Errorf("a whole file is reported: %v", <-f.failed)
	}

	content, err := os.ReadFile(path)
	ok(t, err)
	clear(content[len(content)-4096:])
	ok(t, os.WriteFile(path, content, 0o600))
	f, err = openFile(context.Background(), o)
	ok(t, err)
	var e *OpenError
	if err := <-f.failed; !errors.As(err, &e) || e.Problem != "it is damaged" {
		t.Errorf("reported %v", err)
	}
	ok(t, f.close())
}
