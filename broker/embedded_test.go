package broker_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/prove/mqtt"
)

// inExample runs go in the module of the example, with the go.mod that it has.
func inExample(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = "example", append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s in broker/example: %v (go mod tidy there mends its go.mod): %s", strings.Join(args, " "), err, out)
	}
}

func TestAProgramOfAnotherModuleHasTheBrokerInside(t *testing.T) {
	t.Parallel()
	const patience = 20 * time.Second
	path := filepath.Join(t.TempDir(), "example")
	inExample(t, "vet", ".")
	inExample(t, "build", "-o", path, ".")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "127.0.0.1:0")
	cmd.Stderr = t.Output()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewScanner(pipe)
	says := func(prefix string) (rest string) {
		t.Helper()
		out.Scan()
		rest, ok := strings.CutPrefix(out.Text(), prefix)
		if !ok {
			t.Fatalf("%q is expected, the example says %q", prefix, out.Text())
		}
		return rest
	}
	address := says("clients may come to ")
	c, err := mqtt.Dial(address, mqtt.Options{Connect: mqtt.Connect{ClientID: "g", User: "gate", Password: "secret"}, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Cut()
	c.Publish(mqtt.Publish{Topic: []byte("gates/7"), Payload: []byte("open"), QoS: 1, ID: 1})
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Expect(mqtt.PUBACK); err != nil {
		t.Error(err)
	}
	says("g says on gates/7: open")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the example ends with %v", err)
	}
}
