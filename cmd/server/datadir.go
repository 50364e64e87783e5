package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"gatehouse/devices/durable"
)

// dataDir is the folder that holds everything the server keeps. It is locked
// for as long as the server runs, so that two servers never share it.
type dataDir struct {
	path string
	lock *flock.Flock
}

// dataNames are what errors call the folder, and the ways to name another one.
type dataNames struct{ name, ways string }

// openDataDir makes the folder, readable by its owner only, and locks it.
func openDataDir(path string, say dataNames) (*dataDir, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", say.name, path, err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("%s %q cannot be made: %w; name another folder with %s", say.name, abs, rootCause(err), say.ways)
	}
	if err := notEverybodys(abs); err != nil {
		return nil, fmt.Errorf("%s %q: %w; or name another folder with %s", say.name, abs, err, say.ways)
	}
	if err := writable(abs); err != nil {
		return nil, fmt.Errorf("%s %q cannot be written: %w; free it, or name another folder with %s", say.name, abs, rootCause(err), say.ways)
	}
	lock := flock.New(filepath.Join(abs, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("%s %q cannot be locked: %w", say.name, abs, rootCause(err))
	}
	if !held {
		return nil, fmt.Errorf("%s %q is in use by another running server; stop that one, or name another folder with %s", say.name, abs, say.ways)
	}
	if err := durable.Sweep(abs); err != nil {
		return nil, errors.Join(fmt.Errorf("%s %q: what a crash left cannot be removed: %w", say.name, abs, rootCause(err)), lock.Unlock())
	}
	return &dataDir{path: abs, lock: lock}, nil
}

// file names a file in the folder.
func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

// Close gives the folder up.
func (d *dataDir) Close() error { return d.lock.Unlock() }

// notEverybodys refuses a folder in which everybody on the machine may put files of
// their own in the place of the server's.
func notEverybodys(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return rootCause(err)
	}
	if mode := info.Mode().Perm(); mode&0o002 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("everybody on this machine may write there (mode %04o); run: chmod o-w %s", mode, dir)
	}
	return nil
}

// writable proves that a file can be made in dir and written: a full disk says no
// only when bytes are to be kept.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	_, werr := f.Write(make([]byte, 4096))
	serr := f.Sync()
	cerr := f.Close()
	rerr := os.Remove(f.Name())
	return errors.Join(werr, serr, cerr, rerr)
}

// rootCause drops the path that a *fs.PathError repeats.
func rootCause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// removeIfThere removes a file that may be gone already.
func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
