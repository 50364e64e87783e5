package db

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gatehouse/prove"
)

// childDir names the environment variable that turns the test binary into the
// child of TestAcknowledgedRowsSurviveKill.
const childDir = "GATEHOUSE_DB_TEST_CHILD"

// writeUntilKilled stores events from several goroutines and prints the number of
// each one that was acknowledged.
func writeUntilKilled(dir string) {
	d, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var printing sync.Mutex
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for n := w; ; n += 8 {
				_, _, err := d.Devices().AddEvent(context.Background(), passage(n))
				printing.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println("ack", n)
				}
				printing.Unlock()
			}
		})
	}
	all.Wait()
}

func TestAcknowledgedRowsSurviveKill(t *testing.T) {
	t.Parallel()
	rounds, kept := prove.Size(2, 20), 0
	for round := range rounds {
		dir := t.TempDir()
		d, err := Open(context.Background(), Options{Dir: dir})
		ok(t, err)
		register(t, d, gate)
		ok(t, d.Close())

		acked := killedAfter(t, dir, 300+100*round)
		kept += len(acked)

		d = reopened(t, dir)
		for _, n := range acked {
			if _, err := d.Devices().Event(context.Background(), gate.ID, passage(n).ID); err != nil {
				t.Errorf("round %d: event %d was acknowledged and is lost: %v", round, n, err)
			}
		}
		live, err := d.Devices().Devices(context.Background())
		ok(t, err)
		if live[0].Last == nil || live[0].Last.Revision != live[0].Revision {
			t.Errorf("round %d: the device and its last event are not of one transaction: %+v", round, live[0])
		}
	}
	prove.Record(t, "what the database acknowledged is there after SIGKILL", fmt.Sprintf("0 lost in %d kills", rounds),
		fmt.Sprintf("%d rows acknowledged, 0 lost", kept))
}

// killedAfter runs the child until it has acknowledged some events, kills it, and
// gives what it acknowledged before it was gone.
func killedAfter(t *testing.T, dir string, enough int) []int {
	t.Helper()
	exe, err := os.Executable()
	ok(t, err)
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	ok(t, err)
	ok(t, child.Start())
	var acked []int
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		number, found := strings.CutPrefix(lines.Text(), "ack ")
		if !found {
			t.Errorf("child: %s", lines.Text())
			break
		}
		n, err := strconv.Atoi(number)
		if err != nil {
			continue // the last line, cut off
		}
		acked = append(acked, n)
		if len(acked) == enough {
			ok(t, child.Process.Kill())
		}
	}
	if len(acked) < enough {
		ok(t, child.Process.Kill())
		t.Errorf("%d acknowledged, want %d", len(acked), enough)
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	return acked
}
