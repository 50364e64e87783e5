package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"gatehouse/broker"
	"gatehouse/broker/journal"
	"gatehouse/db"
	"gatehouse/devices/durable"
)

// Where the broker's sessions are, in the data folder. Earlier versions kept them in
// a database.
const (
	sessionsFolder = "sessions"
	sessionsHalf   = "sessions.new" // an import that has not come to its end
	sessionsOld    = "sessions.db"
)

// openSessions opens the broker's store in the data folder.
func openSessions(ctx context.Context, dir *dataDir, log *slog.Logger, opened *closers) (*journal.Journal, error) {
	if err := importSessions(ctx, dir, log); err != nil {
		return nil, err
	}
	j, err := journal.Open(ctx, dir.file(sessionsFolder), journal.Options{Log: log})
	if err != nil {
		return nil, err
	}
	opened.add(j.Close)
	return j, nil
}

// importSessions takes over what an earlier version left in a database. The journal
// is made whole under another name; until it has its own the old file is the truth,
// and afterwards it is removed.
func importSessions(ctx context.Context, dir *dataDir, log *slog.Logger) error {
	switch there, err := exists(dir.file(sessionsOld)); {
	case err != nil || !there:
		return err
	}
	there, err := exists(dir.file(sessionsFolder))
	if err != nil {
		return err
	}
	if !there {
		if err := buildSessions(ctx, dir, log); err != nil {
			return fmt.Errorf("%s is kept as it is: its sessions cannot be taken over into %s: %w",
				dir.file(sessionsOld), dir.file(sessionsFolder), err)
		}
		log.Info("the broker's sessions were taken over from the database of an earlier version",
			"from", dir.file(sessionsOld), "into", dir.file(sessionsFolder))
	}
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := removeIfThere(dir.file(sessionsOld + suffix)); err != nil {
			return err
		}
	}
	return durable.SyncFolder(dir.path)
}

// buildSessions makes the journal and gives it its name.
func buildSessions(ctx context.Context, dir *dataDir, log *slog.Logger) (err error) {
	half := dir.file(sessionsHalf)
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	old, err := db.OpenSessions(ctx, dir.file(sessionsOld), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	j, err := journal.Open(ctx, half, journal.Options{Log: log})
	if err != nil {
		return err
	}
	if err := errors.Join(copySessions(ctx, old, j), j.Close()); err != nil {
		return err
	}
	if err := os.Rename(half, dir.file(sessionsFolder)); err != nil {
		return err
	}
	return durable.SyncFolder(dir.path)
}

// copySessions copies one store into another, in parts. A message goes with its
// first entry, as a store asks for.
func copySessions(ctx context.Context, from, to broker.Store) error {
	const part = 10_000 // changes
	bodies := make(map[broker.MessageID]broker.Message)
	var changes []broker.Change
	err := from.Load(ctx, func(c broker.Change) error {
		switch c := c.(type) {
		case broker.PutMessage:
			bodies[c.ID] = c.Message
			return nil
		case broker.Enqueue:
			id := c.Entry.Message
			if m, first := bodies[id]; first {
				changes = append(changes, broker.PutMessage{ID: id, Message: m})
				delete(bodies, id)
			}
		}
		if changes = append(changes, c); len(changes) < part {
			return nil
		}
		err := to.Apply(ctx, changes)
		changes = changes[:0]
		return err
	})
	if err != nil {
		return err
	}
	return to.Apply(ctx, changes)
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
