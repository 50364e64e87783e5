package operators_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// watcher is a live connection of whoever holds the session.
func (h *house) watcher(tickets *operators.Tickets, session string) (operators.Claim, bool) {
	h.t.Helper()
	o, s := h.session(session)
	x := tickets.Issue(s, o)
	return tickets.Redeem(x.ClientID, x.Username, []byte(x.Password))
}

func TestALiveConnectionEndsWhenItsAccountIsNotFinishedAnyMore(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		boss1, session := h.settle()
		tickets := operators.NewTickets(h.svc)
		claim, ok := h.watcher(tickets, session)
		if !ok || !claim.Valid() {
			t.Fatal("not let in")
		}
		var told []operators.ID
		h.svc.OnWatchChange(func(id operators.ID) {
			if len(told) == 0 && claim.Valid() {
				t.Error("told before the claim ended")
			}
			told = append(told, id)
		})
		if err := h.svc.SetFactorRoles(t.Context(), boss, []operators.Role{operators.Administrator}); err != nil {
			t.Fatal(err)
		}
		if claim.Valid() || !slices.Contains(told, boss1.ID) {
			t.Errorf("valid %v, told of %v, after a second factor is needed", claim.Valid(), told)
		}
		if _, ok := h.watcher(tickets, session); ok {
			t.Error("a ticket was taken of an account that is not finished")
		}
		h.equip(session)
		if _, ok := h.watcher(tickets, session); !ok {
			t.Error("not let in with the second factor that is needed")
		}
	})
}

func TestARoleThatNeedsASecondFactorEndsLiveConnections(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, first, session := h.hire("Chen", operators.Auditor)
		tickets := operators.NewTickets(h.svc)
		if _, ok := h.watcher(tickets, session); ok {
			t.Error("let in with a password that somebody else chose")
		}
		who, s := h.session(session)
		if err := h.svc.ChangePassword(t.Context(), who, s, first, "seven slow barges turn"); err != nil {
			t.Fatal(err)
		}
		claim, ok := h.watcher(tickets, session)
		if !ok || !claim.Valid() {
			t.Fatal("not let in")
		}
		if _, err := h.svc.SetRights(t.Context(), boss, o.ID, roleOnly(operators.Guard)); err != nil {
			t.Fatal(err)
		}
		if claim.Valid() {
			t.Error("a guard without a second factor still watches")
		}
	})
}

func TestWhatWasStoredOfAnAccountCountsWhileTheStoreIsAway(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, _, session := h.hire("Chen", operators.Manager)
		h.session(session)
		if _, err := h.svc.SetRights(t.Context(), boss, o.ID, roleOnly(operators.Auditor)); err != nil {
			t.Fatal(err)
		}
		h.store.set(func(m *memory) { m.fail = errDisk })
		if now, _ := h.session(session); now.Role.May(devices.CommandDevices) {
			t.Error("the role of before the change counts")
		}
	})
}

func TestWhatIsReadWhileAProofIsStoredIsNotBelievedAfterIt(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		o, s := h.session(token)
		time.Sleep(10 * time.Minute) // a proof of the sign-in counts for five
		_, stale := h.session(token)
		time.Sleep(2 * time.Second) // the next question goes to the store
		h.store.set(func(m *memory) {
			m.onOperator = func() { // the session was read, its operator is about to be
				if err := h.prove(token, o, s, "", goodPassword); err != nil {
					t.Error(err)
				}
			}
		})
		if h.svc.Fresh(stale) {
			t.Fatal("it is fresh before the proof")
		}
		if _, now := h.session(token); h.svc.Fresh(now) {
			t.Error("the token that was replaced meanwhile allows what the proof allows")
		}
		if _, now := h.session(token); !h.svc.Fresh(now) {
			t.Error("the request after the proof is asked for another one")
		}
	})
}

func TestAShutAccountIsOutAlsoIfTheStoreFailsBeforeItsSessionsAreDeleted(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, _, session := h.hire("Chen", operators.Guard)
		h.session(session)
		h.svc.OnCommandLost(func(context.Context, devices.Actor, operators.Operator, devices.Reach) {
			h.store.set(func(m *memory) { m.fail = errDisk })
		})
		if _, err := h.svc.SetDisabled(t.Context(), boss, o.ID, true); err == nil {
			t.Error("the sessions are said to be ended")
		}
		h.refused(session)
	})
}

func TestLiveConnectionsEndWithTheirSessionAlsoIfTheStoreDoesNotAnswer(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		_, token := h.settle()
		later, err := h.login("Li", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		tickets := operators.NewTickets(h.svc)
		first, _ := h.watcher(tickets, token)
		told := make(chan bool, 8)
		h.svc.OnWatchChange(func(operators.ID) { told <- first.Valid() })
		answer, ended := make(chan struct{}), make(chan struct{})
		h.store.onDelete = func() { <-answer }
		ctx, stop := context.WithCancel(t.Context())
		go func() { defer close(ended); _ = h.svc.Run(ctx) }()
		time.Sleep(time.Minute)
		second, _ := h.watcher(tickets, later)
		time.Sleep(14*time.Minute + time.Second)
		if n := len(told); n != 1 || <-told {
			t.Errorf("the end of the first session is told %d times", n)
		}
		time.Sleep(time.Minute)
		if n := len(told); n != 1 || second.Valid() {
			t.Errorf("the end of the second session is told %d times", n)
		}
		close(answer)
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		<-ended
		if n := len(h.store.sessions); n != 0 {
			t.Errorf("the store has %d sessions", n)
		}
	})
}
