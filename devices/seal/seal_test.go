package seal_test

import (
	"bytes"
	"testing"

	"gatehouse/devices/seal"
)

func sealFor(t *testing.T, key []byte, purpose string) *seal.Seal {
	t.Helper()
	s, err := seal.New(key, purpose)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASecretOpensForItsOwnerPurposeAndKeyOnly(t *testing.T) {
	t.Parallel()
	key, secret := bytes.Repeat([]byte{7}, seal.KeySize), []byte("the secret")
	s := sealFor(t, key, "codes")
	hidden := s.Hide("li", secret)
	if bytes.Contains(hidden, secret) || bytes.Equal(hidden, s.Hide("li", secret)) {
		t.Error("what is hidden shows, or is the same twice")
	}
	if got, err := s.Show("li", hidden); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("got %q (%v)", got, err)
	}
	turned := bytes.Clone(hidden)
	turned[len(turned)-1] ^= 1
	for what, show := range map[string]func() ([]byte, error){
		"another owner":   func() ([]byte, error) { return s.Show("wu", hidden) },
		"another purpose": func() ([]byte, error) { return sealFor(t, key, "keys").Show("li", hidden) },
		"another key": func() ([]byte, error) {
			return sealFor(t, bytes.Repeat([]byte{8}, seal.KeySize), "codes").Show("li", hidden)
		},
		"a turned bit":    func() ([]byte, error) { return s.Show("li", turned) },
		"a cut":           func() ([]byte, error) { return s.Show("li", hidden[:10]) },
		"nothing":         func() ([]byte, error) { return s.Show("li", nil) },
		"a later version": func() ([]byte, error) { return s.Show("li", append([]byte{2}, hidden[1:]...)) },
	} {
		if got, err := show(); err == nil {
			t.Errorf("%s: opened as %q", what, got)
		}
	}
}

func TestAKeyOfAnotherSizeIsRefused(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := seal.New(make([]byte, n), "codes"); err == nil {
			t.Errorf("a key of %d bytes", n)
		}
	}
}
