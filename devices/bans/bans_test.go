package bans_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/bans"
	"gatehouse/devices/bans/storetest"
)

var li = devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li", Address: "198.51.100.9"}

// gate is a client that is let in without bans.
var gate = bans.ClientOf("gate-1", "gate-1", "192.0.2.7:50123")

func opened(t *testing.T) (*bans.Service, *storetest.Memory) {
	t.Helper()
	m := &storetest.Memory{}
	return load(t, m), m
}

func load(t *testing.T, m *storetest.Memory) *bans.Service {
	t.Helper()
	s := bans.New(bans.Deps{Store: m, Consoles: "console"})
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t *testing.T, s *bans.Service, kind bans.Kind, value string, until time.Time) bans.Ban {
	t.Helper()
	b, err := s.Add(t.Context(), li, bans.Draft{Kind: kind, Value: value, Reason: "guesses passwords", Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantField(t *testing.T, err error, code devices.Code, field string) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || e.Message == "" {
		t.Errorf("error %v, want %s of %q", err, code, field)
	}
}

func TestMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T) bans.Store { return &storetest.Memory{} })
}

func TestABanRefusesWhomItNamesAndNobodyElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       bans.Kind
		value      string
		in, others []bans.Client
	}{
		{bans.ByClient, "gate-1", []bans.Client{gate, bans.ClientOf("gate-1", "x", "203.0.113.1:1")}, []bans.Client{bans.ClientOf("gate-2", "gate-1", "192.0.2.7:1"), bans.ClientOf("Gate-1", "x", "192.0.2.7:1"), bans.ClientOf("", "", "")}},
		{bans.ByUsername, "gate-1", []bans.Client{gate, bans.ClientOf("x", "gate-1", "")}, []bans.Client{bans.ClientOf("gate-1", "gate-2", "192.0.2.7:50123"), bans.ClientOf("gate-1", "", "192.0.2.7:50123")}},
		{bans.ByAddress, "192.0.2.7", []bans.Client{gate, bans.ClientOf("x", "y", "[::ffff:192.0.2.7]:9")}, []bans.Client{bans.ClientOf("gate-1", "gate-1", "192.0.2.8:50123"), bans.ClientOf("gate-1", "gate-1", "nowhere"), bans.ClientOf("gate-1", "gate-1", "[2001:db8::7]:1")}},
		{bans.ByAddress, "192.0.0.0/16", []bans.Client{gate}, []bans.Client{bans.ClientOf("gate-1", "gate-1", "192.1.2.7:1")}},
		{bans.ByAddress, "2001:db8::7", []bans.Client{bans.ClientOf("x", "y", "[2001:db8::ffff:1]:1"), bans.ClientOf("x", "y", "[2001:db8::1%eth0]:1")}, []bans.Client{gate, bans.ClientOf("x", "y", "[2001:db8:0:1::7]:1")}},
		{bans.ByAddress, "2001:db8::7/128", []bans.Client{bans.ClientOf("x", "y", "[2001:db8::7]:1")}, []bans.Client{bans.ClientOf("x", "y", "[2001:db8::8]:1")}},
	} {
		s, _ := opened(t)
		before := s.Guard(gate)
		if !before() {
			t.Error("banned before there was a ban")
		}
		b := add(t, s, c.kind, c.value, time.Time{})
		for _, x := range c.in {
			if guard := s.Guard(x); !s.Refuses(x) || guard() || !b.Matches(x) || len(s.Of(x)) != 1 {
				t.Errorf("%s %s lets %+v in", c.kind, c.value, x)
			}
		}
		for _, x := range c.others {
			if guard := s.Guard(x); s.Refuses(x) || !guard() || !guard() || b.Matches(x) || len(s.Of(x)) != 0 {
				t.Errorf("%s %s keeps %+v out", c.kind, c.value, x)
			}
		}
		if got := s.List()[0]; got.Refused != int64(len(c.in)) || got.LastRefused.IsZero() {
			t.Errorf("%s %s counted %d, last at %s", c.kind, c.value, got.Refused, got.LastRefused)
		}
	}
}

