package durability

import (
	"bufio"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The system calls by which a broker hears, keeps and answers.
const tracedCalls = "read,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fdatasync,fsync,sync_file_range,msync"

// eventually waits until a fact holds.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !fact() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}

// strace gives a program and arguments that run another under strace, which has
// it as its own child, so that signals reach what they are meant for. It skips
// the test where nothing can be traced.
func strace(t *testing.T, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("strace is needed, and is not installed: %v", err)
	}
	if out, err := exec.Command(path, "-D", "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "true").CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody trace a process: %v: %s", err, out)
	}
	return append([]string{path, "-D", "-f", "--seccomp-bpf"}, args...)
}

// record is a trace that is written to a file.
type record struct{ path string }

// recorded is strace that writes all that the broker hears, keeps and answers.
func recorded(t *testing.T) (before []string, r record) {
	t.Helper()
	r.path = filepath.Join(t.TempDir(), "trace")
	return strace(t, "-o", r.path, "-y", "-xx", "-s", "128", "-e", "trace="+tracedCalls), r
}

// call is one system call, with its place in the order of all beginnings and
// ends.
type call struct {
	name  string
	file  string // that its descriptor stands for
	data  string // the bytes
	begun int
	ended int
}

func (c *call) syncs() bool { return strings.HasSuffix(c.name, "sync") }

var (
	linePattern  = regexp.MustCompile(`^(\d+)\s+(<\.\.\. (\w+) resumed>|(\w+)\()(.*)$`)
	filePattern  = regexp.MustCompile(`^\d+<((?:\\x[0-9a-f]{2})*)>`)
	bytesPattern = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
)

// read gives the calls once the process has ended.
func (r record) read(t *testing.T) []*call {
	t.Helper()
	var calls []*call
	eventually(t, "the whole trace is written", func() bool {
		content, _ := os.ReadFile(r.path)
		return strings.HasSuffix(string(content), "+++\n")
	})
	f, err := os.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	open := map[string]*call{} // by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for at := 0; lines.Scan(); at++ {
		m := linePattern.FindStringSubmatch(lines.Text())
		if m == nil {
			continue // a signal or an end
		}
		thread, rest := m[1], m[5]
		c := open[thread]
		if m[4] != "" {
			c = &call{name: m[4], begun: at}
			calls = append(calls, c)
			if p := filePattern.FindStringSubmatch(rest); p != nil {
				c.file = plainBytes(p[1])
			}
		}
		if c == nil {
			t.Fatalf("strace wrote: %s", lines.Text())
		}
		for _, b := range bytesPattern.FindAllStringSubmatch(rest, -1) {
			c.data += plainBytes(b[1])
		}
		if open[thread] = c; !strings.HasSuffix(rest, "<unfinished ...>") {
			c.ended = at
			delete(open, thread)
		} else {
			c.ended = 1 << 62
		}
	}
	return calls
}

func plainBytes(escaped string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(escaped, `\x`, ""))
	if err != nil {
		panic(err) // the pattern matched
	}
	return string(b)
}
