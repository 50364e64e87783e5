package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
	"gatehouse/prove"
)

// process is one life of the server: at its last claim it dies, before the claim,
// between claim and send, or between send and outcome. Then nothing works.
type process struct {
	*memory
	sender *sender

	mu     sync.Mutex
	claims int // until death
	when   int // 0: before the claim, 1: after it, 2: after the command was sent
	dead   bool
	died   chan struct{}
}

// die is called with mu held.
func (p *process) die() {
	if !p.dead {
		p.dead = true
		close(p.died)
	}
}

func (p *process) alive() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errDisk
	}
	return nil
}

func (p *process) Claim(ctx context.Context, r schedule.Run) (bool, error) {
	if err := p.alive(); err != nil {
		return false, err
	}
	p.mu.Lock()
	p.claims--
	if p.claims == 0 && p.when < 2 {
		p.die()
	}
	before := p.claims == 0 && p.when == 0
	p.mu.Unlock()
	if before {
		return false, errDisk
	}
	return p.memory.Claim(ctx, r)
}

func (p *process) Send(ctx context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error) {
	if err := p.alive(); err != nil {
		return devices.Command{}, err
	}
	c, err := p.sender.Send(ctx, a, d, r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.claims == 0 {
		p.die()
	}
	return c, err
}

func (p *process) FinishRun(ctx context.Context, r schedule.Run) error {
	if err := p.alive(); err != nil {
		return err
	}
	return p.memory.FinishRun(ctx, r)
}

// live runs a process for a while, or until it dies.
func (p *process) live(t *testing.T, d time.Duration) {
	t.Helper()
	parts := deps(p, p.sender)
	parts.Sender = p
	svc := schedule.New(parts)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- svc.Run(ctx) }()
	select {
	case <-time.After(d):
	case <-p.died:
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Processes live and die at random over a change of the clocks; afterwards every
// due time is accounted for.
func TestEveryDueTimeIsSentOnceOrRecordedWhateverDies(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	days := prove.Size(10, 100)
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		store, out := newMemory(), &sender{}
		time.Sleep(time.Until(time.Date(2000, 3, 31, 12, 0, 0, 0, time.UTC))) // New York changes on 2 April
		var made []schedule.Schedule
		edit := schedule.New(deps(store, out))
		for _, expr := range []string{"*/7 * * * *", "30 1 * * *", "30 2 * * *", "0 8-18 * * 1-5"} {
			d := draft(expr)
			d.Devices = []devices.DeviceID{"gate-1", "gate-2", "gate-3"}
			d.Jitter = time.Minute
			d.TimeZone = "America/New_York"
			x, err := edit.Create(t.Context(), person(), d)
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, x)
		}
		begin := time.Now()
		for time.Since(begin) < time.Duration(days)*24*time.Hour {
			p := &process{memory: store, sender: out, claims: 1 + r.IntN(40), when: r.IntN(3), died: make(chan struct{})}
			p.live(t, time.Duration(r.Int64N(int64(8*time.Hour))))
			away := []time.Duration{time.Second, 6 * time.Minute, 12 * time.Hour}[r.IntN(3)]
			time.Sleep(time.Duration(r.Int64N(int64(away))))
		}
		(&process{memory: store, sender: out, claims: -1, died: make(chan struct{})}).live(t, 2*time.Minute)
		end := time.Now().Add(-time.Minute) // the jitter is over
		for _, x := range made {
			for _, device := range x.Devices() {
				account(t, store, out, x, device, begin, end)
			}
		}
	})
	prove.Record(t, "a due time is sent once to each device or recorded as skipped, whatever dies, over a change of the clocks",
		"0 twice, 0 late, 0 without a record", fmt.Sprintf("4 schedules of 3 devices with jitter over %d days of random deaths: 0, 0, 0", days))
}

// account compares what happened to a device with the due times that there were.
func account(t *testing.T, store *memory, out *sender, x schedule.Schedule, device devices.DeviceID, begin, end time.Time) {
	t.Helper()
	sends := make(map[string][]time.Time)
	for _, s := range out.all() {
		if s.device == device {
			sends[s.req.Key] = append(sends[s.req.Key], s.at)
		}
	}
	runs := make(map[int64]schedule.Run)
	for p, r := range store.runs {
		if p.Schedule == x.ID && p.Device == device {
			runs[p.Due.UnixMicro()] = r
		}
	}
	plan, err := schedule.ParseCron(x.Cron, x.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	due := 0
	for d := plan.Next(begin); !d.After(end); d = plan.Next(d) {
		due++
		sent := sends[schedule.Key(x.ID, d)]
		run, recorded := runs[d.UnixMicro()]
		switch {
		case len(sent) > 1:
			t.Errorf("%s: due %v was sent to %s %d times", x.ID, d, device, len(sent))
		case len(sent) == 1 && (sent[0].Before(x.Instant(device, d)) || sent[0].Sub(x.Instant(device, d)) > 5*time.Minute):
			t.Errorf("%s: due %v was sent to %s at %v", x.ID, d, device, sent[0])
		case !recorded && !inBlock(runs, d):
			t.Errorf("%s: due %v of %s is lost without a record", x.ID, d, device)
		case len(sent) == 1 && run.Outcome != schedule.SentOut && run.Outcome != schedule.Claimed,
			len(sent) == 0 && run.Outcome == schedule.SentOut:
			t.Errorf("%s: due %v has %d sends to %s, its run says %s", x.ID, d, len(sent), device, run.Outcome)
		}
	}
	if len(runs) > due+1 { // one may be due within the last jitter
		t.Errorf("%s: %d runs for %d due times", x.ID, len(runs), due)
	}
}

func inBlock(runs map[int64]schedule.Run, d time.Time) bool {
	for _, run := range runs {
		_, span, ok := strings.Cut(run.Detail, "due times from ")
		var from, to string
		if !ok {
			continue
		}
		if _, err := fmt.Sscanf(strings.Replace(span, ": ", " ", 1), "%s to %s", &from, &to); err != nil {
			continue
		}
		first, errFirst := time.Parse(time.RFC3339, from)
		last, errLast := time.Parse(time.RFC3339, to)
		if errFirst == nil && errLast == nil && !d.Before(first) && !d.After(last) {
			return true
		}
	}
	return false
}
