package lobby_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"gatehouse/devices"
	"gatehouse/devices/lobby"
)

// registry makes devices and keeps what is recorded.
type registry struct {
	mu    sync.Mutex
	verbs []string
	made  int
	err   error
}

func (r *registry) AddDevice(_ context.Context, _ devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return devices.Live{}, r.err
	}
	r.made++
	return devices.Live{Device: devices.Device{ID: devices.DeviceID(fmt.Sprintf("d%d", r.made)), Zone: zone, Kind: kind, Name: name}}, nil
}

func (r *registry) Record(_ context.Context, _ devices.Actor, verb, _ string, _ map[string]any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verbs = append(r.verbs, verb)
	return r.err
}

var li = devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li"}

func knock(n int) lobby.Knock {
	return lobby.Knock{Client: fmt.Sprintf("boom-%d", n), Username: "factory", Address: fmt.Sprintf("192.0.2.%d:4711", n%250), Protocol: "MQTT 5.0", Door: "mqtt"}
}

func opened(t *testing.T, r *registry, d time.Duration) *lobby.Lobby {
	t.Helper()
	l := lobby.New(r)
	if _, err := l.Open(t.Context(), li, d); err != nil {
		t.Fatal(err)
	}
	return l
}

func wantCode(t *testing.T, err error, code devices.Code) {
	t.Helper()
	if devices.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestNobodyIsListedUnlessTheLobbyIsOpenAndItShutsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &registry{}
		l := lobby.New(r)
		l.Knock(knock(1))
		if s := l.State(); len(s.Entries) != 0 || !s.Until.IsZero() {
			t.Fatalf("a lobby that was never opened has %+v", s)
		}
		s, err := l.Open(t.Context(), li, 30*time.Minute)
		if err != nil || !s.Until.Equal(time.Now().Add(30*time.Minute)) {
			t.Fatalf("opened: %+v, %v", s, err)
		}
		l.Knock(knock(1))
		time.Sleep(30*time.Minute - time.Second)
		l.Knock(knock(1))
		time.Sleep(time.Second)
		l.Knock(knock(1))
		l.Knock(knock(2))
		s = l.State()
		if !s.Until.IsZero() || len(s.Entries) != 1 || s.Entries[0].Count != 2 || s.Entries[0].Last.Sub(s.Entries[0].First) != 30*time.Minute-time.Second {
			t.Errorf("after its time: %+v", s)
		}
		if _, err := l.Register(t.Context(), li, s.Entries[0].ID, "z1", devices.Gate, "North in"); err != nil {
			t.Errorf("what stands there can be registered afterwards: %v", err)
		}
		if s, err := l.Open(t.Context(), li, lobby.Shortest); err != nil || len(s.Entries) != 0 {
			t.Errorf("opened again: %+v, %v", s, err)
		}
		if err := l.Close(t.Context(), li); err != nil {
			t.Fatal(err)
		}
		if l.Knock(knock(3)); len(l.State().Entries) != 0 {
			t.Error("a lobby that was shut lists somebody")
		}
		if got := strings.Join(r.verbs, " "); got != "lobby.open lobby.open lobby.close" {
			t.Errorf("audited %q", got)
		}
	})
}

func TestALobbyIsOpenForAMinuteToFourHoursAndOnlyIfThatIsRecorded(t *testing.T) {
	t.Parallel()
	r := &registry{}
	l := lobby.New(r)
	for _, d := range []time.Duration{0, lobby.Shortest - 1, lobby.Longest + 1, -time.Hour} {
		_, err := l.Open(t.Context(), li, d)
		wantCode(t, err, devices.Invalid)
	}
	r.err = errors.New("disk")
	if _, err := l.Open(t.Context(), li, lobby.Longest); err == nil {
		t.Error("opened without a record")
	}
	if l.Knock(knock(1)); len(l.State().Entries) != 0 {
		t.Error("it is open all the same")
	}
}

