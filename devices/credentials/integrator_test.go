package credentials_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// reading is a service over two kinds of feeds, in a bubble, with Run going on.
func reading(t *testing.T, run func(t *testing.T, s *credentials.Service, store *memory)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s, err := credentials.New(credentials.Deps{
			Store: store, DataKey: bytes.Repeat([]byte{7}, 32), Feeds: []string{"alarm", "device"},
			Sites: func(context.Context) ([]devices.Site, error) { return []devices.Site{{ID: "site-1"}}, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		run(t, s, store)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func reader(n credentials.NewIntegrator) credentials.NewIntegrator {
	n.Name, n.Sites = "Screens", []devices.SiteID{"site-1"}
	return n
}

func TestAnIntegratorEndsInAYearOrWhenItsMakerSays(t *testing.T) {
	reading(t, func(t *testing.T, s *credentials.Service, store *memory) {
		now := time.Now()
		for field, n := range map[string]credentials.NewIntegrator{
			"expires":   {Ends: now},
			"expires ":  {Ends: now.Add(-time.Hour)},
			"expires  ": {Ends: now.Add(367 * 24 * time.Hour)},
			"feeds":     {Feeds: []string{"money"}},
			"feeds ":    {Feeds: []string{"alarm", "alarm"}},
		} {
			_, _, err := s.IssueIntegrator(t.Context(), person(), reader(n))
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != strings.TrimSpace(field) {
				t.Errorf("%+v: %v", n, err)
			}
		}
		if len(store.rows) != 0 {
			t.Errorf("%d were made", len(store.rows))
		}
		_, year, err := s.IssueIntegrator(t.Context(), person(), reader(credentials.NewIntegrator{}))
		if err != nil || !year.Ends.Equal(now.Add(365*24*time.Hour)) {
			t.Errorf("without a wish it ends %v, %v", year.Ends, err)
		}
		made, kept, err := s.IssueIntegrator(t.Context(), person(), reader(credentials.NewIntegrator{Feeds: []string{"alarm"}, Ends: now.Add(time.Hour)}))
		if err != nil || !slices.Equal(kept.Feeds, []string{"alarm"}) {
			t.Fatalf("%+v, %v", kept, err)
		}
		if detail := store.audit[len(store.audit)-1].Detail; !strings.Contains(detail, `"feeds":["alarm"]`) || !strings.Contains(detail, `"ends":"`) {
			t.Errorf("the trail says %s", detail)
		}
		c := check(t, s, made.Username, made.Password)
		if !slices.Equal(c.Credential.Feeds, []string{"alarm"}) {
			t.Errorf("it reads %v", c.Credential.Feeds)
		}
		time.Sleep(time.Hour - time.Nanosecond)
		if !c.Valid() {
			t.Error("it ended before its time")
		}
		check(t, s, made.Username, made.Password)
		time.Sleep(time.Nanosecond)
		if c.Valid() {
			t.Error("what it let in is valid after its end")
		}
		_, err = s.Check(t.Context(), made.Username, []byte(made.Password))
		wantCode(t, err, devices.Forbidden)
	})
}

func TestTheEndOfAnIntegratorIsToldOnceWithinASecond(t *testing.T) {
	reading(t, func(t *testing.T, s *credentials.Service, _ *memory) {
		var mu sync.Mutex // Run tells in a goroutine of its own
		var told []string
		s.OnChange(func(username string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, username)
		})
		heard := func() []string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(told)
		}
		made, _, err := s.IssueIntegrator(t.Context(), person(), reader(credentials.NewIntegrator{Ends: time.Now().Add(time.Hour)}))
		if err != nil {
			t.Fatal(err)
		}
		device := issue(t, s, "gate-1")
		check(t, s, made.Username, made.Password)
		check(t, s, "gate-1", device.Password)
		making := heard()
		time.Sleep(time.Hour - time.Nanosecond)
		if now := heard(); !slices.Equal(now, making) {
			t.Errorf("before its end: %v", now)
		}
		time.Sleep(500 * time.Millisecond)
		if now := heard(); !slices.Equal(now, append(making, made.Username)) {
			t.Errorf("half a second after its end: %v", now)
		}
		time.Sleep(time.Hour)
		if now := heard(); len(now) != len(making)+1 {
			t.Errorf("an hour after its end: %v", now)
		}
	})
}

func TestAnIntegratorWithAnotherSecretIsLetInByThatOneOnlyAndLivesOn(t *testing.T) {
	reading(t, func(t *testing.T, s *credentials.Service, store *memory) {
		old, was, err := s.IssueIntegrator(t.Context(), person(), reader(credentials.NewIntegrator{Feeds: []string{"device"}, Ends: time.Now().Add(time.Hour)}))
		if err != nil {
			t.Fatal(err)
		}
		c := check(t, s, old.Username, old.Password)
		time.Sleep(2 * time.Hour) // one that is over comes back by it
		_, _, err = s.RotateIntegrator(t.Context(), person(), old.Username, time.Now())
		var e *devices.Error
		if !errors.As(err, &e) || e.Field != "expires" {
			t.Errorf("an end that is now: %v", err)
		}
		valid := true
		s.OnChange(func(string) { valid = c.Valid() })
		fresh, is, err := s.RotateIntegrator(t.Context(), person(), old.Username, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if valid || c.Valid() {
			t.Error("what the old secret let in goes on")
		}
		if is.Username != was.Username || is.Name != was.Name || !slices.Equal(is.Feeds, was.Feeds) || !slices.Equal(is.Sites, was.Sites) || !is.Created.Equal(was.Created) {
			t.Errorf("it was %+v, it is %+v", was, is)
		}
		if !is.Ends.Equal(time.Now().Add(365*24*time.Hour)) || is.LastUsed.IsZero() || fresh.Password == old.Password {
			t.Errorf("it ends %v, was used last %v", is.Ends, is.LastUsed)
		}
		check(t, s, fresh.Username, fresh.Password)
		_, err = s.Check(t.Context(), old.Username, []byte(old.Password))
		wantCode(t, err, devices.Forbidden)
		if a := store.audit[len(store.audit)-1]; a.Verb != "credential.rotate" || a.Object != "integrator:"+old.Username || strings.Contains(a.Detail, fresh.Password) {
			t.Errorf("the trail says %+v", a)
		}
		issue(t, s, "gate-1")
		for _, nobody := range []string{"gate-1", "nobody"} {
			_, _, err = s.RotateIntegrator(t.Context(), person(), nobody, time.Time{})
			wantCode(t, err, devices.NotFound)
		}
	})
}

func TestAnIntegratorThatHasLostItsEndIsOverAndADeviceIsNever(t *testing.T) {
	t.Parallel()
	now := time.Now()
	if !(credentials.Credential{Holder: credentials.ForIntegrator}).Over(now) {
		t.Error("an integrator without an end lives for ever")
	}
	if (credentials.Credential{Holder: credentials.ForDevice}).Over(now.AddDate(100, 0, 0)) {
		t.Error("a device is over")
	}
	c := credentials.Credential{Holder: credentials.ForIntegrator, Ends: now}
	if !c.Over(now) || c.Over(now.Add(-time.Nanosecond)) {
		t.Error("it ends at another instant than its end")
	}
	if !c.Over(now.Add(-credentials.LongestIntegrator - 2*time.Hour)) {
		t.Error("one that was made by a clock that was far ahead lives until the clock is there again")
	}
}
