package operators_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// hut keeps booths in memory, beside the sessions of a store.
type hut struct {
	store *memory
	all   map[operators.BoothID]operators.Booth
}

func (h *hut) Booths(context.Context) (all []operators.Booth, err error) {
	for _, b := range h.all {
		all = append(all, b)
	}
	return all, nil
}

func (h *hut) AddBooth(_ context.Context, b operators.Booth, a devices.AuditEntry) error {
	h.all[b.ID] = b
	h.store.set(func(m *memory) { m.audit = append(m.audit, a) })
	return nil
}

func (h *hut) DeleteBooth(_ context.Context, id operators.BoothID, a devices.AuditEntry) (ended []operators.SessionKey, err error) {
	delete(h.all, id)
	h.store.set(func(m *memory) {
		for k, s := range m.sessions {
			if s.Booth == id {
				ended = append(ended, k)
				delete(m.sessions, k)
			}
		}
		m.audit = append(m.audit, a)
	})
	return ended, nil
}

// gate is a house with a booth, and Chen, who is a guard with a PIN.
type gate struct {
	*house
	booths  *operators.Booths
	booth   operators.Booth
	token   string
	chen    operators.Operator
	session string // Chen's, in a browser of her own
}

const (
	chenPIN      = "271938"
	chenPassword = "seven slow barges turn"
)

func atGate(t *testing.T, run func(t *testing.T, g *gate)) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		h.settle()
		g := &gate{house: h, booths: operators.NewBooths(h.svc, &hut{h.store, map[operators.BoothID]operators.Booth{}})}
		var err error
		if g.booth, g.token, err = g.booths.Make(t.Context(), boss, "North gate", 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		g.chen, g.session = g.guard("Chen")
		run(t, g)
	})
}

// guard is somebody with an account that is finished, and the PIN of Chen.
func (g *gate) guard(name string) (operators.Operator, string) {
	g.t.Helper()
	_, first, session := g.hire(name, operators.Guard)
	o, s := g.house.session(session)
	if err := g.svc.ChangePassword(g.t.Context(), o, s, first, chenPassword); err != nil {
		g.t.Fatal(err)
	}
	o, s = g.house.session(session)
	if err := g.svc.SetPIN(g.t.Context(), o, s, chenPIN); err != nil {
		g.t.Fatal(err)
	}
	return o, session
}

func (g *gate) enter(pin string) (string, error) {
	_, session, err := g.booths.Enter(g.t.Context(), g.token, g.chen.ID, pin, from("192.0.2.30"))
	return session, err
}

func TestAGuardSignsInAtABoothWithAPINAndHasProvedNothing(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		guards, err := g.booths.Guards(t.Context())
		if err != nil || len(guards) != 1 || guards[0].ID != g.chen.ID {
			t.Errorf("the booth shows %+v, %v", guards, err)
		}
		token, err := g.enter(chenPIN)
		if err != nil {
			t.Fatal(err)
		}
		o, s := g.house.session(token)
		if o.ID != g.chen.ID || s.Booth != g.booth.ID || g.svc.Fresh(s) || !s.Proved.IsZero() {
			t.Errorf("session %+v of %s", s, o.Name)
		}
		if a := g.store.audit[len(g.store.audit)-1]; a.Verb != "session.create" || a.Actor.ID != string(o.ID) || !contains(a.Detail, string(g.booth.ID)) {
			t.Errorf("the trail says %+v", a)
		}
		wantCode(t, g.svc.SetPIN(t.Context(), o, s, "111222"), devices.Forbidden)
		wantCode(t, g.prove(token, o, s, "", "wrong"), operators.BadCredentials)
		// What is dangerous still asks for what a browser of their own would.
		if err := g.prove(token, o, s, "", chenPassword); err != nil {
			t.Fatal(err)
		}
		if _, s := g.house.session(token); !g.svc.Fresh(s) || s.Booth != g.booth.ID {
			t.Errorf("after a proof: %+v", s)
		}
		if err := g.svc.Logout(t.Context(), g.present(token), from("192.0.2.30")); err != nil {
			t.Fatal(err)
		}
		for _, a := range g.store.audit[len(g.store.audit)-3:] {
			if a.Actor.Session != string(s.ID()) || !contains(a.Detail, `"booth":"`+string(g.booth.ID)+`"`) {
				t.Errorf("%s does not say at which booth, in which session: %+v", a.Verb, a)
			}
		}
	})
}

func contains(text, part string) bool { return part != "" && strings.Contains(text, part) }

func TestAtABoothSomebodyIsSignedOutWhoDoesNotUseIt(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		token, err := g.enter(chenPIN)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			time.Sleep(10*time.Minute - time.Nanosecond)
			g.house.session(token)
		}
		time.Sleep(10 * time.Minute)
		g.refused(token)
		g.house.session(g.session) // in a browser of her own she is signed in
	})
}

func TestAPINIsWorthNothingElsewhere(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		_, err := g.login("Chen", chenPIN, "192.0.2.31")
		wantCode(t, err, operators.BadCredentials)
		o, s := g.house.session(g.session)
		wantField(t, g.prove(g.session, o, s, "", chenPIN), operators.BadCredentials, "password")
		for _, booth := range []string{"", "x", g.session, g.token[1:] + "x"} {
			_, _, err := g.booths.Enter(t.Context(), booth, g.chen.ID, chenPIN, from("192.0.2.31"))
			wantCode(t, err, operators.NoBooth)
		}
	})
}

