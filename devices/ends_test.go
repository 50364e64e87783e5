package devices_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

func TestRefusalEndsWithTheDevicesReason(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		w.answers(w.gate, c.ID, "refused", "blocked")
		w.shows(c.ID, command.Accepted, command.Sent, command.Refused)
		if d := detail(w.command(c.ID), command.Refused); d != "blocked" {
			t.Errorf("the detail is %q", d)
		}
	})
}

func TestSilenceOnTheWireIsUncertainNeverExpired(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		g.acked()
		time.Sleep(devices.DefaultTTL + time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Uncertain)
	})
}

func TestLateAnswerAfterUncertainIsRecordedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"on the feed": 10 * time.Second, "after the feed": 10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				c, g := w.opens()
				g.written()
				time.Sleep(wait)
				w.answers(w.gate, c.ID, "done", "")
				w.shows(c.ID, command.Accepted, command.Sent, command.Uncertain, command.Done)
				w.answers(w.gate, c.ID, "done", "") // and once only
				w.shows(c.ID, command.Accepted, command.Sent, command.Uncertain, command.Done)
				if s := command.Shown(w.command(c.ID).Ladder); s != command.Uncertain {
					t.Errorf("%s is shown, want uncertain", s)
				}
			})
		})
	}
}

func TestConnectionThatEndsUnwrittenFailsTheCommand(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		g.ended(false, "keep-alive")
		w.shows(c.ID, command.Accepted, command.Failed)
		if d := detail(w.command(c.ID), command.Failed); !strings.Contains(d, "keep-alive") {
			t.Errorf("the detail is %q", d)
		}
	})
}

func TestConnectionThatEndsAfterWritingLeavesTheCommandOpenUntilItsDeadline(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		g.ended(true, "connection lost")
		w.down(w.gate, "connection lost")
		time.Sleep(devices.DefaultTTL - time.Second)
		w.shows(c.ID, command.Accepted, command.Sent)
		time.Sleep(2 * time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Uncertain)
		if d := detail(w.command(c.ID), command.Uncertain); !strings.Contains(d, "connection lost") {
			t.Errorf("the detail is %q", d)
		}
	})
}

func TestDeviceThatComesBackInTimeMayStillAnswer(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		g.ended(true, "connection lost")
		w.down(w.gate, "connection lost")
		time.Sleep(2 * time.Second)
		w.up(w.gate)
		w.answers(w.gate, c.ID, "done", "")
		w.says(w.gate, "opening", c.ID)
		w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.Confirmed)
	})
}

func TestDeadlineThatPassesUnwrittenIsExpired(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		time.Sleep(devices.DefaultTTL)
		g.ended(false, devices.LinkExpired)
		w.shows(c.ID, command.Accepted, command.Expired)
	})
}

func TestSilenceOfTheLinkIsUncertain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, _ := w.opens()
		time.Sleep(devices.DefaultTTL + time.Second)
		w.shows(c.ID, command.Accepted, command.Uncertain)
	})
}

func TestDoneWithoutAnEffectDidNotMove(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		w.says(w.gate, "closed", "")
		g.written()
		w.answers(w.gate, c.ID, "done", "")
		time.Sleep(14 * time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Done)
		time.Sleep(2 * time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.DidNotMove)
	})
}

func TestAnOrderWhoseDeadlinePassesBeforeItIsRecordedExpiresUnsent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(func(op string) error {
			if op == "command" {
				time.Sleep(120 * time.Millisecond)
			}
			return nil
		}, nil)
		r := w.request(devices.ActionOpen)
		r.TTL = 100 * time.Millisecond
		c := w.send(w.gate, r)
		w.shows(c.ID, command.Accepted, command.Expired)
		if len(w.link.sent()) != 0 {
			t.Error("it was given to the link")
		}
	})
}

func TestAnOrderThatTheStoreRefusesIsNotSent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(refusing("command"), nil)
		_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen))
		if devices.CodeOf(err) != devices.Internal {
			t.Errorf("%v, want internal", err)
		}
		if len(w.link.sent()) != 0 {
			t.Error("it was given to the link")
		}
	})
}

func TestOrderWhoseRecordWasInDoubtIsNeverSentAndEndsFailed(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(nil, refusing("command")) // committed, but reported as an error
		r := w.request(devices.ActionOpen)
		if _, err := w.c.Send(context.Background(), guard, w.gate.ID, r); err == nil {
			t.Fatal("the error is hidden")
		}
		w.store.set(nil, nil)
		c := w.send(w.gate, r)
		w.shows(c.ID, command.Accepted, command.Failed)
		if len(w.link.sent()) != 0 {
			t.Error("it was given to the link")
		}
	})
}

