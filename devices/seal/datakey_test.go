package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gatehouse/devices/seal"
)

func TestDataKeyIsMadeOnceForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "data.key")
	keys := make([][]byte, 4)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			key, err := seal.LoadKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	group.Wait()
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Errorf("keys differ: %x, %x", key, keys[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, want the key only", left)
	}
}

func TestDataKeyThatOthersMayReadIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for says, prepare := range map[string]func(path string) error{
		"chmod 600": func(path string) error {
			if _, err := seal.LoadKey(path); err != nil {
				return err
			}
			return os.Chmod(path, 0o640)
		},
		"does not hold a key": func(path string) error { return os.WriteFile(path, []byte("hello\n"), 0o600) },
		"not a regular file":  func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		path := filepath.Join(t.TempDir(), "data.key")
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		_, err := seal.LoadKey(path)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", says, err)
		}
		after, _ := os.ReadFile(path)
		if !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed", says)
		}
	}
}

func TestDataKeyInAMissingFolderIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := seal.LoadKey(filepath.Join(t.TempDir(), "none", "data.key")); err == nil {
		t.Error("no error")
	}
}
