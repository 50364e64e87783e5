package edge

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// guesses are names and passwords that programs come with.
var guesses = [][2]string{
	{"admin", "admin"}, {"admin", "password"}, {"admin", "public"}, {"admin", ""}, {"root", "root"}, {"root", "toor"}, {"gatehouse", "gatehouse"},
	{"guest", "guest"}, {"user", "user"}, {"mqtt", "mqtt"}, {"test", "test"}, {"demo", "demo"}, {"operator", "operator"}, {"console", "console"},
	{"administrator", "123456"}, {"admin", "123456"}, {"admin", "888888"}, {"admin", "admin123"}, {"founder", "a long enough passphrase"}, {"", ""},
}

func TestAFreshServerLetsNobodyIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := fresh(t, dir)
	c, api := nobody(t), "http://"+httpAddress(s)+"/api/v1"
	list, _ := operations(t)
	open, tried := 0, 0
	for _, o := range list {
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(o.path, "x")
		status, _, body := ask(t, c, o.method, api+path, map[bool]string{true: "{}"}[o.body != ""])
		tried++
		if o.path == "/setup" {
			continue
		}
		if status != http.StatusServiceUnavailable || !strings.Contains(body, `"setup_needed"`) {
			open++
			t.Errorf("%s %s: %d %s", o.method, o.path, status, body)
		}
	}
	in := 0
	for _, g := range guesses {
		if status, header, _ := ask(t, c, "POST", api+"/session", fmt.Sprintf(`{"name":%q,"password":%q}`, g[0], g[1])); status != http.StatusServiceUnavailable || header.Get("Set-Cookie") != "" {
			in++
		}
		for _, v := range []mqtt.Version{mqtt.V311, mqtt.V5} {
			conn, err := mqtt.Dial(s.Addr, mqtt.Options{Connect: mqtt.Connect{ClientID: "c", User: g[0], Password: g[1], Version: v}, Timeout: served.Patience})
			if err == nil {
				in++
				_ = conn.Close()
			}
		}
	}
	if in > 0 {
		t.Errorf("%d were let in", in)
	}
	listeners := listening(t, s.PID())
	want := map[string]bool{httpAddress(s): true, s.Addr: true}
	for _, l := range listeners {
		host, _, err := net.SplitHostPort(l)
		if err != nil || !net.ParseIP(host).IsLoopback() || !want[l] {
			t.Errorf("it listens on %s", l)
		}
	}
	if len(listeners) != len(want) {
		t.Errorf("it listens on %v, want %v", listeners, want)
	}
	if info, err := os.Stat(filepath.Join(dir, "setup-token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("setup-token: %v, %v", info, err)
	}
	if tokens := guessTokens(t, c, api); tokens > 0 {
		t.Errorf("%d tokens were taken", tokens)
	}
	prove.Record(t, "a fresh server lets nobody in, and listens on this machine only", "0 routes but setup, 0 of the passwords that programs come with, loopback only",
		fmt.Sprintf("%s routes open, %s passwords, listening on %s", of(open, tried), of(in, 3*len(guesses)), strings.Join(listeners, " ")))
}

// guessTokens sets up with tokens that are none, more than may be tried in a minute.
func guessTokens(t *testing.T, c *http.Client, api string) (taken int) {
	t.Helper()
	throttled := false
	for _, token := range []string{"x", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A", "admin", "setup", "%00", "AAAAA", "0", "token", "null"} {
		status, _, _ := ask(t, c, "POST", api+"/setup", fmt.Sprintf(`{"token":%q,"name":"eve","password":"a long enough passphrase"}`, token))
		switch status {
		case http.StatusCreated:
			taken++
		case http.StatusTooManyRequests:
			throttled = true
		}
	}
	if !throttled {
		t.Error("tokens may be guessed without an end")
	}
	return taken
}
