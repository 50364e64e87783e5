package certs

import (
	"crypto/tls"
	"net"
	"os"
	"strings"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/prove"
)

func clientID(s string) broker.ClientID { return broker.ClientID(s) }

// shown gives the serial number of the server's certificate in a new handshake.
func (h *house) shown(me tls.Certificate) string {
	h.t.Helper()
	nc, err := overTCP(h, h.config(me))
	if err != nil {
		h.t.Fatal(err)
	}
	defer nc.Close()
	return nc.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func TestReplacedFilesCountForNewHandshakesAndDropNobody(t *testing.T) {
	t.Parallel()
	ca, server := newAuthority(t, "clients"), newAuthority(t, "server")
	f := newFolder(t, server.server(), ca)
	ann, bob := ca.client("ann", nil), ca.client("bob", nil)
	f.revoked(ca.list())
	h := newHouse(t, f, server)
	var good, cut []net.Conn
	for name, open := range ways {
		good = append(good, h.let(open, "ann "+name, h.config(ann)))
		cut = append(cut, h.let(open, "bob "+name, h.config(bob)))
	}

	next := server.server()
	f.putServer(next)
	prove.Eventually(t, "the new certificate is shown", func() bool { return h.shown(ann) == next.Leaf.SerialNumber.String() })

	f.put(f.files.Key, []byte("nonsense"))
	prove.Eventually(t, "the bad key is named in the log", func() bool { return h.log.has("cannot be used") && h.log.has("key.pem") })
	if h.shown(ann) != next.Leaf.SerialNumber.String() {
		t.Error("a bad key changed the certificate")
	}
	f.putServer(next)

	f.put(f.files.Revoked, []byte("nonsense"))
	prove.Eventually(t, "the bad list is named in the log", func() bool { return h.log.has("crl.pem") })
	h.let(overTCP, "bob again", h.config(bob))

	f.revoked(ca.list(bob.Leaf))
	prove.Eventually(t, "bob is cut", func() bool {
		for _, c := range h.b.Clients() {
			if c.Identity == "bob" {
				return false
			}
		}
		return true
	})
	for _, nc := range cut {
		if alive(nc) == nil {
			t.Error("a connection of a revoked certificate still answers")
		}
	}
	for name, open := range ways {
		if _, r, err := h.greet(open, packet.V5, "bob", h.config(bob)); err == nil && r == packet.Success {
			t.Errorf("a revoked certificate was let in over %s", name)
		}
	}
	for _, nc := range good {
		if err := alive(nc); err != nil {
			t.Errorf("a good connection was dropped: %v", err)
		}
	}
}

func TestAuthorityThatIsTakenAwayTakesItsClientsAlong(t *testing.T) {
	t.Parallel()
	old, stays, server := newAuthority(t, "old"), newAuthority(t, "stays"), newAuthority(t, "server")
	f := newFolder(t, server.server(), old, stays)
	h := newHouse(t, f, server)
	gone, good := h.let(overTCP, "a", h.config(old.client("ann", nil))), h.let(overTCP, "b", h.config(stays.client("bob", nil)))
	f.put(f.files.ClientCA, pemOf(stays.cert))
	prove.Eventually(t, "ann is cut", func() bool { return len(h.b.Clients()) == 1 })
	if alive(gone) == nil || alive(good) != nil {
		t.Error("the wrong one was cut")
	}
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	ca, server := newAuthority(t, "clients"), newAuthority(t, "server")
	for name, c := range map[string]struct {
		change func(f *folder)
		want   string
	}{
		"no certificate": {func(f *folder) { _ = os.Remove(f.files.Cert) }, "cert.pem"},
		"other key": {func(f *folder) {
			k := f.files.Key
			f.putServer(server.server())
			f.files.Key = k
			f.put(f.files.Cert, pemOf(server.server().Leaf))
		}, "private key does not match"},
		"no authorities":       {func(f *folder) { _ = os.Remove(f.files.ClientCA) }, "ca.pem"},
		"empty authorities":    {func(f *folder) { f.put(f.files.ClientCA, nil) }, "want PEM with \"BEGIN CERTIFICATE\""},
		"no authority":         {func(f *folder) { f.put(f.files.ClientCA, pemOf(ca.client("ann", nil).Leaf)) }, "not an authority"},
		"rest":                 {func(f *folder) { f.put(f.files.ClientCA, append(pemOf(ca.cert), "x"...)) }, "what follows block 1"},
		"list of another":      {func(f *folder) { f.revoked(newAuthority(t, "clients").list()) }, "not signed by"},
		"list is no list":      {func(f *folder) { f.revoked(pemOf(ca.cert)) }, "want \"X509 CRL\""},
		"lists without anyone": {func(f *folder) { f.revoked(ca.list()); f.files.ClientCA = "" }, "name the authorities"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t, server.server(), ca)
			f.t = t
			c.change(f)
			if _, err := Open(f.files, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q in it", err, c.want)
			}
		})
	}
}
