package operators_test

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// shelf keeps API tokens in memory; fail, if set, is what it answers.
type shelf struct {
	mu      sync.Mutex
	tokens  map[operators.APITokenID]operators.APIToken
	audit   []devices.AuditEntry
	touches int
	fail    error
}

func (s *shelf) APITokens(context.Context) ([]operators.APIToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.tokens), func(a, b operators.APIToken) int { return a.Created.Compare(b.Created) }), s.fail
}

func (s *shelf) AddAPIToken(_ context.Context, t operators.APIToken, a devices.AuditEntry) error {
	return s.change(func() { s.tokens[t.ID] = t; s.audit = append(s.audit, a) })
}

func (s *shelf) TouchAPIToken(_ context.Context, id operators.APITokenID, at time.Time, address string) error {
	return s.change(func() {
		t := s.tokens[id]
		t.LastUsed, t.LastAddress = at, address
		s.tokens[id] = t
		s.touches++
	})
}

func (s *shelf) DeleteAPIToken(_ context.Context, id operators.APITokenID, a devices.AuditEntry) error {
	return s.change(func() { delete(s.tokens, id); s.audit = append(s.audit, a) })
}

func (s *shelf) change(f func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		f()
	}
	return s.fail
}

// office is a house with API tokens.
type office struct {
	*house
	shelf  *shelf
	tokens *operators.APITokens
	maker  operators.Operator
}

func inOffice(t *testing.T, run func(t *testing.T, h *office)) {
	inHouse(t, func(t *testing.T, h *house) {
		h.free()
		o, _ := h.settle()
		s := &shelf{tokens: map[operators.APITokenID]operators.APIToken{}}
		run(t, &office{house: h, shelf: s, tokens: operators.NewAPITokens(h.svc, s, slog.New(slog.DiscardHandler)), maker: o})
	})
}

func (h *office) issue(maker operators.Operator, life time.Duration, verbs ...devices.Verb) (operators.APIToken, string) {
	h.t.Helper()
	x, text, err := h.tokens.Issue(h.t.Context(), boss, maker, operators.NewAPIToken{Name: "Meter", Verbs: verbs, Ends: time.Now().Add(life)})
	if err != nil {
		h.t.Fatal(err)
	}
	return x, text
}

func (h *office) outside(text string) {
	h.t.Helper()
	_, _, err := h.tokens.Check(h.t.Context(), text, "192.0.2.7")
	wantCode(h.t, err, operators.Unauthenticated)
}

func TestAnAPITokenIsKnownByItsFormAndKeptAsAHash(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		form := regexp.MustCompile(`^gth_[0-9A-Za-z]{49}$`)
		seen := map[string]bool{}
		for range 200 {
			x, text := h.issue(h.maker, time.Hour, devices.SeeDevices)
			if !form.MatchString(text) || seen[text] {
				t.Fatalf("token %q", text)
			}
			seen[text] = true
			kept := h.shelf.tokens[x.ID]
			if strings.Contains(string(kept.Hash[:]), text) || x.Hash != [32]byte{} {
				t.Fatal("more than a hash of it is kept or shown")
			}
		}
		for _, x := range h.tokens.List() {
			if x.Hash != [32]byte{} {
				t.Fatal("the list has a hash")
			}
		}
	})
}

func TestAMistypedAPITokenIsToldFromAnUnknownOne(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		_, text := h.issue(h.maker, time.Hour, devices.SeeDevices)
		if _, o, err := h.tokens.Check(t.Context(), text, "192.0.2.7"); err != nil || o.ID != h.maker.ID {
			t.Fatalf("%+v, %v", o, err)
		}
		for i := range text { // one letter is another one
			wrong := []byte(text)
			if wrong[i]++; wrong[i] == text[i] {
				continue
			}
			_, _, err := h.tokens.Check(t.Context(), string(wrong), "192.0.2.7")
			if wantCode(t, err, operators.Unauthenticated); err == nil || !strings.Contains(err.Error(), "checksum") {
				t.Errorf("letter %d: %v", i, err)
			}
		}
		for _, wrong := range []string{"", "gth_", text[1:], text + "0", " " + text, strings.ToLower(text), strings.Repeat("x", 10_000)} {
			h.outside(wrong)
		}
	})
}

