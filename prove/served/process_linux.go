package served

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endsWithParent has a process killed when the test program is: a test that was
// cut off leaves nothing behind.
func endsWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// Resident is the resident memory of the process, in KiB; 0 if it is not known.
func (s *Server) Resident() int { return s.status("VmRSS:") }

// Peak is the most resident memory that the process ever had since Forget, in KiB.
func (s *Server) Peak() int { return s.status("VmHWM:") }

// Forget makes Peak begin anew.
func (s *Server) Forget() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.PID()), []byte("5"), 0o200)
}

func (s *Server) status(field string) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return n
		}
	}
	return 0
}

// Processor is the time that the process has computed for, to 10 ms.
func (s *Server) Processor() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.PID()))
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// Descriptors is how many files and sockets the process has open.
func (s *Server) Descriptors() int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.PID()))
	return len(entries)
}
