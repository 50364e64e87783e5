package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/configs"
)

func config(t *testing.T, dir string, change func(*configs.Server)) configs.Server {
	t.Helper()
	cfg := configs.DefaultServer()
	cfg.Data.Dir, cfg.HTTP.Listen, cfg.MQTT.Listen = dir, "127.0.0.1:0", "127.0.0.1:0"
	if change != nil {
		change(&cfg)
	}
	return cfg
}

// refusedWith starts a server that must not start, and checks that its one error
// names what stands in the way.
func refusedWith(t *testing.T, cfg configs.Server, words ...string) {
	t.Helper()
	_, err := tryConfig(t, cfg, false)
	if err == nil {
		t.Fatal("it started")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error does not say %q: %v", w, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
}

func TestASecondServerOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	refusedWith(t, config(t, p.Dir, nil), p.Dir, "in use", "--data")
}

func TestATakenPortIsNamedWithTheWayToChangeIt(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	refusedWith(t, config(t, dir, func(c *configs.Server) { c.HTTP.Listen = l.Addr().String() }), "http.listen", l.Addr().String(), "--http")
	refusedWith(t, config(t, dir, func(c *configs.Server) { c.MQTT.Listen = l.Addr().String() }), "mqtt.listen", l.Addr().String(), "--mqtt")
	runProgram(t, dir, false) // nothing was left half-started
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, config(t, filepath.Join(file, "data"), nil), "data.dir", "--data")
	refusedWith(t, config(t, "/proc/gatehouse", nil), "data.dir", "--data")
}

func TestADamagedDatabaseIsNamedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gatehouse.db", "sessions.db", "sessions/00000001.log"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		before := []byte(strings.Repeat("this is not a database. ", 1000))
		if err := os.WriteFile(path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		refusedWith(t, config(t, dir, nil), path)
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(before) {
			t.Errorf("%s was changed (%v)", name, err)
		}
	}
}

func TestAProxyMayBeNamedByItsAddress(t *testing.T) {
	t.Parallel()
	if _, err := tryConfig(t, config(t, t.TempDir(), func(c *configs.Server) { c.HTTP.Proxy = []string{"10.0.0.5", "10.1.0.0/16"} }), false); err != nil {
		t.Error(err)
	}
}

func TestACertificateThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	refusedWith(t, config(t, t.TempDir(), func(c *configs.Server) {
		c.MQTT.TLS.Listen, c.MQTT.TLS.Cert, c.MQTT.TLS.Key = "127.0.0.1:0", "/nowhere.pem", "/nowhere.key"
	}), "mqtt.tls", "/nowhere.pem")
}

func TestTheCommandLineAnswersBadInputWithOneLineAndAnExitCode(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"unknown flag":      {"--nonsense"},
		"unknown command":   {"nonsense"},
		"no such file":      {"--config", "/nowhere.yaml"},
		"broker for nobody": {"broker", "--tcp", "127.0.0.1:0"},
		"beyond loopback":   {"--http", "0.0.0.0:0", "--data", t.TempDir()},
		"not an address":    {"--mqtt", "1883", "--data", t.TempDir()},
		"folder in the way": {"--data", "/dev/null/x"},
	} {
		var out, errs strings.Builder
		if code := run(t.Context(), args, &out, &errs); code != 1 {
			t.Errorf("%s: exit code %d", name, code)
		}
		if !strings.HasPrefix(errs.String(), "gatehouse: ") || out.Len() > 0 {
			t.Errorf("%s: said %q and %q", name, out.String(), errs.String())
		}
	}
}
