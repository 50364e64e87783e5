package credentials_test

import (
	"errors"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

var three = []credentials.Place{{Device: "gate-1", Site: "site-1"}, {Device: "gate-2", Site: "site-2"}, {Device: "gate-3", Site: "site-1"}}

func TestManyCredentialsAreMadeTogetherWithARowEach(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	old := issue(t, s, "gate-2")
	before := check(t, s, "gate-2", old.Password)
	if _, err := s.AdmitCertificate(t.Context(), person(), "gate-3", "site-1", false); err != nil {
		t.Fatal(err)
	}
	rows := len(store.audit)
	all, err := s.IssueDevices(t.Context(), person(), three)
	if err != nil || len(all) != 3 || len(store.audit) != rows+3 {
		t.Fatalf("%d issued, %d rows, %v", len(all), len(store.audit)-rows, err)
	}
	for i, got := range all {
		if c := check(t, s, got.Username, got.Password).Credential; c.Device != three[i].Device || c.Site != three[i].Site {
			t.Errorf("%d is %+v", i, c)
		}
	}
	if before.Valid() {
		t.Error("a replaced credential is still valid")
	}
	if _, err := s.CheckCertificate(t.Context(), "gate-3", badge); err != nil {
		t.Errorf("its certificate is not admitted any more: %v", err)
	}
}

func TestManyCredentialsOfWhichOneFailsReplaceNone(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	old := issue(t, s, "gate-1")
	_, err := s.IssueDevices(t.Context(), person(), append(three[:2:2], three[0]))
	wantCode(t, err, devices.Invalid)
	store.fail = &devices.Error{Op: "memory", Code: devices.NotFound}
	_, err = s.IssueDevices(t.Context(), person(), three)
	wantCode(t, err, devices.NotFound)
	check(t, s, "gate-1", old.Password)
}

func TestManyCredentialsOfUnknownOutcomeEndTheOldOnes(t *testing.T) {
	t.Parallel()
	store := newMemory()
	s := newService(t, store)
	old := issue(t, s, "gate-1")
	before := check(t, s, "gate-1", old.Password)
	store.fail = errDisk
	if _, err := s.IssueDevices(t.Context(), person(), three); !errors.Is(err, errDisk) || before.Valid() {
		t.Errorf("%v, valid %v", err, before.Valid())
	}
	store.fail = nil
	check(t, s, "gate-1", old.Password) // it did not reach the store
}

func TestNoSecretLooksLikeAFormula(t *testing.T) {
	t.Parallel()
	s := newService(t, newMemory())
	for range 400 { // by chance one of 64 would
		got := issue(t, s, "gate-1")
		if got.Password[0] == '-' || got.CommandKey[0] == '-' {
			t.Fatalf("issued %q", got.Username)
		}
	}
}
