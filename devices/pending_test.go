package devices_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

// pressed sends an order on a disk that stands still, and gives how long it took.
func (w *world) pressed(r devices.Request) (devices.Command, time.Duration) {
	w.t.Helper()
	began := time.Now()
	c, err := w.c.Send(context.Background(), guard, w.gate.ID, r)
	w.must(err)
	return c, time.Since(began)
}

func TestAnOrderIsSent150MillisecondsAfterItWasAskedForWhateverTheDiskDoes(t *testing.T) {
	t.Parallel()
	for name, ill := range map[string]func() (func(string) error, func()){
		"it stands still": func() (func(string) error, func()) { return standstill("command") },
		"it is full":      func() (func(string) error, func()) { return failing("command"), func() {} },
		"nothing answers": func() (func(string) error, func()) { return standstill("command", "ladder", "read") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(t *testing.T, w *world) {
				w.up(w.gate)
				fault, free := ill()
				w.store.set(fault, nil)
				c, took := w.pressed(w.request(devices.ActionOpen))
				if took != 150*time.Millisecond || len(w.link.sent()) != 1 || !c.RecordPending {
					t.Fatalf("answered after %s, %d sent, record pending %v", took, len(w.link.sent()), c.RecordPending)
				}
				g := w.link.sent()[0]
				g.written()
				g.acked()
				synctest.Wait()
				w.isPending(c.ID, command.Delivered)
				w.store.set(nil, nil)
				free()
				time.Sleep(time.Second)
				synctest.Wait()
				w.shows(c.ID, command.Accepted, command.Sent, command.Delivered)
				w.isRecorded(c.ID)
			})
		})
	}
}

func TestTheStepsOfAPendingOrderAreShownAlsoIfOnlyItsRowIsStored(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("command"), nil)
		c, _ := w.pressed(w.request(devices.ActionOpen))
		g := w.link.sent()[0]
		g.written()
		synctest.Wait()
		w.store.set(failing("ladder"), nil) // there was room for one more row
		time.Sleep(time.Second)
		g.acked()
		time.Sleep(time.Second)
		synctest.Wait()
		w.isPending(c.ID, command.Delivered)
		w.store.set(nil, nil)
		time.Sleep(10 * time.Second)
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Uncertain)
		w.isRecorded(c.ID)
	})
}

func TestAnAnswerThatWaitsBehindOneWhoseRecordIsPendingIsKnown(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		fault, free := standstill("command")
		w.store.set(fault, nil)
		first, _ := w.pressed(w.request(devices.ActionOpen))
		second, _ := w.pressed(w.request(devices.ActionOpen))
		for _, g := range w.link.sent() {
			g.written()
		}
		lane := make(chan struct{})
		go func() { // one after the other, as the broker hands them over
			defer close(lane)
			w.answers(w.gate, first.ID, "done", "")
			w.answers(w.gate, second.ID, "done", "")
		}()
		synctest.Wait()
		body, err := json.Marshal(wire.AnswerPayload{ID: string(second.ID), Outcome: "done", At: time.Now().UnixMilli()})
		w.must(err)
		w.c.Glance(devices.Report{Site: w.gate.Site, Device: w.gate.ID, Channel: wire.Answer, Payload: body, Arrived: time.Now(), Epoch: w.epoch})
		time.Sleep(10 * time.Second)
		if got := w.command(second.ID); command.Shown(got.Ladder) != command.Done || !got.RecordPending {
			t.Errorf("it is %+v", got.Ladder)
		}
		free()
		<-lane
		w.store.set(nil, nil)
	})
}

