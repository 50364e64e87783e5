package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"

	"gatehouse/prove"
)

// serverBinary is the binary that GATEHOUSE_SERVER names, or one that is built
// once for this run.
var serverBinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("GATEHOUSE_SERVER"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "gatehouse-server-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "server")
	out, err := exec.Command("go", "build", "-tags", "nomsgpack", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// process is the real binary, which can be killed.
type process struct {
	program
	cmd    *exec.Cmd
	exited chan struct{}
	err    error
}

// spawn starts the binary on dir and waits until it is ready.
func spawn(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	path, err := serverBinary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{exited: make(chan struct{}), program: program{Dir: dir}}
	p.cmd = exec.Command(path, append([]string{"--data", dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}, args...)...)
	p.cmd.Stderr = t.Output()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	line := make(chan string, 1)
	go func() {
		s := bufio.NewScanner(out)
		for s.Scan() {
			if rest, ok := strings.CutPrefix(s.Text(), "ready "); ok {
				line <- rest
			}
		}
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case l := <-line:
		for pair := range strings.FieldsSeq(l) {
			switch name, value, _ := strings.Cut(pair, "="); name {
			case "http":
				p.Console = value
			case "mqtt":
				p.MQTT = value
			case "setup-token":
				p.SetupToken = value
			}
		}
	case <-p.exited:
		t.Fatalf("the server ended: %v", p.err)
	case <-time.After(patience):
		t.Fatal("the server is not ready")
	}
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.exited
}

// alone keeps other tests away from one whose figure counts.
func alone(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
}

func TestEveryBillingEventIsOneRowThroughKills(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	kills := prove.Size(3, 40)
	dir := t.TempDir()
	p := spawn(t, dir)
	_, c := signUp(t, &p.program).enrol("gate")

	sent, kept := int64(0), state.NewInMemory()
	bill := func(until func() bool) {
		for !until() {
			cp := connect(c.ClientID, c.Username, c.Password)
			expiry := uint32(3600)
			cp.Properties = &paho.ConnectProperties{SessionExpiryInterval: &expiry}
			if cp.CleanStart = random.IntN(3) == 0; cp.CleanStart { // the device lost its memory, but for the event
				kept = state.NewInMemory()
			}
			f, _, err := dialWith(t, p.MQTT, cp, kept)
			if err != nil {
				return // killed: the next round dials the new one
			}
			g := &gate{foreign: f, prefix: c.TopicPrefix}
			for !until() {
				// The device keeps an event, and its id, until the flow is complete.
				if err := g.bill(fmt.Sprintf("b-%d", sent+1), sent+1, sent+1); err != nil {
					break
				}
				sent++
			}
			_ = f.conn.Close()
		}
	}
	for range kills {
		deadline := time.Now().Add(time.Duration(20+random.IntN(300)) * time.Millisecond)
		stop := time.AfterFunc(time.Until(deadline), func() { _ = p.cmd.Process.Kill() })
		bill(func() bool {
			select {
			case <-p.exited:
				return true
			default:
				return false
			}
		})
		stop.Stop()
		p.kill()
		p = spawn(t, dir)
	}
	goal := sent + 20
	bill(func() bool { return sent >= goal })

	var l seenLedger
	signIn(t, &p.program).get("/ledger?limit=1", &l)
	wantSum := sent * (sent + 1) / 2
	if l.Rows != sent || len(l.Totals) != 1 || l.Totals[0].Amount != wantSum {
		t.Errorf("%d events completed, %d rows, totals %+v (want %d)", sent, l.Rows, l.Totals, wantSum)
	}
	prove.Record(t, "every billing event is exactly one ledger row, through SIGKILL at random instants",
		fmt.Sprintf("%d kills, rows = events, sums equal", kills), fmt.Sprintf("%d events, %d rows", sent, l.Rows))
}

func TestAnOpenIsConfirmedWithoutDelay(t *testing.T) {
	alone(t)
	p := spawn(t, t.TempDir())
	s := signUp(t, &p.program)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	watch := s.watch(t, &p.program)

	n := prove.Size(5, 500)
	took := make([]time.Duration, n)
	for i := range took {
		action := []string{"open", "close"}[i%2]
		start := time.Now()
		id := s.order(d.ID, action).ID
		watch.next("confirmed", func(m *paho.Publish) bool {
			return strings.HasSuffix(m.Topic, "/command/"+id) && strings.Contains(string(m.Payload), `"step":"confirmed"`)
		})
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	p50, p99 := took[n/2], took[n*99/100]
	if prove.Full() && p99 > 50*time.Millisecond {
		t.Errorf("p99 %s", p99)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.acted) != n {
		t.Errorf("%d commands, %d acted on", n, len(g.acted))
	}
	prove.Record(t, "an unlock is confirmed soon: HTTP request to confirmed on the feed, device without movement time",
		"p99 at most 50 ms", fmt.Sprintf("p50 %s, p99 %s of %d", p50.Round(10*time.Microsecond), p99.Round(10*time.Microsecond), n))
}

func TestItStartsOnAnExistingDatabaseAndStopsCleanly(t *testing.T) {
	alone(t)
	dir := t.TempDir()
	first := spawn(t, dir, "--demo")
	signUp(t, &first.program)
	first.kill()
	n := prove.Size(2, 20)
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		p := spawn(t, dir, "--demo")
		took[i] = time.Since(start)
		if i%2 == 0 { // every other time it is killed
			p.kill()
			continue
		}
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-p.exited
		if p.err != nil {
			t.Errorf("SIGTERM: %v", p.err)
		}
	}
	slices.Sort(took)
	if prove.Full() && took[n-1] > time.Second {
		t.Errorf("slowest start %s", took[n-1])
	}
	prove.Record(t, "the server starts on an existing database, after a clean stop and after SIGKILL", "under 1 s",
		fmt.Sprintf("p50 %s, max %s of %d", took[n/2].Round(time.Millisecond), took[n-1].Round(time.Millisecond), n))
}

// watch reads the feed, as a console does.
func (s *staff) watch(t *testing.T, p *program) *foreign {
	t.Helper()
	var ticket struct{ ClientID, Username, Password string }
	s.must("POST", "/live/ticket", nil, 200, &ticket)
	f, _, err := dial(t, p.MQTT, connect(ticket.ClientID, ticket.Username, ticket.Password))
	if err != nil {
		t.Fatal(err)
	}
	if r := f.ask("gatehouse/v1/feed/#"); r > 2 {
		t.Fatalf("feed: reason %#x", r)
	}
	return f
}
