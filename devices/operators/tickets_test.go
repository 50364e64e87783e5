package operators_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/devices/operators"
)

// tester is a test client of whoever holds the session.
func (h *house) tester(tickets *operators.Tickets, session string) (operators.Claim, bool) {
	h.t.Helper()
	_, s := h.session(session)
	x := tickets.IssueTest(s)
	if !strings.HasPrefix(x.ClientID, "console-test-") {
		h.t.Errorf("the client id is %s", x.ClientID)
	}
	return tickets.Redeem(x.ClientID, x.Username, []byte(x.Password))
}

func TestATestTicketIsOneAndEndsWithTheRightToManageTheBroker(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		h.settle()
		o, first, session := h.hire("Chen", operators.Administrator)
		tickets := operators.NewTickets(h.svc)
		if _, ok := h.tester(tickets, session); ok {
			t.Error("let in with a password that somebody else chose")
		}
		who, s := h.session(session)
		if err := h.svc.ChangePassword(t.Context(), who, s, first, "seven slow barges turn"); err != nil {
			t.Fatal(err)
		}
		claim, ok := h.tester(tickets, session)
		if !ok || !claim.Test || !claim.Valid() {
			t.Fatalf("not let in: %+v", claim)
		}
		feed, _ := h.watcher(tickets, session)
		if feed.Test || !feed.Valid() {
			t.Errorf("the ticket of the feed: %+v", feed)
		}
		told := false
		h.svc.OnWatchChange(func(id operators.ID) { told = told || id == o.ID && !claim.Valid() })
		if _, err := h.svc.SetRights(t.Context(), boss, o.ID, roleOnly(operators.Manager)); err != nil {
			t.Fatal(err)
		}
		if claim.Valid() || !told {
			t.Errorf("valid %v, told %v, without the right to manage the broker", claim.Valid(), told)
		}
		if _, ok := h.tester(tickets, session); ok {
			t.Error("a manager tries the broker")
		}
	})
}

func TestATestTicketIsGoodOnceAndShortly(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		_, session := h.settle()
		tickets := operators.NewTickets(h.svc)
		_, s := h.session(session)
		x, late := tickets.IssueTest(s), tickets.IssueTest(s)
		if _, ok := tickets.Redeem(x.ClientID, x.Username, []byte(x.Password)); !ok {
			t.Fatal("not let in")
		}
		if _, ok := tickets.Redeem(x.ClientID, x.Username, []byte(x.Password)); ok {
			t.Error("good twice")
		}
		time.Sleep(time.Minute)
		if _, ok := tickets.Redeem(late.ClientID, late.Username, []byte(late.Password)); ok {
			t.Error("good after a minute")
		}
	})
}
