package operators_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestLogoutEndsTheSessionBeforeItReturns(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		other, err := h.login("Li", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		_, s := h.session(token)
		var ended []operators.SessionKey
		h.svc.OnSessionEnd(func(hash operators.SessionKey) { ended = append(ended, hash) })
		if err := h.svc.Logout(t.Context(), token, from("192.0.2.1")); err != nil {
			t.Fatal(err)
		}
		h.refused(token)
		h.session(other)
		if len(ended) != 1 || ended[0] != s.Key {
			t.Errorf("told of %d ends", len(ended))
		}
		if err := h.svc.Logout(t.Context(), token, from("192.0.2.1")); err != nil {
			t.Errorf("a second logout: %v", err)
		}
		if a := h.store.audit[len(h.store.audit)-1]; a.Verb != "session.end" || a.Actor.Name != "Li" {
			t.Errorf("audit %+v", a)
		}
	})
}

func TestIdleAdministratorIsSignedOutAfterFifteenMinutes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		for range 5 { // use keeps it
			time.Sleep(14 * time.Minute)
			h.session(token)
		}
		time.Sleep(15 * time.Minute)
		h.refused(token)
		h.refused(token)
		if len(h.store.sessions) != 0 {
			t.Error("the row is still there")
		}
	})
}

func TestASessionEndsAtItsLimitAndNotAnInstantBefore(t *testing.T) {
	for role, idle := range map[operators.Role]time.Duration{
		operators.Administrator: 15 * time.Minute, operators.Manager: 12 * time.Hour, operators.Installer: 12 * time.Hour,
		operators.Auditor: 12 * time.Hour, operators.Guard: 12 * time.Hour,
	} {
		t.Run(string(role), func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				o, token := h.settle()
				h.store.set(func(m *memory) { o.Role = role; m.operators[o.ID] = o })
				time.Sleep(idle - time.Nanosecond)
				h.session(token)
				if role == operators.Administrator { // its absolute limit is another one
					time.Sleep(idle - time.Nanosecond)
					h.session(token)
					time.Sleep(idle)
				} else {
					time.Sleep(time.Nanosecond)
				}
				h.refused(token)
			})
		})
	}
}

func TestGuardMayWatchAShiftAndNoLonger(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		h.store.set(func(m *memory) { o.Role = operators.Guard; m.operators[o.ID] = o })
		time.Sleep(2 * time.Second)
		h.session(token)
		time.Sleep(11 * time.Hour)
		h.session(token)
		time.Sleep(time.Hour)
		h.refused(token)
	})
}

func TestNoUseKeepsASessionBeyondTwelveHours(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		for range 71 {
			time.Sleep(10 * time.Minute)
			h.session(token)
		}
		time.Sleep(10 * time.Minute)
		h.refused(token)
	})
}

func TestWrongTokensAreRefusedWithoutAReadOfNonsense(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		before := h.store.reads
		for _, bad := range []string{"", "x", token + "x", token[1:]} {
			h.refused(bad)
		}
		if h.store.reads != before {
			t.Error("the store was asked for a token that cannot be one")
		}
		flipped := "A" + token[1:]
		if token[0] == 'A' {
			flipped = "B" + token[1:]
		}
		h.refused(flipped)
	})
}

func TestManyRequestsOfASessionCostFewReadsAndNoWrite(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		before := h.store.reads
		for range 1000 {
			h.session(token)
		}
		if n := h.store.reads - before; n > 2 {
			t.Errorf("%d reads for 1000 requests, want 2", n)
		}
		if h.store.touches != 0 {
			t.Error("a request wrote")
		}
	})
}

func TestStoreThatIsAwayDoesNotSignPeopleOutNorLetStrangersIn(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		other, err := h.login("Li", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		h.session(token)
		h.store.set(func(m *memory) { m.fail = errDisk })
		time.Sleep(time.Minute)
		h.session(token)
		if _, _, err := h.svc.Authenticate(t.Context(), other); !errors.Is(err, errDisk) {
			t.Errorf("a session that was never seen: %v", err)
		}
		time.Sleep(15 * time.Minute)
		h.refused(token)
	})
}

func TestWhatAnotherProcessEndsEndsWithinASecond(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		other, err := h.login("Li", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		_, s := h.session(token)
		h.session(other)
		h.store.set(func(m *memory) { delete(m.sessions, s.Key) })
		time.Sleep(time.Second)
		h.refused(token)
		h.store.set(func(m *memory) { o.Disabled = true; m.operators[o.ID] = o })
		time.Sleep(time.Second)
		h.refused(other)
	})
}

func TestThemeIsStoredAndSeenAtOnceWithoutALineInTheTrail(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		lines := len(h.store.audit)
		if got, err := h.svc.SetTheme(t.Context(), o.ID, "dark"); err != nil || got.Theme != "dark" {
			t.Fatalf("%+v, %v", got, err)
		}
		if seen, _ := h.session(token); seen.Theme != "dark" {
			t.Errorf("the session still has %q", seen.Theme)
		}
		if len(h.store.audit) != lines {
			t.Errorf("the trail has %+v", h.store.audit[lines:])
		}
		_, err := h.svc.SetTheme(t.Context(), o.ID, "pink")
		wantField(t, err, devices.Invalid, "theme")
	})
}

func TestLanguageIsStoredAndSeenAtOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		h.session(token)
		got, err := h.svc.SetLanguage(t.Context(), boss, o.ID, "en")
		if err != nil || got.Language != "en" {
			t.Errorf("%+v, %v", got, err)
		}
		if seen, _ := h.session(token); seen.Language != "en" {
			t.Errorf("the session still has %q", seen.Language)
		}
		_, err = h.svc.SetLanguage(t.Context(), boss, o.ID, "de")
		wantCode(t, err, devices.Invalid)
	})
}

