package certs

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	t     testing.TB
	cert  *x509.Certificate
	key   crypto.Signer
	above *authority
}

var day = 24 * time.Hour

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func number(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// newAuthority makes one that signs itself.
func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	return a.signedBy(a, name)
}

// below makes an authority that this one signs.
func (a *authority) below(name string) *authority {
	n := &authority{t: a.t, key: newKey(a.t), above: a}
	return n.signedBy(a, name)
}

func (a *authority) signedBy(by *authority, name string) *authority {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: number(a.t), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	parent := template
	if by != a {
		parent = by.cert
	}
	a.cert = a.parse(x509.CreateCertificate(rand.Reader, template, parent, a.key.Public(), by.key))
	return a
}

func (a *authority) parse(der []byte, err error) *x509.Certificate {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// client makes a client's certificate; change may be nil.
func (a *authority) client(name string, change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	return a.sign(func(c *x509.Certificate) {
		c.Subject, c.ExtKeyUsage = pkix.Name{CommonName: name}, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if change != nil {
			change(c)
		}
	})
}

// server makes a certificate for 127.0.0.1.
func (a *authority) server() tls.Certificate {
	a.t.Helper()
	return a.sign(func(c *x509.Certificate) {
		c.Subject, c.ExtKeyUsage = pkix.Name{CommonName: "server"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	})
}

func (a *authority) sign(change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: number(a.t), NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day)}
	change(template)
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	c := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	c.Leaf, _ = x509.ParseCertificate(der) // some are made so that nobody can
	for x := a; x.above != nil; x = x.above {
		c.Certificate = append(c.Certificate, x.cert.Raw)
	}
	return c
}

// list makes a revocation list.
func (a *authority) list(revoked ...*x509.Certificate) []byte {
	a.t.Helper()
	template := &x509.RevocationList{Number: number(a.t), ThisUpdate: time.Now().Add(-day), NextUpdate: time.Now().Add(day)}
	for _, c := range revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: time.Now().Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.cert, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

func pemOf(list ...*x509.Certificate) (out []byte) {
	for _, c := range list {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// folder holds the files of a Keeper.
type folder struct {
	t     testing.TB
	files Files
}

func newFolder(t testing.TB, c tls.Certificate, clients ...*authority) *folder {
	t.Helper()
	dir := t.TempDir()
	f := &folder{t: t, files: Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}}
	f.putServer(c)
	if len(clients) > 0 {
		f.files.ClientCA = filepath.Join(dir, "ca.pem")
		var all []byte
		for _, a := range clients {
			all = append(all, pemOf(a.cert)...)
		}
		f.put(f.files.ClientCA, all)
	}
	return f
}

func (f *folder) revoked(lists ...[]byte) {
	f.t.Helper()
	f.files.Revoked = filepath.Join(filepath.Dir(f.files.Cert), "crl.pem")
	f.put(f.files.Revoked, bytes.Join(lists, nil))
}

func (f *folder) putServer(c tls.Certificate) {
	f.t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		f.t.Fatal(err)
	}
	f.put(f.files.Cert, pemOf(c.Leaf))
	f.put(f.files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}

// put replaces a file as careful people do.
func (f *folder) put(name string, content []byte) {
	f.t.Helper()
	if err := os.WriteFile(name+".new", content, 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) open(log *book) *Keeper {
	f.t.Helper()
	k, err := Open(f.files, log.logger())
	if err != nil {
		f.t.Fatal(err)
	}
	return k
}
