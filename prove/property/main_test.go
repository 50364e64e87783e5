package property

import (
	"os"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// patience is how long anything may take before a test gives up. It judges
// nothing: what has a wanted time is measured.
const patience = served.Patience

// shop builds what is tested; TestMain closes it.
var shop served.Workshop

func TestMain(m *testing.M) {
	code := m.Run()
	_ = shop.Close()
	os.Exit(code)
}

// open opens a house with the release binary.
func open(t *testing.T, o Options) *House {
	t.Helper()
	path, err := shop.Release()
	if err != nil {
		t.Fatal(err)
	}
	o.Binary = path
	return Open(t, o)
}

// alone keeps other tests away from one whose figure counts.
func alone(t *testing.T) {
	t.Helper()
	if !prove.Full() {
		t.Parallel()
	}
}

// eventually waits until a fact holds.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !fact(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}
