package operators_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/prove"
)

// program is somebody's telephone: it shows codes.
type program struct{ secret string }

func (p program) code(t *testing.T, at time.Time) string {
	t.Helper()
	return prove.TOTP(t, p.secret, at)
}

// equip sets up a second factor for whoever holds the session.
func (h *house) equip(session string) (program, []string) {
	h.t.Helper()
	o, s := h.session(session)
	made, err := h.svc.BeginFactor(o)
	if err != nil {
		h.t.Fatal(err)
	}
	p := program{made.Secret}
	recovery, renewed, err := h.svc.ConfirmFactor(h.t.Context(), o, s, p.code(h.t, time.Now()))
	if err != nil {
		h.t.Fatal(err)
	}
	h.renewed[h.present(session)] = renewed
	return p, recovery
}

func (h *house) loginWith(password, code string) (string, error) {
	_, session, err := h.svc.Login(h.t.Context(), "Li", password, code, from("192.0.2.20"))
	return session, err
}

func wantField(t *testing.T, err error, code devices.Code, field string) {
	t.Helper()
	wantCode(t, err, code)
	var e *devices.Error
	if errors.As(err, &e) && e.Field != field {
		t.Errorf("field %q, want %q", e.Field, field)
	}
}

func TestWhoHasASecondFactorSignsInWithACodeOfIt(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, _ := h.equip(session)
		time.Sleep(time.Minute)
		_, err := h.loginWith(goodPassword, "")
		wantField(t, err, operators.CodeNeeded, "code")
		_, err = h.loginWith(goodPassword, "000000")
		wantField(t, err, operators.BadCredentials, "code")
		_, err = h.loginWith("wrong wrong wrong", p.code(t, time.Now()))
		wantField(t, err, operators.BadCredentials, "")
		token, err := h.loginWith(goodPassword, p.code(t, time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if _, s := h.session(token); !h.svc.Fresh(s) {
			t.Error("who just signed in with a code has not proved who they are")
		}
	})
}

func TestACodeIsTakenOnceAndOnlyAboutItsTime(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, _ := h.equip(session)
		_, err := h.loginWith(goodPassword, p.code(t, time.Now()))
		wantField(t, err, operators.BadCredentials, "code") // it set the factor up
		time.Sleep(10 * time.Minute)
		now := time.Now()
		for _, off := range []time.Duration{-90 * time.Second, -61 * time.Second, 61 * time.Second, 90 * time.Second, time.Hour} {
			_, err := h.loginWith(goodPassword, p.code(t, now.Add(off)))
			wantField(t, err, operators.BadCredentials, "code")
			time.Sleep(time.Minute - time.Second)
			now = time.Now()
		}
		for _, off := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
			code := p.code(t, now.Add(off))
			if _, err := h.loginWith(goodPassword, code); err != nil {
				t.Errorf("a clock that is %v off: %v", off, err)
			}
			_, err := h.loginWith(goodPassword, code)
			wantField(t, err, operators.BadCredentials, "code")
		}
		_, err = h.loginWith(goodPassword, p.code(t, now.Add(-30*time.Second)))
		wantField(t, err, operators.BadCredentials, "code") // an earlier one, after a later one
	})
}

func TestOfManyWhoShowTheSameCodeAtOnceOneIsLetIn(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, recovery := h.equip(session)
		time.Sleep(time.Minute)
		for _, code := range []string{p.code(t, time.Now()), recovery[0]} {
			var mu sync.Mutex
			let := 0
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if _, err := h.loginWith(goodPassword, code); err == nil {
						mu.Lock()
						let++
						mu.Unlock()
					}
				})
			}
			all.Wait()
			if let != 1 {
				t.Errorf("%d were let in with the same code", let)
			}
		}
	})
}

func TestACodeThatStandsInWorksOnceHoweverItIsTyped(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		_, recovery := h.equip(session)
		if len(recovery) != 10 {
			t.Fatalf("%d codes, want 10", len(recovery))
		}
		if _, err := h.loginWith(goodPassword, " "+strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))); err != nil {
			t.Error(err)
		}
		_, err := h.loginWith(goodPassword, recovery[3])
		wantField(t, err, operators.BadCredentials, "code")
		if last := h.store.audit[len(h.store.audit)-2]; last.Verb != "operator.factor.recovery" || !strings.Contains(last.Detail, `"left":9`) {
			t.Errorf("the trail says %s %s", last.Verb, last.Detail)
		}
	})
}

