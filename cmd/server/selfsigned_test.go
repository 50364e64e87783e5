package main

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/broker/certs"
	"gatehouse/configs"
	"gatehouse/devices/durable"
)

// selfSignedProgram is a server with a certificate of its own.
func selfSignedProgram(t *testing.T, dir string, names ...string) *program {
	t.Helper()
	p, err := tryConfig(t, selfSignedConfig(t, dir, names...), false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func selfSignedConfig(t *testing.T, dir string, names ...string) configs.Server {
	return config(t, dir, func(c *configs.Server) {
		c.TLS = configs.TLS{SelfSigned: true, Names: names}
		c.MQTT.TLS.Listen = "127.0.0.1:0"
	})
}

// shownAt is the fingerprint of what is shown at an address.
func shownAt(t *testing.T, address string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return certs.Fingerprint(conn.ConnectionState().PeerCertificates[0])
}

func TestTheServerMakesACertificateOfItsOwnAndSaysItsFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := selfSignedProgram(t, dir)
	if !strings.HasPrefix(p.Console, "https://") || len(p.Fingerprint) != 95 {
		t.Fatalf("ready %+v", p.ready)
	}
	for _, address := range []string{strings.TrimPrefix(p.Console, "https://"), p.MQTTS} {
		if got := shownAt(t, address); got != p.Fingerprint {
			t.Errorf("%s shows %s, want %s", address, got, p.Fingerprint)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, selfSignedName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	s := secureStaff(t, p, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
	var seen struct {
		Certificates []struct {
			Listener, Fingerprint string
			Names                 []string
			SelfSigned            bool
		}
	}
	s.get("/broker/certificates", &seen)
	if len(seen.Certificates) != 2 || seen.Certificates[0].Listener != "console" || seen.Certificates[1].Listener != "mqtts" {
		t.Fatalf("the console shows %+v", seen)
	}
	for _, c := range seen.Certificates {
		if c.Fingerprint != p.Fingerprint || !c.SelfSigned || !strings.Contains(strings.Join(c.Names, " "), "localhost") {
			t.Errorf("the console shows %+v", c)
		}
	}
	must(t, p.stop())

	if again := selfSignedProgram(t, dir); again.Fingerprint != p.Fingerprint {
		t.Error("the next start has another certificate")
	} else {
		must(t, again.stop())
	}
	other := selfSignedProgram(t, dir, "gate.example.org")
	if other.Fingerprint == p.Fingerprint {
		t.Error("a certificate is kept that is not for a name of the configuration")
	}
	must(t, other.stop())
}

func TestAFileOfTheServersOwnCertificateThatCannotBeTrustedIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, selfSignedName)
	must(t, durable.Replace(file, []byte("nonsense")))
	refusedWith(t, selfSignedConfig(t, dir), "tls.self_signed", file, "backup")
	must(t, os.Remove(file))
	p := selfSignedProgram(t, dir)
	must(t, p.stop())
	must(t, os.Chmod(file, 0o644))
	refusedWith(t, selfSignedConfig(t, dir), "tls.self_signed", "chmod 600 "+file)
	must(t, os.Rename(file, file+".moved"))
	must(t, os.Symlink(file+".moved", file))
	refusedWith(t, selfSignedConfig(t, dir), "tls.self_signed", file, "not a regular file")
}

func TestTheServersOwnCertificateIsRenewedInTime(t *testing.T) {
	t.Parallel()
	s := &selfSigned{path: filepath.Join(t.TempDir(), selfSignedName), names: certificateNames{wanted: []string{"localhost", "::1"}}, log: testLog(t)}
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	last := ""
	for _, c := range []struct {
		at  time.Duration
		new bool
	}{{0, true}, {time.Minute, false}, {300 * day, false}, {366 * day, false}, {367 * day, true}, {368 * day, false}, {2000 * day, true}, {-day, true}} {
		must(t, s.renew(now.Add(c.at)))
		if got := s.fingerprint(); (got != last) != c.new {
			t.Errorf("after %s: new %v, want %v", c.at, got != last, c.new)
		} else {
			last = got
		}
	}
}