func TestABanIsKeptAuditedAndInForceBeforeAnybodyIsToldOfIt(t *testing.T) {
	t.Parallel()
	s, m := opened(t)
	guard := s.Guard(gate)
	told := 0
	s.OnBan(func(b bans.Ban) {
		if told++; guard() || b.Value != "gate-1" || len(m.Audit()) != 1 {
			t.Error("told of a ban that does not act, or is not written")
		}
	})
	m.Fail(errors.New("disk"))
	if _, err := s.Add(t.Context(), li, bans.Draft{Kind: bans.ByClient, Value: "gate-1", Reason: "r"}); err == nil || !guard() || s.Refuses(gate) || told != 0 {
		t.Errorf("a ban that is not written acts (%v)", err)
	}
	m.Fail(nil)
	until := time.Now().Add(time.Hour)
	b := add(t, s, bans.ByClient, "gate-1", until)
	m.Fail(errors.New("disk"))
	if _, err := s.Lift(t.Context(), li, b.ID, "r"); err == nil || !s.Refuses(gate) {
		t.Errorf("what is not written lifts it (%v)", err)
	}
	m.Fail(nil)
	again := load(t, m) // a restart
	if !again.Refuses(gate) || again.List()[0].By.Name != "Li" || again.List()[0].Reason != "guesses passwords" {
		t.Errorf("after a restart: %+v", again.List())
	}
	if _, err := s.Lift(t.Context(), li, b.ID, "  repaired "); err != nil {
		t.Fatal(err)
	}
	if s.Refuses(gate) || !s.Guard(gate)() {
		t.Error("a lifted ban refuses")
	}
	if got := s.List()[0]; got.Refused != 1 || got.LiftedBy.Name != "Li" || got.LiftReason != "repaired" || got.Lifted.IsZero() {
		t.Errorf("lifted it is %+v", got)
	}
	trail := m.Audit()
	for i, want := range []struct{ verb, reason string }{{"broker.ban", "guesses passwords"}, {"broker.unban", "repaired"}} {
		if a := trail[i]; a.Verb != want.verb || a.Object != "client:gate-1" || a.Actor != li || !strings.Contains(a.Detail, want.reason) || !strings.Contains(a.Detail, `"until":"2`) {
			t.Errorf("the trail says %+v", a)
		}
	}
	_, err := s.Lift(t.Context(), li, b.ID, "r")
	wantField(t, err, devices.Conflict, "")
	_, err = s.Lift(t.Context(), li, "none", "r")
	wantField(t, err, devices.NotFound, "")
	_, err = s.Lift(t.Context(), li, b.ID, " ")
	wantField(t, err, devices.Invalid, "reason")
}

func TestABanEndsByItselfAtItsInstantAndIsForgottenAMonthLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m := opened(t)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		end := time.Now().Add(time.Hour)
		add(t, s, bans.ByAddress, "192.0.2.0/24", end)
		time.Sleep(time.Hour - time.Millisecond)
		if !s.Refuses(gate) {
			t.Error("over before its time")
		}
		time.Sleep(time.Millisecond)
		if s.Refuses(gate) || !s.Guard(gate)() || len(s.Of(gate)) != 0 {
			t.Error("it refuses after its end")
		}
		if b := s.List()[0]; !b.Over(time.Now()).Equal(end) || b.Refused != 1 {
			t.Errorf("over it is %+v", b)
		}
		_, err := s.Lift(t.Context(), li, s.List()[0].ID, "r")
		wantField(t, err, devices.Conflict, "")
		add(t, s, bans.ByAddress, "192.0.2.0/24", time.Time{}) // the same again
		if !s.Refuses(gate) {
			t.Error("banned again it is let in")
		}
		time.Sleep(30*24*time.Hour - time.Millisecond)
		if n := len(s.List()); n != 2 {
			t.Errorf("%d are listed within 30 days, want 2", n)
		}
		time.Sleep(time.Millisecond)
		if n := len(s.List()); n != 1 {
			t.Errorf("%d are listed after 30 days, want 1", n)
		}
		time.Sleep(2 * time.Hour)
		if all, err := m.Bans(t.Context()); err != nil || len(all) != 1 || !all[0].Until.IsZero() {
			t.Errorf("the store has %+v, %v", all, err)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWhatIsRefusedIsCountedOverRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m := opened(t)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		b := add(t, s, bans.ByClient, "gate-1", time.Time{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 100 {
					s.Refuses(gate)
				}
			})
		}
		wg.Wait()
		m.Fail(errors.New("disk"))
		time.Sleep(11 * time.Second)
		m.Fail(nil)
		time.Sleep(10 * time.Second)
		if all, _ := m.Bans(t.Context()); all[0].Refused != 800 || all[0].LastRefused.IsZero() {
			t.Errorf("the store has %+v", all[0])
		}
		s.Refuses(gate)
		stop()
		<-done
		again := load(t, m)
		if !again.Refuses(gate) || again.List()[0].Refused != 802 || again.List()[0].ID != b.ID {
			t.Errorf("after a restart: %+v", again.List()[0])
		}
	})
}

