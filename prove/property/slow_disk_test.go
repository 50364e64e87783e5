package property

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// slowSyncs has every sync of a server take so long, until stop.
func slowSyncs(t *testing.T, s *served.Server, delay time.Duration) (stop func()) {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("strace is needed, and is not installed: %v", err)
	}
	if out, err := exec.Command(path, "-D", "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "true").CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody trace a process: %v: %s", err, out)
	}
	tracer := exec.Command(path, "-f", "-o", os.DevNull, "-e", "trace=fdatasync,fsync",
		"-e", fmt.Sprintf("inject=fdatasync,fsync:delay_exit=%d", delay.Microseconds()), "-p", strconv.Itoa(s.PID()))
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = tracer.Process.Signal(syscall.SIGINT) // it lets go of the server
			_ = tracer.Wait()
		}
	}
	t.Cleanup(func() {
		s.Kill()
		stop()
	})
	prove.Eventually(t, "strace has the server", func() bool {
		status, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.PID()))
		return len(status) > 0 && !slices.ContainsFunc(status, func(path string) bool {
			content, _ := os.ReadFile(path)
			return strings.Contains(string(content), "TracerPid:\t0\n")
		})
	})
	return stop
}

// pressed are presses of one kind of disk.
type pressed struct {
	ids     []string
	took    []time.Duration
	pending int // answered before they were recorded
}

// pressAll presses the doors in turn, n times in all.
func (h *House) pressAll(t *testing.T, doors []*door, n int) (p pressed) {
	t.Helper()
	for i := range n {
		d, action := doors[i%len(doors)], []string{"open", "close"}[i/len(doors)%2]
		o, took, err := h.press(d, action, fmt.Sprintf("press-%d-%d", time.Now().UnixNano(), i))
		if err != nil {
			t.Fatal(err)
		}
		p.ids, p.took = append(p.ids, o.ID), append(p.took, took)
		if o.RecordPending {
			p.pending++
		}
	}
	slices.Sort(p.took)
	return p
}

func (p pressed) p99() time.Duration { return p.took[(len(p.took)*99+99)/100-1] }

// judge compares what is recorded with what the doors did.
func (h *House) judge(t *testing.T, doors []*door, p pressed) {
	t.Helper()
	all, entries := h.recorded(t, p.ids)
	for _, o := range all {
		if !o.has("sent") || slices.Contains([]string{"failed", "expired", "refused"}, o.Step) {
			t.Errorf("a door acted on %s, and it is shown %s: %+v", o.ID, o.Step, o.Rungs)
		}
		if entries[o.ID] != 1 {
			t.Errorf("%d audit entries of command %s", entries[o.ID], o.ID)
		}
	}
	for _, d := range doors {
		d.mu.Lock()
		if d.lost != nil || d.twice > 0 {
			t.Errorf("%s: dropped: %v; acted twice %d times", d.Name, d.lost, d.twice)
		}
		d.mu.Unlock()
	}
}

func TestASlowDiskHoldsUpNobodyAtAGate(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	h := open(t, Options{})
	doors := h.doors(t, h.Zone(h.Site("East"), "Garage"), 8)
	for _, slow := range []struct {
		sync    time.Duration
		presses int
	}{{200 * time.Millisecond, prove.Size(16, 400)}, {5 * time.Second, prove.Size(8, 64)}} {
		stop := slowSyncs(t, h.Server(), slow.sync)
		p := h.pressAll(t, doors, slow.presses)
		stop()
		h.judge(t, doors, p)
		if prove.Full() && p.p99() > 300*time.Millisecond {
			t.Errorf("each sync takes %s: p99 %s", slow.sync, p.p99())
		}
		if p.pending == 0 {
			t.Error("no record was pending: the disk was not slow")
		}
		prove.Record(t, fmt.Sprintf("a disk whose syncs take %s holds up nobody at a gate: HTTP request to the door", slow.sync),
			"p99 at most 300 ms, nobody dropped, every command and audit entry recorded once",
			fmt.Sprintf("p50 %s, p99 %s of %d, %d of them before they were recorded; 0 dropped, 0 missing",
				p.took[len(p.took)/2].Round(time.Millisecond), p.p99().Round(time.Millisecond), len(p.took), p.pending))
	}
	h.Healthy()
}
