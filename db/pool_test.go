package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryConnectionHasTheSettings(t *testing.T) {
	t.Parallel()
	d, err := Open(context.Background(), Options{Dir: t.TempDir(), Readers: 50})
	ok(t, err)
	defer func() { ok(t, d.Close()) }()
	ctx := context.Background()
	held := make([]*sql.Conn, 0, 50)
	for range 50 {
		c, err := d.file.readers.Conn(ctx)
		ok(t, err)
		held = append(held, c)
		ok(t, verify(ctx, c, d.file.path, true))
		if _, err := c.ExecContext(ctx, "DELETE FROM devices"); primary(err) != sqliteReadOnly {
			t.Errorf("a reader wrote: %v", err)
		}
	}
	for _, c := range held {
		ok(t, c.Close())
	}
	ok(t, verify(ctx, d.file.conn, d.file.path, false))
}

// A file system without shared memory, such as a network one, cannot have a
// write-ahead log; SQLite's dot-file layer has none either.
func TestFileSystemWithoutWALIsRefused(t *testing.T) {
	t.Parallel()
	o := fileOptions{
		path: filepath.Join(t.TempDir(), FileName), schema: platformSchema, readers: 1,
		log: slog.New(slog.DiscardHandler), vfs: "unix-dotfile",
	}
	f, err := openFile(context.Background(), o)
	if err == nil {
		ok(t, f.close())
		t.Fatal("opened without a write-ahead log")
	}
	var e *OpenError
	if !errors.As(err, &e) || !strings.Contains(e.Problem, "write-ahead") {
		t.Errorf("error %v", err)
	}
}

func TestPathsWithOddCharactersWork(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?c#d%20e&_synchronous=OFF.db")
	s, err := OpenSessions(context.Background(), path, nil)
	ok(t, err)
	ok(t, verify(context.Background(), s.file.conn, path, false))
	ok(t, s.Close())
}
