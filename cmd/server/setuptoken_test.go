package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/devices/durable"
	"gatehouse/devices/operators"
)

// setupToken runs the command on a folder.
func setupToken(t *testing.T, dir string) (code int, token, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), []string{"setup-token", "--data", dir}, &out, &errs)
	return code, strings.TrimSpace(out.String()), strings.TrimSpace(errs.String())
}

// found tries to set a program up.
func found(t *testing.T, p *program, token string) int {
	t.Helper()
	status, _ := newStaff(t, p.Console).call(http.MethodPost, "/setup", map[string]any{"token": token, "name": adminName, "password": adminPassword})
	return status
}

func TestANewSetupTokenIsMadeBesideARunningServer(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	file := filepath.Join(p.Dir, setupTokenName)
	code, token, said := setupToken(t, p.Dir)
	if code != 0 || len(token) != 31 || !strings.Contains(said, "works once") {
		t.Fatalf("%d, %q, %q", code, token, said)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if status := found(t, p, p.SetupToken); status != http.StatusForbidden {
		t.Errorf("the token of before: %d", status)
	}
	must(t, os.Chmod(file, 0o644))
	if status := found(t, p, token); status != http.StatusInternalServerError {
		t.Errorf("a token that others may have read: %d", status)
	}
	must(t, os.Chmod(file, 0o600))
	if status := found(t, p, token); status != http.StatusCreated {
		t.Errorf("the new token: %d", status)
	}
	if _, err := os.Lstat(file); !os.IsNotExist(err) {
		t.Errorf("the token that was used is still there: %v", err)
	}
	if code, token, said := setupToken(t, p.Dir); code != 1 || token != "" || !strings.Contains(said, "server reset-person NAME") {
		t.Errorf("once there is an administrator: %d, %q, %q", code, token, said)
	}
	must(t, p.stop())
	if code, _, said := setupToken(t, p.Dir); code != 1 || !strings.Contains(said, "there is an administrator already") {
		t.Errorf("once there is an administrator, with the server stopped: %d, %q", code, said)
	}
}

func TestASetupTokenOutlivesAStartUntilItEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, token, _ := setupToken(t, dir) // before there was ever a server
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for range 2 {
		p := runProgram(t, dir, false)
		if p.SetupToken != token {
			t.Errorf("the start says %q, want %q", p.SetupToken, token)
		}
		must(t, p.stop())
	}
	file := setupFile{filepath.Join(dir, setupTokenName)}
	for name, spoil := range map[string]func() error{
		"old":                            func() error { _, err := file.renew(time.Now().Add(-24 * time.Hour)); return err },
		"readable by all":                func() error { return os.Chmod(file.path, 0o604) },
		"of a version that wrote no end": func() error { return durable.Replace(file.path, []byte(token+"\n")) },
		"damaged":                        func() error { return durable.Replace(file.path, []byte{0xff, 0}) },
	} {
		before, err := file.renew(time.Now())
		must(t, err)
		must(t, spoil())
		p := runProgram(t, dir, false)
		if after, err := file.SetupToken(); err != nil || p.SetupToken != after.Text || after.Text == before.Text || !after.Good(time.Now()) {
			t.Errorf("%s: the start says %q, the file %+v, %v", name, p.SetupToken, after, err)
		}
		must(t, p.stop())
	}
	p := runProgram(t, dir, false)
	if status := found(t, p, p.SetupToken); status != http.StatusCreated {
		t.Errorf("the token of the last start: %d", status)
	}
}

func TestSetupTokenNamesAFolderThatIsNone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nowhere")
	code, token, said := setupToken(t, dir)
	if code != 1 || token != "" || !strings.Contains(said, dir) || !strings.Contains(said, "--data") {
		t.Errorf("%d, %q, %q", code, token, said)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("the folder was made")
	}
}

func TestAStartRemovesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left, err := durable.Temporary(dir, []byte("half a secret"))
	must(t, err)
	runProgram(t, dir, false)
	if _, err := os.Lstat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there", left)
	}
}

func TestSetupTokensThatAreGoodAreOfThisProgram(t *testing.T) {
	t.Parallel()
	now := time.Now()
	made, err := setupFile{filepath.Join(t.TempDir(), setupTokenName)}.renew(now)
	must(t, err)
	if !made.Good(now) || made.Good(now.Add(24*time.Hour)) || (operators.SetupToken{}).Good(now) {
		t.Errorf("%+v", made)
	}
}
