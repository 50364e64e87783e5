package schedule_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

var errDisk = errors.New("disk")

// property is a service with its store and sender, in a synctest bubble, whose
// clock starts at midnight UTC, 2000-01-01.
type property struct {
	t        *testing.T
	store    *memory
	sender   *sender
	calendar schedule.Calendar
	svc      *schedule.Service
	stop     func()
	told     atomic.Int64 // how often the day of a site was to be told anew
}

func newProperty(t *testing.T) *property {
	return &property{t: t, store: newMemory(), sender: &sender{}, stop: func() {}}
}

// start runs a new process over the same store.
func (p *property) start() {
	parts := deps(p.store, p.sender)
	parts.Calendar, parts.Changed = p.calendar, func(devices.SiteID) { p.told.Add(1) }
	p.svc = schedule.New(parts)
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan error)
	go func() { done <- p.svc.Run(ctx) }()
	synctest.Wait() // it has read what there is: what is made from now on is told to it
	p.stop = func() {
		cancel()
		if err := <-done; err != nil {
			p.t.Errorf("Run gave %v", err)
		}
		p.stop = func() {}
	}
}

func (p *property) create(cron string) schedule.Schedule {
	p.t.Helper()
	return p.make(draft(cron))
}

func (p *property) make(d schedule.Draft) schedule.Schedule {
	p.t.Helper()
	made, err := p.svc.Create(p.t.Context(), person(), d)
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

func person() devices.Actor {
	return devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li", Address: "192.0.2.1"}
}

func draft(cron string) schedule.Draft {
	return schedule.Draft{Devices: []devices.DeviceID{"gate-1"}, Name: "Mornings", Cron: cron, TimeZone: "UTC", Action: devices.ActionOpen}
}

// wait lets time pass, and everything that it sets off.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (p *property) sentAt() []string {
	var at []string
	for _, s := range p.sender.all() {
		at = append(at, s.at.Format("15:04:05"))
	}
	return at
}

// sentOn is sentAt with days.
func (p *property) sentOn() []string {
	var at []string
	for _, s := range p.sender.all() {
		at = append(at, s.at.Format("02 15:04"))
	}
	return at
}

func (p *property) verbs() []string {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	var verbs []string
	for _, a := range p.store.audit {
		verbs = append(verbs, a.Verb)
	}
	return verbs
}

func (p *property) runs(id schedule.ID) []string {
	p.t.Helper()
	got, err := p.svc.Runs(p.t.Context(), id, 500)
	if err != nil {
		p.t.Fatal(err)
	}
	var lines []string
	for i := len(got) - 1; i >= 0; i-- {
		lines = append(lines, got[i].Due.Format("15:04")+" "+string(got[i].Outcome))
	}
	return lines
}

func want(t *testing.T, what string, want, got []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func inBubble(t *testing.T, run func(t *testing.T, p *property)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProperty(t)
		defer func() { p.stop() }()
		run(t, p)
	})
}

func TestRunSendsAtTheMinute(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("*/2 * * * *")
		wait(5 * time.Minute)
		want(t, "sent", []string{"00:02:00", "00:04:00"}, p.sentAt())
		want(t, "runs", []string{"00:02 sent", "00:04 sent"}, p.runs(s.ID))
		first := p.sender.all()[0]
		due := time.Date(2000, 1, 1, 0, 2, 0, 0, time.UTC)
		wanted := sent{at: due, device: "gate-1",
			actor: devices.Actor{Kind: devices.ActorSchedule, ID: string(s.ID), Name: "Mornings"},
			req:   devices.Request{Key: schedule.Key(s.ID, due), Action: devices.ActionOpen, Reason: "Mornings", TTL: 5 * time.Second}}
		if d := cmp.Diff(wanted, first, cmp.AllowUnexported(sent{})); d != "" {
			t.Errorf("command (-want +got):\n%s", d)
		}
		if n := len(first.req.Key); n > 64 {
			t.Errorf("the key has %d characters, the limit is 64", n)
		}
		run, err := p.svc.Runs(t.Context(), s.ID, 1)
		if err != nil || run[0].Command != "command-2" {
			t.Errorf("newest run %+v, %v: want command-2", run, err)
		}
	})
}

func TestRestartAcrossADueTimeWithinTheLimitSendsItOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		wait(time.Minute)
		p.stop()
		wait(11 * time.Minute) // 00:12
		p.start()
		wait(time.Second)
		p.stop()
		p.start()
		wait(time.Minute)
		want(t, "sent", []string{"00:12:00"}, p.sentAt())
		want(t, "runs", []string{"00:10 sent"}, p.runs(s.ID))
	})
}

