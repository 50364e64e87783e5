package timetable_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
	"gatehouse/devices/timetable/storetest"
	"gatehouse/prove"
)

// decade is ten years of a property with two timetables, one for each of two gates, in which
// the program dies and comes back, its store and its layers refuse, and its clock is set wrong.
type decade struct {
	*world
	r      *rand.Rand
	to     time.Time
	tables []*table
	turns  []time.Time // of both, in order
	wrong  time.Duration
	dead   bool
	left   int // writes until it dies, if it is to die
	bad    []span
	well   time.Time // since when nothing was wrong
	worst  time.Duration
	tally
}

// table is one timetable, and what was done for it.
type table struct {
	id    timetable.ID
	gate  devices.DeviceID
	turns []turn
	sets  []setting
}

type setting struct {
	at   time.Time
	mode devices.Mode
}

// span is a time by the program's clock at which something was wrong.
type span struct{ from, to time.Time }

// tally is what a decade came to.
type tally struct{ due, done, skipped, unheld, restarts, steps int }

func (a *tally) add(b tally) {
	a.due, a.done, a.skipped, a.unheld = a.due+b.due, a.done+b.done, a.skipped+b.skipped, a.unheld+b.unheld
	a.restarts, a.steps = a.restarts+b.restarts, a.steps+b.steps
}

