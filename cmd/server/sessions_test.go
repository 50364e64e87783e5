package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
	"gatehouse/db"
	"gatehouse/prove"
)

// oldSessions leaves the sessions of an earlier version in a new data folder.
func oldSessions(t *testing.T) (*dataDir, broker.Store) {
	t.Helper()
	dir, err := openDataDir(t.TempDir(), dataNames{})
	must(t, err)
	t.Cleanup(func() { must(t, dir.Close()) })
	old, err := db.OpenSessions(t.Context(), dir.file(sessionsOld), nil)
	must(t, err)
	h, model := storetest.NewHistory(prove.Seed(t)), broker.NewMemoryStore()
	for range 30 {
		changes := h.Next()
		must(t, old.Apply(t.Context(), changes))
		must(t, model.Apply(t.Context(), changes))
	}
	must(t, old.Close())
	return dir, model
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantSessions opens the sessions, which are to be those of want, twice.
func wantSessions(t *testing.T, dir *dataDir, want broker.Store) {
	t.Helper()
	for range 2 {
		var opened closers
		j, err := openSessions(context.Background(), dir, slog.New(slog.DiscardHandler), &opened)
		must(t, err)
		difference, err := storetest.Diff(j, want)
		must(t, err)
		if difference != "" {
			t.Errorf("-want +got\n%s", difference)
		}
		must(t, opened.close())
	}
	for _, name := range []string{sessionsOld, sessionsOld + "-wal", sessionsOld + "-shm", sessionsHalf} {
		if there, err := exists(dir.file(name)); there || err != nil {
			t.Errorf("%s is left behind (%v)", name, err)
		}
	}
}

func TestSessionsOfAnEarlierVersionAreTakenOver(t *testing.T) {
	t.Parallel()
	dir, want := oldSessions(t)
	wantSessions(t, dir, want)
}

func TestAnInterruptedTakeOverIsDoneAgain(t *testing.T) {
	t.Parallel()
	dir, want := oldSessions(t)
	half := dir.file(sessionsHalf)
	must(t, os.Mkdir(half, 0o700))
	must(t, os.WriteFile(filepath.Join(half, "00000001.log"), []byte("half"), 0o600))
	wantSessions(t, dir, want)
}

// A crash between giving the new folder its name and removing the old file.
func TestSessionsAreTakenOverOnce(t *testing.T) {
	t.Parallel()
	dir, want := oldSessions(t)
	must(t, buildSessions(t.Context(), dir, slog.New(slog.DiscardHandler)))
	must(t, os.WriteFile(dir.file(sessionsOld), []byte("it is not read again"), 0o600))
	wantSessions(t, dir, want)
}

func TestSessionsThatCannotBeReadAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	dir, want := oldSessions(t)
	good, err := os.ReadFile(dir.file(sessionsOld))
	must(t, err)
	must(t, os.WriteFile(dir.file(sessionsOld), good[:len(good)/2], 0o600))
	var opened closers
	if _, err := openSessions(t.Context(), dir, slog.New(slog.DiscardHandler), &opened); err == nil {
		t.Fatal("half a file was taken over")
	}
	if there, err := exists(dir.file(sessionsFolder)); there || err != nil {
		t.Errorf("a folder was made (%v)", err)
	}
	must(t, os.WriteFile(dir.file(sessionsOld), good, 0o600))
	wantSessions(t, dir, want)
}