// isPending checks that everybody is told that the record of a command is pending.
func (w *world) isPending(id devices.CommandID, step command.Step) {
	w.t.Helper()
	one, err := w.c.Command(context.Background(), id)
	w.must(err)
	list, err := w.c.Commands(context.Background(), devices.CommandQuery{Device: w.gate.ID})
	w.must(err)
	told := w.news.commands[id]
	for what, all := range map[string][]devices.Command{
		"the command": {one}, "the device's commands": list, "the snapshot": w.c.Snapshot().Commands, "the feed": told,
		"what is pending": w.c.RecordPending(),
	} {
		if len(all) == 0 {
			w.t.Errorf("%s: nothing", what)
			continue
		}
		if last := all[len(all)-1]; last.ID != id || !last.RecordPending || last.Revision != 0 || command.Shown(last.Ladder) != step {
			w.t.Errorf("%s: %+v, want record pending and %s", what, last, step)
		}
	}
	l, err := w.c.Device(context.Background(), w.gate.ID)
	w.must(err)
	if l.RecordPending.IsZero() || w.news.deviceNow(w.gate.ID).RecordPending.IsZero() {
		w.t.Error("the device does not say that a record is pending")
	}
}

// isRecorded checks that nothing is pending any more, and that the record says what
// was done before it.
func (w *world) isRecorded(id devices.CommandID) {
	w.t.Helper()
	c := w.command(id)
	if c.RecordPending || c.Revision == 0 || len(w.c.RecordPending()) != 0 {
		w.t.Errorf("it is %+v", c)
	}
	if d := detail(c, command.Accepted); d != "sent before it was recorded" {
		w.t.Errorf("the record says %q", d)
	}
	if told := w.news.commands[id]; told[len(told)-1].RecordPending {
		w.t.Error("the feed still says that the record is pending")
	}
	if !w.news.deviceNow(w.gate.ID).RecordPending.IsZero() {
		w.t.Error("the device still says that a record is pending")
	}
	rows, err := w.c.Audit(context.Background(), 0, 0)
	w.must(err)
	found := 0
	for _, row := range rows {
		if row.Verb == "device.command" && strings.Contains(row.Detail, string(id)) {
			found++
		}
	}
	if found != 1 {
		w.t.Errorf("%d audit rows, want 1", found)
	}
}

func TestTheSameKeyOpensOnceWhileTheDiskStandsStill(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		fault, free := standstill("command", "read")
		w.store.set(fault, nil)
		r := w.request(devices.ActionOpen)
		ids := make(chan devices.CommandID, 20)
		for range cap(ids) {
			go func() {
				c, err := w.c.Send(context.Background(), guard, w.gate.ID, r)
				if err != nil {
					t.Error(err)
				}
				ids <- c.ID
			}()
		}
		first := <-ids
		for range cap(ids) - 1 {
			if id := <-ids; id != first {
				t.Errorf("command %s, want %s", id, first)
			}
		}
		other := r
		other.Action = devices.ActionClose
		if _, err := w.c.Send(context.Background(), guard, w.gate.ID, other); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("another order with the key: %v, want a conflict", err)
		}
		free()
		synctest.Wait()
		if n := len(w.link.sent()); n != 1 {
			t.Errorf("%d sent, want 1", n)
		}
	})
}

func TestAKeyOfBeforeTheStartIsKnownWhileTheDiskStandsStill(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		first := w.send(w.gate, r)
		w.restart()
		w.up(w.gate)
		fault, free := standstill("command", "read")
		w.store.set(fault, nil)
		again, took := w.pressed(r)
		if again.ID != first.ID || took != 0 || len(w.link.sent()) != 1 {
			t.Errorf("%s after %s, %d sent", again.ID, took, len(w.link.sent()))
		}
		free()
	})
}

func TestAKeyOlderThanMemoryIsFoundByReadingWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		first := w.send(w.gate, r)
		time.Sleep(time.Hour)
		w.up(w.gate)                                  // it said nothing for an hour
		w.send(w.gate, w.request(devices.ActionOpen)) // memory forgets the first
		fault, free := standstill("command")
		w.store.set(fault, nil)
		again, took := w.pressed(r)
		if again.ID != first.ID || took != 100*time.Millisecond || len(w.link.sent()) != 2 {
			t.Errorf("%s after %s, %d sent", again.ID, took, len(w.link.sent()))
		}
		free()
	})
}

