package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/db"
	"gatehouse/devices/trail"
)

// audited runs server audit with some arguments.
func audited(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"audit"}, args...), &out, &errs)
	return code, strings.TrimSpace(out.String() + errs.String())
}

func TestTheAuditTrailIsProvedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := newStaff(t, p.Console)
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, http.StatusCreated, nil)

	code, said := audited(t, "verify", "--data", dir)
	if code != 0 || !strings.Contains(said, "intact: rows 1 to ") {
		t.Errorf("beside a running server: %d, %s", code, said)
	}
	code, key := audited(t, "key", "--data", dir)
	if code != 0 || !strings.Contains(said, key) {
		t.Errorf("the public key: %d, %s", code, key)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	heads, err := os.ReadDir(filepath.Join(dir, trail.HeadsDir))
	if err != nil || len(heads) != 1 {
		t.Fatalf("heads: %v, %v", heads, err)
	}
	kept := filepath.Join(t.TempDir(), "kept.json")
	must(t, os.Rename(filepath.Join(dir, trail.HeadsDir, heads[0].Name()), kept))
	if code, said := audited(t, "verify", "--data", dir, "--head", kept); code != 0 || !strings.Contains(said, "1 signed heads agree") {
		t.Errorf("with a head that was kept elsewhere: %d, %s", code, said)
	}
	tamper(t, dir, "DROP TRIGGER audit_no_delete; DELETE FROM audit; DELETE FROM sqlite_sequence")
	if code, said := audited(t, "verify", "--data", dir, "--head", kept); code != exitBroken || !strings.Contains(said, "row 1: it is missing") || !strings.Contains(said, "kept.json") {
		t.Errorf("of nothing: %d, %s", code, said)
	}
	if code, said := audited(t, "verify", "--data", dir, "--head", filepath.Join(dir, "setup-token")); code == 0 {
		t.Errorf("with a head that is none: %d, %s", code, said)
	}
	if code, said := audited(t, "verify", "--data", t.TempDir()); code != 1 || !strings.Contains(said, "--data") {
		t.Errorf("in an empty folder: %d, %s", code, said)
	}
}

func TestAChangedAuditTrailIsToldWithItsRow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, true)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	tamper(t, dir, "DROP TRIGGER audit_no_update; UPDATE audit SET actor_id = 'somebody else' WHERE id = 3")
	if code, said := audited(t, "verify", "--data", dir); code != exitBroken || !strings.Contains(said, "row 3: its hash does not fit") {
		t.Errorf("%d, %s", code, said)
	}
}

// tamper changes the database as somebody with the file does.
func tamper(t *testing.T, dir, statements string) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, db.FileName))
	must(t, err)
	_, err = file.Exec(statements)
	must(t, err)
	must(t, file.Close())
}
