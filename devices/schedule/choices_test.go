package schedule_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/command"
	"gatehouse/devices/schedule"
)

func refusedFor(t *testing.T, err error, field string) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != field || !strings.Contains(e.Message, "for example") {
		t.Errorf("error %v; want invalid %s, and an example", err, field)
	}
}

// closing is a draft that closes a gate.
func closing(cron string) schedule.Draft {
	d := draft(cron)
	d.Action = devices.ActionClose
	return d
}

func TestChoicesThatMakeNoSenseAreRefusedWithFieldAndExample(t *testing.T) {
	t.Parallel()
	many := make([]devices.DeviceID, 501)
	for name, c := range map[string]struct {
		field  string
		change func(*schedule.Draft)
	}{
		"open caught up":     {"late", func(d *schedule.Draft) { d.Action, d.Late = devices.ActionOpen, schedule.CatchUp }},
		"other word":         {"late", func(d *schedule.Draft) { d.Late = "never" }},
		"no device":          {"devices", func(d *schedule.Draft) { d.Devices = nil }},
		"too many devices":   {"devices", func(d *schedule.Draft) { d.Devices = many }},
		"of two sites":       {"devices", func(d *schedule.Draft) { d.Devices = []devices.DeviceID{"gate-1", "far-1"} }},
		"unknown among many": {"devices", func(d *schedule.Draft) { d.Devices = []devices.DeviceID{"gate-1", "nowhere"} }},
		"unknown kind":       {"days", func(d *schedule.Draft) { d.Days = []calendar.Kind{"sunny"} }},
		"jitter too long":    {"jitterSeconds", func(d *schedule.Draft) { d.Jitter = 11 * time.Minute }},
		"jitter below zero":  {"jitterSeconds", func(d *schedule.Draft) { d.Jitter = -time.Second }},
		"jitter over dues":   {"jitterSeconds", func(d *schedule.Draft) { d.Cron, d.Jitter = "* * * * *", time.Minute }},
		"check too late":     {"checkMinutes", func(d *schedule.Draft) { d.Check = 31 * time.Minute }},
		"check in seconds":   {"checkMinutes", func(d *schedule.Draft) { d.Check = 90 * time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := newMemory()
			d := closing("0 7 * * *")
			c.change(&d)
			_, err := newService(store).Create(t.Context(), person(), d)
			refusedFor(t, err, c.field)
			if len(store.schedules)+len(store.audit) != 0 {
				t.Error("something was stored")
			}
		})
	}
}

func TestWhatIsCaughtUpIsSentHoweverLateAndOnlyTheNewest(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		d := closing("10 * * * *")
		d.Late = schedule.CatchUp
		s := p.make(d)
		p.stop()
		wait(3 * time.Hour)
		p.start()
		wait(time.Second)
		want(t, "sent", []string{"03:00:00"}, p.sentAt())
		want(t, "runs", []string{"00:10 skipped", "01:10 skipped", "02:10 sent"}, p.runs(s.ID))
	})
}

func TestAPauseUntilATimeEndsByItselfAndCatchesNothingUp(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.make(closing("*/10 * * * *"))
		until := time.Now().UTC().Add(30 * time.Minute)
		paused, err := p.svc.Pause(t.Context(), person(), s.ID, until)
		if err != nil || !paused.PausedUntil.Equal(until) || !paused.Next.Equal(until) || paused.Paused {
			t.Fatalf("paused %+v, %v", paused, err)
		}
		wait(15 * time.Minute)
		p.stop() // over a restart
		p.start()
		wait(5 * time.Minute)
		d := closing("*/10 * * * *") // and over an edit
		d.Name = "Other"
		if got, err := p.svc.Update(t.Context(), person(), s.ID, d); err != nil || !got.PausedUntil.Equal(until) {
			t.Errorf("edited: %+v, %v", got, err)
		}
		wait(21 * time.Minute)
		want(t, "sent", []string{"00:30:00", "00:40:00"}, p.sentAt())
		want(t, "runs", []string{"00:30 sent", "00:40 sent"}, p.runs(s.ID))
		if got, err := p.svc.Get(t.Context(), s.ID); err != nil || !got.PausedUntil.IsZero() {
			t.Errorf("afterwards: %+v, %v", got, err)
		}
		_, err = p.svc.Pause(t.Context(), person(), s.ID, time.Now().Add(-time.Second))
		refusedFor(t, err, "until")
	})
}

func TestPauseAndResumeHaveTheirAuditEntries(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.make(closing("*/10 * * * *"))
		if got, err := p.svc.Pause(t.Context(), person(), s.ID, time.Time{}); err != nil || !got.Paused || !got.Next.IsZero() {
			t.Errorf("paused: %+v, %v", got, err)
		}
		wait(25 * time.Minute)
		if got, err := p.svc.Resume(t.Context(), person(), s.ID); err != nil || got.Paused || got.Next.Minute() != 30 {
			t.Errorf("resumed: %+v, %v", got, err)
		}
		wait(10 * time.Minute)
		want(t, "runs", []string{"00:30 sent"}, p.runs(s.ID))
		want(t, "verbs", []string{"schedule.create", "schedule.pause", "schedule.resume"}, p.verbs())
	})
}

