package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func selfSigned(t *testing.T, now time.Time, names ...string) *x509.Certificate {
	t.Helper()
	both, err := SelfSigned(names, now)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(both, both)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

func TestASelfSignedCertificateIsOneServersForAYear(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	long := strings.Repeat("long-name.", 20) + "example"
	c := selfSigned(t, now, "gate.example", "localhost", "192.0.2.7", "2001:db8::7", long)
	trust := x509.NewCertPool()
	trust.AddCert(c)
	good := func(name string, at time.Time) error {
		_, err := c.Verify(x509.VerifyOptions{DNSName: name, Roots: trust, CurrentTime: at})
		return err
	}
	for _, name := range []string{"gate.example", "localhost", "192.0.2.7", "[2001:db8::7]", long} {
		if err := good(name, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if good("other.example", now) == nil || good("192.0.2.8", now) == nil {
		t.Error("it is good for others")
	}
	if good("localhost", now.Add(-30*time.Minute)) != nil || good("localhost", now.Add(396*24*time.Hour)) != nil || good("localhost", now.Add(397*24*time.Hour)) == nil {
		t.Errorf("it is good from %s until %s", c.NotBefore, c.NotAfter)
	}
	if d := c.NotAfter.Sub(c.NotBefore) + time.Second; d > 397*24*time.Hour {
		t.Errorf("it is good for %s", d)
	}
	if key, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() || c.IsCA || c.KeyUsage&x509.KeyUsageCertSign != 0 {
		t.Error("it is no certificate of a server with P-256")
	}
	other := selfSigned(t, now, "gate.example")
	if other.SerialNumber.Cmp(c.SerialNumber) == 0 || Fingerprint(other) == Fingerprint(c) {
		t.Error("two are the same")
	}
	if f := Fingerprint(c); !regexp.MustCompile(`^([0-9A-F]{2}:){31}[0-9A-F]{2}$`).MatchString(f) {
		t.Errorf("fingerprint %q", f)
	}
	for _, bad := range [][]string{nil, {"café.example"}} {
		if _, err := SelfSigned(bad, now); err == nil {
			t.Errorf("made for %q", bad)
		}
	}
}

func TestAKeyThatEverybodyMayReadIsRefused(t *testing.T) {
	t.Parallel()
	both, err := SelfSigned([]string{"localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	f := Files{Cert: file, Key: file}
	for mode, fine := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o604: false, 0o602: false, 0o666: false} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		k, err := Open(f, nil)
		if fine != (err == nil) || !fine && !strings.Contains(err.Error(), "chmod o= "+file) {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if fine && k.Leaf().DNSNames[0] != "localhost" {
			t.Errorf("certificate of %v", k.Leaf().DNSNames)
		}
	}
}
