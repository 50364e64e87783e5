package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/devices/backup"
)

// backUp has a backup made and gives its file.
func (s *staff) backUp(dir string) string {
	s.t.Helper()
	s.must(http.MethodPost, "/system/backups", nil, http.StatusAccepted, nil)
	var seen struct {
		Running, Failed *struct{ Why string }
		Backups         []struct{ Name string }
	}
	eventually(s.t, "the backup is made", func() bool {
		s.get("/system/backups", &seen)
		return seen.Running == nil
	})
	if seen.Failed != nil || len(seen.Backups) == 0 {
		s.t.Fatalf("no backup was made: %+v", seen)
	}
	return filepath.Join(dir, "backups", seen.Backups[0].Name)
}

// held are the layers by which people hold something open.
func (s *staff) held() (all []string) {
	s.t.Helper()
	var seen struct {
		Layers []struct{ Layer, Mode string }
	}
	s.get("/layers", &seen)
	for _, l := range seen.Layers {
		if l.Layer == "hold" && l.Mode == "held_open" {
			all = append(all, l.Layer)
		}
	}
	return all
}

// restoring runs the command.
func restoring(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"restore"}, args...), &out, &errs)
	return code, out.String() + errs.String()
}

func TestAPropertyGoesOnFromItsBackup(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), true)
	s := signUp(t, p)
	d, key := s.enrol("gate")
	connectGate(t, p.MQTT, key)
	eventually(t, "the gate is online", func() bool { return s.device(d.ID).Link.Status == "online" })
	if c := s.outcome(s.order(d.ID, "open")); c.Step != "confirmed" {
		t.Fatalf("before the backup: %s", c.Step)
	}
	hold := func(who *staff, action string) {
		who.must(http.MethodPost, "/layers", map[string]any{"action": action, "device": d.ID, "reason": "removal van"}, http.StatusOK, nil)
	}
	hold(s, "hold_open")
	if held := s.held(); len(held) != 1 {
		t.Fatalf("held open: %v", held)
	}
	file := s.backUp(p.Dir)
	hold(s, "release") // what happens from here on is not in it
	s.must(http.MethodPost, "/sites", map[string]any{"name": "Built later", "timeZone": "UTC"}, http.StatusCreated, nil)
	var before seenSnapshot
	s.get("/live/snapshot", &before)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(t.TempDir(), "restored")
	// What an end in the middle of a restore leaves is in nobody's way.
	must(t, os.MkdirAll(dir+".restoring", 0o700))
	must(t, os.WriteFile(filepath.Join(dir+".restoring", "gatehouse.db"), []byte("half"), 0o600))
	if code, said := restoring(t, file, "--data", dir); code != 0 || !strings.Contains(said, "restored into "+dir) {
		t.Fatalf("restore: %d %s", code, said)
	}
	if left, _ := filepath.Glob(dir + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := verifyAudit(t.Context(), dir, nil); err != nil {
		t.Errorf("the restored audit trail: %v", err)
	}
	r := runProgram(t, dir, false)
	old := *s
	old.base = newStaff(t, r.Console).base
	if code, _ := old.call(http.MethodGet, "/live/snapshot", nil); code != http.StatusUnauthorized {
		t.Errorf("a session of before: %d", code)
	}
	s = signIn(t, r)
	var after seenSnapshot
	s.get("/live/snapshot", &after)
	if len(after.Devices) != len(before.Devices) || len(after.Sites) != len(before.Sites)-1 {
		t.Errorf("%d devices at %d sites, want %d at %d", len(after.Devices), len(after.Sites), len(before.Devices), len(before.Sites)-1)
	}
	if held := s.held(); len(held) != 0 {
		t.Errorf("still held open: %v", held)
	}
	connectGate(t, r.MQTT, key)
	eventually(t, "the gate is online", func() bool { return s.device(d.ID).Link.Status == "online" })
	if c := s.outcome(s.order(d.ID, "open")); c.Step != "confirmed" {
		t.Errorf("after the restore: %s", c.Step)
	}
	var drawn struct{ Plans []struct{ ID string } }
	s.get("/plans", &drawn)
	for _, plan := range drawn.Plans {
		if code, _ := s.call(http.MethodGet, "/plans/"+plan.ID+"/picture", nil); code != http.StatusOK {
			t.Errorf("the picture of a plan: %d", code)
		}
	}
	var trail struct {
		Entries []struct{ Verb, Object string }
	}
	s.get("/audit?verb=backup.restore", &trail)
	if len(trail.Entries) != 1 || trail.Entries[0].Object != "backup:"+filepath.Base(file) {
		t.Errorf("the trail tells of %+v", trail.Entries)
	}
}

func TestARestoreTouchesNothingThatIsThere(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	file := signUp(t, p).backUp(p.Dir)
	if code, said := restoring(t, file, "--data", p.Dir); code != 1 || !strings.Contains(said, "is not empty") || !strings.Contains(said, "--data") {
		t.Errorf("into a folder in use: %d %s", code, said)
	}
	if code, said := restoring(t, file, "--check"); code != 0 || !strings.HasPrefix(said, "whole: backup of ") {
		t.Errorf("check: %d %s", code, said)
	}
	whole, err := os.ReadFile(file)
	must(t, err)
	cut := filepath.Join(t.TempDir(), filepath.Base(file))
	must(t, os.WriteFile(cut, whole[:len(whole)-100], 0o600))
	dir := filepath.Join(t.TempDir(), "restored")
	for _, args := range [][]string{{cut, "--data", dir}, {cut, "--check"}, {filepath.Join(dir, "none.tar.gz"), "--data", dir}} {
		if code, said := restoring(t, args...); code != 1 || strings.Count(said, "\n") != 1 {
			t.Errorf("%v: %d %s", args, code, said)
		}
	}
	if left, _ := filepath.Glob(dir + "*"); len(left) != 0 {
		t.Errorf("a restore that failed left %v", left)
	}
}

func TestAMissingBackupIsSaidWhenSomebodyIsNeeded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) []backup.Backup { return []backup.Backup{{Made: now.Add(-d)}} }
	const day = 24 * time.Hour
	for _, c := range []struct {
		status     backup.Status
		up         time.Duration // since the start
		state, why string
	}{
		{backup.Status{Next: now, Backups: ago(day)}, 30 * day, "ok", "made"},
		{backup.Status{Next: now, Backups: ago(3 * day)}, day, "warn", "old"},
		{backup.Status{Backups: ago(day)}, day, "ok", "made"},
		{backup.Status{Next: now}, day, "ok", "never"},
		{backup.Status{Next: now}, 3 * day, "warn", "never"},
		{backup.Status{}, day, "warn", "off"},
		{backup.Status{Next: now, Backups: ago(day), Failed: &backup.Failed{Why: "no room"}}, day, "bad", "failed"},
		{backup.Status{Next: now, Unread: "no such disk"}, day, "bad", "failed"},
	} {
		s := &system{backups: func() backup.Status { return c.status }, now: func() time.Time { return now }, began: now.Add(-c.up)}
		if p := s.backupPart(); p.State != c.state || p.Why != c.why {
			t.Errorf("%+v: %s, %s; want %s, %s", c.status, p.State, p.Why, c.state, c.why)
		}
	}
}
