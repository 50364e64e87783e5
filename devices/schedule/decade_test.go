package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
	"gatehouse/prove"
)

// decade is ten years of three timed commands in a zone, in which the program dies and comes
// back, its store refuses, and its clock is set wrong.
type decade struct {
	*memory
	t     *testing.T
	r     *rand.Rand
	zone  *time.Location
	from  time.Time
	to    time.Time
	plans []*planned
	next  []time.Time // of all, in order
	wrong time.Duration
	svc   *schedule.Service

	mu   sync.Mutex // guards what follows
	now  time.Time
	dead bool
	left int // writes until it dies, if it is to die
	sent map[string][]time.Time

	bad []trouble
	decadeTally
}

type planned struct {
	id  schedule.ID
	due []time.Time
}

// trouble is a time by the program's clock at which something was wrong.
type trouble struct{ from, to time.Time }

type decadeTally struct {
	due, out, recorded, restarts, steps int
	worst                               time.Duration
}

func TestTenYearsOfTimedCommandsAreSentOnceInTimeOrRecorded(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	years := prove.Size(3, 10)
	strange := []string{"America/St_Johns", "Antarctica/Casey", "Pacific/Apia", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Gaza"}
	var all decadeTally
	names := prove.SomeZones(r, 2, strange[r.IntN(len(strange))])
	for _, name := range names {
		d := newDecade(t, name, years, rand.New(rand.NewPCG(uint64(seed), r.Uint64())))
		d.live()
		for _, x := range d.plans {
			d.account(x)
		}
		all = decadeTally{all.due + d.due, all.out + d.out, all.recorded + d.recorded, all.restarts + d.restarts, all.steps + d.steps, max(all.worst, d.worst)}
	}
	prove.Record(t, "timed commands over ten years: each is sent once and in time, or recorded, whatever dies and however the clock is set",
		"0 twice, 0 later than 60 s while the server runs and the clock is right, 0 without a record",
		fmt.Sprintf("%d years of %d zones, %d restarts, %d steps of the clock: of %d due %d sent, %d recorded as what they are; 0, 0 (latest %s), 0",
			years, len(names), all.restarts, all.steps, all.due, all.out, all.recorded, all.worst))
}

func newDecade(t *testing.T, name string, years int, r *rand.Rand) *decade {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2008+r.IntN(18), 1, 1+r.IntN(60), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
	d := &decade{memory: newMemory(), t: t, r: r, zone: zone, now: from, from: from, to: from.AddDate(years, 0, 0), left: -1, sent: map[string][]time.Time{}}
	d.begin()
	for i := range 3 {
		l := randomLine(r, i == 0)
		x := draft(l.text())
		x.TimeZone, x.Devices, x.Check = name, []devices.DeviceID{devices.DeviceID(fmt.Sprintf("gate-%d", i+1))}, 0
		made, err := d.svc.Create(t.Context(), person(), x)
		if err != nil {
			t.Fatal(err)
		}
		due := l.walk(zone, from.AddDate(0, 0, -3), d.to.AddDate(1, 0, 0))
		d.plans = append(d.plans, &planned{made.ID, due})
		d.next = append(d.next, due...)
	}
	slices.SortFunc(d.next, time.Time.Compare)
	return d
}

// begin is another life of the program.
func (d *decade) begin() {
	d.dead, d.left = false, -1
	out := &sender{}
	d.svc = schedule.New(schedule.Deps{Store: d, Sender: d, Commands: out, Outlook: out, Registry: registry{}, Now: d.clock})
}

func (d *decade) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *decade) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// mayDie counts the writes until the program dies.
func (d *decade) mayDie() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left >= 0 && !d.dead {
		if d.left--; d.left < 0 {
			d.dead = true
		}
	}
	if d.dead {
		return errDisk
	}
	return nil
}

func (d *decade) Claim(ctx context.Context, r schedule.Run) (bool, error) {
	if err := d.mayDie(); err != nil {
		return false, err
	}
	return d.memory.Claim(ctx, r)
}

func (d *decade) FinishRun(ctx context.Context, r schedule.Run) error {
	if err := d.mayDie(); err != nil {
		return err
	}
	return d.memory.FinishRun(ctx, r)
}

