package served

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Mosquitto starts Mosquitto, another broker, as a second opinion: it lets
// everybody in unless lines, of its configuration, say otherwise. It ends with the
// test. A machine without it has the test skipped: on Debian its package starts a
// service on MQTT's port, so it is nothing to install by the way.
func Mosquitto(t testing.TB, lines ...string) (address, version string) {
	t.Helper()
	path := mosquittoPath(t)
	port := FreePort(t)
	address = net.JoinHostPort("127.0.0.1", port)
	lines = append([]string{"listener " + port + " 127.0.0.1", "allow_anonymous true", "persistence false", "set_tcp_nodelay true"}, lines...)
	if os.Getuid() == 0 {
		lines = append(lines, "user root") // the test's folder is root's
	}
	conf := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(conf, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := &Output{}
	cmd := exec.Command(path, "-c", conf) //nolint:gosec // found above
	cmd.Stderr = said
	cmd.SysProcAttr = endsWithParent()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	if err := listens(address, ended); err != nil {
		t.Fatalf("mosquitto: %v: %s", err, said)
	}
	return address, mosquittoVersion(path)
}

// FreePort gives a port that nobody listened on a moment ago: for programs that
// cannot be told to take any.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func mosquittoPath(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("mosquitto"); err == nil {
		return path
	}
	const debian = "/usr/sbin/mosquitto" // not in everybody's PATH
	if _, err := os.Stat(debian); err != nil {
		t.Skip("mosquitto is not there: install it to have this compared with it")
	}
	return debian
}

// mosquittoVersion is like 2.0.11.
func mosquittoVersion(path string) string {
	out, _ := exec.Command(path, "-h").Output() //nolint:noctx // its exit code is not 0
	first, _, _ := bytes.Cut(out, []byte("\n"))
	return strings.TrimPrefix(string(first), "mosquitto version ")
}

// listens waits until something does, or has ended.
func listens(address string, ended <-chan struct{}) error {
	for end := time.Now().Add(Patience); ; {
		nc, err := net.DialTimeout("tcp", address, Patience)
		if err == nil {
			return nc.Close()
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended")
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("it does not listen: %w", err)
		}
	}
}
