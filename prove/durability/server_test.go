package durability

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before a test gives up. It judges
// nothing: what has a wanted time is measured.
const patience = 20 * time.Second

// plain is the binary that GATEHOUSE_SERVER names, or one that is built once for
// this run.
var plain = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("GATEHOUSE_SERVER"); path != "" {
		return path, nil
	}
	return build("nomsgpack")
})

// planted is a binary with named places to die at and known bugs. It is never
// shipped.
var planted = sync.OnceValues(func() (string, error) { return build("nomsgpack failpoints") })

// workshop is the folder of what is built; TestMain removes it.
var workshop = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "gatehouse-durability-*") })

func build(tags string) (string, error) {
	dir, err := workshop()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "server-"+strings.ReplaceAll(tags, " ", "-"))
	out, err := exec.Command("go", "build", "-tags", tags, "-o", path, "gatehouse/cmd/server").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := workshop(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// launch says how a broker is started.
type launch struct {
	dir     string   // its data folder
	planted bool     // take the binary that has failpoints
	env     []string // besides that of the test
	before  []string // a program and its arguments that run the broker
	whole   bool     // the whole server, not the broker alone
}

// server is a running broker, which can be killed.
type server struct {
	Addr   string            // of MQTT
	told   map[string]string // all that it says when it is ready
	dir    string
	cmd    *exec.Cmd
	ready  time.Duration // from the start of the process
	stderr *output
	exited chan struct{}
	err    error // of Wait, once it has exited
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
	binary := plain
	if l.planted {
		binary = planted
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	args := append(l.before[:len(l.before):len(l.before)], path)
	if l.whole {
		return append(args, "--data", l.dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0")
	}
	return append(args, "broker", "--tcp", "127.0.0.1:0", "--anonymous", "--data", l.dir)
}

// try is run, where the broker may refuse to start or die of it: the error has what
// it said.
func try(t *testing.T, l launch) (*server, error) {
	t.Helper()
	args := l.arguments(t)
	s := &server{dir: l.dir, exited: make(chan struct{}), stderr: &output{}}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), l.env...)
	s.cmd.Stderr = s.stderr
	s.cmd.SysProcAttr = endsWithParent()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	line := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if told, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				line <- told
			}
		}
		s.err = s.cmd.Wait()
		close(s.exited)
	}()
	select {
	case l := <-line:
		s.ready = time.Since(began)
		s.told = map[string]string{}
		for pair := range strings.FieldsSeq(l) {
			name, value, _ := strings.Cut(pair, "=")
			s.told[name] = value
		}
		s.Addr = s.told["mqtt"]
		return s, nil
	case <-s.exited:
		return s, fmt.Errorf("the broker did not start: %w: %s", s.err, s.stderr)
	case <-time.After(patience):
		t.Fatalf("the broker is not ready: %s", s.stderr)
	}
	return nil, nil
}

// kill ends the process as kill -9 does, and waits for its end.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.exited
}

// terminate asks it to end, and gives its exit code.
func (s *server) terminate(t *testing.T) int {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return s.wait(t)
}

// wait waits until it ends by itself, and gives its exit code.
func (s *server) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		t.Fatalf("the broker does not end: %s", s.stderr)
	}
	return s.cmd.ProcessState.ExitCode()
}

// alive says whether the process has not ended.
func (s *server) alive() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// output is what a process said, readable while it goes on.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
