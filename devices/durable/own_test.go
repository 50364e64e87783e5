package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/devices/durable"
)

func TestAFileThatOthersMayUseOrThatIsALinkIsNotRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "secret")
	if err := durable.Replace(path, []byte("hidden")); err != nil {
		t.Fatal(err)
	}
	if got, err := durable.ReadOwn(path); err != nil || string(got) != "hidden" {
		t.Errorf("read %q, %v", got, err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		word string
	}{{link, "not a regular file"}, {folder, "not a regular file"}} {
		if got, err := durable.ReadOwn(c.path); err == nil || !strings.Contains(err.Error(), c.word) || got != nil {
			t.Errorf("%s: read %q, %v", c.path, got, err)
		}
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o666, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got, err := durable.ReadOwn(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) || got != nil {
			t.Errorf("mode %04o: read %q, %v", mode, got, err)
		}
	}
	if _, err := durable.ReadOwn(filepath.Join(folder, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
}

func TestWhatACrashLeftIsSweptAndNothingElse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	kept := filepath.Join(folder, "kept")
	if err := durable.Replace(kept, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	if _, err := durable.Temporary(folder, []byte("a secret of a replacement that was cut off")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(kept, filepath.Join(folder, ".new-link")); err != nil { // the link goes, not what it points at
		t.Fatal(err)
	}
	if err := durable.Sweep(folder); err != nil {
		t.Fatal(err)
	}
	alone(t, folder, "kept")
	if got, err := os.ReadFile(kept); err != nil || string(got) != "kept" {
		t.Errorf("kept is %q, %v", got, err)
	}
	if err := durable.Sweep(filepath.Join(folder, "nowhere")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}
