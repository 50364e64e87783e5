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
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "every thread stands still", func() bool {
		paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.cmd.Process.Pid))
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

// powerCut is the disaster that leaves what is on the disk and nothing else.
func powerCut(d *disk, l launch) disaster {
	return func(t *testing.T, s *server) *server {
		t.Helper()
		freeze(t, s)
		after := d.copied(t)
		s.kill()
		*d = after
		next := d.launch(t)
		next.planted, next.env = l.planted, l.env
		return run(t, next)
	}
}

func TestAcknowledgedMessagesSurviveAPowerCut(t *testing.T) {
	t.Parallel()
	var d disk
	begin := func(t *testing.T) *server {
		d = newDisk(t, 128)
		return run(t, d.launch(t))
	}
	survives(t, "acknowledged QoS 1 messages for an absent subscriber survive a power cut", prove.Size(2, 20), begin, powerCut(&d, launch{}), fast)
}
