package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/paho"
)

// lone is a broker that runs alone in this process.
type lone struct {
	line string              // behind "ready"
	told map[string][]string // addresses by the name of the door
	stop func() int          // ends it and gives the exit code
}

// runAlone runs "server broker" with the arguments, and ends it with the test.
func runAlone(t *testing.T, args ...string) lone {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, w := io.Pipe()
	ended := make(chan struct{})
	var code int
	go func() {
		defer close(ended)
		code = run(ctx, append([]string{"broker"}, args...), w, t.Output())
		_ = w.Close()
	}()
	a := lone{told: map[string][]string{}, stop: func() int { cancel(); <-ended; return code }}
	t.Cleanup(func() { a.stop() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		<-ended
		t.Fatalf("not ready: exit code %d", code)
	}
	a.line = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	for pair := range strings.FieldsSeq(a.line) {
		name, address, _ := strings.Cut(pair, "=")
		a.told[name] = append(a.told[name], address)
	}
	return a
}

// runStandalone is runAlone on TCP and gives its address.
func runStandalone(t *testing.T, args ...string) (address string, stop func() int) {
	t.Helper()
	a := runAlone(t, append([]string{"--tcp", "127.0.0.1:0"}, args...)...)
	return a.told["mqtt"][0], a.stop
}

func TestTheBrokerRunsAlone(t *testing.T) {
	t.Parallel()
	address, stop := runStandalone(t, "--anonymous")
	f, _, err := dial(t, address, connect("any id at all", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if r := f.ask("#"); r > 2 {
		t.Fatalf("subscribe: %#x", r)
	}
	if r, err := f.send("a/b", 1, false, []byte("x")); err != nil || r != 0 {
		t.Fatalf("publish: %#x, %v", r, err)
	}
	f.next("its own message", func(m *paho.Publish) bool { return m.Topic == "a/b" })
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestTheBrokerAloneKeepsWhatIsInItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		address, stop := runStandalone(t, "--anonymous", "--data", dir)
		f, _, err := dial(t, address, connect("c", "", ""))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := f.send("kept", 1, true, []byte("x")); err != nil || r != 0 {
			t.Fatalf("publish: %#x, %v", r, err)
		}
		if code := stop(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
	address, stop := runStandalone(t, "--anonymous", "--data", dir)
	f, _, err := dial(t, address, connect("c", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	f.ask("kept")
	f.next("the retained message", func(m *paho.Publish) bool { return m.Topic == "kept" && m.Retain })
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
