package operators_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestUnknownNameWrongPasswordAndDisabledAccountGetTheSameAnswer(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, _ := h.settle()
		_, want := h.login("Li", "wrong password!", "192.0.2.2")
		wantCode(t, want, operators.BadCredentials)
		_, unknown := h.login("nobody", goodPassword, "192.0.2.3")
		_, empty := h.login("", "", "192.0.2.3")
		_, long := h.login("Li", strings.Repeat("x", 10_000), "192.0.2.3")
		h.store.set(func(m *memory) { o.Disabled = true; m.operators[o.ID] = o })
		_, disabled := h.login("Li", goodPassword, "192.0.2.4")
		for name, err := range map[string]error{"unknown": unknown, "empty": empty, "long": long, "disabled": disabled} {
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
	})
}

func TestLoginGivesASessionWithoutRegardToCase(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		token, err := h.login(" lI ", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		o, s := h.session(token)
		if o.Name != "Li" || s.Address != "192.0.2.2" || s.UserAgent != "test" || len(token) != 43 {
			t.Errorf("session %+v of %+v", s, o)
		}
		for hash := range h.store.sessions {
			if strings.Contains(string(hash[:]), token) {
				t.Error("the store has the token")
			}
		}
	})
}

func TestGuessingIsSlowedDownButNeverLockedOut(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		tries, throttled := 0, 0
		for range 200 { // one guess a second, each from another address
			_, err := h.login("Li", "wrong password!", "192.0.2."+time.Now().Format("04.05"))
			var e *devices.Error
			if errors.As(err, &e) && e.Code == operators.Throttled {
				throttled++
				wantWait(t, err, 15*time.Second)
			} else {
				wantCode(t, err, operators.BadCredentials)
				tries++
			}
			time.Sleep(time.Second)
		}
		if tries > 5+5+200/15 || throttled == 0 {
			t.Errorf("%d guesses were judged, %d throttled", tries, throttled)
		}
		time.Sleep(15 * time.Second)
		if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
			t.Errorf("the right person is locked out: %v", err)
		}
		for range 5 {
			_, err := h.login("Li", "wrong password!", "192.0.2.1")
			wantCode(t, err, operators.BadCredentials) // a success started again
		}
	})
}

func TestOneAddressIsSlowedDownAcrossAccounts(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		for i := range 21 {
			_, err := h.login("nobody"+string(rune('a'+i)), "wrong password!", "192.0.2.66")
			wantCode(t, err, operators.BadCredentials)
		}
		_, err := h.login("Li", goodPassword, "192.0.2.66")
		wantWait(t, err, time.Minute)
		if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
			t.Errorf("another address suffers: %v", err)
		}
	})
}

func TestAttemptsAtOnceDoNotSlipThroughTheThrottle(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		var judged atomic.Int64
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				var e *devices.Error
				if _, err := h.login("Li", "wrong password!", "192.0.2.5"); errors.As(err, &e) && e.Code == operators.BadCredentials {
					judged.Add(1)
				}
			})
		}
		group.Wait()
		if judged.Load() > 6 {
			t.Errorf("%d of 12 were judged, want at most 6", judged.Load())
		}
	})
}

func TestStoreErrorIsNoFailureOfThePerson(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		h.store.set(func(m *memory) { m.fail = errDisk })
		for range 30 {
			if _, err := h.login("Li", goodPassword, "192.0.2.1"); !errors.Is(err, errDisk) {
				t.Fatalf("error %v", err)
			}
		}
		h.store.set(func(m *memory) { m.fail = nil })
		if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
			t.Error(err)
		}
	})
}

func TestOldCostsAreHashedAnewAtLogin(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, _ := h.settle()
		operators.PresentForTest(h.svc)
		o.Password = operators.HashForTest(goodPassword, 8*1024, 1)
		h.store.set(func(m *memory) { m.operators[o.ID] = o })
		for range 2 {
			if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
			got := h.store.operators[o.ID].Password
			if !strings.HasPrefix(got, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("password %q", got)
			}
		}
	})
}

func TestDamagedPasswordLetsNobodyIn(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		operators.PresentForTest(h.svc)
		o, _ := h.settle()
		for _, damaged := range []string{"", "x", "$argon2id$v=19$m=4294967295,t=2,p=1$AAAA$AAAA", strings.Replace(o.Password, "t=2", "t=0", 1)} {
			o.Password = damaged
			h.store.set(func(m *memory) { m.operators[o.ID] = o })
			_, err := h.login("Li", goodPassword, "192.0.2."+damaged)
			wantCode(t, err, operators.BadCredentials)
		}
	})
}

func TestBeyondAShortQueueOfHashesTheAnswerIsThrottledAndCostsTheAccountNothing(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		release, err := operators.QueueForTest(t.Context(), h.svc)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			_, err := h.login("Li", goodPassword, "192.0.2.1")
			wantWait(t, err, time.Second)
		}
		release()
		if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
			t.Error(err)
		}
	})
}

func TestASignInThatMeetsAChangeOfItsAccountLeavesNoSession(t *testing.T) {
	for name, change := range map[string]func(ctx context.Context, h *house, o operators.Operator, s operators.Session) error{
		"password": func(ctx context.Context, h *house, o operators.Operator, s operators.Session) error {
			return h.svc.ChangePassword(ctx, o, s, goodPassword, "seven slow barges turn")
		},
		"reset": func(ctx context.Context, h *house, o operators.Operator, _ operators.Session) error {
			_, _, err := h.svc.ResetPassword(ctx, boss, o.ID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				_, token := h.settle()
				o, s := h.session(token)
				h.store.set(func(m *memory) {
					m.onSession = func() { // the old password was judged
						if err := change(t.Context(), h, o, s); err != nil {
							t.Error(err)
						}
					}
				})
				_, err := h.login("Li", goodPassword, "192.0.2.66")
				wantCode(t, err, operators.BadCredentials)
				all, err := h.svc.Sessions(t.Context(), o.ID)
				if err != nil || slices.ContainsFunc(all, func(v operators.Session) bool { return v.Address == "192.0.2.66" }) {
					t.Errorf("sessions %v, %v: one came in with the old password", all, err)
				}
			})
		})
	}
}

func TestARefusedSignInIsLoggedWithItsAccountAndNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := newHouse(t)
	h.svc = operators.New(operators.Deps{Store: h.store, Seal: plainly{}, SetupTokens: h, Log: slog.New(slog.NewTextHandler(&log, nil))})
	o, _ := h.settle()
	_, err := h.login("Li", "wrong wrong wrong", "192.0.2.66")
	wantCode(t, err, operators.BadCredentials)
	_, err = h.login("four quiet herons", "wrong wrong wrong", "192.0.2.67")
	wantCode(t, err, operators.BadCredentials)
	said := log.String()
	if !strings.Contains(said, "operator="+string(o.ID)+" address=192.0.2.66") || !strings.Contains(said, "address=192.0.2.67") {
		t.Errorf("the log says %s", said)
	}
	if strings.Contains(said, "wrong") || strings.Contains(said, "herons") {
		t.Errorf("the log has what was typed: %s", said)
	}
}
