// Package durable writes files that outlive a power cut whole.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace gives a file new content, for its owner only (mode 0600): a reader, and
// a start after a crash, find the old content or the new, never a part. When it
// returns nil the new content is on the disk. An error leaves the old content, but for one
// of the folder's sync: then it is open which of the two a power cut leaves.
func Replace(path string, content []byte) error {
	tmp, err := Temporary(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return SyncFolder(filepath.Dir(path))
}

// Temporary makes a file in a folder, with mode 0600 and a name that nobody has,
// and has its content on the disk. Whoever called it renames it or removes it.
func Temporary(folder string, content []byte) (path string, err error) {
	tmp, err := os.CreateTemp(folder, Half)
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", errors.Join(err, os.Remove(tmp.Name()))
	}
	return tmp.Name(), nil
}

// SyncFolder makes the names in a folder durable, where the system can: one that
// cannot sync a folder keeps them by itself.
func SyncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // a folder of the program's own, or the configuration's
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}
