package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/broker/certs"
	"gatehouse/configs"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// badged is a server that knows authorities of devices, on every way in that has TLS.
type badged struct {
	*program
	*staff
	t       *testing.T
	ours    *authority
	trust   *x509.CertPool
	crl     string
	revoked []*x509.Certificate
	plain   *tls.Config // of who shows no certificate
}

func runBadged(t *testing.T) *badged {
	t.Helper()
	certFile, keyFile, trust := certificate(t)
	b := &badged{t: t, ours: newAuthority(t), trust: trust, crl: filepath.Join(t.TempDir(), "revoked.pem")}
	b.ours.revoke(t, b.crl)
	p, err := tryConfig(t, config(t, t.TempDir(), func(c *configs.Server) {
		c.HTTP.TLS = configs.Cert{Cert: certFile, Key: keyFile}
		c.MQTT.TLS = configs.MQTTTLS{Listen: "127.0.0.1:0", Cert: certFile, Key: keyFile}
		c.MQTT.DeviceCA, c.MQTT.DeviceCRL = b.ours.file, b.crl
	}), false)
	if err != nil {
		t.Fatal(err)
	}
	b.program, b.plain = p, &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}
	b.staff = secureStaff(t, p, b.plain)
	return b
}

// secureStaff creates the first administrator of a program that speaks TLS.
func secureStaff(t *testing.T, p *program, c *tls.Config) *staff {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	secure := &http.Transport{TLSClientConfig: c}
	t.Cleanup(secure.CloseIdleConnections)
	s := newStaff(t, p.Console)
	s.http = &http.Client{Jar: jar, Timeout: patience, Transport: secure}
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, 201, nil)
	s.withoutFactors()
	return s
}

// admit lets a device in by a certificate.
func (b *badged) admit(id string, only bool) (c seenCredential) {
	b.t.Helper()
	b.must(http.MethodPut, "/devices/"+id+"/credential/certificate", map[string]any{"only": only}, 200, &c)
	return c
}

// issue makes a certificate of an authority; change may spoil it.
func (a *authority) issue(t *testing.T, name string, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der) // some are made so that nobody can
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// below makes an authority that this one signs, and that clients must show along.
func (a *authority) below(t *testing.T) *authority {
	t.Helper()
	c := a.issue(t, "middle", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	})
	key, ok := c.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatal("no key")
	}
	return &authority{cert: c.Leaf, key: key}
}

// named makes a subject of common names in whatever form.
func named(t *testing.T, tag int, names ...string) func(*x509.Certificate) {
	t.Helper()
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	var list []asn1.RawValue
	for _, n := range names {
		der, err := asn1.Marshal(attribute{asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.RawValue{Tag: tag, Bytes: []byte(n)}})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: der})
	}
	subject, err := asn1.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *x509.Certificate) { c.RawSubject = subject }
}

// showing is the configuration of who shows a certificate, whether it is asked for such
// a one or not.
func (b *badged) showing(c tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: b.trust, MinVersion: tls.VersionTLS12, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }}
}

// doors are the ways in on which a certificate can be shown.
var badgeDoors = []string{"TCP", "WebSocket"}

