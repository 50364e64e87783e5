package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
	"gatehouse/prove"
)

// process is one life of the server: at its last claim it dies, before the claim,
// between claim and send, or between send and outcome. Then nothing works.
type process struct {
	*memory
	sender   *sender
	calendar schedule.Calendar
	step     time.Duration        // how far the program's clock is off
	sentAt   map[string]time.Time // by the program's clock

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
	p.sentAt[string(d)+r.Key] = time.Now().UTC().Add(p.step)
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
	parts.Sender, parts.Calendar = p, p.calendar
	parts.Now = func() time.Time { return time.Now().Add(p.step) }
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

// Processes live and die at random, with clocks that are set wrong; afterwards every due time
// is accounted for.
func TestEveryDueTimeIsSentOnceOrRecordedWhateverDies(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	days := prove.Size(10, 3650)
	zones := prove.SomeZones(rand.New(rand.NewPCG(uint64(seed), 2)), 5, "America/New_York")[:5]
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		time.Sleep(time.Until(time.Date(2000, 3, 31, 12, 0, 0, 0, time.UTC))) // New York changes on 2 April
		l := &life{t: t, store: newMemory(), sender: &sender{}, sentAt: map[string]time.Time{}}
		l.store.eternal = true
		l.calendar, _ = newCalendar(t, map[calendar.Day]calendar.Kind{"2000-04-01": calendar.Workday, "2000-04-04": calendar.Holiday})
		for i, expr := range []string{"*/30 * * * *", "30 1 * * *", "30 2 * * *", "0 8-18 * * 1-5", "15 7 * * *"} {
			l.make(expr, zones[i%len(zones)], i == 4)
		}
		begin := time.Now()
		for time.Since(begin) < time.Duration(days)*24*time.Hour {
			l.one(r)
		}
		l.last()
		end := time.Now().Add(-time.Minute) // the jitter is over
		for _, x := range l.made {
			for _, device := range x.Devices() {
				l.account(x, device, begin, end)
			}
		}
	})
	prove.Record(t, "a due time is sent once to each device or recorded as skipped, whatever dies and however the clock is set",
		"0 twice, 0 late, 0 without a record",
		fmt.Sprintf("5 schedules of 2 devices with jitter in %s over %d days of random deaths and steps: 0, 0, 0", strings.Join(zones, ", "), days))
}

// life is a property over many lives of its server.
type life struct {
	t        *testing.T
	store    *memory
	sender   *sender
	calendar schedule.Calendar
	made     []schedule.Schedule
	sentAt   map[string]time.Time
}

func (l *life) make(expr, zone string, workdays bool) {
	l.t.Helper()
	parts := deps(l.store, l.sender)
	parts.Calendar = l.calendar
	d := draft(expr)
	d.Devices, d.Jitter, d.TimeZone = []devices.DeviceID{"gate-1", "gate-2"}, time.Minute, zone
	if workdays {
		d.Days = []calendar.Kind{calendar.Workday}
	}
	x, err := schedule.New(parts).Create(l.t.Context(), person(), d)
	if err != nil {
		l.t.Fatal(err)
	}
	l.made = append(l.made, x)
}

func (l *life) process() *process {
	return &process{memory: l.store, sender: l.sender, calendar: l.calendar, sentAt: l.sentAt, claims: -1, died: make(chan struct{})}
}

// one is one life, and the time until the next.
func (l *life) one(r *rand.Rand) {
	p := l.process()
	p.claims, p.when = 1+r.IntN(40), r.IntN(3)
	if r.IntN(4) == 0 {
		p.step = time.Duration(r.Int64N(int64(4*time.Hour))) - 2*time.Hour
	}
	p.live(l.t, time.Duration(r.Int64N(int64(8*time.Hour))))
	away := []time.Duration{time.Second, 6 * time.Minute, 12 * time.Hour}[r.IntN(3)]
	time.Sleep(time.Duration(r.Int64N(int64(away))))
}

// last waits until the clock has passed all that one that was ahead has seen, and looks once more.
func (l *life) last() {
	time.Sleep(2 * time.Hour)
	l.process().live(l.t, 2*time.Minute)
}

// due are the due times of a schedule that count.
func (l *life) due(x schedule.Schedule, begin, end time.Time) (all []time.Time) {
	l.t.Helper()
	plan, err := schedule.ParseCron(x.Cron, x.TimeZone)
	if err != nil {
		l.t.Fatal(err)
	}
	zone, err := time.LoadLocation(x.TimeZone)
	if err != nil {
		l.t.Fatal(err)
	}
	book, err := l.calendar.Book(l.t.Context(), x.Site)
	if err != nil {
		l.t.Fatal(err)
	}
	for d := plan.Next(begin); !d.After(end); d = plan.Next(d) {
		if len(x.Days) == 0 || slices.Contains(x.Days, book.Kind(calendar.Of(d.In(zone)))) {
			all = append(all, d)
		}
	}
	return all
}

// account compares what happened to a device with the due times that there were.
func (l *life) account(x schedule.Schedule, device devices.DeviceID, begin, end time.Time) {
	l.t.Helper()
	sends := make(map[string]int)
	for _, s := range l.sender.all() {
		if s.device == device {
			sends[s.req.Key]++
		}
	}
	runs := make(map[int64]schedule.Run)
	for p, r := range l.store.runs {
		// A clock that is behind may show times from before the schedule was made, and they are due.
		if p.Schedule == x.ID && p.Device == device && p.Due.After(begin) && !p.Due.After(end) {
			runs[p.Due.UnixMicro()] = r
		}
	}
	dues := l.due(x, begin, end)
	for _, d := range dues {
		key := schedule.Key(x.ID, d)
		n, run := sends[key], runs[d.UnixMicro()]
		at, late := l.sentAt[string(device)+key], l.sentAt[string(device)+key].Sub(x.Instant(device, d))
		switch {
		case n > 1:
			l.t.Errorf("%s: due %v was sent to %s %d times", x.ID, d, device, n)
		case n == 1 && (late < 0 || late > 5*time.Minute):
			l.t.Errorf("%s: due %v was sent to %s at %v", x.ID, d, device, at)
		case run.Outcome == "" && !inBlock(runs, d):
			l.t.Errorf("%s: due %v of %s is lost without a record", x.ID, d, device)
		case n == 1 && run.Outcome != schedule.SentOut && run.Outcome != schedule.Claimed, n == 0 && run.Outcome == schedule.SentOut:
			l.t.Errorf("%s: due %v has %d sends to %s, its run says %s", x.ID, d, n, device, run.Outcome)
		}
	}
	if len(runs) > len(dues) {
		l.t.Errorf("%s: %d runs for %d due times", x.ID, len(runs), len(dues))
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
