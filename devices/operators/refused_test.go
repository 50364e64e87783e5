package operators_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// RefusedStranger implements operators.Refusals.
func (h *house) RefusedStranger(a devices.AuditEntry, address string, code devices.Code) {
	h.deny(string(a.Actor.Kind), a.Verb, a.Object, string(code), address, a.Actor.Address+a.About+a.Detail)
}

// Refused implements operators.Refusals.
func (h *house) Refused(by devices.Actor, verb string, _ devices.SiteID, object string, code devices.Code, _ map[string]any) {
	h.deny(by.Key(), verb, object, string(code), by.Address, by.Session)
}

func (h *house) deny(words ...string) {
	h.denying.Lock()
	defer h.denying.Unlock()
	h.denied = append(h.denied, strings.Join(words, " "))
}

// wantDenied are what the trail was told since the last look.
func (h *house) wantDenied(want ...string) {
	h.t.Helper()
	h.denying.Lock()
	defer h.denying.Unlock()
	if !slices.Equal(h.denied, want) {
		h.t.Errorf("told %q\nwant %q", h.denied, want)
	}
	h.denied = nil
}

func TestEveryRefusedSignInIsToldToTheTrailAndNeverWhatWasTyped(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		o, _ := h.settle()
		chen, first, _ := h.hire("Chen", operators.Guard)
		h.wantDenied()
		about := func(o operators.Operator, code string) string {
			return "unknown session.create operator:" + string(o.ID) + " " + code + ` 192.0.2.9 {"address":"192.0.2.9"}{}`
		}
		try := func(name, password, code string, want devices.Code) {
			t.Helper()
			_, _, err := h.svc.Login(t.Context(), name, password, code, from("192.0.2.9"))
			wantCode(t, err, want)
		}
		try("Li", "not the password", "", operators.BadCredentials)
		h.wantDenied(about(o, "bad_credentials"))
		try("a password typed as a name", "x", "", operators.BadCredentials)
		h.wantDenied("unknown session.create operator:unknown bad_credentials 192.0.2.9 192.0.2.9{}")
		if _, err := h.svc.SetDisabled(t.Context(), boss, chen.ID, true); err != nil {
			t.Fatal(err)
		}
		try("Chen", first, "", operators.BadCredentials)
		h.wantDenied(about(chen, "account_shut"))
		wu, late, _ := h.hire("Wu", operators.Guard)
		time.Sleep(30 * 24 * time.Hour)
		try("Wu", late, "", operators.BadCredentials)
		h.wantDenied(about(wu, "password_over"))

		session, _ := h.login("Li", goodPassword, "192.0.2.7")
		h.equip(session)
		try("Li", goodPassword, "", operators.CodeNeeded)
		h.wantDenied()
		try("Li", goodPassword, "000000", operators.BadCredentials)
		h.wantDenied(about(o, "bad_code"))
		for range 5 {
			_, _, _ = h.svc.Login(t.Context(), "Li", "wrong", "", from("192.0.2.9"))
		}
		h.denied = nil
		try("Li", "wrong", "", operators.Throttled)
		h.wantDenied(about(o, "throttled"))
	})
}

func TestARefusedProofIsToldToTheTrailWithItsSession(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		_, session := h.settle()
		o, s := h.session(session)
		wantCode(t, h.prove(session, o, s, "", "wrong"), operators.BadCredentials)
		wantCode(t, h.svc.ChangePassword(t.Context(), o, s, "wrong", "nine grey herons wait"), operators.BadCredentials)
		who, where := "operator:"+string(o.ID), s.Address+" "+string(s.ID())
		h.wantDenied(
			strings.Join([]string{who, "session.prove", who, "bad_credentials", where}, " "),
			strings.Join([]string{who, "operator.password", who, "bad_credentials", where}, " "))
	})
}

func TestARefusedPINIsToldToTheTrailWithItsBooth(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		g.denied = nil
		_, err := g.enter("000001")
		wantCode(t, err, operators.BadPIN)
		_, _, err = g.booths.Enter(t.Context(), g.token, "nobody", chenPIN, from("192.0.2.30"))
		wantCode(t, err, operators.BadPIN)
		_, _, err = g.booths.Enter(t.Context(), "no booth", g.chen.ID, chenPIN, from("192.0.2.30"))
		wantCode(t, err, operators.NoBooth)
		booth, address := `{"booth":"`+string(g.booth.ID)+`"}`, `{"address":"192.0.2.30"}`
		g.wantDenied(
			"unknown session.create operator:"+string(g.chen.ID)+" bad_pin 192.0.2.30 "+address+booth,
			"unknown session.create operator:unknown bad_pin 192.0.2.30 192.0.2.30"+booth,
			"unknown session.create operator:"+string(g.chen.ID)+" no_booth 192.0.2.30 "+address+"{}")
	})
}