// come connects through a door; nil with an error, or with the code of the answer.
func (b *badged) come(door string, config *tls.Config, c mqtt.Connect) (*mqtt.Conn, byte, error) {
	b.t.Helper()
	nc, err := b.open(door, config)
	if err != nil {
		return nil, 0, err
	}
	b.t.Cleanup(func() { _ = nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		b.t.Fatal(err)
	}
	conn := mqtt.NewConn(nc, c.Version, 0)
	conn.Raw(mqtt.AppendConnect(nil, c))
	if err := conn.Flush(); err != nil {
		return nil, 0, err
	}
	p, err := conn.Read()
	if err != nil {
		return nil, 0, err
	}
	if p.Type != mqtt.CONNACK || p.Code != 0 {
		return nil, p.Code, nil
	}
	conn.Session = p.Session
	return conn, 0, nil
}

func (b *badged) open(door string, config *tls.Config) (net.Conn, error) {
	if door == "TCP" {
		return (&tls.Dialer{NetDialer: &net.Dialer{Timeout: patience}, Config: config}).DialContext(b.t.Context(), "tcp", b.MQTTS)
	}
	url := strings.NewReplacer("https", "wss", "localhost", "127.0.0.1").Replace(b.Console) + "/mqtt"
	return mqtt.WebSocket(b.t.Context(), url, config, patience)
}

// afterMessages is the next packet that is no message: a device is told the time.
func afterMessages(c *mqtt.Conn) (mqtt.Packet, error) {
	for {
		if p, err := c.Read(); err != nil || p.Type != mqtt.PUBLISH {
			return p, err
		}
	}
}

// spoiled are certificates for a device that none must be let in with.
func (b *badged) spoiled(id, notAdmitted string) map[string]tls.Certificate {
	others, middle, lost := newAuthority(b.t), b.ours.below(b.t), b.ours.below(b.t)
	through := func(a *authority) tls.Certificate {
		c := a.issue(b.t, id, nil)
		c.Certificate = append(c.Certificate, a.cert.Raw)
		return c
	}
	foreign := others.issue(b.t, id, nil)
	foreign.Certificate = append(foreign.Certificate, b.ours.cert.Raw)
	revoked := b.ours.issue(b.t, id, nil)
	b.revoked = append(b.revoked, revoked.Leaf, lost.cert)
	alone := through(middle)
	alone.Certificate = alone.Certificate[:1]
	of := func(change func(*x509.Certificate)) tls.Certificate { return b.ours.issue(b.t, id, change) }
	return map[string]tls.Certificate{
		"of another authority":      others.issue(b.t, id, nil),
		"of another, with ours":     foreign,
		"expired":                   of(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		"not yet valid":             of(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }),
		"revoked":                   revoked,
		"its authority is revoked":  through(lost),
		"the middle is left out":    alone,
		"for servers":               of(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
		"no name":                   b.ours.issue(b.t, "", nil),
		"empty name":                of(named(b.t, asn1.TagUTF8String, "")),
		"not UTF-8":                 of(named(b.t, asn1.TagUTF8String, id+"\xc3\x28")),
		"another alphabet":          of(named(b.t, asn1.TagT61String, id+"+")),
		"NUL":                       of(named(b.t, asn1.TagUTF8String, id+"\x00x")),
		"two names":                 of(named(b.t, asn1.TagUTF8String, id, "other")),
		"the same name twice":       of(named(b.t, asn1.TagUTF8String, id, id)),
		"+":                         b.ours.issue(b.t, "+", nil),
		"# behind it":               b.ours.issue(b.t, id+"/#", nil),
		"$":                         b.ours.issue(b.t, "$SYS", nil),
		"a device that is not let":  b.ours.issue(b.t, notAdmitted, nil),
		"a device that is not here": b.ours.issue(b.t, newKey(), nil),
	}
}

func TestNoBadCertificateOpensADoorOfTheServer(t *testing.T) {
	t.Parallel()
	b := runBadged(t)
	d, login := b.enrol("gate")
	other, _ := b.enrol("gate")
	b.admit(d.ID, false)
	bad := b.spoiled(d.ID, other.ID)
	b.ours.revoke(t, b.crl, b.revoked...)
	good := b.ours.issue(t, d.ID, nil)
	eventually(t, "the revocation list counts", func() bool {
		nc, err := tls.Dial("tcp", b.MQTTS, tls12(b.showing(bad["revoked"])))
		if err == nil {
			_ = nc.Close()
		}
		return err != nil
	})
	tried, accepted := 0, 0
	for what, cert := range bad {
		for _, door := range badgeDoors {
			for _, c := range []mqtt.Connect{
				{Version: mqtt.V5, ClientID: d.ID}, {Version: mqtt.V311, ClientID: d.ID, User: d.ID},
				{Version: mqtt.V5, ClientID: other.ID, User: login.Username, Password: login.Password}, {Version: mqtt.V5, ClientID: other.ID},
			} {
				tried++
				if conn, _, err := b.come(door, b.showing(cert), c); conn != nil {
					accepted++
					t.Errorf("%s over %s, user %q: accepted (%v)", what, door, c.User, err)
				}
			}
		}
	}
	for _, door := range badgeDoors {
		conn, code, err := b.come(door, b.showing(good), mqtt.Connect{Version: mqtt.V311, ClientID: d.ID})
		if conn == nil {
			t.Fatalf("a good one over %s: %#x, %v", door, code, err)
		}
		for _, c := range []mqtt.Connect{
			{Version: mqtt.V5, ClientID: other.ID}, {Version: mqtt.V5, ClientID: "anything"}, {Version: mqtt.V5, ClientID: d.ID, User: other.ID, Password: login.Password},
		} {
			if wrong, _, _ := b.come(door, b.showing(good), c); wrong != nil {
				t.Errorf("a good one as %q, user %q, over %s: accepted", c.ClientID, c.User, door)
			}
		}
		conn.Cut()
	}
	if conn, code, _ := b.come("TCP", b.plain, mqtt.Connect{Version: mqtt.V5, ClientID: d.ID, User: login.Username, Password: login.Password}); conn == nil {
		t.Errorf("its password, without a certificate: %#x", code)
	}
	prove.Record(t, "bad certificates of devices are refused, over TCP and WebSocket", "0 accepted",
		fmt.Sprintf("%d accepted in %d tries of %d certificates", accepted, tried, len(bad)*len(badgeDoors)))
}

func tls12(c *tls.Config) *tls.Config {
	c.MaxVersion = tls.VersionTLS12
	return c
}

func TestACertificateThatIsRevokedOrRefusedEndsItsConnectionAndNoOther(t *testing.T) {
	t.Parallel()
	b := runBadged(t)
	type line struct {
		id   string
		cert tls.Certificate
		conn *mqtt.Conn
	}
	var lines []line
	const each = 3 // for each door
	for _, door := range badgeDoors {
		for range each {
			d, _ := b.enrol("gate")
			b.admit(d.ID, true)
			cert := b.ours.issue(t, d.ID, nil)
			conn, code, err := b.come(door, b.showing(cert), mqtt.Connect{Version: mqtt.V5, ClientID: d.ID, KeepAlive: 30})
			if conn == nil {
				t.Fatalf("%#x, %v", code, err)
			}
			lines = append(lines, line{d.ID, cert, conn})
		}
	}
	ends := func(l line, began time.Time) time.Duration {
		t.Helper()
		if p, err := afterMessages(l.conn); err != nil && !errors.Is(err, io.EOF) || err == nil && (p.Type != mqtt.DISCONNECT || p.Code != 0x98) {
			t.Errorf("ended with %v, %v", p, err)
		}
		return time.Since(began)
	}
	began := time.Now()
	b.ours.revoke(t, b.crl, lines[0].cert.Leaf, lines[each].cert.Leaf)
	slowest := max(ends(lines[0], began), ends(lines[each], began))
	for _, i := range []int{1, each + 1} {
		began = time.Now()
		b.must(http.MethodDelete, "/devices/"+lines[i].id+"/credential/certificate", nil, 204, nil)
		slowest = max(slowest, ends(lines[i], began))
	}
	dropped := 0
	for _, i := range []int{2, each + 2} {
		if err := lines[i].conn.Answers(); err != nil {
			dropped++
			t.Errorf("a good connection was dropped: %v", err)
		}
	}
	again := 0
	for _, i := range []int{0, 1, each, each + 1} {
		for _, door := range badgeDoors {
			if conn, _, _ := b.come(door, b.showing(lines[i].cert), mqtt.Connect{Version: mqtt.V5, ClientID: lines[i].id}); conn != nil {
				again++
				t.Errorf("%d comes again over %s", i, door)
			}
		}
	}
	// The authority is exchanged for another: those whom it signed go with it.
	next := newAuthority(t)
	next.revoke(t, b.crl)
	began = time.Now()
	write(t, b.ours.file, pemText(next.cert))
	slowest = max(slowest, ends(lines[2], began), ends(lines[each+2], began))
	prove.Record(t, "sessions of a certificate that is revoked, refused, or of an authority that was taken away", "0 alive after 5 s, 0 good ones dropped",
		fmt.Sprintf("6 ended within %s, %d good ones dropped, %d let in again", slowest.Round(10*time.Millisecond), dropped, again))
	if prove.Full() && slowest > 5*time.Second {
		t.Errorf("the slowest ended after %s, want 5 s", slowest)
	}
}

func TestADeviceOfACertificateAloneIsShownWithWhatItShowed(t *testing.T) {
	t.Parallel()
	b := runBadged(t)
	d, _ := b.enrol("gate")
	b.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, 204, nil)
	made := b.admit(d.ID, false)
	if made.Password != "" || made.CommandKey == "" {
		t.Fatalf("made %+v: want a command key alone", made)
	}
	cert := b.ours.issue(t, d.ID, nil)
	if conn, code, err := b.come("WebSocket", b.showing(cert), mqtt.Connect{Version: mqtt.V5, ClientID: d.ID}); conn == nil {
		t.Fatalf("%#x, %v", code, err)
	}
	eventually(t, "the gate is online", func() bool { return b.device(d.ID).Link.Status == "online" })
	var seen struct {
		Credential struct {
			Password, Certificate, Authorities bool
			LastUsed                           *time.Time
			Shown                              *struct {
				Fingerprint string
				Until       time.Time
			}
		}
	}
	b.get("/devices/"+d.ID, &seen)
	c := seen.Credential
	if c.Password || !c.Certificate || !c.Authorities || c.LastUsed == nil || c.Shown == nil ||
		c.Shown.Fingerprint != certs.Fingerprint(cert.Leaf) || !c.Shown.Until.Equal(cert.Leaf.NotAfter) {
		t.Errorf("shown %+v", c)
	}
}

func TestABrowserThatHoldsACertificateStillUsesItsTicket(t *testing.T) {
	t.Parallel()
	b := runBadged(t)
	d, _ := b.enrol("gate")
	b.admit(d.ID, false)
	var ticket struct{ ClientID, Username, Password string }
	b.must(http.MethodPost, "/live/ticket", nil, 200, &ticket)
	if conn, code, err := b.come("WebSocket", b.showing(b.ours.issue(t, d.ID, nil)), mqtt.Connect{
		Version: mqtt.V5, ClientID: ticket.ClientID, User: ticket.Username, Password: ticket.Password,
	}); conn == nil {
		t.Errorf("%#x, %v", code, err)
	}
}

func TestAuthoritiesOfDevicesThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	certFile, keyFile, _ := certificate(t)
	secure := func(ca, crl string) configs.Server {
		return config(t, t.TempDir(), func(c *configs.Server) {
			c.MQTT.TLS = configs.MQTTTLS{Listen: "127.0.0.1:0", Cert: certFile, Key: keyFile}
			c.MQTT.DeviceCA, c.MQTT.DeviceCRL = ca, crl
		})
	}
	refusedWith(t, secure("/nowhere/ca.pem", ""), "/nowhere/ca.pem")
	refusedWith(t, secure(keyFile, ""), keyFile, "CERTIFICATE")
	refusedWith(t, secure(newAuthority(t).file, certFile), certFile, "X509 CRL")
}