func TestTheNextDueTimeIsLeftOutOnceAndSaysByWhom(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.make(closing("*/10 * * * *"))
		got, err := p.svc.SkipNext(t.Context(), person(), s.ID)
		if err != nil || got.LeftOut.Due.Minute() != 10 || got.Next.Minute() != 20 {
			t.Fatalf("%+v, %v", got, err)
		}
		p.stop()
		p.start()
		wait(25 * time.Minute)
		want(t, "runs", []string{"00:10 skipped", "00:20 sent"}, p.runs(s.ID))
		runs, err := p.svc.Runs(t.Context(), s.ID, 10)
		if err != nil || runs[1].Detail != "left out by Li" {
			t.Errorf("%+v, %v", runs, err)
		}
		if _, err := p.svc.SkipNext(t.Context(), person(), s.ID); err != nil {
			t.Error(err)
		}
		named, moved := closing("*/10 * * * *"), closing("5 * * * *")
		named.Name = "Other"
		if got, err := p.svc.Update(t.Context(), person(), s.ID, named); err != nil || got.LeftOut.Due.Minute() != 30 {
			t.Errorf("an edit that leaves the time as it is: %+v, %v", got, err)
		}
		other := p.make(closing("*/10 * * * *"))
		if _, err := p.svc.SkipNext(t.Context(), person(), other.ID); err != nil {
			t.Error(err)
		}
		if got, err := p.svc.Update(t.Context(), person(), other.ID, moved); err != nil || !got.LeftOut.Due.IsZero() {
			t.Errorf("an edit after which the time is none: %+v, %v", got, err)
		}
		if got, err := p.svc.KeepNext(t.Context(), person(), s.ID); err != nil || got.Next.Minute() != 30 || !got.LeftOut.Due.IsZero() {
			t.Errorf("taken back: %+v, %v", got, err)
		}
		wait(10 * time.Minute)
		want(t, "runs", []string{"00:10 skipped", "00:20 sent", "00:30 sent"}, p.runs(s.ID))
	})
}

func TestDevicesAreSpreadByAFixedPartOfTheJitter(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		d := closing("0 * * * *")
		d.Devices = []devices.DeviceID{"gate-3", "gate-1", "gate-2", "gate-1"}
		d.Jitter = 10 * time.Minute
		s := p.make(d)
		wait(65 * time.Minute)
		p.stop() // in the midst of it
		p.start()
		wait(66 * time.Minute)
		sent := map[string]string{}
		for _, x := range p.sender.all() {
			key := string(x.device) + x.at.Format(" 15")
			if sent[key] != "" {
				t.Errorf("%s was sent to twice", key)
			}
			sent[key] = x.at.Format("04:05.000")
		}
		for _, hour := range []int{1, 2} {
			due := time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC)
			var all []string
			for _, id := range s.Devices() {
				at := s.Instant(id, due).Format("04:05.000")
				if got := sent[fmt.Sprintf("%s %02d", id, hour)]; got != at {
					t.Errorf("%s at %d was sent to at %q, want %q", id, hour, got, at)
				}
				all = append(all, at)
			}
			if slices.Sort(all); len(slices.Compact(all)) != 3 {
				t.Errorf("not spread: %v", all)
			}
		}
		if len(p.runs(s.ID)) != 6 {
			t.Errorf("runs %v", p.runs(s.ID))
		}
	})
}

func TestTheResultIsLookedAtAndAClosingIsSentOnceMore(t *testing.T) {
	for name, c := range map[string]struct {
		action devices.Action
		ends   []command.Step
		sent   []string
		result command.Step
	}{
		"confirmed":       {devices.ActionClose, nil, []string{"00:10:00"}, command.Confirmed},
		"did not move":    {devices.ActionClose, []command.Step{command.DidNotMove}, []string{"00:10:00", "00:12:00"}, command.Confirmed},
		"never moves":     {devices.ActionClose, []command.Step{command.DidNotMove, command.Failed}, []string{"00:10:00", "00:12:00"}, command.Failed},
		"refused":         {devices.ActionClose, []command.Step{command.Refused}, []string{"00:10:00"}, command.Refused},
		"taken back":      {devices.ActionClose, []command.Step{command.Cancelled}, []string{"00:10:00"}, command.Cancelled},
		"an opening ends": {devices.ActionOpen, []command.Step{command.DidNotMove}, []string{"00:10:00"}, command.DidNotMove},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *property) {
				p.sender.ends = c.ends
				p.start()
				d := closing("10 * * * *")
				d.Action, d.Check = c.action, 2*time.Minute
				s := p.make(d)
				wait(50 * time.Minute)
				var at []string
				for _, x := range p.sentAt() {
					at = append(at, x[:5]+":00") // within the five seconds between two looks
				}
				want(t, "sent", c.sent, at)
				runs, err := p.svc.Runs(t.Context(), s.ID, 10)
				if err != nil || len(runs) != 1 || runs[0].Result != c.result || runs[0].Checked.IsZero() || (runs[0].Again != "") != (len(c.sent) == 2) {
					t.Errorf("run %+v, %v", runs, err)
				}
			})
		})
	}
}