func TestACodeIsTakenInTheFullWidthFormsOfAnInputMethod(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, recovery := h.equip(session)
		time.Sleep(time.Minute)
		wide := func(s string) string {
			return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
		}
		for _, code := range []string{wide(p.code(t, time.Now())), wide(recovery[0])} {
			if _, err := h.loginWith(goodPassword, code); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
}

func TestGuessingCodesIsSlowedDown(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		h.equip(session)
		judged := 0
		for begun := time.Now(); time.Since(begun) < 5*time.Minute; time.Sleep(time.Second) {
			if _, err := h.loginWith(goodPassword, "000000"); err != nil && !strings.Contains(err.Error(), "too many") {
				judged++
			}
		}
		if judged > 100 {
			t.Errorf("%d guesses were judged within 5 minutes, want at most 100", judged)
		}
	})
}

func TestAFactorIsTakenIntoUseByItsFirstCodeWithinTenMinutes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		o, s := h.session(session)
		confirm := func(code string) error {
			_, _, err := h.svc.ConfirmFactor(t.Context(), o, s, code)
			return err
		}
		wantCode(t, confirm("000000"), devices.Conflict)
		made, err := h.svc.BeginFactor(o)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(made.URL, "otpauth://totp/Gatehouse:Li?") || !strings.Contains(made.URL, made.Secret) {
			t.Errorf("the QR code says %s", made.URL)
		}
		wantField(t, confirm("000000"), devices.Invalid, "code")
		if o, _ := h.session(session); o.HasFactor() {
			t.Error("a factor whose code nobody has shown is in use")
		}
		time.Sleep(9 * time.Minute)
		// Whoever finds the browser open sets up no factor in its owner's name.
		wantCode(t, confirm(program{made.Secret}.code(t, time.Now())), operators.ProofNeeded)
		if err := h.prove(session, o, s, "", goodPassword); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		o, s = h.session(session)
		wantCode(t, confirm(program{made.Secret}.code(t, time.Now())), devices.Conflict)
	})
}

func TestAFactorIsReplacedOnlyByWhoJustShowedIt(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, _ := h.equip(session)
		time.Sleep(6 * time.Minute)
		o, s := h.session(session)
		made, err := h.svc.BeginFactor(o)
		if err != nil {
			t.Fatal(err)
		}
		next := program{made.Secret}
		_, _, err = h.svc.ConfirmFactor(t.Context(), o, s, next.code(t, time.Now()))
		wantCode(t, err, operators.ProofNeeded)
		wantField(t, h.prove(session, o, s, "000000", ""), operators.BadCredentials, "code")
		wantField(t, h.prove(session, o, s, "", goodPassword), operators.BadCredentials, "code")
		if err := h.prove(session, o, s, p.code(t, time.Now()), ""); err != nil {
			t.Fatal(err)
		}
		o, s = h.session(session)
		if _, _, err := h.svc.ConfirmFactor(t.Context(), o, s, next.code(t, time.Now())); err != nil {
			t.Error(err)
		}
	})
}

func TestAProofCountsForFiveMinutes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		fresh := func() bool { _, s := h.session(session); return h.svc.Fresh(s) }
		if !fresh() {
			t.Error("who just signed in has not proved who they are")
		}
		time.Sleep(5 * time.Minute)
		if fresh() {
			t.Error("a proof counts after five minutes")
		}
		o, s := h.session(session)
		wantField(t, h.prove(session, o, s, "", "wrong wrong wrong"), operators.BadCredentials, "password")
		if err := h.prove(session, o, s, "", goodPassword); err != nil || !fresh() {
			t.Errorf("a proof by password (%v)", err)
		}
	})
}

func TestALostFactorIsTakenAwayWithEverySession(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		li, session := h.settle()
		h.equip(session)
		if _, err := h.svc.RemoveFactor(t.Context(), boss, li.ID); err != nil {
			t.Fatal(err)
		}
		h.refused(session)
		token, err := h.loginWith(goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		o, _ := h.session(token)
		if o.HasFactor() || !h.svc.NeedsFactor(o) {
			t.Errorf("after the factor was taken away: has one %v, needs one %v", o.HasFactor(), h.svc.NeedsFactor(o))
		}
	})
}

