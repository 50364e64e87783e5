package served

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long anything may take before a test gives up. It judges
// nothing: what has a wanted time is measured.
const Patience = 20 * time.Second

// Command says what is started.
type Command struct {
	Args []string // the program and its arguments
	Env  []string // besides that of the test
}

// Server is a running program that has said "ready" and names with values.
type Server struct {
	Addr   string            // of MQTT
	Told   map[string]string // all that it said when it was ready
	Began  time.Time         // when the process was started
	Ready  time.Duration     // from then on
	Stderr *Output
	Exited chan struct{} // closed when it has ended

	cmd *exec.Cmd
	err error // of Wait, once it has exited
}

// Start starts a program and waits until it is ready.
func Start(t testing.TB, c Command) *Server {
	t.Helper()
	s, err := Try(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Try is Start where the program may refuse to start or die of it: the error has
// what it said, and the Server is one that has ended.
func Try(t testing.TB, c Command) (*Server, error) {
	t.Helper()
	s := &Server{Exited: make(chan struct{}), Stderr: &Output{}}
	s.cmd = exec.Command(c.Args[0], c.Args[1:]...) //nolint:gosec // a test names the program
	s.cmd.Env = append(os.Environ(), c.Env...)
	s.cmd.Stderr = s.Stderr
	s.cmd.SysProcAttr = endsWithParent()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.Began = time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	line := make(chan string, 1)
	go s.listen(out, line)
	select {
	case told := <-line:
		s.Ready = time.Since(s.Began)
		s.Told = pairs(told)
		s.Addr = s.Told["mqtt"]
		return s, nil
	case <-s.Exited:
		return s, fmt.Errorf("the program did not start: %w: %s", s.err, s.Stderr)
	case <-time.After(Patience):
		t.Fatalf("the program is not ready: %s", s.Stderr)
	}
	return nil, nil
}

// listen reads what the program says until it ends; line gets what follows its
// first "ready".
func (s *Server) listen(out io.Reader, line chan<- string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if told, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			select {
			case line <- told:
			default:
			}
		}
	}
	s.err = s.cmd.Wait()
	close(s.Exited)
}

func pairs(line string) map[string]string {
	told := map[string]string{}
	for pair := range strings.FieldsSeq(line) {
		name, value, _ := strings.Cut(pair, "=")
		told[name] = value
	}
	return told
}

// PID is the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Signal sends a signal; it may have ended.
func (s *Server) Signal(sig syscall.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// Kill ends the process as kill -9 does, and waits for its end.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.Exited
}

// Shoot is Kill that does not wait.
func (s *Server) Shoot() { _ = s.cmd.Process.Kill() } // it may have ended

// Terminate asks it to end, and gives its exit code.
func (s *Server) Terminate(t testing.TB) int {
	t.Helper()
	if err := s.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return s.Wait(t)
}

// Wait waits until it ends by itself, and gives its exit code.
func (s *Server) Wait(t testing.TB) int {
	t.Helper()
	select {
	case <-s.Exited:
	case <-time.After(Patience):
		t.Fatalf("the program does not end: %s", s.Stderr)
	}
	return s.cmd.ProcessState.ExitCode()
}

// Alive says whether the process has not ended.
func (s *Server) Alive() bool {
	select {
	case <-s.Exited:
		return false
	default:
		return true
	}
}
