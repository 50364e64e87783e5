package prove

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSizeIsFullOnlyWhenProving(t *testing.T) {
	t.Setenv(fullVariable, "")
	if got := Size(3, 3000); got != 3 {
		t.Errorf("short size = %d", got)
	}
	t.Setenv(fullVariable, "1")
	if got := Size(3, 3000); got != 3000 {
		t.Errorf("full size = %d", got)
	}
}

func TestSeedIsTheOneThatWasAskedFor(t *testing.T) {
	t.Setenv(seedVariable, "42")
	if got := Seed(t); got != 42 {
		t.Errorf("seed = %d", got)
	}
}

func TestSeedsDifferBetweenRuns(t *testing.T) {
	t.Setenv(seedVariable, "")
	if first, second := Seed(t), Seed(t); first == second {
		t.Error("the same seed twice")
	}
}

func TestRecordAppendsOneLinePerPromise(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	t.Setenv(outVariable, path)
	t.Setenv(seedVariable, "7")
	for _, promise := range []string{"first", "second"} {
		t.Run(promise, func(t *testing.T) { Record(t, promise, "0 lost", "0 lost | of 5") })
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2", len(lines))
	}
	var got Line
	if err := json.Unmarshal([]byte(lines[1]), &got); err != nil {
		t.Fatal(err)
	}
	want := Line{"TestRecordAppendsOneLinePerPromise/second", "second", "7", "0 lost", "0 lost | of 5", true}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
