package credentials_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// badge is a certificate as a device shows it.
var badge = credentials.Shown{Fingerprint: strings.Repeat("5a", 32), Until: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}

func TestACertificateLetsInOnlyWhomItWasAdmittedFor(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	got := issue(t, s, "gate-1")
	for _, name := range []string{"gate-1", "gate-2", "", strings.Repeat("x", 65)} {
		_, err := s.CheckCertificate(t.Context(), name, badge)
		wantCode(t, err, devices.Forbidden)
	}
	if shown, err := s.Get(t.Context(), "gate-1"); err != nil || shown.Shown != badge || !shown.LastUsed.IsZero() {
		t.Errorf("%+v, %v: want to see what was shown, and that it was no use", shown, err)
	}
	before := check(t, s, "gate-1", got.Password)
	again, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false)
	if err != nil || again.Password != "" || again.CommandKey != "" {
		t.Fatalf("%+v, %v: want no secret of a credential that was there", again, err)
	}
	if !before.Valid() {
		t.Error("one way more ended the connection that was there")
	}
	c, err := s.CheckCertificate(t.Context(), "gate-1", badge)
	if err != nil || !c.Valid() || c.Credential.Device != "gate-1" || !c.Credential.Password {
		t.Errorf("%+v, %v", c.Credential, err)
	}
	check(t, s, "gate-1", got.Password)
	if _, err := s.CheckCertificate(t.Context(), "gate-2", badge); devices.CodeOf(err) != devices.Forbidden {
		t.Errorf("another device: %v", err)
	}
}

func TestADeviceOfCertificatesAloneHasACommandKeyAndNoPassword(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	if _, err := s.CheckCertificate(t.Context(), "gate-1", badge); err == nil { // remembered as unknown
		t.Fatal("let in")
	}
	got, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false)
	if err != nil || got.Password != "" || len(got.CommandKey) != 43 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.CheckCertificate(t.Context(), "gate-1", badge); err != nil {
		t.Error(err)
	}
	for _, password := range []string{"", "x", string(make([]byte, 32))} {
		_, err := s.Check(t.Context(), "gate-1", []byte(password))
		wantCode(t, err, devices.Forbidden)
	}
	if a := store.audit[0]; a.Verb != "credential.certificate.admit" || a.Object != "device:gate-1" || a.Detail != `{"certificate":true,"holder":"device","password":false}` {
		t.Errorf("audit %+v", a)
	}
}

func TestCertificateOnlyEndsThePasswordForGood(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	old := issue(t, s, "gate-1")
	before := check(t, s, "gate-1", old.Password)
	key, err := s.CommandKey(t.Context(), "gate-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", true); err != nil {
		t.Fatal(err)
	}
	if before.Valid() {
		t.Error("what the password let in is still valid")
	}
	if _, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false); err != nil {
		t.Fatal(err)
	}
	_, err = s.Check(t.Context(), "gate-1", []byte(old.Password))
	wantCode(t, err, devices.Forbidden)
	if same, err := s.CommandKey(t.Context(), "gate-1"); err != nil || string(same) != string(key) {
		t.Errorf("the command key changed: %v", err)
	}
}

func TestARefusedOrRevokedCertificateEndsWhatItLetIn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*credentials.Service) error{
		"refused": func(s *credentials.Service) error { return s.RefuseCertificate(t.Context(), person(), "gate-1") },
		"revoked": func(s *credentials.Service) error { return s.Revoke(t.Context(), person(), "gate-1") },
	} {
		s := newService(t, newMemory())
		if _, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false); err != nil {
			t.Fatal(err)
		}
		c, err := s.CheckCertificate(t.Context(), "gate-1", badge)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		s.OnChange(func(string) { told++ })
		if err := end(s); err != nil || c.Valid() || told != 1 {
			t.Errorf("%s: %v, valid %v, told %d times", name, err, c.Valid(), told)
		}
		_, err = s.CheckCertificate(t.Context(), "gate-1", badge)
		wantCode(t, err, devices.Forbidden)
	}
}

func TestWhoReplacesAPasswordSaysNothingAboutCertificates(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	if _, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CheckCertificate(t.Context(), "gate-1", badge); err != nil {
		t.Fatal(err)
	}
	issue(t, s, "gate-1")
	if c, err := s.CheckCertificate(t.Context(), "gate-1", badge); err != nil || c.Credential.Shown != badge {
		t.Errorf("%+v, %v", c.Credential, err)
	}
}

func TestAnIntegratorIsNeverLetInByACertificate(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	i, _, err := s.IssueIntegrator(t.Context(), person(), credentials.NewIntegrator{Name: "Screens", Sites: []devices.SiteID{"site-1"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AdmitCertificate(t.Context(), person(), devices.DeviceID(i.Username), "site-1", false)
	wantCode(t, err, devices.NotFound)
	wantCode(t, s.RefuseCertificate(t.Context(), person(), devices.DeviceID(i.Username)), devices.NotFound)
	_, err = s.CheckCertificate(t.Context(), i.Username, badge)
	wantCode(t, err, devices.Forbidden)
}

func TestTheCertificateThatWasShownLastIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s := newService(t, store)
		got := issue(t, s, "gate-1")
		if _, err := s.AdmitCertificate(t.Context(), person(), "gate-1", "site-1", false); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CheckCertificate(t.Context(), "gate-1", badge); err != nil {
			t.Fatal(err)
		}
		check(t, s, "gate-1", got.Password) // shows none: the last that was shown stays
		runFor(t, s, 1500*time.Millisecond)
		if c := store.rows["gate-1"]; c.Shown != badge || c.LastUsed.IsZero() {
			t.Errorf("stored %+v, %v", c.Shown, c.LastUsed)
		}
	})
}

func TestACertificateThatLetsNobodyInIsShownAndTheLastUseStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		s := newService(t, store)
		check(t, s, "gate-1", issue(t, s, "gate-1").Password)
		used := time.Now().UTC()
		for range 2 { // the second time with all of the first stored
			runFor(t, s, 2*time.Minute)
			_, err := s.CheckCertificate(t.Context(), "gate-1", badge)
			wantCode(t, err, devices.Forbidden)
			if c, err := s.Get(t.Context(), "gate-1"); err != nil || c.Shown != badge || !c.LastUsed.Equal(used) {
				t.Errorf("%+v, used %s, want %s, %v", c.Shown, c.LastUsed, used, err)
			}
		}
		runFor(t, s, 2*time.Minute)
		if c := store.rows["gate-1"]; c.Shown != badge || !c.LastUsed.Equal(used) {
			t.Errorf("stored %+v, used %s, want %s", c.Shown, c.LastUsed, used)
		}
	})
}

// runFor has a service store what it knows for a time.
func runFor(t *testing.T, s *credentials.Service, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Error(err)
	}
}
