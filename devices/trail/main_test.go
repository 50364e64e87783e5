package trail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/trail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	dataKey = make([]byte, 32)
	guard   = devices.Actor{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳", Address: "192.0.2.7", Session: "0123456789abcdef"}
	began   = time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
)

// house is a trail in a real database, with a clock that the test moves.
type house struct {
	t       *testing.T
	dir     string
	db      *db.DB
	service *trail.Service

	mu  sync.Mutex
	now time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), now: began}
	h.start()
	return h
}

// start opens the database and the service, as a server does.
func (h *house) start() {
	h.t.Helper()
	var err error
	h.db, err = db.Open(context.Background(), db.Options{Dir: h.dir, DataKey: dataKey})
	h.must(err)
	h.t.Cleanup(h.stop)
	h.service, err = trail.New(trail.Deps{Store: h.db.Trail(), Dir: h.dir, Now: h.clock})
	h.must(err)
	h.must(h.service.Load(context.Background()))
}

// stop closes the database, if it is open.
func (h *house) stop() {
	if h.db != nil {
		h.must(h.db.Close())
		h.db = nil
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write adds some rows, by a person and by a schedule in turn.
func (h *house) write(n int) {
	h.t.Helper()
	for i := range n {
		a := guard
		if i%2 == 1 {
			a = devices.Actor{Kind: devices.ActorSchedule, ID: "s1", Name: "夜间"}
		}
		h.must(h.db.Trail().Add(context.Background(), devices.Audited(h.clock(), a, "device.command", "site-1", fmt.Sprintf("device:g%d", i%7), map[string]any{"action": "open", "n": i})))
	}
}

func (h *house) verify(heads ...trail.Named) (trail.Report, error) {
	h.t.Helper()
	kept, err := trail.ReadHeads(filepath.Join(h.dir, trail.HeadsDir))
	if err != nil {
		return trail.Report{}, err
	}
	return trail.Verify(context.Background(), h.db.Trail(), append(kept, heads...), nil)
}

// broken is the row that a verification stops at, and what it says.
func (h *house) broken(heads ...trail.Named) *trail.Broken {
	h.t.Helper()
	_, err := h.verify(heads...)
	var b *trail.Broken
	if !errors.As(err, &b) {
		h.t.Fatalf("verified with %v, want it broken", err)
	}
	return b
}

func (h *house) turn() {
	h.t.Helper()
	h.must(h.service.Turn(context.Background()))
}

func (h *house) head(name string) trail.Named {
	h.t.Helper()
	head, err := h.service.Head(context.Background())
	h.must(err)
	return trail.Named{Head: head, Name: name}
}

func (h *house) rows(q trail.Query) []devices.AuditRow {
	h.t.Helper()
	rows, err := h.service.Search(context.Background(), q)
	h.must(err)
	return rows
}

func (h *house) status() trail.Status {
	h.t.Helper()
	st, err := h.service.Status(context.Background())
	h.must(err)
	return st
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not say %q", text, p)
		}
	}
}

func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
