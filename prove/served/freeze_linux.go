package served

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Freeze stops the process and returns when none of its threads does anything any
// more, not even within a system call.
func (s *Server) Freeze(t testing.TB) {
	t.Helper()
	if err := s.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(Patience); !s.still(); {
		if time.Now().After(end) {
			t.Fatal("the stopped process does not stand still")
		}
		<-time.After(2 * time.Millisecond)
	}
}

// still says whether every thread is stopped.
func (s *Server) still() bool {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.PID()))
	for _, path := range paths {
		content, _ := os.ReadFile(path) //nolint:gosec // of the process of a test
		_, rest, _ := strings.Cut(string(content), ") ")
		if !strings.HasPrefix(rest, "T") {
			return false
		}
	}
	return len(paths) > 0
}
