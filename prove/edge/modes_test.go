package edge

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// TestEveryFileIsItsOwnersOnly runs the server with a umask that forbids nothing, among
// links that somebody has planted.
func TestEveryFileIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir, elsewhere := filepath.Join(t.TempDir(), "data"), t.TempDir()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	planted := []string{"setup-token", "tls-self-signed.pem.new", ".new-123", "devices.json", "demo-unfinished", "gatehouse.db.new"}
	for _, name := range planted {
		target := filepath.Join(elsewhere, name)
		if err := os.WriteFile(target, []byte("somebody else's"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	h := open(t, property.Options{Dir: dir, Before: []string{"/bin/sh", "-c", `umask 0; exec "$@"`, "sh"}, Args: []string{"--demo"}})
	gate := h.Device(h.Zone(h.Site("East"), "Garage"), "gate", "North")
	if c, err := gate.Connect(h.MQTT(), 5, true); err != nil {
		t.Error(err)
	} else {
		_ = c.Close()
	}
	h.Restart()
	encrypted := t.TempDir()
	served.Start(t, served.Command{
		Args: append([]string{"/bin/sh", "-c", `umask 0; exec "$@"`, "sh"}, arguments(release(t), encrypted, "--self-signed")...), Env: []string{anyMQTTS},
	})
	weak, files := 0, 0
	for _, folder := range []string{dir, encrypted} {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || path == folder {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			files++
			if mode := info.Mode(); mode&fs.ModeSymlink == 0 && mode.Perm()&0o077 != 0 {
				weak++
				t.Errorf("%s has mode %04o", path, mode.Perm())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range planted {
		if content, err := os.ReadFile(filepath.Join(elsewhere, name)); err != nil || string(content) != "somebody else's" {
			weak++
			t.Errorf("through the link %s: %q, %v", name, content, err)
		}
	}
	prove.Record(t, "files are their owner's only, under any umask, and no link leads out of the folder", "0 weak files, 0 files elsewhere changed", fmt.Sprintf("%s weak", of(weak, files+len(planted))))
}

// TestNoStartWithKeysThatOthersMayRead starts servers whose keys everybody may read, or
// whose folder everybody may write.
func TestNoStartWithKeysThatOthersMayRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	started, tried := 0, 0
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string) (env []string)
		says    string
	}{
		"data key": {func(t *testing.T, dir string) []string {
			put(t, filepath.Join(dir, "data.key"), strings.Repeat("A", 43)+"\n", 0o644)
			return nil
		}, "chmod 600"},
		"data key of a group": {func(t *testing.T, dir string) []string {
			put(t, filepath.Join(dir, "data.key"), strings.Repeat("A", 43)+"\n", 0o640)
			return nil
		}, "chmod 600"},
		"data key named by the environment": {func(t *testing.T, dir string) []string {
			path := filepath.Join(dir, "..", "key-"+filepath.Base(dir))
			put(t, path, strings.Repeat("A", 43)+"=\n", 0o644)
			return []string{"GATEHOUSE_DATA_KEY_FILE=" + path}
		}, "chmod o="},
		"key of TLS": {func(t *testing.T, _ string) []string {
			f := newFiles(t)
			if err := os.Chmod(f.key, 0o604); err != nil {
				t.Fatal(err)
			}
			return f.env()
		}, "chmod o="},
		"own certificate": {func(t *testing.T, dir string) []string {
			put(t, filepath.Join(dir, "tls-self-signed.pem"), "anything", 0o604)
			return []string{"GATEHOUSE_TLS_SELF_SIGNED=true", anyMQTTS}
		}, "chmod 600"},
		"folder": {func(t *testing.T, dir string) []string {
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			return nil
		}, "chmod o-w"},
	} {
		dir := t.TempDir()
		env := c.prepare(t, dir)
		tried++
		_, err := served.Try(t, served.Command{Args: arguments(release(t), dir), Env: env})
		if err == nil {
			started++
			t.Errorf("%s: it started", name)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	prove.Record(t, "no start with keys that others may read", "0 starts", of(started, tried)+" started")
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
