package credentials_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDisk = errors.New("disk")

func newService(t *testing.T, store *memory) *credentials.Service {
	t.Helper()
	s, err := credentials.New(credentials.Deps{
		Store: store, DataKey: bytes.Repeat([]byte{7}, 32),
		Sites: func(context.Context) ([]devices.Site, error) {
			return []devices.Site{{ID: "site-1"}, {ID: "site-2"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func person() devices.Actor { return devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li"} }

func issue(t *testing.T, s *credentials.Service, d devices.DeviceID) credentials.Issued {
	t.Helper()
	got, err := s.IssueDevice(t.Context(), person(), d, "site-1")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func check(t *testing.T, s *credentials.Service, username, password string) credentials.Check {
	t.Helper()
	got, err := s.Check(t.Context(), username, []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantCode(t *testing.T, err error, code devices.Code) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestIssuedSecretLetsTheDeviceInAndIsStoredAsItsHash(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	got := issue(t, s, "gate-1")
	raw, err := base64.RawURLEncoding.DecodeString(got.Password)
	if err != nil || len(raw) != 32 || got.Username != "gate-1" {
		t.Fatalf("issued %+v: want 256 bits for gate-1", got)
	}
	row := store.rows["gate-1"]
	if row.SecretHash != sha256.Sum256([]byte(got.Password)) || strings.Contains(fmt.Sprintf("%+v", row), got.Password) {
		t.Errorf("row %+v: want the hash of the secret only", row)
	}
	c := check(t, s, "gate-1", got.Password)
	if !c.Valid() || c.Credential.Device != "gate-1" || c.Credential.Site != "site-1" || c.Credential.Holder != credentials.ForDevice {
		t.Errorf("check %+v", c.Credential)
	}
	if c.Credential.SecretHash != [32]byte{} || c.Credential.CommandKey != nil {
		t.Error("the check gave away what the store keeps secret")
	}
	if a := store.audit[0]; a.Verb != "credential.issue" || a.Object != "device:gate-1" || a.Actor != person() || strings.Contains(a.Detail, got.Password) {
		t.Errorf("audit %+v", a)
	}
}

func TestWrongUserAndWrongPasswordGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	right := issue(t, s, "gate-1")
	_, want := s.Check(t.Context(), "gate-1", []byte("wrong"))
	wantCode(t, want, devices.Forbidden)
	for _, c := range []struct{ user, password string }{
		{"gate-1", ""}, {"nobody", right.Password}, {"", right.Password}, {strings.Repeat("x", 65), right.Password}, {"GATE-1", right.Password},
	} {
		if _, err := s.Check(t.Context(), c.user, []byte(c.password)); err == nil || err.Error() != want.Error() {
			t.Errorf("%.10q: %v, want %v", c.user, err, want)
		}
	}
}

func TestRotationEndsEarlierAnswersBeforeItReturns(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	old := issue(t, s, "gate-1")
	before := check(t, s, "gate-1", old.Password)
	var told []string
	s.OnChange(func(username string) {
		if before.Valid() {
			t.Error("told before the old answer ended")
		}
		told = append(told, username)
	})
	fresh := issue(t, s, "gate-1")
	if before.Valid() || len(told) != 1 || told[0] != "gate-1" {
		t.Errorf("valid %v, told %v", before.Valid(), told)
	}
	_, err := s.Check(t.Context(), "gate-1", []byte(old.Password))
	wantCode(t, err, devices.Forbidden)
	if !check(t, s, "gate-1", fresh.Password).Valid() {
		t.Error("the new secret is not valid")
	}
}

func TestRevocationEndsEarlierAnswersAndTheNextOnes(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	old := issue(t, s, "gate-1")
	before := check(t, s, "gate-1", old.Password)
	if err := s.Revoke(t.Context(), person(), "gate-1"); err != nil {
		t.Fatal(err)
	}
	if before.Valid() {
		t.Error("still valid")
	}
	reads := store.readCount()
	for range 3 {
		_, err := s.Check(t.Context(), "gate-1", []byte(old.Password))
		wantCode(t, err, devices.Forbidden)
	}
	if reads = store.readCount() - reads; reads > 1 {
		t.Errorf("%d reads: a device that keeps knocking must not cost one each", reads)
	}
	_, err := s.CommandKey(t.Context(), "gate-1")
	wantCode(t, err, devices.NotFound)
	wantCode(t, s.Revoke(t.Context(), person(), "gate-1"), devices.NotFound)
	if again := issue(t, s, "gate-1"); !check(t, s, "gate-1", again.Password).Valid() {
		t.Error("a new credential after a revocation does not work")
	}
}

func TestWhatWasReadBeforeAChangeIsNotRememberedAfterIt(t *testing.T) {
	t.Parallel()
	store := newMemory()
	old := issue(t, newService(t, store), "gate-1")
	s := newService(t, store) // remembers nothing
	store.onRead = func() {   // between the read and its use
		store.onRead = nil
		issue(t, s, "gate-1")
	}
	_, err := s.Check(t.Context(), "gate-1", []byte(old.Password))
	wantCode(t, err, devices.Forbidden)
}

func TestWriteOfUnknownOutcomeEndsTheOldSecret(t *testing.T) {
	t.Parallel()
	for _, reached := range []bool{false, true} {
		store := newMemory()
		s := newService(t, store)
		old := issue(t, s, "gate-1")
		before := check(t, s, "gate-1", old.Password)
		store.fail, store.late = errDisk, reached
		if _, err := s.IssueDevice(t.Context(), person(), "gate-1", "site-1"); !errors.Is(err, errDisk) {
			t.Fatalf("error %v", err)
		}
		if before.Valid() {
			t.Errorf("reached %v: the connection lives on", reached)
		}
		_, err := s.Check(t.Context(), "gate-1", []byte(old.Password))
		if (err == nil) == reached {
			t.Errorf("reached %v: the old secret gives %v", reached, err)
		}
	}
}

func TestTenThousandReconnectsAreAnsweredFromMemory(t *testing.T) {
	t.Parallel()
	store := newMemory()
	first := newService(t, store)
	passwords := make([]string, 1000)
	for i := range passwords {
		passwords[i] = issue(t, first, devices.DeviceID(fmt.Sprintf("gate-%d", i))).Password
	}
	s := newService(t, store)
	if err := s.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := store.readCount()
	for range 10 {
		for i, password := range passwords {
			check(t, s, fmt.Sprintf("gate-%d", i), password)
		}
	}
	if reads := store.readCount() - before; reads != 0 {
		t.Errorf("%d reads for 10,000 CONNECTs, want none", reads)
	}
}

func TestCommandKeyIsTheIssuedOneAndOpensForItsDeviceOnly(t *testing.T) {
	t.Parallel()
	store := newMemory()
	got := issue(t, newService(t, store), "gate-1")
	s := newService(t, store)
	key, err := s.CommandKey(t.Context(), "gate-1")
	if err != nil || len(key) != 32 || base64.RawURLEncoding.EncodeToString(key) != got.CommandKey {
		t.Errorf("key %x, %v; issued %s", key, err, got.CommandKey)
	}
	if bytes.Contains(store.rows["gate-1"].CommandKey, key) {
		t.Error("the store has the key in the clear")
	}
	stolen := store.rows["gate-1"]
	stolen.Username, stolen.Device = "gate-2", "gate-2"
	store.rows["gate-2"] = stolen
	_, err = s.CommandKey(t.Context(), "gate-2")
	wantCode(t, err, devices.Internal)
	key[0]++ // belongs to the caller
	again, err := s.CommandKey(t.Context(), "gate-1")
	if err != nil || base64.RawURLEncoding.EncodeToString(again) != got.CommandKey {
		t.Error("a caller could change the key in memory")
	}
}

func TestAnotherDataKeyOpensNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	store := newMemory()
	issue(t, newService(t, store), "gate-1")
	other, err := credentials.New(credentials.Deps{Store: store, DataKey: bytes.Repeat([]byte{8}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.CommandKey(t.Context(), "gate-1")
	wantCode(t, err, devices.Internal)
	if err == nil || !strings.Contains(err.Error(), "data key") {
		t.Errorf("%v does not say what to do", err)
	}
	if _, err := credentials.New(credentials.Deps{Store: store, DataKey: []byte("short")}); err == nil {
		t.Error("a short data key was taken")
	}
}

func TestIntegratorReadsOnlyTheSitesThatExist(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	got, c, err := s.IssueIntegrator(t.Context(), person(), credentials.NewIntegrator{Name: " Screens ", Sites: []devices.SiteID{"site-2", "site-1", "site-2"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "Screens" || len(c.Sites) != 2 || c.Username != got.Username || got.CommandKey != "" {
		t.Errorf("issued %+v, %+v", got, c)
	}
	seen := check(t, s, got.Username, got.Password).Credential
	if seen.Holder != credentials.ForIntegrator || len(seen.Sites) != 2 {
		t.Errorf("check %+v", seen)
	}
	list, err := s.List(t.Context(), credentials.ForIntegrator)
	if err != nil || len(list) != 1 || list[0].SecretHash != [32]byte{} {
		t.Errorf("list %+v, %v", list, err)
	}
	for field, c := range map[string]struct {
		name  string
		sites []devices.SiteID
	}{"name": {"", []devices.SiteID{"site-1"}}, "sites": {"x", nil}, "sites ": {"x", []devices.SiteID{"site-9"}}} {
		_, _, err := s.IssueIntegrator(t.Context(), person(), credentials.NewIntegrator{Name: c.name, Sites: c.sites})
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestLastUseIsStoredOnceAMinuteAndShownAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s := newService(t, store)
		got := issue(t, s, "gate-1")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(time.Minute + 500*time.Millisecond)
		for range 6 { // 0 s … 100 s
			check(t, s, "gate-1", got.Password)
			shown, err := s.Get(t.Context(), "gate-1")
			if err != nil || !shown.LastUsed.Equal(time.Now()) {
				t.Errorf("shown %v, %v; want now", shown.LastUsed, err)
			}
			time.Sleep(20 * time.Second)
		}
		if n := len(store.touched()); n != 2 {
			t.Errorf("stored %d times in two minutes, want 2", n)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAStormOfConnectsIsStoredLittleByLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s := newService(t, store)
		for i := range 1000 {
			name := fmt.Sprintf("gate-%d", i)
			check(t, s, name, issue(t, s, devices.DeviceID(name)).Password)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(1500 * time.Millisecond)
		if n := len(store.touched()); n != 100 {
			t.Errorf("%d stored in the first second, want 100", n)
		}
		time.Sleep(10 * time.Second)
		if n := len(store.touched()); n != 1000 {
			t.Errorf("%d stored, want all 1000", n)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