// Zones whose clocks do what few others do: a day that does not exist, changes of half an hour,
// of two and of three hours, at midnight and across it, and two changes around each Ramadan.
var strange = []string{"America/St_Johns", "Antarctica/Casey", "Pacific/Apia", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Gaza"}

func TestTenYearsOfSwitchesAreCarriedOutOnceInTimeOrRecorded(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	var all tally
	worst := time.Duration(0)
	names := prove.SomeZones(r, 1, strange[r.IntN(len(strange))])
	for _, name := range names {
		d := newDecade(t, name, rand.New(rand.NewPCG(uint64(seed), uint64(len(name))+r.Uint64()%1000)))
		d.live()
		d.account()
		all.add(d.tally)
		worst = max(worst, d.worst)
	}
	prove.Record(t, "timetables over ten years: a switch is carried out once and in time, or recorded, whatever dies and however the clock is set",
		"0 twice, 0 later than 60 s while the server runs and the clock is right, 0 without a record",
		fmt.Sprintf("%d years of %d zones, %d restarts, %d steps of the clock: of %d moments %d done, %d skipped, %d ends of nothing; 0, 0 (latest %s), 0",
			years(), len(names), all.restarts, all.steps, all.due, all.done, all.skipped, all.unheld, worst))
}

func years() int { return prove.Size(4, 10) }

func newDecade(t *testing.T, name string, r *rand.Rand) *decade {
	t.Helper()
	d := &decade{world: newWorld(t), r: r, left: -1}
	d.zone = name
	from := time.Date(2010+r.IntN(17), 1, 1+r.IntN(60), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
	d.now, d.to, d.well = from, from.AddDate(years(), 0, 0), from
	days := calendar.Of(from)
	for range 40 {
		kinds := []calendar.Kind{calendar.Holiday, calendar.Workday, calendar.Rest}
		d.ok(d.calendar.Put(t.Context(), wang, "s", calendar.Entry{Day: days.Add(r.IntN(3650)), Kind: kinds[r.IntN(len(kinds))], Name: "own"}))
	}
	d.begin()
	book, err := d.calendar.Book(t.Context(), "s")
	d.ok(err)
	for i, late := range []timetable.Late{timetable.Skip, timetable.CatchUp} {
		gate := devices.DeviceID([]string{"g1", "g2"}[i])
		draft := timetable.Draft{
			Name: string(late), Week: d.week(), Late: late, Check: timetable.NoCheck,
			Targets:    []timetable.Target{{Kind: timetable.OfDevice, ID: string(gate)}},
			Exceptions: []timetable.Exception{{Day: days.Add(400)}, {Day: days.Add(500), Periods: d.periods()}},
		}
		v, err := d.service.Create(t.Context(), wang, draft)
		d.ok(err)
		x := &table{id: v.ID, gate: gate, turns: walk(zone(t, name), book.Kind, draft, from.AddDate(0, 0, -3), d.to.AddDate(1, 0, 0))}
		d.tables = append(d.tables, x)
		for _, turn := range x.turns {
			d.turns = append(d.turns, turn.at)
		}
	}
	slices.SortFunc(d.turns, time.Time.Compare)
	return d
}

// begin is another life of the program.
func (d *decade) begin() {
	d.dead = false
	d.store.Fail = func(string) error { return d.mayDie() }
	d.service = timetable.New(timetable.Deps{Store: archive{d.store}, Layers: d, Places: places{d.world}, Days: d.calendar, Now: d.clock})
}

// archive is a store that forgets nothing, so that ten years can be looked at.
type archive struct{ *storetest.Memory }

func (archive) Forget(context.Context, time.Time, int) (int, error) { return 0, nil }

var errDead = errors.New("it is dead")

// mayDie counts the writes until the program dies.
func (d *decade) mayDie() error {
	if d.left >= 0 && !d.dead {
		if d.left--; d.left < 0 {
			d.dead = true
		}
	}
	if d.dead {
		return errDead
	}
	return nil
}

// SetSchedules notes what is set.
func (d *decade) SetSchedules(ctx context.Context, wanted []devices.ScheduleSetting) ([]devices.Layer, error) {
	if err := d.mayDie(); err != nil {
		return nil, err
	}
	for _, w := range wanted {
		for _, x := range d.tables {
			was := d.layers[place{x.gate, ""}]
			over := !was.Until.IsZero() && !d.now.Before(was.Until)
			if x.gate == w.Device && w.Mode != devices.Controlled && (was.Mode != w.Mode || over) {
				x.sets = append(x.sets, setting{d.now, w.Mode})
			}
		}
	}
	return d.world.SetSchedules(ctx, wanted)
}

// week is a random one, mostly of times at which clocks are changed.
func (d *decade) week() timetable.Week {
	w := timetable.Week{}
	for _, c := range timetable.Columns() {
		if c == timetable.Sunday || c == timetable.Saturday || d.r.IntN(3) > 0 {
			w[c] = d.periods()
		}
	}
	return w
}

func (d *decade) periods() (all []timetable.Period) {
	var times []timetable.Clock
	for range 1 + d.r.IntN(2) {
		times = append(times, timetable.Clock(d.r.IntN(4*60)), timetable.Clock(d.r.IntN(24*60)))
	}
	times = append(times, 0, timetable.EndOfDay, 2*60, 23*60)[d.r.IntN(2):]
	slices.Sort(times)
	times = slices.Compact(times)
	for i := d.r.IntN(2); i+1 < len(times); i += 1 + d.r.IntN(2) {
		mode := []devices.Mode{devices.HeldOpen, devices.HeldClosed}[i%2]
		all = append(all, timetable.Period{From: times[i], To: times[i+1], Mode: mode})
	}
	return all
}

// live goes from each moment at which something is due to the next.
func (d *decade) live() {
	d.tick()
	for i := 0; d.now.Before(d.to); {
		if d.r.IntN(60) == 0 {
			d.trouble()
		}
		i, _ = slices.BinarySearchFunc(d.turns, d.now, time.Time.Compare)
		for i < len(d.turns) && !d.turns[i].After(d.now) {
			i++
		}
		due := d.turns[i]
		if near := due.Add(-time.Duration(d.r.Int64N(int64(5 * time.Second)))); near.After(d.now) {
			d.now = near // until then ticks find nothing to do
		}
		for ticks := 0; d.now.Before(due); ticks++ {
			d.pass(d.service.Tick(d.t.Context()))
			if ticks > 20 {
				d.t.Fatalf("%s: due %s does not come", d.zone, due)
			}
		}
		d.tick()
		d.wantWhatIsPlanned()
	}
}

// pass lets time go by, and a little more, as timers do.
func (d *decade) pass(sleep time.Duration) {
	d.now = d.now.Add(sleep + time.Duration(d.r.IntN(20))*time.Millisecond)
}

// trouble is a death, a refusal or a clock that is set.
func (d *decade) trouble() {
	from := d.now
	switch d.r.IntN(4) {
	case 0, 1:
		d.die()
	case 2:
		d.dead = true
		for end := d.now.Add(d.upTo(time.Minute, time.Hour)); d.now.Before(end); {
			d.pass(d.service.Tick(d.t.Context()))
			d.now = d.now.Add(d.upTo(time.Minute))
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
		d.now = d.now.Add(step)
		d.steps++
	}
	d.tick()
	d.bad = append(d.bad, span{earlier(from, d.now), d.now})
	for _, at := range []time.Time{from, d.now} { // what was due up to the latest of all is claimed
		if at.After(d.well) {
			d.well = at
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// die is a death now, or within the next writes, and another life after a while.
func (d *decade) die() {
	d.left = d.r.IntN(8)
	if i, _ := slices.BinarySearchFunc(d.turns, d.now, time.Time.Compare); d.r.IntN(4) > 0 && i < len(d.turns) {
		d.now = d.turns[i]
	}
	for range 3 {
		_ = d.service.Work(d.t.Context())
		d.now = d.now.Add(d.upTo(time.Second, 5*time.Second))
	}
	d.dead, d.left = true, -1
	d.now = d.now.Add(d.upTo(time.Second, time.Minute, 6*time.Minute, 12*time.Hour, 60*24*time.Hour))
	d.begin()
	d.restarts++
}

// upTo is a random time up to one of some.
func (d *decade) upTo(most ...time.Duration) time.Duration {
	return time.Duration(d.r.Int64N(int64(most[d.r.IntN(len(most))])))
}

// wantWhatIsPlanned checks that the gates are as the timetables say, if nothing was wrong since
// they began to say it.
func (d *decade) wantWhatIsPlanned() {
	d.t.Helper()
	for _, x := range d.tables {
		i, _ := slices.BinarySearchFunc(x.turns, d.now, func(a turn, at time.Time) int { return cmp.Or(a.at.Compare(at), -1) })
		if i == 0 || x.turns[i-1].at.Before(d.well) {
			continue
		}
		mode := devices.Controlled
		if l, ok := d.layers[place{x.gate, ""}]; ok && d.now.Before(l.Until) {
			mode = l.Mode
		}
		if mode != x.turns[i-1].mode {
			d.t.Errorf("%s: at %s %s is %s, want %s since %s", d.zone, d.now, x.gate, mode, x.turns[i-1].mode, x.turns[i-1].at)
		}
	}
}

func (d *decade) account() {
	d.t.Helper()
	for _, x := range d.tables {
		runs, err := d.store.Runs(d.t.Context(), timetable.RunQuery{Timetable: x.id, Limit: 1 << 30})
		d.ok(err)
		slices.Reverse(runs)
		d.wantRecords(x, runs)
		d.wantOnce(x, runs)
		d.wantInTime(runs)
	}
}

// wantRecords checks that every moment has a row, or is in one that many share, or is the end of
// what was not held; and that there are no other rows.
func (d *decade) wantRecords(x *table, runs []timetable.Run) {
	d.t.Helper()
	rows := map[int64]timetable.Run{}
	var blocks []span
	for _, run := range runs {
		rows[run.Due.UnixMilli()] = run
		if b, ok := blockOf(run); ok {
			blocks = append(blocks, b)
		}
	}
	var before timetable.Run
	n := 0
	for _, turn := range x.turns {
		if !turn.at.After(runs[0].Due) || !turn.at.Before(d.to) {
			continue
		}
		d.due++
		run, ok := rows[turn.at.UnixMilli()]
		held := before.Mode != devices.Controlled && before.Outcome != timetable.Skipped && before.Timetable != ""
		switch {
		case ok:
			n++
			d.count(run)
		case slices.ContainsFunc(blocks, func(b span) bool { return !turn.at.Before(b.from) && !turn.at.After(b.to) }):
			d.skipped++
		case turn.mode == devices.Controlled && !held:
			d.unheld++
		default:
			d.t.Errorf("%s: %s: %s at %s is lost without a record; before: %+v", d.zone, x.gate, turn.mode, turn.at, before)
		}
		if _, block := blockOf(run); ok && !block && run.Outcome != timetable.Skipped && (run.Mode != turn.mode || !run.Until.Equal(turn.end)) {
			d.t.Errorf("%s: %s: %+v is not %+v", d.zone, x.gate, run, turn)
		}
		if ok {
			before = run
		}
	}
	for _, run := range runs[1:] {
		if _, is := slices.BinarySearchFunc(x.turns, run.Due, func(a turn, at time.Time) int { return a.at.Compare(at) }); !is {
			d.t.Errorf("%s: %s: nothing was due for %+v", d.zone, x.gate, run)
		}
	}
}

func (d *decade) count(run timetable.Run) {
	switch run.Outcome {
	case timetable.Done:
		d.done++
	case timetable.Skipped, timetable.Uncertain:
		d.skipped++
	default:
		d.t.Errorf("%s: it is left as %+v", d.zone, run)
	}
}

// blockOf is the span of a row that many missed switches share.
func blockOf(run timetable.Run) (b span, ok bool) {
	_, text, ok := strings.Cut(run.Detail, " switches from ")
	if !ok {
		return b, false
	}
	var from, to string
	if _, err := fmt.Sscanf(strings.Replace(text, ": ", " ", 1), "%s to %s", &from, &to); err != nil {
		return b, false
	}
	var errFrom, errTo error
	b.from, errFrom = time.Parse(time.RFC3339, from)
	b.to, errTo = time.Parse(time.RFC3339, to)
	return b, errFrom == nil && errTo == nil
}

// wantOnce checks that each time a gate was set there is a run of its own for it.
func (d *decade) wantOnce(x *table, runs []timetable.Run) {
	d.t.Helper()
	free := slices.Clone(runs)
	for _, set := range x.sets {
		i := slices.IndexFunc(free, func(run timetable.Run) bool {
			return run.Mode == set.mode && (run.Outcome != timetable.Skipped || strings.Contains(run.Detail, "clock was ahead")) && !set.at.Before(run.Claimed) && set.at.Before(run.Until)
		})
		if i < 0 {
			d.t.Errorf("%s: %s was set %s at %s a second time", d.zone, x.gate, set.mode, set.at)
			continue
		}
		free = slices.Delete(free, i, i+1)
	}
}

func (d *decade) wantInTime(runs []timetable.Run) {
	d.t.Helper()
	for _, run := range runs {
		excused := slices.ContainsFunc(d.bad, func(b span) bool { return !b.from.After(run.Claimed) && !b.to.Before(run.Due) })
		if excused || run.Outcome != timetable.Done {
			continue
		}
		late := run.Claimed.Sub(run.Due)
		d.worst = max(d.worst, late)
		if late > time.Minute || late < 0 {
			d.t.Errorf("%s: it was late by %s: %+v", d.zone, late, run)
		}
	}
}