func TestAnAPITokenHasSomeRightsOfItsMakerAndNeverThoseOverPeople(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		guard, _, _ := h.hire("Chen", operators.Guard)
		refused := func(maker operators.Operator, field string, n operators.NewAPIToken) {
			t.Helper()
			_, _, err := h.tokens.Issue(t.Context(), boss, maker, n)
			wantField(t, err, devices.Invalid, field)
		}
		see, later := []devices.Verb{devices.SeeDevices}, time.Now().Add(time.Hour)
		refused(guard, "verbs", operators.NewAPIToken{Name: "x", Verbs: []devices.Verb{devices.SeeLedger}, Ends: later})
		refused(h.maker, "verbs", operators.NewAPIToken{Name: "x", Verbs: []devices.Verb{devices.ManageAccess}, Ends: later})
		refused(h.maker, "verbs", operators.NewAPIToken{Name: "x", Verbs: []devices.Verb{"fly"}, Ends: later})
		refused(h.maker, "verbs", operators.NewAPIToken{Name: "x", Ends: later})
		refused(h.maker, "name", operators.NewAPIToken{Name: " ", Verbs: see, Ends: later})
		refused(h.maker, "name", operators.NewAPIToken{Name: "a\nb", Verbs: see, Ends: later})
		refused(h.maker, "expires", operators.NewAPIToken{Name: "x", Verbs: see})
		refused(h.maker, "expires", operators.NewAPIToken{Name: "x", Verbs: see, Ends: time.Now()})
		refused(h.maker, "expires", operators.NewAPIToken{Name: "x", Verbs: see, Ends: time.Now().Add(367 * 24 * time.Hour)})
		if len(h.shelf.tokens) != 0 {
			t.Errorf("%d tokens were made", len(h.shelf.tokens))
		}
		x, _ := h.issue(h.maker, operators.LongestAPIToken, devices.SeeLedger, devices.SeeDevices, devices.SeeLedger)
		if !slices.Equal(x.Verbs, []devices.Verb{devices.SeeDevices, devices.SeeLedger}) {
			t.Errorf("its rights are %v", x.Verbs)
		}
		if a := h.shelf.audit[0]; a.Verb != "token.issue" || a.Object != "token:"+string(x.ID) || !strings.Contains(a.Detail, "ledger.see") {
			t.Errorf("the trail says %+v", a)
		}
	})
}

func TestAnAPITokenOfWhoHasAnOwnRoleHasSomeOfItsRights(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		desk, err := h.svc.CreateRole(t.Context(), boss, "Front desk", []devices.Verb{devices.SeeDevices, devices.SeeLedger, devices.ManageAccess})
		if err != nil {
			t.Fatal(err)
		}
		clerk, _, _ := h.hire("Wu", desk.ID)
		for _, v := range []devices.Verb{devices.ManageAccess, devices.CommandDevices} {
			_, _, err := h.tokens.Issue(t.Context(), boss, clerk, operators.NewAPIToken{Name: "x", Verbs: []devices.Verb{v}, Ends: time.Now().Add(time.Hour)})
			wantField(t, err, devices.Invalid, "verbs")
		}
		if x, _ := h.issue(clerk, time.Hour, devices.SeeLedger); !slices.Equal(x.Verbs, []devices.Verb{devices.SeeLedger}) {
			t.Errorf("its rights are %v", x.Verbs)
		}
		if own := h.svc.OwnRoles()[0]; !slices.Equal(own.Verbs, desk.Verbs) {
			t.Errorf("the role has %v now", own.Verbs)
		}
	})
}

