package durability

import (
	"os"
	"testing"

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

// binary is the one that GATEHOUSE_SERVER names, or one that is built once for this
// run; planted is one with named places to die at and known bugs, which is never
// shipped.
func binary(planted bool) (string, error) {
	if planted {
		return shop.Build("nomsgpack failpoints")
	}
	return shop.Release()
}

// launch says how a broker is started.
type launch struct {
	dir     string   // its data folder
	planted bool     // take the binary that has failpoints
	env     []string // besides that of the test
	before  []string // a program and its arguments that run the broker
}

// onDisk is how a broker is started on a disk, once nobody has it any more.
func onDisk(t *testing.T, d served.Disk) launch {
	t.Helper()
	return launch{dir: d.Dir(), before: d.Before(t)}
}

// server is a running broker, which can be killed, and its data folder.
type server struct {
	*served.Server
	dir string
}

// start starts a broker on dir and waits until it is ready.
func start(t *testing.T, dir string) *server {
	t.Helper()
	return run(t, launch{dir: dir})
}

// run is start with more to say.
func run(t *testing.T, l launch) *server {
	t.Helper()
	s, err := try(t, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// arguments are the program and its arguments.
func (l launch) arguments(t *testing.T) []string {
	t.Helper()
	path, err := binary(l.planted)
	if err != nil {
		t.Fatal(err)
	}
	args := append(l.before[:len(l.before):len(l.before)], path)
	return append(args, "broker", "--tcp", "127.0.0.1:0", "--anonymous", "--data", l.dir)
}

// try is run, where the broker may refuse to start or die of it: the error has what
// it said.
func try(t *testing.T, l launch) (*server, error) {
	t.Helper()
	s, err := served.Try(t, served.Command{Args: l.arguments(t), Env: l.env})
	return &server{s, l.dir}, err
}
