package durability

import (
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// The system calls by which a broker hears, keeps and answers.
const tracedCalls = "read,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fdatasync,fsync,sync_file_range,msync"

// alone keeps other tests away from one whose time counts, at full size.
func alone(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
}

// strace is its path and arguments. It skips the test where nothing can be traced.
func strace(t *testing.T, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("strace is needed, and is not installed: %v", err)
	}
	if out, err := exec.Command(path, "-D", "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "true").CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody trace a process: %v: %s", err, out)
	}
	return append([]string{path, "-f"}, args...)
}

// record is a trace that is written to a file.
type record struct{ path string }

// recorded is what runs a broker so that all that it hears, keeps and answers is
// recorded. The tracer is the grandchild, so that signals reach the broker.
func recorded(t *testing.T) (before []string, r record) {
	t.Helper()
	r.path = filepath.Join(t.TempDir(), "trace")
	return append(strace(t, "-D", "--seccomp-bpf"), r.arguments()...), r
}

func (r record) arguments() []string {
	return []string{"-o", r.path, "-ttt", "-y", "-xx", "-s", "128", "-e", "trace=" + tracedCalls}
}

// attach traces a broker that runs, with more arguments for strace, and returns
// when it has all of its threads. The record is whole when the broker has ended.
func attach(t *testing.T, s *server, more ...string) record {
	t.Helper()
	r := record{filepath.Join(t.TempDir(), "trace")}
	args := append(strace(t), r.arguments()...)
	args = append(append(args, more...), "-p", strconv.Itoa(s.PID()))
	tracer := exec.Command(args[0], args[1:]...)
	tracer.Stderr = &served.Output{}
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill() // then there is nothing to trace any more
		_ = tracer.Wait()
	})
	prove.Eventually(t, "strace has the broker", func() bool {
		status, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.PID()))
		return len(status) > 0 && !slices.ContainsFunc(status, func(path string) bool {
			content, _ := os.ReadFile(path)
			return strings.Contains(string(content), "TracerPid:\t0\n")
		})
	})
	return r
}

// call is one system call, with its place in the order of all beginnings and
// ends.
type call struct {
	name  string
	file  string // that its descriptor stands for
	data  string // the bytes
	begun int
	ended int

	failed bool    // an error was injected
	time   float64 // of its beginning, in seconds
}

func (c *call) syncs() bool { return strings.HasSuffix(c.name, "sync") }

var (
	linePattern  = regexp.MustCompile(`^(\d+)\s+(\d+\.\d+) (<\.\.\. (\w+) resumed>|(\w+)\()(.*)$`)
	filePattern  = regexp.MustCompile(`^\d+<((?:\\x[0-9a-f]{2})*)>`)
	bytesPattern = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
)

// read gives the calls once the process has ended, and the time of its end.
func (r record) read(t *testing.T) (calls []*call, end float64) {
	t.Helper()
	var content []byte
	prove.Eventually(t, "the whole trace is written", func() bool {
		content, _ = os.ReadFile(r.path)
		return strings.HasSuffix(string(content), "+++\n")
	})
	open := map[string]*call{} // by thread
	at := 0
	for line := range strings.Lines(string(content)) {
		at++
		if m := linePattern.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			c := open[m[1]]
			if m[5] != "" {
				c = &call{name: m[5], begun: at, time: seconds(m[2])}
				calls = append(calls, c)
			}
			if c == nil {
				t.Fatalf("strace wrote: %s", line)
			}
			if open[m[1]] = c; c.add(m[6], at) {
				delete(open, m[1])
			}
		} else if f := strings.Fields(line); len(f) > 1 {
			end = seconds(f[1])
		}
	}
	return calls, end
}

// add takes what one line says of the call; true if that was its end.
func (c *call) add(rest string, at int) bool {
	if p := filePattern.FindStringSubmatch(rest); p != nil && c.begun == at {
		c.file = plainBytes(p[1])
	}
	for _, b := range bytesPattern.FindAllStringSubmatch(rest, -1) {
		c.data += plainBytes(b[1])
	}
	if strings.HasSuffix(rest, "<unfinished ...>") {
		c.ended = math.MaxInt
		return false
	}
	c.ended = at
	c.failed = strings.HasSuffix(rest, "(INJECTED)")
	return true
}

func seconds(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64) // of a line that matched
	return f
}

func plainBytes(escaped string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(escaped, `\x`, ""))
	if err != nil {
		panic(err) // the pattern matched
	}
	return string(b)
}
