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
	svc := schedule.New(schedule.Deps{Store: p, Sender: p, Registry: registry{}})
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
		made := make(map[schedule.ID]schedule.Plan)
		edit := schedule.New(schedule.Deps{Store: store, Sender: out, Registry: registry{}})
		for _, expr := range []string{"*/7 * * * *", "30 1 * * *", "30 2 * * *", "0 8-18 * * 1-5"} {
			d := draft(expr)
			d.TimeZone = "America/New_York"
			x, err := edit.Create(t.Context(), person(), d)
			if err != nil {
				t.Fatal(err)
			}
			made[x.ID], err = schedule.ParseCron(expr, d.TimeZone)
			if err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		for time.Since(begin) < time.Duration(days)*24*time.Hour {
			p := &process{memory: store, sender: out, claims: 1 + r.IntN(40), when: r.IntN(3), died: make(chan struct{})}
			p.live(t, time.Duration(r.Int64N(int64(8*time.Hour))))
			away := []time.Duration{time.Second, 6 * time.Minute, 12 * time.Hour}[r.IntN(3)]
			time.Sleep(time.Duration(r.Int64N(int64(away))))
		}
		(&process{memory: store, sender: out, claims: -1, died: make(chan struct{})}).live(t, time.Second)
		end := time.Now()
		for id, plan := range made {
			account(t, store, out, id, plan, begin, end)
		}
	})
	prove.Record(t, "a due time is sent once or recorded as skipped, whatever dies, over a change of the clocks",
		"0 twice, 0 late, 0 without a record", fmt.Sprintf("4 schedules over %d days of random deaths: 0, 0, 0", days))
}

// account compares what happened with the due times that there were.
func account(t *testing.T, store *memory, out *sender, id schedule.ID, plan schedule.Plan, begin, end time.Time) {
	t.Helper()
	sends := make(map[string][]time.Time)
	for _, s := range out.all() {
		sends[s.req.Key] = append(sends[s.req.Key], s.at)
	}
	due := 0
	for d := plan.Next(begin); !d.After(end); d = plan.Next(d) {
		due++
		sent := sends[schedule.Key(id, d)]
		run, recorded := store.runs[id][d.UnixMicro()]
		switch {
		case len(sent) > 1:
			t.Errorf("%s: due %v was sent %d times", id, d, len(sent))
		case len(sent) == 1 && sent[0].Sub(d) > 5*time.Minute:
			t.Errorf("%s: due %v was sent at %v", id, d, sent[0])
		case !recorded && !inBlock(store, id, d):
			t.Errorf("%s: due %v is lost without a record", id, d)
		case len(sent) == 1 && run.Outcome != schedule.SentOut && run.Outcome != schedule.Claimed,
			len(sent) == 0 && run.Outcome == schedule.SentOut:
			t.Errorf("%s: due %v has %d sends, its run says %s", id, d, len(sent), run.Outcome)
		}
	}
	if rows := len(store.runs[id]); rows > due {
		t.Errorf("%s: %d runs for %d due times", id, rows, due)
	}
}

func inBlock(store *memory, id schedule.ID, d time.Time) bool {
	for _, run := range store.runs[id] {
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
