package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
)

func TestWhoLostPasswordAndSecondFactorIsLetInAgainFromTheServersMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := newStaff(t, p.Console)
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, http.StatusCreated, nil)
	var made struct{ Secret string }
	s.must(http.MethodPost, "/session/factor", nil, http.StatusOK, &made)
	s.must(http.MethodPut, "/session/factor", map[string]any{"code": prove.TOTP(t, made.Secret, time.Now())}, http.StatusOK, nil)

	reset := func(args ...string) (code int, said string) {
		var out, errs bytes.Buffer
		code = run(t.Context(), append([]string{"reset-person"}, args...), &out, &errs)
		return code, strings.TrimSpace(out.String() + errs.String())
	}
	if code, said := reset("--data", dir, adminName); code != 1 || !strings.Contains(said, "in use by another running server") {
		t.Errorf("beside a running server: %d, %s", code, said)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if code, said := reset("--data", t.TempDir(), adminName); code != 1 || !strings.Contains(said, "--data") {
		t.Errorf("in an empty folder: %d, %s", code, said)
	}
	if code, said := reset("--data", dir, "nobody"); code != 1 || !strings.Contains(said, "nobody") {
		t.Errorf("of nobody: %d, %s", code, said)
	}
	for _, err := range []error{os.Remove(filepath.Join(dir, "data.key")), os.WriteFile(filepath.Join(dir, "data.key"), []byte("damaged"), 0o600)} {
		must(t, err)
	}
	code, password := reset("--data", dir, adminName)
	if code != 0 || len(password) != 24 {
		t.Fatalf("%d, %s", code, password)
	}
	must(t, os.Remove(filepath.Join(dir, "data.key")))

	p = runProgram(t, dir, false)
	s.base = newStaff(t, p.Console).base
	if status, _ := s.call(http.MethodGet, "/session", nil); status != http.StatusUnauthorized {
		t.Errorf("the session of before gets %d", status)
	}
	var me struct{ MustChange, Factor bool }
	s.must(http.MethodPost, "/session", map[string]any{"name": adminName, "password": password}, http.StatusOK, &me)
	if !me.MustChange || me.Factor {
		t.Errorf("signed in as %+v", me)
	}
}
