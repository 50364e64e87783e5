package operators_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func roleOnly(r operators.Role) operators.RightsChange { return operators.RightsChange{Role: &r} }

func scopeOnly(s devices.Scope) operators.RightsChange { return operators.RightsChange{Scope: &s} }

// property is two sites; the garden has two zones.
type property struct{}

func (property) Clocks() devices.Clocks {
	return devices.Clocks{"harbour": time.UTC, "garden": time.UTC}
}

func (property) Zones() []devices.Zone {
	return []devices.Zone{{ID: "north", Site: "garden"}, {ID: "garage", Site: "garden"}, {ID: "yard", Site: "harbour"}}
}

var garden = devices.Scope{Places: []devices.Place{{Site: "garden"}}}

// inProperty is inHouse over a property.
func inProperty(t *testing.T, run func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.svc = operators.New(operators.Deps{Store: h.store, Seal: plainly{}, SetupTokens: h, Property: property{}})
		run(t, h)
	})
}

// actorOf is a person as the domain is told of them.
func actorOf(o operators.Operator) devices.Actor {
	return devices.Actor{Kind: devices.ActorOperator, ID: string(o.ID), Name: o.Name}
}

func TestRightsHoldInTheScopeOfAPersonAndNowhereElse(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.settle()
		chen, _, session := h.hire("Chen", operators.Manager)
		if g := h.svc.GrantOf(chen); !g.May(devices.SeeAudit) || !h.svc.Reach(g).Everything() {
			t.Fatalf("a manager of the whole property: %+v", g)
		}
		if _, err := h.svc.SetRights(t.Context(), boss, chen.ID, scopeOnly(garden)); err != nil {
			t.Fatal(err)
		}
		now, _ := h.session(session)
		g := h.svc.GrantOf(now)
		if r := h.svc.Reach(g); !r.Site("garden") || r.Part("harbour") || r.Everything() {
			t.Errorf("reach %q", r.Key())
		}
		for _, v := range []devices.Verb{devices.ManageAccess, devices.SeeAudit, devices.SeeBroker, devices.ManageBroker} {
			if g.May(v) {
				t.Errorf("somebody of one site has %s, which is of the whole property", v)
			}
		}
		if !g.May(devices.ManageSchedules) {
			t.Error("a right of the role is lost")
		}
	})
}

func TestAScopeOfPlacesThatDoNotExistIsRefused(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.settle()
		chen, _, _ := h.hire("Chen", operators.Guard)
		for _, p := range []devices.Place{{Site: "nowhere"}, {Site: "garden", Zone: "yard"}, {Site: "garden", Zone: "nowhere"}} {
			_, err := h.svc.SetRights(t.Context(), boss, chen.ID, scopeOnly(devices.Scope{Places: []devices.Place{p}}))
			wantField(t, err, devices.Invalid, "places")
		}
		_, _, err := h.svc.Create(t.Context(), boss, operators.NewAccount{Name: "Wu", Role: operators.Guard, Scope: devices.Scope{Places: []devices.Place{{Site: "nowhere"}}}})
		wantField(t, err, devices.Invalid, "places")
		admin := operators.Administrator
		_, err = h.svc.SetRights(t.Context(), boss, chen.ID, operators.RightsChange{Role: &admin, Scope: &garden})
		wantField(t, err, devices.Invalid, "role")
	})
}