// Who repeats a key after more than ten minutes, and while the disk can neither be
// written nor read, stands at a gate and wants it open. The record says both.
func TestAKeyThatNobodyCanKnowIsCarriedOutAndRecordedAsARepetition(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		first := w.send(w.gate, r)
		time.Sleep(time.Hour)
		w.up(w.gate) // it said nothing for an hour
		w.send(w.gate, w.request(devices.ActionOpen))
		fault, free := standstill("command", "read")
		w.store.set(fault, nil)
		again, _ := w.pressed(r)
		if again.ID == first.ID || len(w.link.sent()) != 3 {
			t.Errorf("%s, %d sent", again.ID, len(w.link.sent()))
		}
		w.store.set(nil, nil)
		free()
		w.link.sent()[2].written()
		time.Sleep(time.Second)
		w.shows(again.ID, command.Accepted, command.Sent)
		w.isRecorded(again.ID)
		rows, err := w.c.Audit(context.Background(), 0, 1)
		w.must(err)
		if !strings.Contains(rows[0].Detail, fmt.Sprintf(`"repeats":%q`, first.ID)) {
			t.Errorf("the audit row says %s", rows[0].Detail)
		}
	})
}

func TestNumbersOfCommandsRiseWithoutTheStoreAndThroughAStart(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		fault, free := standstill("command")
		w.store.set(fault, nil)
		for range 3 {
			go func() { _, _ = w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen)) }()
			synctest.Wait()
		}
		time.Sleep(time.Second)
		free()
		w.store.set(nil, nil)
		synctest.Wait()
		w.restart()
		w.up(w.gate)
		w.send(w.gate, w.request(devices.ActionOpen))
		last := int64(0)
		for i, g := range w.link.sent() {
			if g.command.Seq <= last || g.command.Seq < g.command.Issued {
				t.Errorf("place %d: number %d after %d, issued %d", i, g.command.Seq, last, g.command.Issued)
			}
			last = g.command.Seq
		}
		if n := len(w.link.sent()); n != 4 {
			t.Errorf("%d sent, want 4", n)
		}
	})
}

func TestAStopOfTheServerRecordsWhatIsPending(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("command"), nil)
		c, _ := w.pressed(w.request(devices.ActionOpen))
		w.link.sent()[0].written()
		go func() {
			time.Sleep(2 * time.Second)
			w.store.set(nil, nil)
		}()
		w.stop()
		stored, err := w.store.Command(context.Background(), c.ID)
		w.must(err)
		if command.Shown(stored.Ladder) != command.Sent {
			w.t.Errorf("stored is %+v", stored)
		}
		w.start(keys{})
	})
}

func TestAStopOfTheServerDoesNotWaitLongForADiskThatIsDead(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("command"), nil)
		w.pressed(w.request(devices.ActionOpen))
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it took %s", took)
		}
		w.store.set(nil, nil)
		w.start(keys{})
	})
}

func TestAnOrderToADeviceThatIsAwayFailsAtOnceAlsoWhileTheDiskStandsStill(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		fault, free := standstill("command")
		w.store.set(fault, nil)
		c, took := w.pressed(w.request(devices.ActionOpen))
		if took > 150*time.Millisecond || command.Shown(c.Ladder) != command.Failed || !c.RecordPending {
			t.Errorf("%+v after %s", c, took)
		}
		free()
		w.shows(c.ID, command.Accepted, command.Failed)
		if d := detail(w.command(c.ID), command.Accepted); d != "" {
			t.Errorf("the record says %q, and it was never sent", d)
		}
	})
}

func TestALateRecordHoldsUpNoReportThatHasNothingToDoWithIt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.gate)
		fault, free := standstill("command", "ladder")
		w.store.set(fault, nil)
		w.pressed(w.request(devices.ActionOpen))
		w.says(w.gate, "closed", "")
		free()
	})
}

func TestOrdersAreRefusedOnceTooManyRecordsArePending(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		const most = 100
		w.c.SetMostPending(most)
		fault, free := standstill("command", "read")
		w.store.set(fault, nil)
		for i := range most + 1 { // the device is away: nothing is sent, and each is to be recorded
			_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen))
			if want := map[bool]devices.Code{true: devices.Unavailable}[i == most]; devices.CodeOf(err) != want {
				t.Fatalf("order %d: %v", i, err)
			}
		}
		w.store.set(nil, nil)
		free()
	})
}