func TestFiveWrongPINsAreAllUntilThePasswordIsShown(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		locked := func() (n int) {
			for _, a := range g.store.audit {
				if a.Verb == "operator.pin.locked" && a.Object == "operator:"+string(g.chen.ID) {
					n++
				}
			}
			return n
		}
		for range 4 {
			_, err := g.enter("000001")
			wantField(t, err, operators.BadPIN, "pin")
		}
		if _, err := g.enter(chenPIN); err != nil || locked() != 0 {
			t.Errorf("the right one after four wrong ones: %v, and %d rows say that no more is taken", err, locked())
		}
		for range 5 {
			_, err := g.enter("000001")
			wantField(t, err, operators.BadPIN, "pin")
		}
		if locked() != 1 {
			t.Errorf("%d rows say that no more is taken, want 1", locked())
		}
		time.Sleep(24 * time.Hour)
		_, err := g.enter(chenPIN)
		wantField(t, err, operators.PINLocked, "pin")
		if _, err := g.login("Chen", chenPassword, "192.0.2.30"); err != nil {
			t.Fatal(err)
		}
		if _, err := g.enter(chenPIN); err != nil {
			t.Errorf("after the password was shown: %v", err)
		}
	})
}

func TestManyTriesOfAPINAtOnceAreNotMoreThanFive(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		var judged atomic.Int64
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				if _, err := g.enter("000001"); devices.CodeOf(err) == operators.BadPIN {
					judged.Add(1)
				}
			})
		}
		group.Wait()
		if judged.Load() > 5 {
			t.Errorf("%d of 12 were judged", judged.Load())
		}
	})
}

func TestWhoMayNotEnterIsNotToldFromAWrongPIN(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		_, want := g.enter("000001")
		refused := func(what string, id operators.ID, pin string) {
			t.Helper()
			_, _, err := g.booths.Enter(t.Context(), g.token, id, pin, from("192.0.2.30"))
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		refused("nobody", "nobody", chenPIN)
		refused("long", g.chen.ID, chenPIN+"0")
		wang, _, _ := g.hire("Wang", operators.Guard)
		refused("without a PIN", wang.ID, "")
		if _, err := g.svc.SetDisabled(t.Context(), boss, g.chen.ID, true); err != nil {
			t.Fatal(err)
		}
		refused("shut", g.chen.ID, chenPIN)
		if _, err := g.svc.SetDisabled(t.Context(), boss, g.chen.ID, false); err != nil {
			t.Fatal(err)
		}
		if err := g.svc.SetFactorRoles(t.Context(), boss, []operators.Role{operators.Guard}); err != nil {
			t.Fatal(err)
		}
		refused("without the second factor that is needed", g.chen.ID, chenPIN)
		if guards, err := g.booths.Guards(t.Context()); err != nil || len(guards) != 0 {
			t.Errorf("the booth shows %+v, %v", guards, err)
		}
	})
}

func TestThePINGoesWithAResetOfThePasswordAndIsChangedOnlyByWhoJustShowedWhoTheyAre(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		o, s := g.house.session(g.session)
		for _, bad := range []string{"", "12345", "1234567", "12345a", "１２３４５６", "111111", "123123", "121212", "123456", "654321"} {
			wantField(t, g.svc.SetPIN(t.Context(), o, s, bad), devices.Invalid, "pin")
		}
		time.Sleep(6 * time.Minute)
		o, s = g.house.session(g.session)
		wantCode(t, g.svc.SetPIN(t.Context(), o, s, "382716"), operators.ProofNeeded)
		wantCode(t, g.svc.DropPIN(t.Context(), o, s), operators.ProofNeeded)
		if _, _, err := g.svc.ResetPassword(t.Context(), boss, g.chen.ID); err != nil {
			t.Fatal(err)
		}
		_, err := g.enter(chenPIN)
		wantCode(t, err, operators.BadPIN)
		if got, err := g.store.Operator(t.Context(), g.chen.ID); err != nil || got.HasPIN() {
			t.Errorf("a PIN is left, %v", err)
		}
	})
}

func TestABoothThatEndsSignsOutWhoIsThere(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		token, err := g.enter(chenPIN)
		if err != nil {
			t.Fatal(err)
		}
		g.house.session(token)
		if err := g.booths.End(t.Context(), boss, g.booth.ID); err != nil {
			t.Fatal(err)
		}
		g.refused(token)
		g.house.session(g.session)
		_, err = g.enter(chenPIN)
		wantCode(t, err, operators.NoBooth)
		wantCode(t, g.booths.End(t.Context(), boss, g.booth.ID), devices.NotFound)
	})
}

func TestABoothHasANameOfItsOwnAndALockWithinReason(t *testing.T) {
	atGate(t, func(t *testing.T, g *gate) {
		build := func(name string, lock time.Duration) error {
			_, _, err := g.booths.Make(t.Context(), boss, name, lock)
			return err
		}
		wantField(t, build(" ", time.Minute), devices.Invalid, "name")
		wantField(t, build("South", time.Second), devices.Invalid, "lockMinutes")
		wantField(t, build("South", 3*time.Hour), devices.Invalid, "lockMinutes")
		wantField(t, build("north GATE", time.Minute), devices.Conflict, "name")
		if err := build("South", time.Minute); err != nil || len(g.booths.List()) != 2 {
			t.Errorf("%d booths, %v", len(g.booths.List()), err)
		}
		time.Sleep(366 * 24 * time.Hour)
		if _, ok := g.booths.Of(g.token); ok {
			t.Error("a booth lasts for ever")
		}
	})
}
