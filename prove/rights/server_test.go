package rights

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// patience is how long anything may take before a test gives up. It judges
// nothing: what has a wanted time is measured.
const patience = served.Patience

// shop builds the release binary; TestMain closes it.
var shop served.Workshop

func TestMain(m *testing.M) {
	if spec := os.Getenv(childVariable); spec != "" {
		if err := serveEmbedded(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	_ = shop.Close()
	os.Exit(code)
}

// stranger is a user that every server lets in for the end of a test.
const stranger = "stranger"

var versions = []mqtt.Version{mqtt.V311, mqtt.V5}

// server is a broker that is tried. It may be restarted.
type server struct {
	*served.Server
	t     *testing.T
	start func() *served.Server
	rules map[string]rule // of an embedded one
}

// release starts the release binary, the broker alone, with users whose passwords
// are their names. Lines are its access control list; none: everybody may do
// everything.
func release(t *testing.T, users, lines []string, more ...string) *server {
	t.Helper()
	path, err := shop.Release()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{path, "broker", "--tcp", "127.0.0.1:0", "--user", stranger + ":" + stranger}, more...)
	for _, u := range users {
		args = append(args, "--user", u+":"+u)
	}
	if lines != nil {
		acl := filepath.Join(t.TempDir(), "acl")
		writeACL(t, acl, lines)
		args = append(args, "--acl", acl)
	}
	return tried(t, &server{t: t, start: func() *served.Server { return served.Start(t, served.Command{Args: args}) }})
}

// writeACL writes an access control list, in which the stranger may do everything
// below its name.
func writeACL(t *testing.T, path string, lines []string) {
	t.Helper()
	text := strings.Join(append(lines, "user "+stranger, "topic readwrite "+stranger+"/#", ""), "\n")
	next := path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

// embed starts a program that embeds the broker.
func embed(t *testing.T, e embedded) *server {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, rules: map[string]rule{stranger: {Publish: []string{stranger + "/#"}, Read: []string{stranger + "/#"}}}}
	for name, r := range e.Rules {
		s.rules[name] = r
	}
	s.start = func() *served.Server {
		e.Rules = s.rules
		spec, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return served.Start(t, served.Command{Args: []string{self}, Env: []string{childVariable + "=" + string(spec)}})
	}
	return tried(t, s)
}

// tried starts a server, and has the end of the test prove that it is unharmed.
func tried(t *testing.T, s *server) *server {
	t.Helper()
	s.begin()
	return s
}

// begin starts the process. Its check has to come before the end of the process,
// which the start had cleaned up.
func (s *server) begin() {
	s.t.Helper()
	now := s.start()
	s.Server = now
	s.t.Cleanup(func() {
		if s.Server == now && !s.t.Failed() {
			s.unharmed()
		}
	})
}

// restart kills the process, as a power cut does, and starts it again.
func (s *server) restart() {
	s.t.Helper()
	s.Kill()
	s.begin()
}

// unharmed: a stranger connects, publishes and receives; the process lives and has
// not said that it panicked or raced.
func (s *server) unharmed() {
	s.t.Helper()
	began := time.Now()
	c := s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: stranger}, stranger)
	c.subscribed(1, stranger+"/#")
	if code := c.publish(stranger+"/visit", "x", 1, false); code != 0 {
		s.t.Errorf("afterwards a stranger may not publish: %#x", code)
	}
	c.await("the stranger's message", func() bool { return len(c.got) > 0 })
	took := time.Since(began)
	if s.t.Logf("a stranger was served in %s", took.Round(time.Millisecond)); prove.Full() && took > time.Second {
		s.t.Errorf("a stranger was served in %s, want 1 s", took)
	}
	if !s.Alive() {
		s.t.Error("the process has ended")
	}
	said := s.Stderr.String()
	for _, word := range []string{"panic", "DATA RACE", "fatal error"} {
		if strings.Contains(said, word) {
			s.t.Errorf("the server said %q: %s", word, said)
		}
	}
}

// hangup has the release binary read its files again.
func (s *server) hangup() {
	s.t.Helper()
	if err := s.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
}

// order has an embedded broker do something; it is done when order returns.
func (s *server) order(o order) {
	s.t.Helper()
	if err := s.tryOrder(o); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) tryOrder(o order) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	answer, err := http.Post("http://"+s.Told["orders"], "application/json", strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the order was answered with %s", answer.Status)
	}
	return nil
}

// allow gives a user other rights, with Recheck, and keeps them for a restart.
func (s *server) allow(user string, r rule) {
	s.t.Helper()
	s.rules[user] = r
	s.order(order{User: user, Rule: &r, Recheck: true})
}

// report asks an embedded broker.
func (s *server) report() (r report) {
	s.t.Helper()
	answer, err := http.Get("http://" + s.Told["orders"])
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		s.t.Fatal(err)
	}
	return r
}