func TestRestartLongAfterADueTimeRecordsItAsSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		p.stop()
		wait(3 * time.Hour)
		p.start()
		wait(time.Second)
		want(t, "sent", nil, p.sentAt())
		want(t, "runs", []string{"00:10 skipped", "01:10 skipped", "02:10 skipped"}, p.runs(s.ID))
		got, err := p.svc.Runs(t.Context(), s.ID, 1)
		if err != nil || !strings.Contains(got[0].Detail, "too late by 50m0s") {
			t.Errorf("run %+v, %v: want how late it was", got, err)
		}
	})
}

func TestOfManyMissedInTheLimitOnlyTheNewestIsSent(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("* * * * *")
		p.stop()
		wait(3*time.Minute + 30*time.Second)
		p.start()
		wait(time.Second)
		want(t, "sent", []string{"00:03:30"}, p.sentAt())
		want(t, "runs", []string{"00:01 skipped", "00:02 skipped", "00:03 sent"}, p.runs(s.ID))
	})
}

func TestALongDowntimeIsRecordedInFewRows(t *testing.T) {
	for name, c := range map[string]struct {
		away time.Duration
		says string
	}{
		"counted":      {8 * time.Hour, "430 due times from 2000-01-01T00:01:00Z to 2000-01-01T07:10:00Z"},
		"not counted":  {45 * 24 * time.Hour, "more than 950 due times from 2000-01-01T00:01:00Z"},
		"for 40 years": {40 * 365 * 24 * time.Hour, "more than 950 due times from 2000-01-01T00:01:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *property) {
				p.start()
				s := p.create("* * * * *")
				p.stop()
				wait(c.away)
				p.start()
				wait(time.Second)
				got, err := p.svc.Runs(t.Context(), s.ID, 500)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) < 51 || len(got) > 130 {
					t.Fatalf("%d rows", len(got))
				}
				oldest := got[len(got)-1]
				if oldest.Outcome != schedule.Skipped || !strings.HasPrefix(oldest.Detail, c.says) {
					t.Errorf("oldest row %+v, want %q", oldest, c.says)
				}
				want(t, "sent", []string{time.Now().UTC().Add(-time.Second).Format("15:04:05")}, p.sentAt())
			})
		})
	}
}

func TestCrashBetweenClaimAndSendShowsClaimedAndIsNeverSent(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		p.stop()
		// What a process leaves that died after its claim.
		due := time.Date(2000, 1, 1, 0, 10, 0, 0, time.UTC)
		if _, err := p.store.Claim(t.Context(), schedule.Run{Schedule: s.ID, Device: "gate-1", Due: due, Claimed: due, Outcome: schedule.Claimed}); err != nil {
			t.Fatal(err)
		}
		wait(11 * time.Minute)
		p.start()
		wait(time.Minute)
		want(t, "sent", nil, p.sentAt())
		want(t, "runs", []string{"00:10 claimed"}, p.runs(s.ID))
	})
}

func TestOutcomeThatCannotBeStoredLeavesTheRunClaimedAndSendsOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.store.onFinish = func(schedule.Run) error { return errDisk }
		p.start()
		s := p.create("10 * * * *")
		wait(20 * time.Minute)
		want(t, "sent", []string{"00:10:00"}, p.sentAt())
		want(t, "runs", []string{"00:10 claimed"}, p.runs(s.ID))
	})
}

func TestTwoReplicasSendOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("*/5 * * * *")
		other := newProperty(t)
		other.store = p.store
		other.start()
		defer other.stop()
		wait(time.Hour)
		if n := len(p.sentAt()) + len(other.sentAt()); n != 12 {
			t.Errorf("sent %d times, want 12", n)
		}
		if got := p.runs(s.ID); len(got) != 12 || strings.Contains(strings.Join(got, ","), "skipped") {
			t.Errorf("runs %v, want 12 sent", got)
		}
	})
}

func TestAnotherProcessesEditIsSeenBeforeTheNextRun(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		other := schedule.New(deps(p.store, p.sender))
		wait(time.Minute)
		if _, err := other.Update(t.Context(), person(), s.ID, draft("20 * * * *")); err != nil {
			t.Fatal(err)
		}
		wait(30 * time.Minute)
		want(t, "sent", []string{"00:20:00"}, p.sentAt())
	})
}

func TestUpdateWhileWaitingMovesTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		wait(5 * time.Minute)
		d := draft("7 * * * *")
		d.Action = devices.ActionClose
		if _, err := p.svc.Update(t.Context(), person(), s.ID, d); err != nil {
			t.Fatal(err)
		}
		wait(10 * time.Minute)
		want(t, "sent", []string{"00:07:00"}, p.sentAt())
		if got := p.sender.all()[0].req.Action; got != devices.ActionClose {
			t.Errorf("sent %s, want the new action", got)
		}
	})
}

