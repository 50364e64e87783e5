package pictures

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gatehouse/devices/durable"
)

// files keeps bytes under the name of their SHA-256.
type files struct{ dir string }

func (f files) path(hash [32]byte) string {
	name := hex.EncodeToString(hash[:])
	return filepath.Join(f.dir, name[:2], name+".jpg")
}

// put makes data durable under its hash: temporary file, fsync, rename, fsync of
// the folder. A file that is there already is left alone.
func (f files) put(hash [32]byte, data []byte) error {
	path := f.path(hash)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		// An end of the program may have come between its name and the sync of that.
		return durable.SyncFolder(filepath.Dir(path))
	}
	if err := f.makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	tmp, err := durable.Temporary(filepath.Join(f.dir, "tmp"), data)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return durable.SyncFolder(filepath.Dir(path))
}

func (f files) makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return durable.SyncFolder(f.dir)
}