// Send notes when a command was sent.
func (d *decade) Send(_ context.Context, _ devices.Actor, _ devices.DeviceID, r devices.Request) (devices.Command, error) {
	if err := d.mayDie(); err != nil {
		return devices.Command{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent[r.Key] = append(d.sent[r.Key], d.now)
	return devices.Command{ID: devices.CommandID(r.Key)}, nil
}

// live goes from each due time to the next.
func (d *decade) live() {
	for d.clock().Before(d.to) {
		if d.r.IntN(40) == 0 {
			d.trouble()
		}
		now := d.clock()
		i, found := slices.BinarySearchFunc(d.next, now, time.Time.Compare)
		for found && i < len(d.next) && !d.next[i].After(now) {
			i++
		}
		due := d.next[i]
		if near := due.Add(-d.upTo(5 * time.Second)); near.After(now) {
			d.pass(near.Sub(now)) // until then ticks find nothing to do
		}
		for ticks := 0; d.clock().Before(due); ticks++ {
			d.pass(d.svc.Tick(d.t.Context()) + d.upTo(20*time.Millisecond))
			if ticks > 20 {
				d.t.Fatalf("%s: due %s does not come", d.zone, due)
			}
		}
		d.svc.Tick(d.t.Context())
	}
	d.svc.Tick(d.t.Context())
}

// trouble is a death, a refusal or a clock that is set.
func (d *decade) trouble() {
	from := d.clock()
	switch d.r.IntN(4) {
	case 0, 1:
		d.left = d.r.IntN(6)
		if i, _ := slices.BinarySearchFunc(d.next, from, time.Time.Compare); i < len(d.next) && d.r.IntN(4) > 0 {
			d.pass(d.next[i].Sub(from))
		}
		for range 3 {
			d.svc.Tick(d.t.Context())
			d.pass(d.upTo(5 * time.Second))
		}
		d.pass(d.upTo(time.Second, time.Minute, 6*time.Minute, 12*time.Hour, 100*24*time.Hour))
		d.begin()
		d.restarts++
	case 2:
		d.dead = true
		for end := from.Add(d.upTo(time.Minute, time.Hour)); d.clock().Before(end); {
			d.pass(d.svc.Tick(d.t.Context()) + d.upTo(time.Minute))
		}
		d.dead = false
	case 3:
		step := d.upTo(10*time.Second, time.Hour, 30*time.Hour)
		if d.wrong != 0 {
			step = -d.wrong
		} else if d.r.IntN(2) == 0 {
			step = -step
		}
		d.wrong += step
		d.pass(step)
		d.steps++
	}
	d.svc.Tick(d.t.Context())
	now := d.clock()
	if now.Before(from) {
		from = now
	}
	d.bad = append(d.bad, trouble{from, now})
}

// upTo is a random time up to one of some.
func (d *decade) upTo(most ...time.Duration) time.Duration {
	return time.Duration(d.r.Int64N(int64(most[d.r.IntN(len(most))])))
}

// account compares what happened with what the walk says was due.
func (d *decade) account(x *planned) {
	d.t.Helper()
	rows := map[int64]schedule.Run{}
	for _, run := range d.runs {
		if run.Schedule == x.id {
			rows[run.Due.Unix()] = run
		}
	}
	known := 0
	for _, due := range x.due {
		run, recorded := rows[due.Unix()]
		if recorded {
			known++
		}
		if !due.After(d.from) || due.After(d.to) {
			continue // a clock that went back may have come to some before
		}
		d.due++
		sent := d.sent[schedule.Key(x.id, due)]
		d.out += len(sent)
		switch {
		case len(sent) > 1:
			d.t.Errorf("%s: due %s was sent %d times", d.zone, due, len(sent))
		case !recorded && !inBlock(rows, due):
			d.t.Errorf("%s: due %s is lost without a record", d.zone, due)
		case len(sent) == 1 && run.Outcome != schedule.SentOut && run.Outcome != schedule.Claimed, len(sent) == 0 && run.Outcome == schedule.SentOut:
			d.t.Errorf("%s: due %s has %d sends, its run says %s", d.zone, due, len(sent), run.Outcome)
		case len(sent) == 0:
			d.recorded++
		default:
			d.inTime(due, sent[0])
		}
	}
	if known != len(rows) {
		d.t.Errorf("%s: %d rows of %d are of nothing that was due", d.zone, len(rows)-known, len(rows))
	}
}

func (d *decade) inTime(due, sent time.Time) {
	d.t.Helper()
	if slices.ContainsFunc(d.bad, func(b trouble) bool { return !b.from.After(sent) && !b.to.Before(due) }) {
		return
	}
	late := sent.Sub(due)
	d.worst = max(d.worst, late)
	if late > time.Minute || late < 0 {
		d.t.Errorf("%s: due %s was sent %s late", d.zone, due, late)
	}
}
