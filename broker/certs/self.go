package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// SelfSignedFor is how long a certificate of SelfSigned is good: no longer than those
// that public authorities sign, because programs refuse older ones.
const SelfSignedFor = 397 * 24 * time.Hour

// SelfSigned makes a certificate that signs itself, with a new key (ECDSA, P-256), and
// gives both in PEM, for one file that is Files.Cert and Files.Key. names are the host
// names and addresses that it is good for; it needs one at least. It begins an hour
// before now, for clients whose clocks are slow. It is no authority: a client that
// trusts it trusts this server and nobody else.
func SelfSigned(names []string, now time.Time) ([]byte, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("certs: a certificate needs a name")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("certs: key: %w", err)
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // RFC 5280, 4.1.2.2: 20 octets at most
	if err != nil {
		return nil, fmt.Errorf("certs: serial number: %w", err)
	}
	begins := now.UTC().Add(-time.Hour).Truncate(time.Second)
	template := &x509.Certificate{
		SerialNumber: number.Add(number, big.NewInt(1)), Subject: pkix.Name{CommonName: commonName(names[0])},
		NotBefore: begins, NotAfter: begins.Add(SelfSignedFor - time.Second), // both ends count
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certs: a certificate for %s cannot be made: %w", strings.Join(names, ", "), err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("certs: key: %w", err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

// commonName shortens a name to what one may have (RFC 5280, appendix A.1: 64).
func commonName(name string) string { return name[:min(len(name), 64)] }

// Leaf gives the server's certificate of this time.
func (k *Keeper) Leaf() *x509.Certificate { return k.now.Load().leaf }

// Fingerprint is the SHA-256 of a certificate as browsers show it: AB:CD:…
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	digits := strings.ToUpper(hex.EncodeToString(sum[:]))
	pairs := make([]string, 0, len(sum))
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, ":")
}