func TestAnAPITokenEndsAtItsTimeAndWhenItIsRevoked(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		_, short := h.issue(h.maker, time.Hour, devices.SeeDevices)
		x, long := h.issue(h.maker, 24*time.Hour, devices.SeeDevices)
		time.Sleep(time.Hour - time.Nanosecond)
		for _, text := range []string{short, long} {
			if _, _, err := h.tokens.Check(t.Context(), text, "192.0.2.7"); err != nil {
				t.Errorf("before its end: %v", err)
			}
		}
		time.Sleep(time.Nanosecond)
		h.outside(short)
		var told []operators.APITokenID
		h.tokens.OnRevoke(func(_ context.Context, _ devices.Actor, x operators.APIToken) {
			h.outside(long)
			told = append(told, x.ID)
		})
		h.shelf.fail = errDisk
		if err := h.tokens.Revoke(t.Context(), boss, x.ID); err == nil {
			t.Error("a revocation that was not stored is said to be done")
		}
		h.shelf.fail = nil
		if err := h.tokens.Revoke(t.Context(), boss, x.ID); err != nil {
			t.Fatal(err)
		}
		h.outside(long)
		if !slices.Equal(told, []operators.APITokenID{x.ID}) {
			t.Errorf("told of %v", told)
		}
		wantCode(t, h.tokens.Revoke(t.Context(), boss, x.ID), devices.NotFound)
		again := operators.NewAPITokens(h.svc, h.shelf, slog.New(slog.DiscardHandler))
		if err := again.Load(t.Context()); err != nil || len(again.List()) != 1 {
			t.Errorf("after a restart there are %d, %v", len(again.List()), err)
		}
	})
}

func TestAnAPITokenEndsWithTheAccountOfItsMakerAndFollowsItsRole(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		second, first, session := h.hire("Chen", operators.Administrator)
		_, text := h.issue(second, time.Hour, devices.SeeLedger)
		h.outside(text) // whose password somebody else chose
		o, s := h.session(session)
		if err := h.svc.ChangePassword(t.Context(), o, s, first, "seven slow barges turn"); err != nil {
			t.Fatal(err)
		}
		check := func() (operators.Operator, error) {
			_, o, err := h.tokens.Check(t.Context(), text, "192.0.2.7")
			return o, err
		}
		if _, err := check(); err != nil {
			t.Fatal(err)
		}
		if _, err := h.svc.SetRights(t.Context(), boss, second.ID, roleOnly(operators.Guard)); err != nil {
			t.Fatal(err)
		}
		if o, err := check(); err != nil || o.Role != operators.Guard {
			t.Errorf("the request after the change is judged by the role %s, %v", o.Role, err)
		}
		if _, err := h.svc.SetDisabled(t.Context(), boss, second.ID, true); err != nil {
			t.Fatal(err)
		}
		h.outside(text)
		if _, err := h.svc.SetDisabled(t.Context(), boss, second.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := check(); err != nil {
			t.Errorf("after the account was opened again: %v", err)
		}
		if err := h.svc.SetFactorRoles(t.Context(), boss, []operators.Role{operators.Guard}); err != nil {
			t.Fatal(err)
		}
		h.outside(text) // the account is not finished any more
	})
}

func TestWhatAnotherProcessDoesToAMakerCountsWithinASecondAndAStoreThatIsAwayEndsNothing(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		_, text := h.issue(h.maker, time.Hour, devices.SeeDevices)
		if _, _, err := h.tokens.Check(t.Context(), text, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
		h.store.set(func(m *memory) { m.fail = errDisk })
		time.Sleep(10 * time.Minute)
		if _, _, err := h.tokens.Check(t.Context(), text, "192.0.2.7"); err != nil {
			t.Errorf("while the store is away: %v", err)
		}
		h.store.set(func(m *memory) {
			m.fail = nil
			o := m.operators[h.maker.ID]
			o.Disabled = true
			m.operators[o.ID] = o
		})
		time.Sleep(time.Second)
		h.outside(text)
	})
}

func TestTheLastUseOfAnAPITokenIsSeenAtOnceAndStoredOnceAMinute(t *testing.T) {
	inOffice(t, func(t *testing.T, h *office) {
		x, text := h.issue(h.maker, time.Hour, devices.SeeDevices)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.tokens.Run(ctx) }()
		for range 600 { // ten minutes
			if _, _, err := h.tokens.Check(t.Context(), text, "192.0.2.7"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if shown := h.tokens.List()[0]; time.Since(shown.LastUsed) != time.Second || shown.LastAddress != "192.0.2.7" {
			t.Errorf("it was used %v ago at %q", time.Since(shown.LastUsed), shown.LastAddress)
		}
		time.Sleep(10 * time.Minute) // nobody uses it
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if h.shelf.touches < 9 || h.shelf.touches > 11 || h.shelf.tokens[x.ID].LastUsed.IsZero() {
			t.Errorf("%d writes in ten minutes of use, want one a minute", h.shelf.touches)
		}
	})
}
