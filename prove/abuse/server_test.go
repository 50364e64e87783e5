package abuse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
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

// server is a broker that is attacked.
type server struct {
	*served.Server
	user, password string // of clients that are to be let in
}

// release starts the release binary: the broker alone, open to everybody.
func release(t *testing.T, more ...string) *server {
	t.Helper()
	return releaseWith(t, nil, more...)
}

// releaseWith has programs before it.
func releaseWith(t *testing.T, before []string, more ...string) *server {
	t.Helper()
	path, err := shop.Release()
	if err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{}, before...), path, "broker", "--tcp", "127.0.0.1:0", "--anonymous")
	return attacked(t, &server{Server: served.Start(t, served.Command{Args: append(args, more...)})})
}

// embed starts a program that embeds the broker.
func embed(t *testing.T, e embedded, env ...string) *server {
	t.Helper()
	return embedWith(t, nil, e, env...)
}

func embedWith(t *testing.T, before []string, e embedded, env ...string) *server {
	t.Helper()
	spec, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: served.Start(t, served.Command{
		Args: append(append([]string{}, before...), self), Env: append(env, childVariable+"="+string(spec)),
	})}
	for name, password := range e.Users {
		if name == stranger {
			s.user, s.password = name, password
		}
	}
	return attacked(t, s)
}

// stranger is the user that a server with users lets in for the end of a test.
const stranger = "stranger"

// attacked has the end of the test prove that the server is unharmed.
func attacked(t *testing.T, s *server) *server {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() || s.terminated() {
			return
		}
		unharmed(t, s)
	})
	return s
}

func (s *server) terminated() bool { return !s.Alive() && s.Stderr.Len() == 0 }

// unharmed: a stranger connects, publishes and receives; the process lives and has
// not said that it panicked or raced.
func unharmed(t *testing.T, s *server) {
	t.Helper()
	began := time.Now()
	if err := visit(s); err != nil {
		t.Errorf("afterwards a stranger is not served: %v: %s", err, s.Stderr)
		return
	}
	took := time.Since(began)
	if t.Logf("a stranger was served in %s", took.Round(time.Millisecond)); prove.Full() && took > time.Second {
		t.Errorf("a stranger was served in %s, want 1 s", took)
	}
	if !s.Alive() {
		t.Error("the process has ended")
	}
	said := s.Stderr.String()
	for _, word := range []string{"panic", "DATA RACE", "fatal error"} {
		if strings.Contains(said, word) {
			t.Errorf("the server said %q: %s", word, said)
		}
	}
}

func visit(s *server) error {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SubscribeNow(1, 1, "visit"); err != nil {
		return err
	}
	c.Publish(mqtt.Publish{Topic: []byte("visit"), Payload: []byte("x"), QoS: 1, ID: 2})
	if err := c.Flush(); err != nil {
		return err
	}
	for got := map[mqtt.Type]bool{}; !got[mqtt.PUBACK] || !got[mqtt.PUBLISH]; {
		p, err := c.Read()
		if err != nil {
			return err
		}
		got[p.Type] = true
	}
	return nil
}

// dial connects a client that the server lets in; an empty identifier is given
// one. No read on it waits longer than patience.
func (s *server) dial(connect mqtt.Connect) (*mqtt.Conn, error) {
	if connect.User == "" {
		connect.User, connect.Password = s.user, s.password
	}
	c, err := mqtt.Dial(s.Addr, mqtt.Options{Connect: connect, Timeout: patience})
	if err != nil {
		return nil, err
	}
	return c, c.SetReadDeadline(time.Now().Add(patience))
}

// must is dial for tests that are lost without it.
func (s *server) must(t *testing.T, connect mqtt.Connect) *mqtt.Conn {
	t.Helper()
	c, err := s.dial(connect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// report asks an embedded broker.
func (s *server) report(t testing.TB) (r report) {
	t.Helper()
	answer, err := http.Get("http://" + s.Told["questions"])
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}
