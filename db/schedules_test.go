package db

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/schedule"
	"gatehouse/prove"
)

func TestAScheduleOfSeveralDevicesGoesOnForThoseThatStay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	known := []devices.Device{
		{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North in", Created: time.Now()},
		{ID: "g2", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North out", Created: time.Now()},
		{ID: "g3", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "Yard", Created: time.Now()},
	}
	register(t, d, known...)
	ok(t, d.Schedules().PutSchedule(ctx, schedule.Schedule{
		ID: "all", Site: "s1", Targets: []schedule.Target{{Device: "g1"}, {Device: "g2"}, {Device: "g3"}}, Name: "all", Cron: "0 7 * * *", TimeZone: "UTC",
		Action: devices.ActionClose, Created: time.Now(), Next: time.Now().Add(time.Hour),
	}, devices.AuditEntry{Verb: "schedule.create", Outcome: devices.OutcomeOK}))
	at := time.Now().UTC().Truncate(time.Millisecond)
	retire := func(q devices.Retirement) {
		t.Helper()
		q.At = at
		_, _, err := d.Devices().Retire(ctx, q, devices.AuditEntry{Verb: "device.retire", Outcome: devices.OutcomeOK})
		ok(t, err)
	}
	left := func(paused bool, want ...schedule.Target) {
		t.Helper()
		got, err := d.Schedules().Schedule(ctx, "all")
		ok(t, err)
		if fmt.Sprint(got.Targets) != fmt.Sprint(want) || got.Paused != paused {
			t.Errorf("%v, paused %v; want %v, %v", got.Targets, got.Paused, want, paused)
		}
	}
	retire(devices.Retirement{Device: "g1", Successor: &devices.Device{ID: "h1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "New", Created: at}})
	left(false, schedule.Target{Device: "g2"}, schedule.Target{Device: "g3"}, schedule.Target{Device: "h1", Since: at})
	retire(devices.Retirement{Device: "g2"})
	retire(devices.Retirement{Device: "h1"})
	left(false, schedule.Target{Device: "g3"})
	retire(devices.Retirement{Device: "g3"})
	left(true, schedule.Target{Device: "g3"})
}

func TestADaysTallyCountsItsTimedCommands(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	register(t, d, gate)
	day := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	claim := func(hour int, o schedule.Outcome) schedule.Run {
		t.Helper()
		run := schedule.Run{Schedule: "a", Device: gate.ID, Site: gate.Site, Due: day.Add(time.Duration(hour) * time.Hour), At: day, Claimed: day, Outcome: o}
		claimed, err := d.Schedules().Claim(ctx, run)
		ok(t, err)
		if !claimed {
			t.Fatalf("hour %d was not claimed", hour)
		}
		return run
	}
	finish := func(run schedule.Run, o schedule.Outcome, found command.Step) {
		t.Helper()
		run.Outcome, run.Result = o, found
		ok(t, d.Schedules().FinishRun(ctx, run))
	}
	before, err := d.Devices().Tally(ctx, gate.Site, day, day.AddDate(0, 0, 1))
	ok(t, err)
	claim(-1, schedule.SentOut)
	finish(claim(7, schedule.Claimed), schedule.SentOut, command.Confirmed)
	finish(claim(8, schedule.Claimed), schedule.SentOut, command.DidNotMove)
	finish(claim(9, schedule.Claimed), schedule.Broken, "")
	claim(10, schedule.Skipped)
	claim(11, schedule.Claimed)
	claim(24, schedule.SentOut)
	_, err = d.Schedules().ClaimManual(ctx, []schedule.Run{{Schedule: "a", Device: gate.ID, Site: gate.Site, Due: day.Add(time.Hour), At: day, Claimed: day, Outcome: schedule.SentOut, Key: "12345678"}},
		devices.AuditEntry{Verb: "schedule.run", Outcome: devices.OutcomeOK})
	ok(t, err)

	got, err := d.Devices().Tally(ctx, gate.Site, day, day.AddDate(0, 0, 1))
	ok(t, err)
	if want := (devices.TimedCommands{Sent: 2, Skipped: 2, Failed: 2}); got.Timed != want {
		t.Errorf("got %+v, want %+v", got.Timed, want)
	}
	if got.Revision != before.Revision+4 { // three outcomes and what was skipped
		t.Errorf("its revision went from %d to %d", before.Revision, got.Revision)
	}
}

// first is a Sender that says when it is first sent something.
type first struct{ at chan time.Time }

func (f first) Send(context.Context, devices.Actor, devices.DeviceID, devices.Request) (devices.Command, error) {
	select {
	case f.at <- time.Now():
	default:
	}
	return devices.Command{ID: "command-1"}, nil
}

// house knows one device.
type house struct{ device devices.Device }

func (h house) Device(context.Context, devices.DeviceID) (devices.Device, error) {
	return h.device, nil
}

func (h house) Site(_ context.Context, id devices.SiteID) (devices.Site, error) {
	return devices.Site{ID: id, TimeZone: "Asia/Shanghai"}, nil
}

func (house) CheckAction(devices.KindName, devices.Action, map[string]string) error { return nil }

// The one schedule that is due when the program starts is sent as soon as all are read.
func TestThousandsOfSchedulesAreReadyAtOnceAfterAStart(t *testing.T) { // not beside others: it measures
	ctx := context.Background()
	d := opened(t)
	gate := devices.Device{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North in", Created: time.Now()}
	register(t, d, gate)
	now := time.Date(2026, 11, 21, 0, 0, 30, 0, time.UTC)
	n := prove.Size(300, 10_000)
	fill(t, d, gate, now, n)
	out := first{make(chan time.Time, 1)}
	svc := schedule.New(schedule.Deps{Store: d.Schedules(), Sender: out, Registry: house{gate}, Now: func() time.Time { return now }})
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error)
	begin := time.Now()
	go func() { ended <- svc.Run(ctx) }()
	took := (<-out.at).Sub(begin)
	stop()
	ok(t, <-ended)
	prove.Record(t, "schedules with a history are read, reckoned and run after a start", "10,000 within 1 s", fmt.Sprintf("%d within %s", n, took.Round(time.Millisecond)))
	if prove.Full() && took > time.Second {
		t.Errorf("%s", took)
	}
}

// crowd counts what is sent, and says when all have been.
type crowd struct {
	left atomic.Int64
	done chan time.Time
}

func (c *crowd) Send(_ context.Context, _ devices.Actor, id devices.DeviceID, _ devices.Request) (devices.Command, error) {
	if c.left.Add(-1) == 0 {
		c.done <- time.Now()
	}
	return devices.Command{ID: devices.CommandID("command-" + id)}, nil
}

// Every device has a claim of its own in the database before it is sent to.
func TestAScheduleOfManyDevicesIsSentAtOnce(t *testing.T) { // not beside others: it measures
	d := opened(t)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	n := prove.Size(40, schedule.MaxTargets)
	all := make([]devices.Device, n)
	x := schedule.Schedule{
		ID: "all", Site: "s1", Name: "Evenings", Cron: "0 0 * * *", TimeZone: "UTC", Action: devices.ActionClose,
		Late: schedule.Skip, SkipLate: time.Minute, Created: now.AddDate(0, 0, -1), Next: now,
	}
	for i := range all {
		all[i] = devices.Device{ID: devices.DeviceID(fmt.Sprintf("g%03d", i)), Site: "s1", Zone: "z1", Kind: devices.Gate, Name: fmt.Sprint("Gate ", i), Created: now}
		x.Targets = append(x.Targets, schedule.Target{Device: all[i].ID})
	}
	register(t, d, all...)
	ok(t, d.Schedules().PutSchedule(t.Context(), x, devices.AuditEntry{Verb: "schedule.create", Outcome: devices.OutcomeOK}))
	out := &crowd{done: make(chan time.Time, 1)}
	out.left.Store(int64(n))
	svc := schedule.New(schedule.Deps{Store: d.Schedules(), Sender: out, Registry: house{all[0]}, Now: func() time.Time { return now }})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	began := time.Now()
	go func() { ended <- svc.Run(ctx) }()
	took := (<-out.done).Sub(began)
	stop()
	ok(t, <-ended)
	runs, err := d.Schedules().Runs(t.Context(), schedule.RunQuery{Schedule: "all", Outcome: schedule.SentOut, Limit: n + 1})
	ok(t, err)
	if len(runs) != n {
		t.Errorf("%d runs have their outcome, want %d", len(runs), n)
	}
	prove.Record(t, "a schedule of many devices is claimed and sent, each with its row", "500 devices within 5 s", fmt.Sprintf("%d within %s", n, took.Round(time.Millisecond)))
	if prove.Full() && took > 5*time.Second {
		t.Errorf("%s", took)
	}
}

// fill makes schedules with three runs each; the first is due half a minute ago.
func fill(t *testing.T, d *DB, gate devices.Device, now time.Time, n int) {
	t.Helper()
	rows, targets, runs := make([]scheduleRow, n), make([]scheduleTargetRow, n), make([]runRow, 0, 3*n)
	for i := range n {
		x := schedule.Schedule{
			ID: schedule.ID(fmt.Sprintf("schedule-%05d", i)), Site: gate.Site, Name: "Mornings", Cron: fmt.Sprintf("%d %d * * 1-5", i%60, 9+i%15),
			TimeZone: []string{"Asia/Shanghai", "America/New_York", "UTC"}[i%3], Action: devices.ActionClose, Late: schedule.Skip, SkipLate: time.Minute,
			Created: now.AddDate(-1, 0, 0), Next: now.AddDate(0, 0, -5),
		}
		if i == 0 {
			x.Cron = "0 8 * * *"
		}
		for ago := range 3 { // none was missed
			at := now.Add(-time.Duration(ago+1) * 31 * time.Second)
			runs = append(runs, newRunRow(schedule.Run{Schedule: x.ID, Device: gate.ID, Site: gate.Site, Due: at, At: at, Claimed: at, Outcome: schedule.SentOut}))
		}
		rows[i], targets[i] = newScheduleRow(x), scheduleTargetRow{x.ID, gate.ID, gate.Site, stamp{}}
	}
	for _, list := range []any{rows, targets, runs} {
		ok(t, d.write(t.Context(), "test.fill", normal, func(tx *gorm.DB) error { return tx.CreateInBatches(list, rowsAtOnce).Error }))
	}
}

// A file from before schedules had several devices: what they did stays so, and no due time
// that was claimed is claimed again.
func TestSchedulesOfAnOlderFileGoOnAsTheyWere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	older := platformSchema
	older.steps = older.steps[:slices.Index(older.steps, "0028_timed_commands")]
	f, err := openFile(ctx, fileOptions{path: path, schema: older, readers: 1, log: slog.Default()})
	ok(t, err)
	ok(t, f.close())
	alter(t, path, `INSERT INTO sites VALUES ('site-1', 'East', 'UTC', 1);
		INSERT INTO zones VALUES ('zone-1', 'site-1', 'Gate');
		INSERT INTO devices (id, site, zone, kind, name, link_status, link_cause, link_epoch, link_remote, state, command_seq, revision)
		VALUES ('gate-1', 'site-1', 'zone-1', 'gate', 'Gate', 'offline', '', 0, '', '{}', 0, 1);
		INSERT INTO schedules VALUES ('s1', 'site-1', 'gate-1', 'Mornings', '0 7 * * *', 'UTC', 'close', '{}', 0, 300000000, 1000000, 2000000);
		INSERT INTO schedule_runs VALUES ('s1', 2000000, 2000500, 'sent', '', 'command-1'), ('gone', 3000000, 3000000, 'skipped', 'late', '')`)
	s := reopened(t, dir).Schedules()
	got, err := s.Schedule(ctx, "s1")
	ok(t, err)
	want := schedule.Schedule{
		ID: "s1", Site: "site-1", Targets: []schedule.Target{{Device: "gate-1"}}, Name: "Mornings", Cron: "0 7 * * *", TimeZone: "UTC",
		Action: devices.ActionClose, Args: map[string]string{}, Late: schedule.Skip, SkipLate: 5 * time.Minute, Created: time.Unix(1, 0).UTC(), Next: time.Unix(2, 0).UTC(),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	claimed, err := s.Claim(ctx, schedule.Run{Schedule: "s1", Device: "gate-1", Due: time.Unix(2, 0), At: time.Unix(2, 0), Claimed: time.Unix(9, 0), Outcome: schedule.Claimed})
	ok(t, err)
	runs, err := s.Runs(ctx, schedule.RunQuery{Limit: 10})
	ok(t, err)
	if claimed || len(runs) != 2 || runs[0].Schedule != "gone" || runs[1].Site != "site-1" || runs[1].Zone != "zone-1" || runs[1].Command != "command-1" {
		t.Errorf("claimed %v, runs %+v", claimed, runs)
	}
}
