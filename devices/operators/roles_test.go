package operators_test

import (
	"context"
	"slices"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestAnOwnRoleHasItsVerbsAndNoOthersAndChangesAtOnce(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.free()
		h.settle()
		porter, err := h.svc.CreateRole(t.Context(), boss, " Porter ", []devices.Verb{devices.CommandDevices, devices.SeeDevices, devices.SeeDevices})
		if err != nil {
			t.Fatal(err)
		}
		if porter.Name != "Porter" || !slices.Equal(porter.Verbs, []devices.Verb{devices.SeeDevices, devices.CommandDevices}) {
			t.Errorf("made %+v", porter)
		}
		chen, first, session := h.hire("Chen", porter.ID)
		h.own(chen, session, first)
		for _, v := range operators.Verbs(operators.Administrator) {
			if h.svc.GrantOf(chen).May(v) != slices.Contains(porter.Verbs, v) {
				t.Errorf("a porter may %s: %v", v, h.svc.GrantOf(chen).May(v))
			}
		}
		claim, ok := h.watcher(operators.NewTickets(h.svc), session)
		if !ok {
			t.Fatal("not let in")
		}
		var lost []operators.ID
		h.svc.OnCommandLost(func(_ context.Context, _ devices.Actor, o operators.Operator, _ devices.Reach) {
			lost = append(lost, o.ID)
		})
		if _, err := h.svc.ChangeRole(t.Context(), boss, porter.ID, "Reader", []devices.Verb{devices.SeeLedger}); err != nil {
			t.Fatal(err)
		}
		now, _ := h.session(session)
		if g := h.svc.GrantOf(now); g.May(devices.CommandDevices) || !g.May(devices.SeeLedger) {
			t.Errorf("after the change: %+v", g)
		}
		if claim.Valid() || !slices.Equal(lost, []operators.ID{chen.ID}) {
			t.Errorf("live connection %v, command lost by %v", claim.Valid(), lost)
		}
	})
}

func TestARoleIsRemovedOnlyWhenNobodyHasIt(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.settle()
		role, err := h.svc.CreateRole(t.Context(), boss, "Porter", []devices.Verb{devices.SeeDevices})
		if err != nil {
			t.Fatal(err)
		}
		chen, _, _ := h.hire("Chen", role.ID)
		wantCode(t, h.svc.RemoveRole(t.Context(), boss, role.ID), devices.Conflict)
		if _, err := h.svc.SetRights(t.Context(), boss, chen.ID, roleOnly(operators.Guard)); err != nil {
			t.Fatal(err)
		}
		if err := h.svc.RemoveRole(t.Context(), boss, role.ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.svc.SetRights(t.Context(), boss, chen.ID, roleOnly(role.ID))
		wantField(t, err, devices.Invalid, "role")
		wantCode(t, h.svc.RemoveRole(t.Context(), boss, role.ID), devices.NotFound)
		wantCode(t, h.svc.RemoveRole(t.Context(), boss, operators.Guard), devices.NotFound)
		if len(h.svc.OwnRoles()) != 0 {
			t.Errorf("left: %v", h.svc.OwnRoles())
		}
	})
}

func TestARoleThatCannotBeIsRefusedWithItsField(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.settle()
		see := []devices.Verb{devices.SeeDevices}
		create := func(name string, verbs []devices.Verb) error {
			_, err := h.svc.CreateRole(t.Context(), boss, name, verbs)
			return err
		}
		wantField(t, create("  ", see), devices.Invalid, "name")
		wantField(t, create("a\u0000b", see), devices.Invalid, "name")
		wantField(t, create("Porter", nil), devices.Invalid, "verbs")
		wantField(t, create("Porter", []devices.Verb{"doors.eat"}), devices.Invalid, "verbs")
		if err := create("Porter", see); err != nil {
			t.Fatal(err)
		}
		wantCode(t, create("PORTER", see), devices.Conflict)
	})
}

func TestARoleThatMayOpenNeedsASecondFactorAsOthersDo(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.settle()
		reader, err := h.svc.CreateRole(t.Context(), boss, "Reader", []devices.Verb{devices.SeeDevices})
		if err != nil {
			t.Fatal(err)
		}
		opener, err := h.svc.CreateRole(t.Context(), boss, "Opener", []devices.Verb{devices.CommandDevices})
		if err != nil {
			t.Fatal(err)
		}
		needs := func(r operators.Role) bool { return h.svc.NeedsFactor(operators.Operator{Role: r}) }
		if needs(reader.ID) || !needs(opener.ID) {
			t.Errorf("needed by reader %v, by opener %v", needs(reader.ID), needs(opener.ID))
		}
		if _, err := h.svc.ChangeRole(t.Context(), boss, reader.ID, "Reader", []devices.Verb{devices.SeeDevices, devices.CommandDevices}); err != nil {
			t.Fatal(err)
		}
		if !needs(reader.ID) || !slices.Contains(h.svc.FactorRoles(), reader.ID) {
			t.Error("a role that may open now needs none")
		}
		again := operators.New(operators.Deps{Store: h.store, Seal: plainly{}})
		if err := again.LoadPolicy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again.FactorRoles(), h.svc.FactorRoles()) || len(again.OwnRoles()) != 2 {
			t.Errorf("after a restart: %v of %v", again.FactorRoles(), again.OwnRoles())
		}
		h.free()
		free, err := h.svc.CreateRole(t.Context(), boss, "Free", []devices.Verb{devices.CommandDevices})
		if err != nil || needs(free.ID) || needs(opener.ID) {
			t.Errorf("%v; needed although nobody else needs one", err)
		}
	})
}
