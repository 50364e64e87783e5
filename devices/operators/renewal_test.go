package operators_test

import (
	"testing"
	"time"

	"gatehouse/devices/operators"
)

func TestAProofGivesTheSessionAnotherTokenAndTheOldOneEnds(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		_, first := h.settle()
		tickets := operators.NewTickets(h.svc)
		watching, ok := h.watcher(tickets, first)
		if !ok {
			t.Fatal("no live connection")
		}
		time.Sleep(10 * time.Minute)
		o, before := h.session(first)
		second, err := h.svc.Prove(t.Context(), o, before, "", goodPassword)
		if err != nil || second == first || len(second) != len(first) {
			t.Fatalf("the new token is %q, %v", second, err)
		}
		_, now := h.session(second)
		if now.Key != before.Key || now.ID() != before.ID() || !h.svc.Fresh(now) {
			t.Errorf("it is another session: %x, proved %v", now.Key, now.Proved)
		}
		if !watching.Valid() {
			t.Error("a proof cuts the live connections of its own session")
		}
		// What the same browser had under way is answered, but the proof is not for it.
		if _, v := h.session(first); v.Key != before.Key || h.svc.Fresh(v) {
			t.Error("the token that was replaced allows what the proof allows")
		}
		if again, err := h.svc.Prove(t.Context(), o, before, "", goodPassword); err != nil || again != "" {
			t.Errorf("a proof by the old token gives %q, %v", again, err)
		}
		time.Sleep(5 * time.Second)
		h.refused(first)
		h.session(second)
		if all, err := h.svc.Sessions(t.Context(), o.ID); err != nil || len(all) != 1 {
			t.Errorf("%d sessions, %v", len(all), err)
		}
	})
}

func TestASessionEndsWithBothOfItsTokens(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, first := h.settle()
		o, s := h.session(first)
		second, err := h.svc.Prove(t.Context(), o, s, "", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.svc.Logout(t.Context(), first, from("192.0.2.1")); err != nil {
			t.Fatal(err)
		}
		h.refused(first)
		h.refused(second)
		if len(h.store.sessions) != 0 {
			t.Error("the row is still there")
		}
	})
}

func TestRequestsThatMeetTheReplacementOfTheirTokenAreNotSignedOut(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, first := h.settle()
		o, s := h.session(first)
		time.Sleep(2 * time.Second) // the next question goes to the store
		h.store.set(func(m *memory) {
			m.onProve = func() { h.session(first) } // its new token is about to be stored
		})
		second, err := h.svc.Prove(t.Context(), o, s, "", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		h.session(first)
		h.session(second)
	})
}

func TestNobodyProvesAnythingWhileTheStoreIsAwayAndNothingIsLostByTrying(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, _ := h.equip(session)
		time.Sleep(10 * time.Minute)
		o, s := h.session(session)
		h.store.set(func(m *memory) { m.fail = errDisk })
		code := p.code(t, time.Now())
		for range 20 {
			if err := h.prove(session, o, s, code, ""); err == nil {
				t.Fatal("a code was taken that can be taken again after a restart")
			}
		}
		if _, now := h.session(session); h.svc.Fresh(now) {
			t.Error("the session counts as proved")
		}
		h.store.set(func(m *memory) { m.fail = nil })
		if err := h.prove(session, o, s, code, ""); err != nil {
			t.Errorf("the code that nobody could take: %v", err)
		}
	})
}
