package property

import (
	"os"
	"testing"

	"gatehouse/prove/served"
)

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
