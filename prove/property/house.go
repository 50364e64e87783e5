package property

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/proxy"
	"gatehouse/prove/served"
)

// Options say how the server is started. Binary is required.
type Options struct {
	Binary string
	Dir    string       // its data folder; empty: one of the test's
	Disk   *served.Disk // instead of Dir: a file system of its own, whose power can be cut
	Before []string     // a program and its arguments that run the server
	Env    []string     // besides that of the test
	Args   []string     // more arguments
}

// House is a property: a data folder, the servers that live on it one after the
// other, and its first administrator, who is signed in.
type House struct {
	*Staff
	t testing.TB
	o Options

	mu     sync.Mutex // guards what follows
	server *served.Server
	lines  []*proxy.Proxy
}

// Open starts a server on a new data folder and makes its first administrator.
func Open(t testing.TB, o Options) *House {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	h := &House{t: t, o: o}
	h.Staff = newStaff(t, h.api)
	h.Start()
	h.Must("POST", "/setup", Body{"token": h.Server().Told["setup-token"], "name": adminName, "password": adminPassword}, 201, nil)
	h.withoutFactors()
	return h
}

// withoutFactors sets up the second factor that an administrator needs, says that
// nobody needs one, and gives it up again.
func (h *House) withoutFactors() {
	h.t.Helper()
	var made struct{ Secret string }
	h.Must("POST", "/session/factor", nil, 200, &made)
	h.Must("PUT", "/session/factor", Body{"code": prove.TOTP(h.t, made.Secret, time.Now())}, 200, nil)
	h.Must("PUT", "/policy/factor", Body{"roles": []string{}}, 200, nil)
	h.Must("DELETE", "/session/factor", nil, 204, nil)
}

// Prove has the administrator show once more who they are, which what is dangerous asks for five minutes later.
func (h *House) Prove() {
	h.t.Helper()
	h.Must("POST", "/session/proof", Body{"password": adminPassword}, 204, nil)
}

// With has the next servers started with more environment, instead of what With gave
// before, and gives the house.
func (h *House) With(env ...string) *House {
	h.o.Env = env
	return h
}

// Start starts the next server and waits until it is ready. The last one has ended.
func (h *House) Start() {
	h.t.Helper()
	if err := h.TryStart(); err != nil {
		h.t.Fatal(err)
	}
}

// TryStart is Start for a server that may refuse to start.
func (h *House) TryStart() error {
	h.t.Helper()
	s, err := served.Try(h.t, served.Command{Args: h.arguments(), Env: h.o.Env})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.server = s
	for _, l := range h.lines {
		l.Aim(s.Addr)
	}
	return nil
}

func (h *House) arguments() []string {
	h.t.Helper()
	dir, before := h.o.Dir, h.o.Before
	if h.o.Disk != nil {
		dir, before = h.o.Disk.Dir(), append(h.o.Disk.Before(h.t), before...)
	}
	args := append(before[:len(before):len(before)], h.o.Binary, "--data", dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0")
	return append(args, h.o.Args...)
}

// Server is the process that lives, or lived last.
func (h *House) Server() *served.Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.server
}

// Dir is the data folder as the server sees it.
func (h *House) Dir() string {
	if h.o.Disk != nil {
		return h.o.Disk.Dir()
	}
	return h.o.Dir
}

// MQTT is where devices connect now.
func (h *House) MQTT() string { return h.Server().Addr }

func (h *House) api() string {
	return strings.Replace(h.Server().Told["http"], "localhost", "127.0.0.1", 1) + "/api/v1"
}

// Kill ends the server as kill -9 does.
func (h *House) Kill() { h.Server().Kill() }

// Restart is Kill and Start.
func (h *House) Restart() {
	h.t.Helper()
	h.Kill()
	h.Start()
}

// Stop asks the server to end, which it must do in peace.
func (h *House) Stop() {
	h.t.Helper()
	if code := h.Server().Terminate(h.t); code != 0 {
		h.t.Fatalf("exit code %d: %s", code, h.Server().Stderr)
	}
}

// CutPower ends the server with what is on its Disk and nothing else. Start goes on
// from there.
func (h *House) CutPower() {
	h.t.Helper()
	s := h.Server()
	s.Freeze(h.t)
	after := h.o.Disk.Copied(h.t)
	s.Kill()
	h.o.Disk = &after
}

// Line makes a bad line to the server, which stays at its address when the server
// moves. It ends with the test.
func (h *House) Line(f proxy.Fault, seed int64) *proxy.Proxy {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := proxy.New(h.server.Addr, f, seed)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = p.Close() })
	h.lines = append(h.lines, p)
	return p
}

// Healthy fails the test if the server has ended or has panicked.
func (h *House) Healthy() {
	h.t.Helper()
	s := h.Server()
	if said := s.Stderr.String(); !s.Alive() || strings.Contains(said, "panic") || strings.Contains(said, "DATA RACE") {
		h.t.Errorf("the server (alive %v) said: %s", s.Alive(), tail(said))
	}
}

func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return fmt.Sprintf("… %s", text[len(text)-most:])
	}
	return text
}