func TestAFloodOfStrangersFillsAListThatHasAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := opened(t, &registry{}, time.Hour)
		l.Knock(lobby.Knock{Client: "the real one", Address: "192.0.2.1:1"})
		for n := range 100 { // of one network of IPv6
			time.Sleep(time.Second)
			l.Knock(lobby.Knock{Client: fmt.Sprint(n), Address: fmt.Sprintf("[2001:db8::%x]:1", n+1)})
		}
		if n := len(l.State().Entries); n != 21 {
			t.Errorf("%d entries, want the real one and 20 of one network", n)
		}
		for n := range 1000 { // of many addresses, in one second
			l.Knock(lobby.Knock{Client: "x", Address: fmt.Sprintf("10.0.%d.%d:1", n/250, n%250)})
		}
		if n := len(l.State().Entries); n > 21+20 {
			t.Errorf("%d entries after a burst, want 10 a second", n)
		}
		for n := range 1000 {
			time.Sleep(200 * time.Millisecond)
			l.Knock(lobby.Knock{Client: "y", Address: fmt.Sprintf("10.1.%d.%d:1", n/250, n%250)})
		}
		s := l.State()
		if len(s.Entries) != 200 || s.Missed == 0 || s.Entries[199].Client != "the real one" {
			t.Errorf("%d entries, %d missed, the first is %q", len(s.Entries), s.Missed, s.Entries[len(s.Entries)-1].Client)
		}
	})
}

func TestTextsOfStrangersAreShortAndPrintable(t *testing.T) {
	t.Parallel()
	l := opened(t, &registry{}, time.Hour)
	for _, bad := range []string{strings.Repeat("长", 60_000), "a\x00b\x1b[31m\u202egnp.exe\u200b", "<script>alert(1)</script>", "\xff\xfe", "line\nline"} {
		l.Knock(lobby.Knock{Client: bad, Username: bad, Address: "192.0.2.7:1", Protocol: bad, Door: bad, Fingerprint: bad})
	}
	s := l.State()
	if len(s.Entries) != 5 {
		t.Fatalf("%d entries", len(s.Entries))
	}
	for _, e := range s.Entries {
		for _, text := range []string{e.Client, e.Username, e.Protocol, e.Door, e.Fingerprint} {
			if utf8.RuneCountInString(text) > 101 || !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\n\u202e\u200b") {
				t.Errorf("kept %q", text)
			}
		}
		if e.Address != "192.0.2.7" {
			t.Errorf("address %q", e.Address)
		}
	}
	long := lobby.Knock{Client: strings.Repeat("a", 200), Address: "192.0.2.8:1"}
	other := long
	other.Client += "b"
	l.Knock(long)
	l.Knock(other)
	if n := len(l.State().Entries); n != 7 {
		t.Errorf("%d entries: two devices whose ids begin alike are two", n)
	}
}

func TestAnEntryBecomesADeviceOnce(t *testing.T) {
	t.Parallel()
	r := &registry{}
	l := opened(t, r, time.Hour)
	l.Knock(knock(1))
	id := l.State().Entries[0].ID
	refused := &devices.Error{Op: "x", Code: devices.Invalid, Field: "zone"}
	r.err = refused
	if _, err := l.Register(t.Context(), li, id, "z9", devices.Gate, "North in"); !errors.Is(err, refused) {
		t.Errorf("error %v", err)
	}
	r.err = nil
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := l.Register(t.Context(), li, id, "z1", devices.Gate, "North in"); err != nil && devices.CodeOf(err) != devices.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if l.Knock(knock(1)); r.made != 1 || l.State().Entries[0].Device != "d1" || l.State().Entries[0].Count != 2 {
		t.Errorf("%d devices made, listed as %+v", r.made, l.State().Entries)
	}
	_, err := l.Register(t.Context(), li, "none", "z1", devices.Gate, "North in")
	wantCode(t, err, devices.NotFound)
}

func TestADismissedStrangerDoesNotComeBack(t *testing.T) {
	t.Parallel()
	r := &registry{}
	l := opened(t, r, time.Hour)
	l.Knock(knock(1))
	id := l.State().Entries[0].ID
	if err := l.Dismiss(t.Context(), li, id); err != nil {
		t.Fatal(err)
	}
	if l.Knock(knock(1)); len(l.State().Entries) != 0 {
		t.Error("it is listed again")
	}
	wantCode(t, l.Dismiss(t.Context(), li, id), devices.NotFound)
	if r.verbs[len(r.verbs)-1] != "lobby.dismiss" {
		t.Errorf("audited %v", r.verbs)
	}
}
