package property

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

// fastVariable is what only a server that is built with the tag fastclock reads.
const fastVariable = "GATEHOUSE_FASTCLOCK"

// fastClock is a clock by which timetables and timed commands are due: it runs at a multiple of
// the machine's.
type fastClock struct {
	since, shown time.Time
	multiple     int64
}

// environment is what the server is told of it.
func (c fastClock) environment() string {
	return fmt.Sprintf("%s=%d %d %d", fastVariable, c.since.UnixMilli(), c.shown.UnixMilli(), c.multiple)
}

func (c fastClock) now() time.Time {
	return c.shown.Add(time.Since(c.since) * time.Duration(c.multiple)).UTC()
}

// openFast opens a house whose timetables and timed commands go by a fast clock.
func openFast(t *testing.T, c fastClock) *House {
	t.Helper()
	path, err := shop.Build("nomsgpack fastclock")
	if err != nil {
		t.Fatal(err)
	}
	return Open(t, Options{Binary: path, Env: []string{c.environment()}})
}

func TestTheFastClockIsInNoShippedBinary(t *testing.T) {
	t.Parallel()
	release, err := shop.Release()
	if err != nil {
		t.Fatal(err)
	}
	fast, err := shop.Build("nomsgpack fastclock")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{release: false, fast: true} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(content, []byte(fastVariable)); got != want {
			t.Errorf("%s knows of %s: %v, want %v", path, fastVariable, got, want)
		}
	}
}
