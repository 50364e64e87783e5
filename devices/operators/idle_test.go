package operators_test

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Whoever may change who may do what is signed out as soon as an administrator is, whatever
// their role is called.
func TestAnOwnRoleHasTheIdleLimitOfItsStrictestRight(t *testing.T) {
	for name, c := range map[string]struct {
		verbs []devices.Verb
		idle  time.Duration
	}{
		"sees":           {[]devices.Verb{devices.SeeDevices}, 12 * time.Hour},
		"opens":          {[]devices.Verb{devices.SeeDevices, devices.CommandDevices}, 12 * time.Hour},
		"manages access": {[]devices.Verb{devices.SeeDevices, devices.ManageAccess}, 15 * time.Minute},
		"manages broker": {[]devices.Verb{devices.SeeBroker, devices.ManageBroker}, 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inProperty(t, func(t *testing.T, h *house) {
				h.free()
				h.settle()
				role, err := h.svc.CreateRole(t.Context(), boss, "Own", c.verbs)
				if err != nil {
					t.Fatal(err)
				}
				chen, _, session := h.hire("Chen", role.ID)
				time.Sleep(c.idle - time.Nanosecond)
				if all, err := h.svc.Sessions(t.Context(), chen.ID); err != nil || len(all) != 1 {
					t.Errorf("an instant before its limit %d sessions are listed, %v", len(all), err)
				}
				if c.idle < 12*time.Hour { // which would end it by now
					h.session(session)
					time.Sleep(c.idle)
				} else {
					time.Sleep(time.Nanosecond)
				}
				time.Sleep(time.Millisecond) // lists go by whole milliseconds
				if all, err := h.svc.Sessions(t.Context(), chen.ID); err != nil || len(all) != 0 {
					t.Errorf("at its limit %d sessions are listed, %v", len(all), err)
				}
				h.refused(session)
			})
		})
	}
}

func TestARoleThatGetsTheRightOverRightsShortensTheSessionsThatAreOpen(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		h.free()
		h.settle()
		role, err := h.svc.CreateRole(t.Context(), boss, "Porter", []devices.Verb{devices.SeeDevices})
		if err != nil {
			t.Fatal(err)
		}
		chen, first, session := h.hire("Chen", role.ID)
		h.own(chen, session, first)
		claim, ok := h.watcher(operators.NewTickets(h.svc), session)
		if !ok {
			t.Fatal("not let in")
		}
		if _, err := h.svc.ChangeRole(t.Context(), boss, role.ID, "Porter", []devices.Verb{devices.SeeDevices, devices.ManageAccess}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(15*time.Minute - time.Nanosecond)
		if !claim.Valid() {
			t.Error("its live connection ended before its limit")
		}
		time.Sleep(time.Nanosecond)
		if claim.Valid() {
			t.Error("a live connection that was open before goes on for hours") // no request asked the store meanwhile
		}
		h.refused(session)
	})
}
