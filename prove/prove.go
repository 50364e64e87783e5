package prove

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// The environment that make prove sets.
const (
	fullVariable = "GATEHOUSE_PROVE"     // not empty: full size
	seedVariable = "GATEHOUSE_SEED"      // a number: every test uses this seed
	outVariable  = "GATEHOUSE_PROVE_OUT" // path of the file that Record appends to
)

// Full reports whether tests run at full size.
func Full() bool { return os.Getenv(fullVariable) != "" }

// Size is full when tests run at full size, otherwise short.
func Size(short, full int) int {
	if Full() {
		return full
	}
	return short
}

// Seed is the seed for a randomised test: that of GATEHOUSE_SEED if it is set,
// otherwise a new one. It is logged, so that a failure can be repeated.
func Seed(t testing.TB) int64 {
	t.Helper()
	seed := rand.Int64() //nolint:gosec // a test's seed is no secret
	if text := os.Getenv(seedVariable); text != "" {
		given, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("%s=%q: want a whole number", seedVariable, text)
		}
		seed = given
	}
	t.Logf("seed %d (repeat with %s=%d)", seed, seedVariable, seed)
	return seed
}

// Line is one line of the file that Record writes.
type Line struct {
	Test     string `json:"test"`
	Promise  string `json:"promise"`
	Seed     string `json:"seed"` // of GATEHOUSE_SEED; empty: each test made its own
	Wanted   string `json:"wanted"`
	Measured string `json:"measured"`
	Passed   bool   `json:"passed"`
}

// Record notes what was promised, what was wanted and what was measured, when
// the test ends: in the log and, if GATEHOUSE_PROVE_OUT names a file, there as
// one JSON line, with whether the test passed.
func Record(t testing.TB, promise, wanted, measured string) {
	t.Helper()
	t.Logf("%s: wanted %s, measured %s", promise, wanted, measured)
	path := os.Getenv(outVariable)
	if path == "" {
		return
	}
	t.Cleanup(func() {
		line := Line{t.Name(), promise, os.Getenv(seedVariable), wanted, measured, !t.Failed()}
		if err := appendLine(path, line); err != nil {
			t.Errorf("%s: %v", outVariable, err)
		}
	})
}

// appendLine writes the line with one write, so that lines of several test
// programs never mix.
func appendLine(path string, line Line) error {
	content, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // whoever runs the tests names the file
	if err != nil {
		return err
	}
	if _, err := f.Write(append(content, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
