package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/paho"
)

// runStandalone runs "server broker" with the arguments and gives its address.
func runStandalone(t *testing.T, args ...string) (address string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"broker", "--tcp", "127.0.0.1:0"}, args...), w, t.Output())
		_ = w.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("not ready: exit code %d", <-ended)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "ready mqtt=")), func() int { cancel(); return <-ended }
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
