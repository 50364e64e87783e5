package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// bobLine is the user bob with the password secret, as mosquitto_passwd wrote it.
const bobLine = "bob:$7$101$aK7fhuri7hBeDu2/$BPvZ0FdnZ8pk3VcGxcTKeK+cpixmHmrK8hGOL4/s2AIZi5vriB9FOz4fQc1wxxLJndrbWRMtlclOIcbDHuBEnw=="

// write puts lines into a file.
func write(t *testing.T, path string, lines ...string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// granted asks for a filter and gives the code of the answer. Nothing else may be
// on its way to the client.
func granted(t *testing.T, c *mqtt.Conn, filter string) byte {
	t.Helper()
	c.Subscribe(1, 0, filter)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	p, err := c.Read()
	if err != nil || p.Type != mqtt.SUBACK {
		t.Fatalf("SUBACK is expected for %s, not %s, %v", filter, p.Type, err)
	}
	return p.Codes[0]
}

func TestAChangedFileActsOnClientsThatAreConnected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	passwords, acl := filepath.Join(dir, "passwords"), filepath.Join(dir, "acl")
	write(t, passwords, bobLine)
	write(t, acl, "topic readwrite #", "user bob", "topic readwrite a/#")
	address, _ := runStandalone(t, "--anonymous", "--password-file", passwords, "--acl", acl)
	as := mqtt.Connect{Version: mqtt.V5, ClientID: "b", User: "bob", Password: "secret"}
	bob, nobody := visit(t, address, as), visit(t, address, mqtt.Connect{ClientID: "n"})
	if err := bob.SubscribeNow(1, 0, "a/b"); err != nil {
		t.Fatal(err)
	}
	if r := granted(t, bob, "b"); r != 0x87 {
		t.Errorf("a filter without the right: %#x", r)
	}

	write(t, acl, "topic readwrite #", "user bob", "topic readwrite b")
	eventually(t, "bob may read b", func() bool { return granted(t, bob, "b") == 0 })
	for _, m := range []string{"a/b", "b"} {
		nobody.Publish(mqtt.Publish{Topic: []byte(m)})
	}
	if err := nobody.Flush(); err != nil {
		t.Fatal(err)
	}
	if p, err := bob.Expect(mqtt.PUBLISH); err != nil || string(p.Publish.Topic) != "b" {
		t.Errorf("bob is given %q after he lost it: %v", p.Publish.Topic, err)
	}

	write(t, passwords, strings.Replace(bobLine, "bob:", "robert:", 1))
	if p, err := bob.Read(); err != nil || p.Type != mqtt.DISCONNECT || p.Code != 0x98 {
		t.Errorf("a user that is gone: %v, %v", p, err)
	}
	if code := refusal(t, address, as); code != 0x86 {
		t.Errorf("a user that is gone comes again: %#x", code)
	}
	if r := granted(t, nobody, "x"); r != 0 {
		t.Errorf("somebody whom it does not concern: %#x", r)
	}
}

func TestSIGHUPReadsTheFilesAndABrokenOneChangesNothing(t *testing.T) {
	t.Parallel()
	path, err := serverBinary()
	if err != nil {
		t.Fatal(err)
	}
	acl := filepath.Join(t.TempDir(), "acl")
	write(t, acl, "topic read a")
	s := served.Start(t, served.Command{Args: []string{path, "broker", "--tcp", "127.0.0.1:0", "--anonymous", "--acl", acl}})
	c := visit(t, s.Addr, mqtt.Connect{ClientID: "c"})
	write(t, acl, "topic read b", "topic red c")
	if err := s.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the broken line is said", func() bool { return strings.Contains(s.Stderr.String(), acl+":2: ") })
	if granted(t, c, "a") != 0 || granted(t, c, "b") != 0x80 {
		t.Error("something of a broken file counts")
	}
	write(t, acl, "topic read b")
	if err := s.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mended file counts", func() bool { return granted(t, c, "b") == 0 })
	if code := s.Terminate(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// authority signs certificates of clients.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{file: filepath.Join(t.TempDir(), "authority.pem")}
	a.cert, a.key = a.sign(t, "authority")
	write(t, a.file, pemText(a.cert))
	return a
}

func pemText(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func (a *authority) sign(t *testing.T, name string) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		IsCA: a.cert == nil, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// revoke writes the list of what the authority has revoked.
func (a *authority) revoke(t *testing.T, path string, certs ...*x509.Certificate) {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(time.Now().UnixNano()), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
	for _, c := range certs {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})))
}