func TestNobodyGivesOrTakesRightsThatTheyDoNotHave(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		li, _ := h.settle()
		desk, err := h.svc.CreateRole(t.Context(), boss, "Front desk", []devices.Verb{devices.SeeDevices, devices.ManageAccess})
		if err != nil {
			t.Fatal(err)
		}
		clerk, _, _ := h.hire("Wu", desk.ID)
		guard, _, _ := h.hire("Chen", operators.Guard)
		by := actorOf(clerk)
		refused := func(what string, err error) {
			t.Helper()
			if devices.CodeOf(err) != devices.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, _, err = h.svc.Create(t.Context(), by, operators.NewAccount{Name: "Ma", Role: operators.Guard})
		refused("an account with more rights", err)
		_, err = h.svc.SetRights(t.Context(), by, guard.ID, roleOnly(desk.ID))
		refused("another role for somebody who has more", err)
		_, err = h.svc.SetDisabled(t.Context(), by, li.ID, true)
		refused("shutting an administrator out", err)
		_, _, err = h.svc.ResetPassword(t.Context(), by, li.ID)
		refused("the password of an administrator", err)
		_, err = h.svc.RemoveFactor(t.Context(), by, li.ID)
		refused("the second factor of an administrator", err)
		_, err = h.svc.CreateRole(t.Context(), by, "Opener", []devices.Verb{devices.CommandDevices})
		refused("a role with more rights", err)
		_, err = h.svc.ChangeRole(t.Context(), by, desk.ID, "Front desk", []devices.Verb{devices.SeeDevices, devices.CommandDevices})
		refused("more rights for the own role", err)
		if _, _, err := h.svc.Create(t.Context(), by, operators.NewAccount{Name: "He", Role: desk.ID}); err != nil {
			t.Errorf("an account with the same rights: %v", err)
		}
		if _, _, err := h.svc.Create(t.Context(), by, operators.NewAccount{Name: "Hu", Role: desk.ID, Scope: garden}); err != nil {
			t.Errorf("an account with fewer rights: %v", err)
		}
	})
}

func TestALiveConnectionEndsWhenItsScopeChangesOrItsHoursEnd(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.free()
		h.settle()
		chen, first, session := h.hire("Chen", operators.Guard)
		h.own(chen, session, first)
		tickets := operators.NewTickets(h.svc)
		claim, ok := h.watcher(tickets, session)
		if !ok || !claim.Reach.Everything() {
			t.Fatal("not let in to everything")
		}
		if _, err := h.svc.SetRights(t.Context(), boss, chen.ID, scopeOnly(garden)); err != nil {
			t.Fatal(err)
		}
		if claim.Valid() {
			t.Error("a connection outlived the scope that it was made for")
		}
		claim, ok = h.watcher(tickets, session)
		if !ok || claim.Reach.Key() != "garden/\n" || !claim.Valid() {
			t.Errorf("let in %v to %q", ok, claim.Reach.Key())
		}

		var mu sync.Mutex // guards what follows
		var lost []string
		var told int
		h.svc.OnCommandLost(func(_ context.Context, by devices.Actor, o operators.Operator, left devices.Reach) {
			mu.Lock()
			defer mu.Unlock()
			lost = append(lost, by.ID+" of "+o.Name+" leaves "+left.Key())
		})
		h.svc.OnWatchChange(func(operators.ID) {
			mu.Lock()
			defer mu.Unlock()
			told++
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = h.svc.Run(ctx) }()
		now := time.Now().UTC() // midnight in a bubble
		hours := garden
		hours.Hours = devices.Hours{{Days: []time.Weekday{now.Weekday()}, From: 0, To: now.Hour()*60 + now.Minute() + 2}}
		if _, err := h.svc.SetRights(t.Context(), boss, chen.ID, scopeOnly(hours)); err != nil {
			t.Fatal(err)
		}
		claim, ok = h.watcher(tickets, session)
		if !ok || !claim.Valid() {
			t.Fatal("not let in within the hours")
		}
		mu.Lock()
		lost, told = nil, 0
		mu.Unlock()
		end := now.Truncate(time.Minute).Add(2 * time.Minute)
		time.Sleep(time.Until(end) - time.Millisecond)
		synctest.Wait()
		mu.Lock()
		if !claim.Valid() || told > 0 || len(lost) > 0 {
			t.Errorf("before the end of the hours: valid %v, told %d, lost %v", claim.Valid(), told, lost)
		}
		mu.Unlock()
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		if claim.Valid() || told != 1 || len(lost) != 1 || lost[0] != "hours of Chen leaves " {
			t.Errorf("a second after the end of the hours: valid %v, told %d, lost %q", claim.Valid(), told, lost)
		}
		mu.Unlock()
		stop()
		<-ended
	})
}

// own makes the first password of a new person their own.
func (h *house) own(o operators.Operator, session, first string) {
	h.t.Helper()
	now, s := h.session(session)
	if err := h.svc.ChangePassword(h.t.Context(), now, s, first, "five loud geese of "+o.Name); err != nil {
		h.t.Fatal(err)
	}
}
