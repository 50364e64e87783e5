package durability

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gatehouse/prove"
)

// freeze stops the broker and returns when none of its threads does anything any
// more, not even within a system call.
func freeze(t *testing.T, s *server) {
	t.Helper()
	if err := s.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	prove.Eventually(t, "every thread stands still", func() bool {
		paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.PID()))
		for _, path := range paths {
			content, _ := os.ReadFile(path)
			_, rest, _ := strings.Cut(string(content), ") ")
			if !strings.HasPrefix(rest, "T") {
				return false
			}
		}
		return len(paths) > 0
	})
}
