package operators_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// hire makes an account and signs in with its first password.
func (h *house) hire(name string, role operators.Role) (o operators.Operator, password, session string) {
	h.t.Helper()
	o, password, err := h.svc.Create(h.t.Context(), boss, operators.NewAccount{Name: name, Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	session, err = h.login(name, password, "192.0.2.7")
	if err != nil {
		h.t.Fatal(err)
	}
	return o, password, session
}

var boss = devices.Actor{Kind: devices.ActorSystem, ID: "boss", Name: "Li"}

func TestANewPersonSignsInWithAFirstPasswordThatMustBeChanged(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		made, first, session := h.hire("Chen", operators.Guard)
		o, s := h.session(session)
		if !o.MustChange || o.ID != made.ID || o.Role != operators.Guard {
			t.Errorf("signed in as %+v", o)
		}
		const chosen = "seven slow barges turn"
		if err := h.svc.ChangePassword(t.Context(), o, s, first, chosen); err != nil {
			t.Fatal(err)
		}
		if o, _ := h.session(session); o.MustChange {
			t.Error("the password that a person chose must be changed again")
		}
		_, err := h.login("Chen", first, "192.0.2.8")
		wantCode(t, err, operators.BadCredentials)
		if _, err := h.login("chen", chosen, "192.0.2.8"); err != nil {
			t.Error(err)
		}
	})
}

func TestAFirstPasswordEndsAfterSevenDaysUnlessItIsChanged(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		_, late, _ := h.hire("Chen", operators.Guard)
		_, first, session := h.hire("Wu", operators.Guard)
		o, s := h.session(session)
		const chosen = "seven slow barges turn"
		if err := h.svc.ChangePassword(t.Context(), o, s, first, chosen); err != nil {
			t.Fatal(err)
		}
		time.Sleep(7*24*time.Hour - time.Second)
		if _, err := h.login("Chen", late, "192.0.2.8"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		_, err := h.login("Chen", late, "192.0.2.8")
		wantField(t, err, operators.BadCredentials, "")
		if _, err := h.login("Wu", chosen, "192.0.2.8"); err != nil {
			t.Error(err)
		}
	})
}

func TestAFirstPasswordIsNeverTheSame(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		_, a, _ := h.hire("Chen", operators.Guard)
		_, b, _ := h.hire("Wu", operators.Guard)
		if a == b || len(a) != 24 || strings.Count(a, "-") != 4 {
			t.Errorf("first passwords %q and %q", a, b)
		}
	})
}

func TestAPasswordIsChangedOnlyByWhoKnowsIt(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, token := h.settle()
		_, s := h.session(token)
		change := func(old, password string) error {
			return h.svc.ChangePassword(t.Context(), o, s, old, password)
		}
		wantCode(t, change("wrong wrong wrong", "seven slow barges turn"), operators.BadCredentials)
		wantCode(t, change(goodPassword, "short"), devices.Invalid)
		wantCode(t, change(goodPassword, goodPassword), devices.Invalid)
		for range 30 {
			_ = change("wrong wrong wrong", "seven slow barges turn")
		}
		wantCode(t, change("wrong wrong wrong", "seven slow barges turn"), operators.Throttled)
		h.session(token) // a wrong guess ends nothing
	})
}

func TestAChangedPasswordEndsTheOtherSessionsOnly(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, here := h.settle()
		_, s := h.session(here)
		elsewhere, err := h.login("Li", goodPassword, "192.0.2.9")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.svc.ChangePassword(t.Context(), o, s, goodPassword, "seven slow barges turn"); err != nil {
			t.Fatal(err)
		}
		h.session(here)
		h.refused(elsewhere)
	})
}

func TestAResetPasswordEndsEverySessionAndIsNotTheOldOne(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, first, session := h.hire("Chen", operators.Guard)
		h.session(session)
		_, second, err := h.svc.ResetPassword(t.Context(), boss, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.refused(session)
		_, err = h.login("Chen", first, "192.0.2.8")
		wantCode(t, err, operators.BadCredentials)
		if _, err := h.login("Chen", second, "192.0.2.8"); err != nil {
			t.Error(err)
		}
		_, _, err = h.svc.ResetPassword(t.Context(), boss, "nobody")
		wantCode(t, err, devices.NotFound)
	})
}

func TestAShutAccountIsOutAtOnceAndBackWhenOpened(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, first, session := h.hire("Chen", operators.Guard)
		h.session(session)
		if _, err := h.svc.SetDisabled(t.Context(), boss, o.ID, true); err != nil {
			t.Fatal(err)
		}
		h.refused(session)
		_, err := h.login("Chen", first, "192.0.2.8")
		wantCode(t, err, operators.BadCredentials)
		if _, err := h.svc.SetDisabled(t.Context(), boss, o.ID, false); err != nil {
			t.Fatal(err)
		}
		h.refused(session)
		if _, err := h.login("Chen", first, "192.0.2.8"); err != nil {
			t.Error(err)
		}
	})
}

