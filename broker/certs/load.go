package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

// state is what the files said when they were read. It does not change.
type state struct {
	stamps  stamps
	config  *tls.Config
	leaf    *x509.Certificate // of the server
	anchors map[string]bool   // authorities of clients, by their bytes
	revoked map[serial]bool
}

// FileError says what is wrong with a file.
type FileError struct {
	File string
	Err  error
}

// Error implements error.
func (e *FileError) Error() string { return fmt.Sprintf("%q: %v", e.File, e.Err) }

// Unwrap gives what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// serial names a certificate.
type serial struct{ issuer, number string }

func serialOf(c *x509.Certificate) serial {
	return serial{string(c.RawIssuer), string(c.SerialNumber.Bytes())}
}

// load reads all files. The stamps are taken before, so that what is replaced
// meanwhile is read again.
func (k *Keeper) load() (*state, error) {
	s := &state{stamps: k.stamps(), anchors: map[string]bool{}, revoked: map[serial]bool{}}
	if err := private(k.files.Key); err != nil {
		return nil, &FileError{k.files.Key, err}
	}
	cert, err := tls.LoadX509KeyPair(k.files.Cert, k.files.Key)
	if err != nil {
		return nil, &FileError{k.files.Cert, fmt.Errorf("with key %q: cannot be used: %w", k.files.Key, err)}
	}
	s.leaf = cert.Leaf
	if time.Now().After(s.leaf.NotAfter) {
		k.log.Error("the server's certificate has expired", "file", k.files.Cert, "until", s.leaf.NotAfter)
	}
	s.config = &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, CipherSuites: suites(),
	}
	if k.files.ClientCA == "" {
		if k.files.Revoked != "" {
			return nil, &FileError{k.files.Revoked, errors.New("nobody is there to revoke: name the authorities of clients, too")}
		}
		return s, nil
	}
	return s, k.loadClients(s)
}

// private refuses a key that everybody on the machine may use. A group may: that is how
// a key is shared with the program that renews it. What cannot be looked at is left to
// whoever reads it.
func private(file string) error {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" {
		return nil //nolint:nilerr // reading it says why
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return fmt.Errorf("the key may be used by everybody on this machine (mode %04o); run: chmod o= %s", mode, file)
	}
	return nil
}

func (k *Keeper) loadClients(s *state) error {
	authorities, err := readAuthorities(k.files.ClientCA)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	for _, c := range authorities {
		pool.AddCert(c)
		s.anchors[string(c.Raw)] = true
	}
	if k.files.Revoked != "" {
		if err := k.readRevoked(s, authorities); err != nil {
			return err
		}
	}
	c := s.config
	c.ClientCAs, c.ClientAuth, c.VerifyConnection = pool, tls.RequireAndVerifyClientCert, k.verify
	if k.files.Optional {
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	c.SessionTicketsDisabled = true // a ticket would outlive what the files say
	return nil
}

func readAuthorities(file string) (list []*x509.Certificate, err error) {
	err = eachBlock(file, "CERTIFICATE", func(der []byte) error {
		c, err := x509.ParseCertificate(der)
		if err == nil && !c.IsCA {
			err = errors.New("it is not an authority's")
		}
		list = append(list, c)
		return err
	})
	return list, err
}

// readRevoked reads the revocation lists. One that is older than it says it may be
// still counts: what it revokes stays revoked.
func (k *Keeper) readRevoked(s *state, authorities []*x509.Certificate) error {
	return eachBlock(k.files.Revoked, "X509 CRL", func(der []byte) error {
		l, err := x509.ParseRevocationList(der)
		if err != nil {
			return err
		}
		if !signed(l, authorities) {
			return fmt.Errorf("the list of %s is not signed by one of the authorities in %q", l.Issuer, k.files.ClientCA)
		}
		if !l.NextUpdate.IsZero() && time.Now().After(l.NextUpdate) {
			k.log.Warn("a revocation list is older than it may be", "file", k.files.Revoked, "issuer", l.Issuer.String(), "until", l.NextUpdate)
		}
		for _, e := range l.RevokedCertificateEntries {
			s.revoked[serial{string(l.RawIssuer), string(e.SerialNumber.Bytes())}] = true
		}
		return nil
	})
}

func signed(l *x509.RevocationList, authorities []*x509.Certificate) bool {
	for _, c := range authorities {
		if bytes.Equal(c.RawSubject, l.RawIssuer) && l.CheckSignatureFrom(c) == nil {
			return true
		}
	}
	return false
}

// eachBlock reads a file of PEM blocks of one type, of which there must be one.
func eachBlock(file, kind string, f func(der []byte) error) error {
	rest, err := os.ReadFile(file) //nolint:gosec // G304: whoever starts the server names it
	if err != nil {
		return &FileError{file, err}
	}
	for n := 1; ; n++ {
		var b *pem.Block
		b, rest = pem.Decode(rest)
		switch {
		case b == nil && n == 1:
			return &FileError{file, fmt.Errorf("want PEM with %q", "BEGIN "+kind)}
		case b == nil && len(bytes.TrimSpace(rest)) > 0:
			return &FileError{file, fmt.Errorf("what follows block %d is not PEM", n-1)}
		case b == nil:
			return nil
		case b.Type != kind:
			return &FileError{file, fmt.Errorf("block %d is %q, want %q", n, b.Type, kind)}
		}
		if err := f(b.Bytes); err != nil {
			return &FileError{file, fmt.Errorf("block %d: %w", n, err)}
		}
	}
}

// suites of TLS 1.2; those of 1.3 are all good.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}