func TestSavingOfStepsNeverDelaysTheSending(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		disk := make(chan struct{})
		w.store.set(func(op string) error {
			if op == "ladder" {
				<-disk
			}
			return nil
		}, nil)
		c, g := w.opens()
		g.written()
		synctest.Wait()
		w.send(w.gate, w.request(devices.ActionClose))
		if n := len(w.link.sent()); n != 2 {
			t.Errorf("%d commands on the wire while the disk stands still, want 2", n)
		}
		close(disk)
		w.shows(c.ID, command.Accepted, command.Sent)
	})
}

func TestStepsAreSavedWhenTheDiskComesBack(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		w.store.set(failing("ladder"), nil)
		g.written()
		g.acked()
		if err := w.report(w.gate, wire.Answer, wire.AnswerPayload{ID: string(c.ID), Outcome: "done", At: 1}); err == nil {
			t.Error("an answer that is not saved was taken")
		}
		w.store.set(nil, nil)
		w.answers(w.gate, c.ID, "done", "") // the broker offers it again
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Done)
	})
}

func TestNoKeyNoCommand(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.stop()
		w.start(keys{err: errDisk})
		w.up(w.gate)
		c := w.send(w.gate, w.request(devices.ActionOpen))
		w.shows(c.ID, command.Accepted, command.Failed)
		if len(w.link.sent()) != 0 {
			t.Error("it was given to the link")
		}
	})
}

func TestEndedCommandLeavesTheFeedAfterAMinute(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c := w.send(w.gate, w.request(devices.ActionOpen)) // fails at once
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if w.news.isGone(c.ID) || len(w.c.Snapshot().Commands) != 1 {
			t.Error("it is gone too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !w.news.isGone(c.ID) || len(w.c.Snapshot().Commands) != 0 {
			t.Error("it is still there")
		}
		w.shows(c.ID, command.Accepted, command.Failed)
	})
}

func TestCommandsThatWereOpenAtAStopAreUncertain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		waiting, _ := w.opens()
		done := w.send(w.gate, w.request(devices.ActionClose))
		w.answers(w.gate, done.ID, "done", "")
		ended := w.send(w.gate, w.request(devices.ActionStop))
		w.answers(w.gate, ended.ID, "refused", "fault")
		w.restart()
		w.shows(waiting.ID, command.Accepted, command.Uncertain)
		w.shows(done.ID, command.Accepted, command.Done, command.Uncertain)
		w.shows(ended.ID, command.Accepted, command.Refused)
		if len(w.news.commands[waiting.ID]) != 1 {
			t.Error("the feed was not told")
		}
		w.up(w.gate)
		w.answers(w.gate, waiting.ID, "done", "")
		w.shows(waiting.ID, command.Accepted, command.Uncertain, command.Done)
	})
}

func TestSendAfterTheEndIsUnavailable(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.stop()
		_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen))
		if devices.CodeOf(err) != devices.Unavailable {
			t.Errorf("%v, want unavailable", err)
		}
	})
}

func TestWhatMayHaveLeftTheProcessIsNeverFailed(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		g.ended(true, "connection lost") // in the middle of the write
		w.shows(c.ID, command.Accepted)
		time.Sleep(devices.DefaultTTL + time.Second)
		w.shows(c.ID, command.Accepted, command.Uncertain)
	})
}

func TestOrderInDoubtIsEndedWithoutAnybodyAsking(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(nil, refusing("command")) // committed, but reported as an error
		if _, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen)); err == nil {
			t.Fatal("the error is hidden")
		}
		synctest.Wait()
		all, err := w.c.Commands(context.Background(), devices.CommandQuery{Device: w.gate.ID})
		w.must(err)
		if len(all) != 1 || command.Shown(all[0].Ladder) != command.Failed {
			t.Errorf("the commands are %+v", all)
		}
	})
}

func TestAnAnswerIsTakenOnlyOnceItIsSaved(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		disk, first := make(chan struct{}), true
		w.store.set(func(op string) error {
			if op != "ladder" {
				return nil
			}
			if first { // the save of "sent" stands still, all after it fail
				first = false
				<-disk
				return nil
			}
			return errDisk
		}, nil)
		g.written()
		synctest.Wait()
		taken := make(chan error)
		go func() {
			taken <- w.report(w.gate, wire.Answer, wire.AnswerPayload{ID: string(c.ID), Outcome: "done", At: 1})
		}()
		synctest.Wait()
		close(disk)
		if err := <-taken; err == nil {
			t.Error("an answer that is not saved was taken")
		}
		w.shows(c.ID, command.Accepted, command.Sent)
		w.store.set(nil, nil)
		w.answers(w.gate, c.ID, "done", "")
		w.shows(c.ID, command.Accepted, command.Sent, command.Done)
	})
}