func TestANewRoleCountsForTheNextRequest(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, _, session := h.hire("Chen", operators.Guard)
		h.session(session)
		if _, err := h.svc.SetRights(t.Context(), boss, o.ID, roleOnly(operators.Auditor)); err != nil {
			t.Fatal(err)
		}
		if now, _ := h.session(session); now.Role != operators.Auditor || now.Role.May(devices.CommandDevices) {
			t.Errorf("role %s after the change", now.Role)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		li, _ := h.settle()
		role := func(id operators.ID, r operators.Role) error {
			_, err := h.svc.SetRights(t.Context(), boss, id, roleOnly(r))
			return err
		}
		shut := func(id operators.ID) error {
			_, err := h.svc.SetDisabled(t.Context(), boss, id, true)
			return err
		}
		wantCode(t, role(li.ID, operators.Guard), devices.Conflict)
		wantCode(t, shut(li.ID), devices.Conflict)
		other, _, _ := h.hire("Chen", operators.Administrator)
		if err := shut(li.ID); err != nil {
			t.Fatal(err)
		}
		wantCode(t, shut(other.ID), devices.Conflict)
	})
}

func TestAnAccountThatIsWrongIsNotMade(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		for _, a := range []operators.NewAccount{
			{Name: "", Role: operators.Guard}, {Name: "Chen", Role: "king"}, {Name: "Chen"}, {Name: "Chen", Role: operators.Guard, Language: "de"},
		} {
			_, _, err := h.svc.Create(t.Context(), boss, a)
			wantCode(t, err, devices.Invalid)
		}
		_, _, err := h.svc.Create(t.Context(), boss, operators.NewAccount{Name: "LI", Role: operators.Guard})
		wantCode(t, err, devices.Conflict)
		all, err := h.svc.List(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("%d accounts (%v), want the first only", len(all), err)
		}
	})
}

func TestSessionsAreSeenAndEndedOneByOne(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		o, first := h.settle()
		second, err := h.login("Li", goodPassword, "192.0.2.9")
		if err != nil {
			t.Fatal(err)
		}
		_, s := h.session(second)
		all, err := h.svc.Sessions(t.Context(), o.ID)
		if err != nil || len(all) != 2 {
			t.Fatalf("%d sessions (%v), want 2", len(all), err)
		}
		if err := h.svc.EndSession(t.Context(), boss, o.ID, s.ID()); err != nil {
			t.Fatal(err)
		}
		h.refused(second)
		h.session(first)
		wantCode(t, h.svc.EndSession(t.Context(), boss, o.ID, s.ID()), devices.NotFound)
		wantCode(t, h.svc.EndSession(t.Context(), boss, "another", all[0].ID()), devices.NotFound)
	})
}

func TestEveryChangeOfAnAccountIsInTheAuditTrail(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		o, first, session := h.hire("Chen", operators.Guard)
		me, s := h.session(session)
		before := len(h.store.audit)
		_, _ = h.svc.SetRights(t.Context(), boss, o.ID, roleOnly(operators.Manager))
		_ = h.svc.ChangePassword(t.Context(), me, s, first, "seven slow barges turn")
		_, _ = h.svc.SetDisabled(t.Context(), boss, o.ID, true)
		_, _ = h.svc.SetDisabled(t.Context(), boss, o.ID, false)
		_, _, _ = h.svc.ResetPassword(t.Context(), boss, o.ID)
		var verbs []string
		for _, a := range h.store.audit[before:] {
			verbs = append(verbs, a.Verb)
			if strings.Contains(a.Detail, "argon2") || strings.Contains(a.Detail, "barges") {
				t.Errorf("the trail has a password: %s", a.Detail)
			}
		}
		want := "operator.role operator.password operator.disabled session.end operator.disabled operator.password.reset"
		if got := strings.Join(verbs, " "); got != want {
			t.Errorf("trail %s, want %s", got, want)
		}
	})
}

func TestWhoMayNotOrderAnyMoreIsToldAtOnceAndNobodyElse(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		chen, _, _ := h.hire("Chen", operators.Guard)
		var lost []operators.Operator
		h.svc.OnCommandLost(func(_ context.Context, by devices.Actor, o operators.Operator, left devices.Reach) {
			if by != boss {
				t.Errorf("by %+v", by)
			}
			if !left.Nothing() {
				t.Errorf("left: %q", left.Key())
			}
			lost = append(lost, o)
		})
		change := func(_ operators.Operator, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		change(h.svc.SetRights(t.Context(), boss, chen.ID, roleOnly(operators.Manager)))
		if len(lost) != 0 {
			t.Fatalf("a manager may order, and lost the right: %+v", lost)
		}
		change(h.svc.SetRights(t.Context(), boss, chen.ID, roleOnly(operators.Auditor)))
		change(h.svc.SetRights(t.Context(), boss, chen.ID, roleOnly(operators.Guard)))
		change(h.svc.SetDisabled(t.Context(), boss, chen.ID, true))
		change(h.svc.SetDisabled(t.Context(), boss, chen.ID, false))
		if len(lost) != 2 || lost[0].Role != operators.Auditor || !lost[1].Disabled || lost[1].ID != chen.ID {
			t.Errorf("lost: %+v", lost)
		}
	})
}