func TestRunEndsSessionsWhoseTimeIsOverAndStoresLastUseOnceAMinute(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, token := h.settle()
		forgotten, err := h.login("Li", goodPassword, "192.0.2.2") // never used in this run
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		ended := make(map[operators.SessionKey]int)
		h.svc.OnSessionEnd(func(hash operators.SessionKey) {
			mu.Lock()
			defer mu.Unlock()
			ended[hash]++
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.svc.Run(ctx) }()
		for range 60 { // ten minutes
			h.session(token)
			time.Sleep(10 * time.Second)
		}
		h.store.set(func(m *memory) {
			if m.touches < 8 || m.touches > 10 {
				t.Errorf("%d writes in ten minutes, want one a minute", m.touches)
			}
		})
		_, s := h.session(token)
		time.Sleep(15*time.Minute + time.Second)
		synctest.Wait()
		mu.Lock()
		if ended[s.Key] != 1 {
			t.Errorf("the idle session's end was told %d times", ended[s.Key])
		}
		mu.Unlock()
		time.Sleep(12 * time.Hour)
		h.refused(forgotten)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(h.store.sessions) != 0 || len(ended) != 2 {
			t.Errorf("%d sessions left, %d ends", len(h.store.sessions), len(ended))
		}
	})
}

func TestTicketIsGoodForOneConnectWithinAMinute(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		o, token := h.settle()
		_, s := h.session(token)
		tickets := operators.NewTickets(h.svc)
		x := tickets.Issue(s, o)
		if x.Username != operators.TicketUsername || !x.Expires.Equal(time.Now().Add(time.Minute)) || len(x.Password) != 43 {
			t.Errorf("ticket %+v", x)
		}
		redeem := func(client, user, password string) bool {
			_, ok := tickets.Redeem(client, user, []byte(password))
			return ok
		}
		if redeem(x.ClientID, x.Username, "wrong") || redeem("other", x.Username, x.Password) || redeem(x.ClientID, "device", x.Password) {
			t.Error("a wrong ticket was taken")
		}
		c, ok := tickets.Redeem(x.ClientID, x.Username, []byte(x.Password))
		if !ok || !c.Valid() || c.Session != s.Key || c.Operator.ID != o.ID || c.Identity != "operator:"+string(o.ID) || c.ClientID != x.ClientID {
			t.Errorf("claim %+v, %v", c, ok)
		}
		if redeem(x.ClientID, x.Username, x.Password) {
			t.Error("the ticket was taken twice")
		}
		late := tickets.Issue(s, o)
		time.Sleep(time.Minute)
		if redeem(late.ClientID, late.Username, late.Password) {
			t.Error("a ticket was taken after its minute")
		}
		if got := tickets.Clients(s.Key); len(got) != 1 || got[0] != x.ClientID {
			t.Errorf("clients %v", got)
		}
	})
}

func TestClaimsAndTicketsEndWithTheirSession(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		o, token := h.settle()
		_, s := h.session(token)
		tickets := operators.NewTickets(h.svc)
		claim := func() operators.Claim {
			x := tickets.Issue(s, o)
			c, ok := tickets.Redeem(x.ClientID, x.Username, []byte(x.Password))
			if !ok {
				t.Fatal("refused")
			}
			return c
		}
		c, open := claim(), tickets.Issue(s, o)
		h.svc.OnSessionEnd(func(hash operators.SessionKey) {
			if c.Valid() {
				t.Error("told before the claim ended")
			}
			if got := tickets.Clients(hash); len(got) != 1 || got[0] != c.ClientID {
				t.Errorf("clients %v", got)
			}
		})
		if err := h.svc.Logout(t.Context(), token, from("192.0.2.1")); err != nil {
			t.Fatal(err)
		}
		if _, ok := tickets.Redeem(open.ClientID, open.Username, []byte(open.Password)); ok || c.Valid() {
			t.Errorf("ticket %v, claim %v after the end of their session", ok, c.Valid())
		}
	})
}

func TestClaimEndsWhenItsSessionIsIdleTooLong(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		o, token := h.settle()
		_, s := h.session(token)
		tickets := operators.NewTickets(h.svc)
		x := tickets.Issue(s, o)
		c, ok := tickets.Redeem(x.ClientID, x.Username, []byte(x.Password))
		time.Sleep(14 * time.Minute)
		if !ok || !c.Valid() {
			t.Error("not valid")
		}
		h.session(token)
		time.Sleep(14 * time.Minute)
		if !c.Valid() {
			t.Error("use of the session does not count")
		}
		time.Sleep(time.Minute)
		if c.Valid() {
			t.Error("valid although nobody used the session for 15 minutes")
		}
	})
}

func TestASessionHasFewOpenTickets(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		_, s := h.session(token)
		tickets := operators.NewTickets(h.svc)
		first := tickets.Issue(s, o)
		for range 16 {
			tickets.Issue(s, o)
		}
		if _, ok := tickets.Redeem(first.ClientID, first.Username, []byte(first.Password)); ok {
			t.Error("the oldest of 17 open tickets is still good")
		}
	})
}

func TestASessionOfAClockThatWasFarAheadDoesNotOutliveIt(t *testing.T) {
	t.Parallel()
	var ahead time.Duration
	h := newHouse(t)
	h.now = func() time.Time { return time.Now().Add(ahead) }
	h.svc = operators.New(operators.Deps{Store: h.store, Seal: plainly{}, SetupTokens: h, Now: h.now})
	ahead = 4 * 365 * 24 * time.Hour
	_, token := h.settle()
	h.session(token)
	ahead = 4*365*24*time.Hour - 10*time.Minute
	h.session(token) // a clock that is set a little back ends nothing
	ahead = 0
	h.refused(token)
}
