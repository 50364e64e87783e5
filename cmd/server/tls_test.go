package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/configs"
)

// certificate makes a certificate for 127.0.0.1 and gives its files, and the pool
// that trusts it.
func certificate(t *testing.T) (certFile, keyFile string, trust *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gatehouse test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust = x509.NewCertPool()
	trust.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certFile, keyFile, trust
}

func TestWithACertificateConsoleAndMQTTSpeakTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, trust := certificate(t)
	p, err := tryConfig(t, config(t, t.TempDir(), func(c *configs.Server) {
		c.HTTP.TLS = configs.Cert{Cert: certFile, Key: keyFile}
		c.MQTT.TLS = configs.MQTTTLS{Listen: "127.0.0.1:0", Cert: certFile, Key: keyFile}
	}), false)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(p.Console, "https://") {
		t.Errorf("the console is at %s", p.Console)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	secure := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}}
	defer secure.CloseIdleConnections()
	s := newStaff(t, p.Console)
	s.http = &http.Client{Jar: jar, Timeout: patience, Transport: secure}
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, 201, nil)
	s.withoutFactors()
	d, c := s.enrol("gate")

	old := &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", p.MQTTS, old); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is accepted")
	}
	conn, err := tls.Dial("tcp", p.MQTTS, &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := greet(t, conn, connect(c.ClientID, c.Username, c.Password)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gate is online over TLS", func() bool { return s.device(d.ID).Link.Status == "online" })

	newCert, newKey, newTrust := certificate(t)
	for from, to := range map[string]string{newCert: certFile, newKey: keyFile} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, address := range []string{p.MQTTS, strings.TrimPrefix(p.Console, "https://")} {
		eventually(t, "new handshakes get the new certificate at "+address, func() bool {
			conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: newTrust, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
			if err != nil {
				return false
			}
			return conn.Close() == nil
		})
	}
	if s.device(d.ID).Link.Status != "online" {
		t.Error("the gate was dropped for the new certificate")
	}
}
