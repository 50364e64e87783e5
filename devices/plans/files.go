package plans

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gatehouse/devices/durable"
)

// files keeps pictures under the name of their SHA-256.
type files struct{ dir string }

// newFiles makes the folder and clears half-written files of an earlier run out of it.
func newFiles(dir string) (files, error) {
	tmp := filepath.Join(dir, "tmp")
	if err := os.RemoveAll(tmp); err != nil {
		return files{}, fmt.Errorf("plans: %w", err)
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return files{}, fmt.Errorf("plans: %w", err)
	}
	return files{dir: dir}, nil
}

func (f files) path(p Picture) string {
	return filepath.Join(f.dir, hex.EncodeToString(p.Hash[:])+"."+string(p.Format))
}

// put makes the bytes of a picture durable: temporary file, fsync, rename, fsync of the folder.
func (f files) put(p Picture, data []byte) error {
	path := f.path(p)
	if info, err := os.Stat(path); err == nil && info.Size() == p.Size {
		// An end of the program may have come between its name and the sync of that.
		return durable.SyncFolder(f.dir)
	}
	tmp, err := durable.Temporary(filepath.Join(f.dir, "tmp"), data)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return durable.SyncFolder(f.dir)
}

func (f files) open(p Picture) (*os.File, error) { return os.Open(f.path(p)) }

// remove removes the file of a picture, if it is there.
func (f files) remove(p Picture) error {
	if err := os.Remove(f.path(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