func TestUpdateOfADueTimeThatWasNotSentRecordsIt(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		p.stop()
		wait(12 * time.Minute)
		if _, err := p.svc.Update(t.Context(), person(), s.ID, draft("0 5 * * *")); err != nil {
			t.Fatal(err)
		}
		p.start()
		wait(time.Minute)
		want(t, "sent", nil, p.sentAt())
		want(t, "runs", []string{"00:10 skipped"}, p.runs(s.ID))
	})
}

func TestPausedScheduleIsNotRunAndMissesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		paused := draft("10 * * * *")
		paused.Paused = true
		got, err := p.svc.Update(t.Context(), person(), s.ID, paused)
		if err != nil || !got.Next.IsZero() {
			t.Fatalf("paused: %+v, %v; want no next time", got, err)
		}
		wait(2 * time.Hour)
		p.stop()
		p.start()
		wait(time.Hour) // 03:00
		if _, err := p.svc.Update(t.Context(), person(), s.ID, draft("10 * * * *")); err != nil {
			t.Fatal(err)
		}
		p.stop()
		p.start()
		wait(15 * time.Minute)
		want(t, "sent", []string{"03:10:00"}, p.sentAt())
		want(t, "runs", []string{"03:10 sent"}, p.runs(s.ID))
	})
}

func TestDeletedScheduleIsNotRun(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.create("10 * * * *")
		wait(time.Minute)
		if err := p.svc.Delete(t.Context(), person(), s.ID); err != nil {
			t.Fatal(err)
		}
		wait(time.Hour)
		want(t, "sent", nil, p.sentAt())
	})
}

func TestStoreThatRefusesTheClaimIsAskedAgainUntilTooLate(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		start := time.Now()
		p.store.onClaim = func(schedule.Run) error {
			away := time.Since(start)
			if away < 12*time.Minute || away > 15*time.Minute && away < 2*time.Hour+15*time.Minute {
				return errDisk
			}
			return nil
		}
		p.start()
		s := p.create("10 * * * *")
		wait(15 * time.Minute)
		if got := p.sentAt(); len(got) != 1 || !strings.HasPrefix(got[0], "00:12:0") {
			t.Errorf("sent %v, want once when the store was back", got)
		}
		wait(2*time.Hour + time.Minute) // over the due time of 01:10 and its limit
		want(t, "runs", []string{"00:10 sent", "01:10 skipped", "02:10 sent"}, p.runs(s.ID))
	})
}

func TestClaimThatTookTooLongIsNotSent(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.store.onClaim = func(schedule.Run) error { time.Sleep(6 * time.Minute); return nil }
		p.start()
		s := p.create("10 * * * *")
		wait(20 * time.Minute)
		want(t, "sent", nil, p.sentAt())
		want(t, "runs", []string{"00:10 skipped"}, p.runs(s.ID))
	})
}

func TestCommandThatCannotBeMadeIsRecordedWithItsReason(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.sender.fail = &devices.Error{Op: "command.send", Code: devices.Forbidden, Message: "locked down by Li"}
		p.start()
		s := p.create("10 * * * *")
		wait(20 * time.Minute)
		got, err := p.svc.Runs(t.Context(), s.ID, 10)
		if err != nil || len(got) != 1 || got[0].Outcome != schedule.Broken || got[0].Detail != "locked down by Li" {
			t.Errorf("runs %+v, %v", got, err)
		}
	})
}

// The clock of the program jumps about while real time passes.
func TestStepsOfTheClockNeverRunADueTimeTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		var step atomic.Int64 // ns
		d := deps(p.store, p.sender)
		d.Now = func() time.Time { return time.Now().Add(time.Duration(step.Load())) }
		p.svc = schedule.New(d)
		s := p.create("*/10 * * * *")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.svc.Run(ctx) }()
		wait(15 * time.Minute) // 00:15
		step.Add(int64(-10 * time.Minute))
		wait(10 * time.Minute) // 00:15 again, past 00:10
		step.Add(int64(18 * time.Minute))
		wait(10 * time.Second) // 00:33: 00:20 too late, 00:30 within the limit
		step.Add(int64(-2 * time.Second))
		wait(8 * time.Minute) // 00:41
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		want(t, "runs", []string{"00:10 sent", "00:20 skipped", "00:30 sent", "00:40 sent"}, p.runs(s.ID))
		if n := len(p.sender.all()); n != 3 {
			t.Errorf("sent %d times, want 3", n)
		}
	})
}
