package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gatehouse/devices/durable"
)

// LoadKey reads the server's data key, 32 bytes in base64url on one line, and
// makes the file, for its owner only, if it is absent. It refuses a file that
// others may read and one that holds no key: a new key would make every sealed
// command key useless.
func LoadKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("data key: %s is not a regular file", path)
	}
	if err := durable.OwnersOnly(path, info); err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the path is the configuration's
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != KeySize {
		return nil, fmt.Errorf("data key: %s does not hold a key (32 bytes in base64url); put the right file back from a backup", path)
	}
	return key, nil
}

// makeKey makes the file appear whole or not at all.
func makeKey(path string) (_ []byte, err error) {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	tmp, err := durable.Temporary(filepath.Dir(path), []byte(base64.RawURLEncoding.EncodeToString(key)+"\n"))
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	defer func() { err = errors.Join(err, removeIfThere(tmp)) }()
	// A link fails if somebody else was faster: theirs is the key then.
	err = os.Link(tmp, path)
	if errors.Is(err, fs.ErrExist) {
		return LoadKey(path)
	}
	if err != nil { // a file system without links
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	if err := durable.SyncFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return key, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
