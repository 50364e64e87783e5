package devices_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

var founder = devices.Actor{Kind: devices.ActorOperator, ID: "the-founder", Name: "founder"}

func (w *world) withdraws(of devices.Actor) {
	w.t.Helper()
	w.must(w.c.Withdraw(context.Background(), founder, of, devices.Reach{}))
	synctest.Wait()
}

func TestWhatSomebodyOrderedWhoLostTheRightIsTakenBackUnlessItWasSent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		sent, g := w.opens()
		g.written()
		waits, _ := w.opens()
		w.withdraws(founder) // somebody else
		w.shows(waits.ID, command.Accepted)
		w.withdraws(guard)
		w.shows(waits.ID, command.Accepted, command.Cancelled)
		got, err := w.c.Command(context.Background(), waits.ID)
		w.must(err)
		if detail(got, command.Cancelled) != "whoever ordered it lost the right to" {
			t.Errorf("it is %+v", got.Ladder)
		}
		if row := w.lastAudit(); row.Verb != "command.withdraw" || row.Object != "operator:"+guard.ID || row.Actor != founder || row.Detail != `{"takenBack":1}` {
			t.Errorf("the audit row is %+v", row)
		}
		g.acked()
		w.shows(sent.ID, command.Accepted, command.Sent, command.Delivered)
		time.Sleep(time.Second) // the right is given back
		again, g := w.opens()
		g.written()
		w.shows(again.ID, command.Accepted, command.Sent)
	})
}

func TestAnOrderToManyOfSomebodyWhoLostTheRightMakesNoMoreCommands(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.crowd(200)
		r := wanted("all-of-them")
		r.Site = w.site.ID
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
		time.Sleep(100 * time.Millisecond) // nothing is recorded, and nothing has waited for long enough to be sent
		w.withdraws(guard)
		<-result
		free()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if sent := len(w.link.sent()); sent != 0 {
			t.Errorf("%d commands were sent after it", sent)
		}
	})
}

func TestWhatIsLeftToSomebodyWhoLostAPartOfTheirRightsGoesOn(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		waits, _ := w.opens()
		clocks := w.c.Clocks()
		left := func(p devices.Place) devices.Reach {
			return devices.Scope{Places: []devices.Place{p}}.Reach(time.Now(), clocks)
		}
		w.must(w.c.Withdraw(context.Background(), founder, guard, left(devices.Place{Site: w.site.ID, Zone: waits.Zone})))
		synctest.Wait()
		w.shows(waits.ID, command.Accepted)
		w.must(w.c.Withdraw(context.Background(), founder, guard, left(devices.Place{Site: w.site.ID, Zone: "another"})))
		synctest.Wait()
		w.shows(waits.ID, command.Accepted, command.Cancelled)
	})
}
