package latch_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/latch"
)

func TestWhatIsLatchedIsReadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fire.json")
	f, err := latch.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want := devices.Latched{
		Releases: []devices.FireReport{{ID: "f1", Site: "s1", Group: "北楼", Reason: "烟", Since: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)}},
		Triggers: []devices.FireTrigger{{Device: "d1", Event: "e1"}},
	}
	if err := f.Save(want); err != nil {
		t.Fatal(err)
	}
	again, err := latch.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestADamagedLatchIsNamedAndNeverEmpty(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", `{"Releases":7}`, `{"Unknown":1}`} {
		path := filepath.Join(t.TempDir(), "fire.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := latch.Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestAFailedSaveKeepsTheOldFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	f, err := latch.Open(filepath.Join(dir, "fire.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Save(devices.Latched{Triggers: []devices.FireTrigger{{Device: "d", Event: "e"}}}); err == nil {
		t.Error("saved into a folder that does not exist")
	}
	if got, _ := f.Load(); len(got.Triggers) != 0 {
		t.Errorf("believes that %+v is kept", got)
	}
}