// files gives a client's certificate and key as files.
func (a *authority) files(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	cert, key := a.sign(t, name)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "client.pem"), filepath.Join(t.TempDir(), "client.key")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return certFile, keyFile
}

// config is that of a client with this name in its certificate.
func (a *authority) config(t *testing.T, trust *x509.CertPool, name string) *tls.Config {
	t.Helper()
	cert, key := a.sign(t, name)
	return &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
}

// secureVisit connects over TLS.
func secureVisit(t *testing.T, address string, config *tls.Config, c mqtt.Connect) (mqtt.Packet, *mqtt.Conn, error) {
	t.Helper()
	nc, err := tls.Dial("tcp", address, config)
	if err != nil {
		return mqtt.Packet{}, nil, err
	}
	t.Cleanup(func() { _ = nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	conn := mqtt.NewConn(nc, c.Version, 0)
	conn.Raw(mqtt.AppendConnect(nil, c))
	if err := conn.Flush(); err != nil {
		return mqtt.Packet{}, nil, err
	}
	p, err := conn.Read()
	return p, conn, err
}

func TestWithClientAuthoritiesTheCertificateIsTheUser(t *testing.T) {
	t.Parallel()
	cert, key, trust := certificate(t)
	ours, others := newAuthority(t), newAuthority(t)
	acl := filepath.Join(t.TempDir(), "acl")
	write(t, acl, "user gate-1", "topic readwrite gates/1", "pattern read to/%u")
	revoked := filepath.Join(t.TempDir(), "revoked")
	ours.revoke(t, revoked)
	a := runAlone(t, "--tcp", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--cert", cert, "--key", key, "--client-ca", ours.file, "--crl", revoked, "--acl", acl)
	secure, gate1 := a.told["mqtts"][0], ours.config(t, trust, "gate-1")
	p, c, err := secureVisit(t, secure, gate1, mqtt.Connect{Version: mqtt.V5, ClientID: "c", User: "root", Password: "x"})
	if err != nil || p.Type != mqtt.CONNACK || p.Code != 0 {
		t.Fatal(p, err)
	}
	for filter, want := range map[string]byte{"gates/1": 0, "to/gate-1": 0, "gates/2": 0x87, "to/root": 0x87, "#": 0x87} {
		if r := granted(t, c, filter); r != want {
			t.Errorf("%s: %#x, want %#x", filter, r, want)
		}
	}
	if p, _, err := secureVisit(t, secure, ours.config(t, trust, "a/+"), mqtt.Connect{Version: mqtt.V5, ClientID: "d"}); err == nil && p.Code < 0x80 {
		t.Errorf("a name that no user can have is let in: %v", p)
	}
	if p, _, err := secureVisit(t, secure, ours.config(t, trust, "gate-2"), mqtt.Connect{Version: mqtt.V5, ClientID: "c"}); err != nil || p.Code != 0x85 {
		t.Errorf("the session of gate-1 for gate-2: %v, %v", p, err)
	}
	for name, config := range map[string]*tls.Config{
		"no certificate":    {RootCAs: trust, MinVersion: tls.VersionTLS12},
		"another authority": others.config(t, trust, "gate-1"),
	} {
		if p, _, err := secureVisit(t, secure, config, mqtt.Connect{Version: mqtt.V5, ClientID: "e"}); err == nil {
			t.Errorf("%s: let in: %v", name, p)
		}
	}
	if code := refusal(t, a.told["mqtt"][0], mqtt.Connect{Version: mqtt.V5, ClientID: "f", User: "gate-1", Password: "x"}); code != 0x86 {
		t.Errorf("without a certificate there is no user: %#x", code)
	}
	leaf, err := x509.ParseCertificate(gate1.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	ours.revoke(t, revoked, leaf)
	if p, err := c.Read(); err != nil || p.Type != mqtt.DISCONNECT || p.Code != 0x98 {
		t.Errorf("a certificate that is revoked: %v, %v", p, err)
	}
}

func TestWebSocketIsForItsPathsAndOrigins(t *testing.T) {
	t.Parallel()
	a := runAlone(t, "--tcp", "", "--anonymous", "--ws", "127.0.0.1:0", "--ws-origin", "https://booth.example")
	at := "http://" + a.told["ws"][0]
	for _, tt := range []struct {
		path, origin, protocol string
		status                 int
	}{
		{"/", "", "mqtt", 101}, {"/mqtt", "", "mqtt", 101}, {"/other", "", "mqtt", 404},
		{"/mqtt", "https://booth.example", "mqtt", 101}, {"/mqtt", at, "mqtt", 101},
		{"/mqtt", "https://evil.example", "mqtt", 403}, {"/mqtt", "null", "mqtt", 403},
		{"/mqtt", "", "chat", 400},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
			"Sec-WebSocket-Protocol": tt.protocol, "Origin": tt.origin,
		} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != tt.status {
			t.Errorf("%s of %q by %q: status %d, want %d", tt.path, tt.origin, tt.protocol, answer.StatusCode, tt.status)
		}
	}
}

func TestSIGTERMUnderLoadOnEveryDoorEndsWithNothingLost(t *testing.T) {
	alone(t)
	path, err := serverBinary()
	if err != nil {
		t.Fatal(err)
	}
	cert, key, trust := certificate(t)
	dir := t.TempDir()
	args := []string{path, "broker", "--tcp", "127.0.0.1:0", "--anonymous", "--data", dir}
	s := served.Start(t, served.Command{Args: append(args, "--ws", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--cert", cert, "--key", key)})
	for _, door := range []string{"ws", "mqtts"} { // who says nothing, or half of a handshake
		nc, err := net.Dial("tcp", s.Told[door])
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
	}
	if _, _, err := secureVisit(t, s.Told["mqtts"], &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}, mqtt.Connect{ClientID: "quiet"}); err != nil {
		t.Fatal(err)
	}
	keeper := visit(t, s.Addr, mqtt.Connect{ClientID: "keeper", Persistent: true})
	if err := keeper.SubscribeNow(1, 1, "load/#"); err != nil {
		t.Fatal(err)
	}
	keeper.Cut()

	const senders = 8
	var acknowledged [senders]atomic.Int64
	var all sync.WaitGroup
	for k := range senders {
		c := visit(t, s.Addr, mqtt.Connect{ClientID: fmt.Sprint("sender-", k)})
		all.Go(func() { load(c, k, &acknowledged[k]) })
	}
	eventually(t, "load", func() bool {
		for k := range acknowledged {
			if acknowledged[k].Load() < int64(prove.Size(200, 5000)) {
				return false
			}
		}
		return true
	})
	began := time.Now()
	code := s.Terminate(t)
	took := time.Since(began)
	all.Wait()
	if code != 0 {
		t.Errorf("exit code %d: %s", code, s.Stderr)
	}
	if prove.Full() && took > 5*time.Second {
		t.Errorf("SIGTERM took %s", took)
	}

	s = served.Start(t, served.Command{Args: args})
	keeper = visit(t, s.Addr, mqtt.Connect{ClientID: "keeper", Persistent: true})
	seen := receiveAll(t, keeper, &acknowledged)
	lost, total := 0, int64(0)
	for k := range acknowledged {
		n := acknowledged[k].Load()
		total += n
		for i := range n {
			if !seen[fmt.Sprint("load/", k, " ", i)] {
				lost++
			}
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged messages are lost", lost, total)
	}
	prove.Record(t, "SIGTERM under load on TCP, TLS and WebSocket", "exit 0 within 5 s, nothing lost", fmt.Sprintf("exit %d after %s, %d of %d lost", code, took.Round(time.Millisecond), lost, total))
}

// load publishes numbers at QoS 1, some at once, until the connection ends, and
// counts what was acknowledged.
func load(c *mqtt.Conn, k int, acknowledged *atomic.Int64) {
	const window = 50
	for next := int64(0); ; next += window {
		for i := next; i < next+window; i++ {
			c.Publish(mqtt.Publish{Topic: fmt.Append(nil, "load/", k), Payload: fmt.Append(nil, i), QoS: 1, ID: uint16(1 + i%60_000)})
		}
		if c.Flush() != nil {
			return
		}
		for range window {
			if _, err := c.Expect(mqtt.PUBACK); err != nil {
				return
			}
			acknowledged.Add(1)
		}
	}
}

// receiveAll reads and acknowledges until the last acknowledged message of each
// sender is there.
func receiveAll(t *testing.T, c *mqtt.Conn, acknowledged *[8]atomic.Int64) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	missing := func() bool {
		for k := range acknowledged {
			if !seen[fmt.Sprint("load/", k, " ", acknowledged[k].Load()-1)] {
				return true
			}
		}
		return false
	}
	for missing() {
		p, err := c.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(p.Publish.Topic)+" "+string(p.Publish.Payload)] = true
		c.Ack(mqtt.PUBACK, p.ID)
		if !c.Buffered() {
			if err := c.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return seen
}