func TestWhoMayOpenNeedsASecondFactorUntilAnAdministratorSaysOtherwise(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		needs := func(s *operators.Service) string {
			var names []string
			for _, r := range operators.Roles() {
				if s.NeedsFactor(operators.Operator{Role: r}) {
					names = append(names, string(r))
				}
			}
			return strings.Join(names, " ")
		}
		if got, want := needs(h.svc), "guard installer manager administrator"; got != want {
			t.Errorf("at first %s need one, want %s", got, want)
		}
		if err := h.svc.SetFactorRoles(t.Context(), boss, []operators.Role{operators.Administrator, operators.Auditor}); err != nil {
			t.Fatal(err)
		}
		later := operators.New(operators.Deps{Store: h.store, Seal: plainly{}})
		if err := later.LoadPolicy(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*operators.Service{h.svc, later} {
			if got, want := needs(s), "auditor administrator"; got != want {
				t.Errorf("%s need one, want %s", got, want)
			}
		}
		wantField(t, h.svc.SetFactorRoles(t.Context(), boss, []operators.Role{"king"}), devices.Invalid, "roles")
	})
}

func TestStrangersWhoGuessKeepNobodyFromShowingWhoTheyAre(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, session := h.settle()
		p, _ := h.equip(session)
		time.Sleep(10 * time.Minute)
		o, s := h.session(session)
		for range 30 { // from the same address, behind one proxy
			_, _ = h.login("Li", "wrong wrong wrong", s.Address)
		}
		_, err := h.login("Li", goodPassword, s.Address)
		wantCode(t, err, operators.Throttled)
		if err := h.prove(session, o, s, p.code(t, time.Now()), ""); err != nil {
			t.Errorf("a lockdown cannot be ended: %v", err)
		}
		if last := h.store.audit[len(h.store.audit)-1]; last.Verb != "session.prove" || last.Actor.ID != string(o.ID) {
			t.Errorf("the trail ends with %s by %s", last.Verb, last.Actor.ID)
		}
		for range 30 {
			err = h.prove(session, o, s, "000000", "")
		}
		wantWait(t, err, 15*time.Second)
	})
}

func TestWhoHasThePasswordCannotGuessACodeOverWeeks(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		li, session := h.settle()
		p, recovery := h.equip(session)
		judged := 95 // so many times it went on already
		h.store.set(func(m *memory) {
			o := m.operators[li.ID]
			o.Factor.Wrong = judged
			m.operators[li.ID] = o
		})
		for range 10 { // once an hour, so that no throttle is in the way
			time.Sleep(time.Hour)
			_, err := h.loginWith(goodPassword, "000000")
			wantField(t, err, operators.BadCredentials, "code")
			judged++
			if o, err := h.store.Operator(t.Context(), li.ID); err != nil || o.FactorLocked() != (judged >= 100) {
				t.Fatalf("locked %v after %d wrong codes, %v", o.FactorLocked(), judged, err)
			}
		}
		_, err := h.loginWith(goodPassword, p.code(t, time.Now()))
		wantField(t, err, operators.BadCredentials, "code")
		locked := 0
		for _, a := range h.store.audit {
			if a.Verb == "operator.factor.locked" {
				locked++
			}
		}
		if locked != 1 {
			t.Errorf("the trail says %d times that the codes are locked", locked)
		}
		time.Sleep(time.Minute)
		if _, err := h.loginWith(goodPassword, recovery[0]); err != nil {
			t.Errorf("a code that stands in for the program: %v", err)
		}
		time.Sleep(time.Minute)
		if _, err := h.loginWith(goodPassword, p.code(t, time.Now())); err != nil {
			t.Errorf("the program after that: %v", err)
		}
	})
}

func TestAResetOfThePasswordTakesTheProgramsCodesAgain(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		li, session := h.settle()
		p, _ := h.equip(session)
		h.store.set(func(m *memory) {
			o := m.operators[li.ID]
			o.Factor.Wrong = 100
			m.operators[li.ID] = o
		})
		time.Sleep(time.Minute)
		_, err := h.loginWith(goodPassword, p.code(t, time.Now()))
		wantField(t, err, operators.BadCredentials, "code")
		_, first, err := h.svc.ResetPassword(t.Context(), boss, li.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.loginWith(first, p.code(t, time.Now())); err != nil {
			t.Errorf("after the reset: %v", err)
		}
	})
}

func TestAProofWithoutACodeIsNoWrongCode(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		li, session := h.settle()
		h.equip(session)
		o, s := h.session(session)
		wantField(t, h.prove(session, o, s, " ", goodPassword), operators.BadCredentials, "code")
		if o, err := h.store.Operator(t.Context(), li.ID); err != nil || o.Factor.Wrong != 0 {
			t.Errorf("%d wrong codes, %v", o.Factor.Wrong, err)
		}
	})
}
