package sim

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
)

func TestEveryKindRestartsAndSetsItsClockAndSaysThatItVerifies(t *testing.T) {
	for _, kind := range []string{Gate, Turnstile, Camera} {
		synctest.Test(t, func(t *testing.T) {
			d := start(t, Options{Skew: time.Hour}, identity(kind, "x1")).Device("x1")
			b := plug(d)
			last := func() wire.StatePayload { all := on[wire.StatePayload](t, b, wire.State); return all[len(all)-1] }
			for _, able := range []string{"restart", "set_time", "signature"} {
				if !slices.Contains(last().Capabilities, able) {
					t.Errorf("a %s does not say that it can %s", kind, able)
				}
			}
			order(d, wire.CommandPayload{ID: "clock", Action: actSetTime})
			if off := time.Duration(last().At-time.Now().UnixMilli()) * time.Millisecond; off.Abs() > time.Second || last().Command != "clock" {
				t.Errorf("the clock of a %s is off by %s: %+v", kind, off, last())
			}
			order(d, wire.CommandPayload{ID: "again", Action: actRestart})
			time.Sleep(restartTakes)
			synctest.Wait()
			if last().Command != "again" {
				t.Errorf("the report of a %s after its restart is %+v", kind, last())
			}
			for _, a := range on[wire.AnswerPayload](t, b, wire.Answer) {
				if a.Outcome != "done" {
					t.Errorf("a %s answered %+v", kind, a)
				}
			}
		})
	}
}

func TestACameraRecordsForAWholeNumberOfSecondsUpTo300(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Camera, "c1")).Device("c1")
		b := plug(d)
		for seconds, want := range map[string]string{"1": "done", "300": "done", "0": "refused", "301": "refused", "": "refused"} {
			order(d, wire.CommandPayload{ID: "record-" + seconds, Action: actRecord, Args: map[string]string{"seconds": seconds}})
			answers := on[wire.AnswerPayload](t, b, wire.Answer)
			if a := answers[len(answers)-1]; a.Outcome != want {
				t.Errorf("%q seconds: %+v, want %s", seconds, a, want)
			}
		}
	})
}