func TestNobodyBansThemselvesConsolesOrHalfOfTheWorld(t *testing.T) {
	t.Parallel()
	s, m := opened(t)
	here := func(address string) devices.Actor { a := li; a.Address = address; return a }
	for _, c := range []struct {
		by    devices.Actor
		kind  bans.Kind
		value string
	}{
		{here("127.0.0.1"), bans.ByAddress, "127.0.0.1"},
		{here("127.0.0.1"), bans.ByAddress, "127.0.0.0/8"},
		{here("::1"), bans.ByAddress, "::1"},
		{here("192.0.2.7"), bans.ByAddress, " 192.0.2.7 "},
		{here("192.0.2.7"), bans.ByAddress, "192.0.2.0/24"},
		{here("192.0.2.7"), bans.ByAddress, "::ffff:192.0.2.7"},
		{here("::ffff:192.0.2.7"), bans.ByAddress, "192.0.2.7/32"},
		{here("2001:db8::1"), bans.ByAddress, "2001:db8::2"},
		{here("fe80::1%eth0"), bans.ByAddress, "fe80::/64"},
		{li, bans.ByAddress, "0.0.0.0/0"},
		{li, bans.ByAddress, "10.0.0.0/7"},
		{li, bans.ByAddress, "::/0"},
		{li, bans.ByAddress, "2000::/31"},
		{li, bans.ByAddress, "::ffff:0:0/90"},
		{li, bans.ByAddress, ""},
		{li, bans.ByAddress, "192.0.2.256"},
		{li, bans.ByAddress, "192.0.2.7:1883"},
		{li, bans.ByAddress, "gate.example"},
		{li, bans.ByUsername, "console"},
		{li, bans.ByClient, "console-0123"},
		{li, bans.ByClient, ""},
		{li, bans.ByClient, "a\x00b"},
		{li, bans.ByUsername, "\xff"},
		{li, bans.ByUsername, strings.Repeat("x", 501)},
	} {
		_, err := s.Add(t.Context(), c.by, bans.Draft{Kind: c.kind, Value: c.value, Reason: "r"})
		wantField(t, err, devices.Invalid, "value")
	}
	for field, d := range map[string]bans.Draft{
		"kind":   {Kind: "dislike", Value: "x", Reason: "r"},
		"reason": {Kind: bans.ByClient, Value: "x", Reason: " "},
		"until":  {Kind: bans.ByClient, Value: "x", Reason: "r", Until: time.Now().Add(-time.Second)},
	} {
		_, err := s.Add(t.Context(), li, d)
		wantField(t, err, devices.Invalid, field)
	}
	_, err := s.Add(t.Context(), li, bans.Draft{Kind: bans.ByClient, Value: "x", Reason: strings.Repeat("长", 201)})
	wantField(t, err, devices.Invalid, "reason")
	_, err = s.Add(t.Context(), li, bans.Draft{Kind: bans.ByClient, Value: "x", Reason: "r", Until: time.Now().AddDate(11, 0, 0)})
	wantField(t, err, devices.Invalid, "until")
	if len(s.List()) != 0 || len(m.Audit()) != 0 {
		t.Errorf("what was refused is kept: %+v", s.List())
	}
	add(t, s, bans.ByAddress, "127.0.0.1", time.Time{}) // by somebody who is elsewhere
	_, err = s.Add(t.Context(), li, bans.Draft{Kind: bans.ByAddress, Value: "127.0.0.1/32", Reason: "r"})
	wantField(t, err, devices.Conflict, "value")
}

func TestThereAreAThousandBansAtMost(t *testing.T) {
	t.Parallel()
	s, _ := opened(t)
	for n := range 1000 {
		add(t, s, bans.ByClient, fmt.Sprint(n), time.Time{})
	}
	_, err := s.Add(t.Context(), li, bans.Draft{Kind: bans.ByClient, Value: "one more", Reason: "r"})
	wantField(t, err, devices.Conflict, "")
	if _, err := s.Lift(t.Context(), li, s.List()[0].ID, "r"); err != nil {
		t.Fatal(err)
	}
	add(t, s, bans.ByClient, "one more", time.Time{})
}

func BenchmarkGuardWhileNoBanChanges(b *testing.B) {
	s := bans.New(bans.Deps{Store: &storetest.Memory{}, Consoles: "console"})
	for n := range 500 {
		if _, err := s.Add(b.Context(), li, bans.Draft{Kind: bans.ByAddress, Value: fmt.Sprintf("10.0.%d.0/24", n%250), Reason: "r"}); err != nil {
			break
		}
	}
	guard := s.Guard(gate)
	for b.Loop() {
		guard()
	}
}
