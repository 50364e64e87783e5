package devices_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

func (w *world) cancels(id devices.CommandID) (devices.Command, error) {
	c, err := w.c.Cancel(context.Background(), guard, id)
	synctest.Wait()
	return c, err
}

func (w *world) lastAudit() devices.AuditRow {
	w.t.Helper()
	rows, err := w.c.Audit(context.Background(), 0, 1)
	w.must(err)
	return rows[0]
}

func TestACommandThatWaitsIsCancelledAndNeverSent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		got, err := w.cancels(c.ID)
		w.must(err)
		if command.Shown(got.Ladder) != command.Cancelled || !command.Ended(got.Ladder) || detail(got, command.Cancelled) != "cancelled by "+guard.Name {
			t.Errorf("it is %+v", got.Ladder)
		}
		if g.recall() {
			t.Error("it still waits in the link")
		}
		w.shows(c.ID, command.Accepted, command.Cancelled)
		if told := w.news.commands[c.ID]; command.Shown(told[len(told)-1].Ladder) != command.Cancelled {
			t.Error("the feed was not told")
		}
		if row := w.lastAudit(); row.Verb != "command.cancel" || row.Object != "command:"+string(c.ID) || row.Actor != guard || row.Outcome != devices.OutcomeOK {
			t.Errorf("the audit row is %+v", row)
		}
		again, err := w.cancels(c.ID)
		if err != nil || again.ID != c.ID {
			t.Errorf("cancelled again: %v", err)
		}
		time.Sleep(time.Hour)
		w.shows(c.ID, command.Accepted, command.Cancelled)
		if _, err := w.cancels(c.ID); err != nil {
			t.Errorf("cancelled once more, when only the store knows it: %v", err)
		}
	})
}

func TestACommandThatWasSentIsNotCancelledAndTheAnswerNamesTheStep(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"sent", g.written},
			{"delivered", g.acked},
			{"done", func() { w.answers(w.gate, c.ID, "done", "") }},
			{"confirmed", func() { w.says(w.gate, "opening", c.ID) }},
		} {
			step.do()
			_, err := w.cancels(c.ID)
			if devices.CodeOf(err) != devices.Conflict || !strings.Contains(err.Error(), step.name) {
				t.Errorf("after %s: %v", step.name, err)
			}
			if row := w.lastAudit(); row.Outcome != devices.OutcomeRefused {
				t.Errorf("after %s the audit row is %+v", step.name, row)
			}
		}
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Done, command.Confirmed)
		if _, err := w.cancels("nobody"); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("an unknown one: %v", err)
		}
	})
}

func TestACommandThatIsBeingWrittenIsNotCancelled(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		g.taken.Store(true) // and nobody has reported it yet
		if _, err := w.cancels(c.ID); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("%v, want a conflict", err)
		}
		g.written()
		w.shows(c.ID, command.Accepted, command.Sent)
	})
}

func TestACommandWhoseRecordIsPendingIsCancelled(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		fault, free := standstill("command")
		w.store.set(fault, nil)
		c, _ := w.pressed(w.request(devices.ActionOpen))
		got, err := w.cancels(c.ID)
		if err != nil || command.Shown(got.Ladder) != command.Cancelled || !got.RecordPending {
			t.Errorf("%+v, %v", got, err)
		}
		free()
		w.shows(c.ID, command.Accepted, command.Cancelled)
	})
}

// stopsAfter gives an order to 200 devices on a disk that stands still, half of them
// away, writes each third of what is sent, stops the order, and counts the ends.
func (w *world) stopsAfter(pause time.Duration) (ends map[string]int, written int) {
	w.t.Helper()
	w.crowd(200)
	r := wanted("all-of-them")
	for _, l := range w.c.Devices() {
		if l.Device.Kind == devices.Gate && l.Device.ID != w.gate.ID {
			r.Devices = append(r.Devices, l.Device.ID)
		}
	}
	fault, free := standstill("command", "read")
	w.store.set(fault, nil)
	result := make(chan devices.BatchResult, 1)
	go func() {
		b, err := w.c.SendBatch(context.Background(), guard, r)
		if err != nil {
			w.t.Error(err)
		}
		result <- b
	}()
	time.Sleep(pause)
	for i, g := range w.link.sent() {
		if i%3 == 0 {
			g.written()
			written++
		}
	}
	all, err := w.c.Batches(context.Background(), devices.BatchQuery{Limit: 1})
	w.must(err)
	for range 2 { // twice changes nothing
		_, err = w.c.CancelBatch(context.Background(), guard, all[0].ID)
		w.must(err)
	}
	b := <-result
	free()
	w.store.set(nil, nil)
	time.Sleep(30 * time.Second)
	synctest.Wait()
	b, err = w.c.Batch(context.Background(), b.ID)
	w.must(err)
	ends = map[string]int{}
	for i, m := range b.Members {
		step := string(command.Shown(b.Commands[i].Ladder))
		if b.Commands[i].ID == "" {
			step = "not made: " + string(m.Code)
		}
		ends[step]++
	}
	return ends, written
}

func TestAStoppedOrderToManyMakesNoMoreCommands(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ends, written := w.stopsAfter(100 * time.Millisecond)
		if written != 0 || ends["not made: cancelled"] != 200-32 || ends["cancelled"] != 16 || ends["failed"] != 16 {
			t.Errorf("%d were written; the ends are %v", written, ends)
		}
	})
}

func TestAStoppedOrderToManyTakesBackWhatIsNotSentAndNothingElse(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ends, written := w.stopsAfter(400 * time.Millisecond)
		if written != 34 || ends["uncertain"] != written || ends["cancelled"] != 100-written || ends["failed"] != 100 {
			t.Errorf("%d were written; the ends are %v", written, ends)
		}
	})
}

func TestAnOrderToManyThatIsStoppedAsSoonAsItIsSeenMakesNoCommand(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.crowd(10)
		w.store.set(nil, func(op string) error {
			if op != "AddBatch" {
				return nil
			}
			all, err := w.c.Batches(context.Background(), devices.BatchQuery{Limit: 1})
			w.must(err)
			_, err = w.c.CancelBatch(context.Background(), guard, all[0].ID)
			w.must(err)
			return nil
		})
		r := wanted("all-of-them")
		r.Site = w.site.ID
		b := w.batch(r)
		if sent := len(w.link.sent()); sent != 0 {
			t.Errorf("%d commands were sent", sent)
		}
		for _, m := range b.Members {
			if m.Code != devices.Cancelled {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestAnOrderToManyIsStoppedWholeAlsoIfWhoeverStopsItGoesAway(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.crowd(200)
		r := wanted("all-of-them")
		r.Site = w.site.ID
		b := w.batch(r)
		if sent := len(w.link.sent()); sent != 100 {
			t.Fatalf("%d were sent", sent)
		}
		w.store.set(func(op string) error { // a disk that takes its time
			if op == "ladder" {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}, nil)
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
		defer cancel()
		_, _ = w.c.CancelBatch(ctx, guard, b.ID)
		time.Sleep(900 * time.Millisecond) // one after the other takes ten seconds
		for _, g := range w.link.sent() {
			if g.recall() {
				t.Fatalf("that of %s still waits in the link", g.to.ID)
			}
		}
	})
}
