package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices/durable"
)

// fileOptions says which file to open and what is to be in it.
type fileOptions struct {
	path    string
	schema  schema
	readers int
	log     *slog.Logger
	vfs     string        // SQLite's layer to the system; empty: its default
	budget  time.Duration // of the integrity check at start; 0: checkBudget
}

// file is one open SQLite file: one connection that writes, several that only
// read.
type file struct {
	path    string
	log     *slog.Logger
	pool    *sql.DB   // of the one writing connection
	conn    *sql.Conn // that connection
	write   *gorm.DB  // gorm on conn; used by one goroutine
	readers *sql.DB
	read    *gorm.DB
	failed  chan error
	reads   reads

	stopCheck context.CancelFunc
	checks    sync.WaitGroup
}

// openFile opens or creates a file, verifies how it is opened, migrates and
// checks it. After an error nothing is left open.
func openFile(ctx context.Context, o fileOptions) (_ *file, err error) {
	if o.path, err = filepath.Abs(o.path); err != nil {
		return nil, openError(o.path, err)
	}
	if err := prepare(ctx, o); err != nil {
		return nil, openError(o.path, err)
	}
	f := &file{path: o.path, log: o.log, failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = openError(o.path, errors.Join(err, f.close()))
		}
	}()
	if err := f.openWriter(ctx, o); err != nil {
		return nil, err
	}
	checked, err := f.check(ctx, o.budget)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, f.write, o); err != nil {
		return nil, err
	}
	if err := f.openReaders(ctx, o); err != nil {
		return nil, err
	}
	if !checked {
		f.checkBehind()
	}
	return f, nil
}

// prepare makes a new file whole under another name and then gives it its own: a
// file that exists under its own name was complete once, so an empty one is
// damage and never silently a new start.
func prepare(ctx context.Context, o fileOptions) error {
	info, err := os.Stat(o.path)
	switch {
	case err == nil && info.IsDir():
		return &OpenError{Path: o.path, Problem: "it is a folder", Remedy: "move the folder away"}
	case err == nil && info.Size() == 0:
		return &OpenError{Path: o.path, Problem: "it is empty: it was cut off", Remedy: remedyRestore}
	case err == nil:
		return probeWritable(o.path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	fresh := o
	fresh.path = o.path + ".new"
	if err := removeAll(fresh.path); err != nil {
		return err
	}
	if err := create(ctx, fresh); err != nil {
		return errors.Join(err, removeAll(fresh.path))
	}
	if err := os.Rename(fresh.path, o.path); err != nil {
		return err
	}
	return durable.SyncFolder(filepath.Dir(o.path))
}

// create makes a file with the whole schema, readable by its owner only, and
// closes it again.
func create(ctx context.Context, o fileOptions) (err error) {
	h, err := os.OpenFile(o.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := h.Close(); err != nil {
		return err
	}
	f := &file{path: o.path}
	defer func() { err = errors.Join(err, f.close()) }()
	if err := f.openWriter(ctx, o); err != nil {
		return err
	}
	return migrate(ctx, f.write, o)
}

// probeWritable says no to a file that may only be read: SQLite would open it
// for reading and fail at the first write.
func probeWritable(path string) error {
	h, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the database that the configuration names
	if err != nil {
		return err
	}
	return h.Close()
}

// removeAll removes what an interrupted creation left: the file and the two that
// SQLite keeps beside it.
func removeAll(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// fail reports a fatal error once.
func (f *file) fail(err error) {
	select {
	case f.failed <- openError(f.path, err):
	default:
	}
}

// close ends the background check and closes what is open; the last connection
// to go moves the log into the database.
func (f *file) close() error {
	if f.stopCheck != nil {
		f.stopCheck()
	}
	f.checks.Wait()
	var errs []error
	if f.readers != nil {
		errs = append(errs, f.readers.Close())
	}
	if f.conn != nil {
		errs = append(errs, f.conn.Close())
	}
	if f.pool != nil {
		errs = append(errs, f.pool.Close())
	}
	return errors.Join(errs...)
}
