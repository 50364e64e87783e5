package web

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/backup"
)

// vault has two backups, of which the newer is encrypted, and makes a third when it is asked.
type vault struct {
	dir     string
	running *backup.Running
	taken   string // by whom
	content string // of the newer one
}

func (v *vault) Policy() backup.Policy {
	return backup.Policy{At: 3 * 60, Dir: "/backups", Keep: 14, Encrypted: true}
}

func (v *vault) Status() backup.Status {
	return backup.Status{
		Running: v.running, Next: noon, Failed: &backup.Failed{At: noon, Why: "the disk is full"},
		Backups: []backup.Backup{{Name: "b.tar.gz.age", Made: noon, Size: 7, Encrypted: true}, {Name: "a.tar.gz", Made: noon, Size: 9}},
	}
}

func (v *vault) Start(by devices.Actor) error {
	if v.running != nil {
		return refusal(devices.Conflict, "", "a backup is being made; wait for its end")
	}
	v.running = &backup.Running{Began: noon, By: by, Step: backup.Packing, Done: 5, Total: 10}
	return nil
}

func (v *vault) Open(_ context.Context, by devices.Actor, name string) (*os.File, backup.Backup, error) {
	if name != "b.tar.gz.age" {
		return nil, backup.Backup{}, refusal(devices.Conflict, "", "a backup that is not encrypted is not given out")
	}
	v.taken = by.Name
	path := filepath.Join(v.dir, name)
	if err := os.WriteFile(path, []byte(v.content), 0o600); err != nil {
		return nil, backup.Backup{}, err
	}
	f, err := os.Open(path)
	return f, backup.Backup{Name: name, Size: 7, Encrypted: true}, err
}

func TestBackupsAreSeenMadeAndTakenByThoseWhoRunTheServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.vault.dir, h.vault.content = t.TempDir(), "sealed!"
	const kept = `"at":"03:00","folder":"/backups","keep":14,"encrypted":true,"pictures":false,"sameDisk":null,
		"failed":{"at":"2026-11-21T12:00:00Z","why":"the disk is full"},"next":"2026-11-21T12:00:00Z","unread":"",
		"backups":[{"name":"b.tar.gz.age","made":"2026-11-21T12:00:00Z","bytes":7,"encrypted":true},{"name":"a.tar.gz","made":"2026-11-21T12:00:00Z","bytes":9,"encrypted":false}]`
	h.admin("GET", "/system/backups", "").is(200, `{"running":null,`+kept+`}`)
	h.admin("POST", "/system/backups", "").is(202, `{"running":{"began":"2026-11-21T12:00:00Z","by":"Wang","step":"packing","done":5,"total":10},`+kept+`}`)
	h.admin("POST", "/system/backups", "").problem(409, "conflict")
	got := h.admin("GET", "/system/backups/b.tar.gz.age", "")
	if got.status != 200 || got.body != "sealed!" || got.header.Get("Content-Disposition") != `attachment; filename="b.tar.gz.age"` || h.vault.taken == "" {
		t.Errorf("%d %q, taken by %q: %v", got.status, got.body, h.vault.taken, got.header)
	}
	h.admin("GET", "/system/backups/a.tar.gz", "").problem(409, "conflict")
	table := accessTable()
	for _, r := range []route{at("GET", "/system/backups"), at("POST", "/system/backups"), at("GET", "/system/backups/:name")} {
		if rule := table[r]; rule.who != needsVerb || rule.verb != devices.ManageBroker {
			t.Errorf("%v: %+v", r, rule)
		}
	}
}

func TestABackupMayTakeLongerOnItsWayThanOtherAnswers(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("sealed! ", 1<<17)
	slow := func(d *Deps) { d.Backups = &vault{dir: t.TempDir(), content: content} }
	running(t, slow, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		r := send(t, c, "GET /api/v1/system/backups/b.tar.gz.age HTTP/1.1\r\nHost: gate:8080\r\nCookie: gatehouse=session-administrator\r\n\r\n")
		defer r.Body.Close()
		half := make([]byte, len(content)/2)
		if _, err := io.ReadFull(r.Body, half); err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %v", r.StatusCode, err)
		}
		time.Sleep(10 * writeTimeout) // of the fake clock
		rest, err := io.ReadAll(r.Body)
		if err != nil || string(half)+string(rest) != content {
			t.Errorf("%d of %d bytes came: %v", len(half)+len(rest), len(content), err)
		}
	})
}
