package mqtttest

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets many tests wait at the same time: some wait for a second that a
// server counts.
func TestMain(m *testing.M) {
	flag.Parse()
	const many = "64"
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", many) // the flag is known and takes numbers
	}
	os.Exit(m.Run())
}
