package certs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"testing"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

var ways = map[string]way{"TCP": overTCP, "WebSocket": overWebSocket}

// names makes a subject of several attributes, in whatever form.
func names(values ...asn1.RawValue) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		type attribute struct {
			Type  asn1.ObjectIdentifier
			Value asn1.RawValue
		}
		var list []asn1.RawValue
		for _, v := range values {
			inner, err := asn1.Marshal(attribute{asn1.ObjectIdentifier{2, 5, 4, 3}, v})
			if err != nil {
				panic(err)
			}
			list = append(list, asn1.RawValue{Tag: asn1.TagSet, Class: asn1.ClassUniversal, IsCompound: true, Bytes: inner})
		}
		der, err := asn1.Marshal(list)
		if err != nil {
			panic(err)
		}
		c.RawSubject = der
	}
}

func text(tag int, s string) asn1.RawValue {
	return asn1.RawValue{Tag: tag, Class: asn1.ClassUniversal, Bytes: []byte(s)}
}

func TestOnlyGoodCertificatesAreLetIn(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t, "clients"), newAuthority(t, "clients") // of the same name
	server := newAuthority(t, "server")
	middle := ca.below("middle")
	revoked, lost := ca.client("ann", nil), ca.below("lost")
	f := newFolder(t, server.server(), ca)
	f.revoked(ca.list(revoked.Leaf, lost.cert))
	h := newHouse(t, f, server)

	selfSigned := other.client("ann", nil)
	bad := map[string]tls.Certificate{
		"other authority of the same name": other.client("ann", nil),
		"expired":                          ca.client("ann", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		"not yet valid":                    ca.client("ann", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }),
		"revoked":                          revoked,
		"its authority is revoked":         lost.client("ann", nil),
		"for servers": ca.client("ann", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}),
		"no name":               ca.client("", nil),
		"empty name":            ca.client("", names(text(asn1.TagUTF8String, ""))),
		"not UTF-8":             ca.client("", names(text(asn1.TagUTF8String, "\xc3\x28"))),
		"+ of another alphabet": ca.client("", names(text(asn1.TagT61String, "ann+"))),
		"+":                     ca.client("ann+", nil),
		"only +":                ca.client("+", nil),
		"#":                     ca.client("#", nil),
		"/":                     ca.client("site/ann", nil),
		"NUL":                   ca.client("", names(text(asn1.TagUTF8String, "ann\x00bob"))),
		"$":                     ca.client("$SYS", nil),
		"two names":             ca.client("", names(text(asn1.TagUTF8String, "ann"), text(asn1.TagUTF8String, "bob"))),
		"the middle is left out": func() tls.Certificate {
			c := middle.client("ann", nil)
			c.Certificate = c.Certificate[:1]
			return c
		}(),
		"the name of somebody else's": {Certificate: [][]byte{selfSigned.Certificate[0], ca.cert.Raw}, PrivateKey: selfSigned.PrivateKey},
		"none":                        {},
	}
	versions := []uint16{tls.VersionTLS12, tls.VersionTLS13}
	tried := 0
	for name, open := range ways {
		for _, version := range versions {
			for what, c := range bad {
				for _, v := range []packet.Version{packet.V311, packet.V5} {
					config := h.config(c)
					config.MaxVersion = version
					if _, r, err := h.greet(open, v, "x", config); err == nil && r == packet.Success {
						t.Errorf("%s, TLS %x, MQTT %v: let in: %s", name, version, v, what)
					}
					tried++
				}
			}
			if version == tls.VersionTLS12 { // in which the client hears of it before it says anything
				config := h.config(revoked)
				config.MaxVersion = version
				if nc, err := open(h, config); err == nil {
					_ = nc.Close()
					t.Errorf("%s: the handshake of a revoked certificate is done", name)
				}
			}
			good := h.config(ca.client("ann", nil))
			good.MaxVersion = version
			h.let(open, "good "+name, good)
			throughMiddle := h.config(middle.client("bob", nil))
			throughMiddle.MaxVersion = version
			h.let(open, "middle "+name, throughMiddle)
		}
	}
	for id, want := range map[string]string{"good TCP": "ann", "good WebSocket": "ann", "middle TCP": "bob", "middle WebSocket": "bob"} {
		if c, _ := h.b.Client(clientID(id)); c.Identity != want {
			t.Errorf("%s is %q, want %q", id, c.Identity, want)
		}
	}
	if n := len(h.b.Clients()); n != 4 {
		t.Errorf("%d sessions", n)
	}
	prove.Record(t, "bad client certificates are refused, over TCP and WebSocket", "0 let in",
		fmt.Sprintf("0 of %d let in (%d kinds)", tried, len(bad)))
}

func TestCertificateMayBeOptional(t *testing.T) {
	t.Parallel()
	ca, server := newAuthority(t, "clients"), newAuthority(t, "server")
	f := newFolder(t, server.server(), ca)
	f.files.Optional = true
	h := newHouse(t, f, server)
	for _, open := range ways {
		if _, r, err := h.greet(open, packet.V5, "x", h.config()); err != nil || r != packet.NotAuthorized { // by its Authorizer
			t.Errorf("without: %v, %v", r, err)
		}
		if _, r, err := h.greet(open, packet.V5, "x", h.config(newAuthority(t, "other").client("ann", nil))); err == nil && r == packet.Success {
			t.Error("a bad one was let in")
		}
		h.let(open, "x", h.config(ca.client("ann", nil)))
	}
}

func TestOldVersionsAndWeakSuitesAreRefused(t *testing.T) {
	t.Parallel()
	ca, server := newAuthority(t, "clients"), newAuthority(t, "server")
	h := newHouse(t, newFolder(t, server.server(), ca), server)
	me := ca.client("ann", nil)
	for name, change := range map[string]func(*tls.Config){
		"TLS 1.0": func(c *tls.Config) { c.MaxVersion = tls.VersionTLS10 },
		"TLS 1.1": func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 },
		"CBC": func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256}
		},
		"RC4 and 3DES": func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_RC4_128_SHA}
		},
		"without forward secrecy": func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384}
		},
	} {
		for at, open := range ways {
			c := h.config(me)
			change(c)
			if nc, err := open(h, c); err == nil {
				_ = nc.Close()
				t.Errorf("%s over %s is accepted", name, at)
			}
		}
	}
	// Those of the WebSocket are its HTTP server's. A client knows of its end before it is counted.
	prove.Eventually(t, "five are counted", func() bool { return h.b.Stats().Refused["TLS handshake"] == 5 })
	h.let(overTCP, "x", h.config(me))
}