func TestACrashWhileAResultIsLookedAtSendsNothingTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.sender.ends = []command.Step{command.DidNotMove}
		var failing atomic.Bool
		p.store.onFinish = func(r schedule.Run) error {
			if failing.Load() && !r.Checked.IsZero() {
				return errDisk
			}
			return nil
		}
		p.start()
		d := closing("10 * * * *")
		d.Check = 2 * time.Minute
		p.make(d)
		failing.Store(true)
		wait(12*time.Minute + 20*time.Second)
		p.stop()
		failing.Store(false)
		p.start()
		wait(20 * time.Minute)
		if n := len(p.sender.all()); n != 2 {
			t.Errorf("sent %d times, want 2", n)
		}
	})
}

func TestACheckThatComesLongAfterItsTimeSendsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.sender.ends = []command.Step{command.DidNotMove}
		p.start()
		d := closing("10 * * * *")
		d.Check = 2 * time.Minute
		s := p.make(d)
		wait(11 * time.Minute)
		p.stop()
		wait(20 * time.Minute)
		p.start()
		wait(time.Minute)
		want(t, "sent", []string{"00:10:00"}, p.sentAt())
		if runs, err := p.svc.Runs(t.Context(), s.ID, 1); err != nil || runs[0].Result != command.DidNotMove {
			t.Errorf("run %+v, %v", runs, err)
		}
	})
}

func TestRunningNowIsNoDueTimeAndOncePerKey(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		d := closing("10 * * * *")
		d.Devices = []devices.DeviceID{"gate-1", "gate-2"}
		d.Paused = true
		s := p.make(d)
		var first []schedule.Run
		for range 2 {
			got, err := p.svc.RunNow(t.Context(), person(), s.ID, "key-12345")
			if err != nil || len(got) != 2 || got[0].Outcome != schedule.SentOut || got[0].By != "Li" || !got[0].Manual() {
				t.Fatalf("%+v, %v", got, err)
			}
			if first != nil && got[0].Command != first[0].Command {
				t.Error("the same key gave other runs")
			}
			first = got
		}
		if all := p.sender.all(); len(all) != 2 || all[0].actor != person() {
			t.Errorf("sent %+v", all)
		}
		_, err := p.svc.RunNow(t.Context(), person(), s.ID, "short")
		refusedFor(t, err, "key")
		if _, err := p.svc.Resume(t.Context(), person(), s.ID); err != nil {
			t.Fatal(err)
		}
		wait(11 * time.Minute)
		want(t, "sent", []string{"00:00:00", "00:00:00", "00:10:00", "00:10:00"}, p.sentAt())
		want(t, "verbs", []string{"schedule.create", "schedule.run", "schedule.resume"}, p.verbs())
	})
}

func TestARunNowWhoseProcessDiedIsNotSentByItsKeyAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		p.start()
		s := p.make(closing("10 * * * *"))
		// What a process leaves that died after its claim.
		now := time.Now().UTC()
		left := schedule.Run{Schedule: s.ID, Device: "gate-1", Due: now, At: now, Claimed: now, Outcome: schedule.Claimed, Key: "key-12345", By: "Li"}
		if _, err := p.store.ClaimManual(t.Context(), []schedule.Run{left}, devices.AuditEntry{}); err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		got, err := p.svc.RunNow(t.Context(), person(), s.ID, "key-12345")
		if err != nil || len(got) != 1 || got[0].Outcome != schedule.Claimed || len(p.sender.all()) != 0 {
			t.Errorf("%+v, %v, sent %v", got, err, p.sentAt())
		}
	})
}

func TestRunsAreKeptForMoreThanAYearAndThenForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, p *property) {
		now := time.Now().UTC()
		for ago := range 1200 {
			due := now.Add(-time.Duration(ago) * 24 * time.Hour)
			if _, err := p.store.Claim(t.Context(), schedule.Run{Schedule: "old", Device: "gate-1", Due: due, At: due, Claimed: due, Outcome: schedule.SentOut}); err != nil {
				t.Fatal(err)
			}
		}
		p.start()
		wait(time.Minute)
		if n := len(p.store.runs); n != 400 {
			t.Errorf("%d runs are left, want those of the last 400 days", n)
		}
	})
}
