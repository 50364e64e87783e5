package edge

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// anyMQTTS lets the system choose the port of MQTT over TLS.
const anyMQTTS = "GATEHOUSE_MQTT_TLS_LISTEN=127.0.0.1:0"

// secured starts a server with TLS, on a certificate of its own making unless files
// are given.
func secured(t *testing.T, env ...string) *served.Server {
	t.Helper()
	if len(env) == 0 {
		env = []string{"GATEHOUSE_TLS_SELF_SIGNED=true"}
	}
	return served.Start(t, served.Command{Args: arguments(release(t), t.TempDir()), Env: append(env, anyMQTTS)})
}

// unverified is a client that takes any certificate: the suites compare what they see.
func unverified(change func(*tls.Config)) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	if change != nil {
		change(c)
	}
	return c
}

// doors are the listeners of TLS.
func doors(s *served.Server) map[string]string {
	return map[string]string{"HTTPS": httpAddress(s), "MQTTS": s.Told["mqtts"]}
}

func TestOldTLSAndWeakSuitesAreRefusedAtEveryDoor(t *testing.T) {
	t.Parallel()
	s := secured(t)
	accepted, tried := 0, 0
	old := func(version uint16, suites ...uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MaxVersion, c.CipherSuites = version, suites }
	}
	var weak []uint16
	for _, suite := range tls.InsecureCipherSuites() {
		weak = append(weak, suite.ID)
	}
	for name, address := range doors(s) {
		for what, change := range map[string]func(*tls.Config){
			"TLS 1.0": old(tls.VersionTLS10), "TLS 1.1": old(tls.VersionTLS11), "weak suites": old(tls.VersionTLS12, weak...),
			"CBC":                     old(tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA),
			"without forward secrecy": old(tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384),
		} {
			tried++
			if c, err := tls.Dial("tcp", address, unverified(change)); err == nil {
				_ = c.Close()
				accepted++
				t.Errorf("%s: %s is accepted", name, what)
			}
		}
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			c, err := tls.Dial("tcp", address, unverified(old(version)))
			if err != nil {
				t.Errorf("%s: TLS %x: %v", name, version, err)
				continue
			}
			_ = c.Close()
		}
		tried++
		if renegotiates(t, address) {
			accepted++
			t.Errorf("%s: the handshake is done a second time", name)
		}
	}
	prove.Record(t, "old versions, weak suites and renegotiation are refused by HTTPS and MQTTS", "0 accepted", of(accepted, tried)+" accepted")
}

// renegotiates asks another program to do a second handshake on a connection: Go's own
// client does not.
func renegotiates(t *testing.T, address string) bool {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is needed to ask for a second handshake")
	}
	ctx, cancel := context.WithTimeout(t.Context(), served.Patience)
	defer cancel()
	c := exec.CommandContext(ctx, path, "s_client", "-connect", address, "-tls1_2")
	c.Stdin = strings.NewReader("R\nquit\n")
	out, err := c.CombinedOutput()
	text := string(out)
	if !strings.Contains(text, "RENEGOTIATING") {
		t.Errorf("openssl did not ask: %s", text)
	}
	return err == nil && !strings.Contains(text, "no renegotiation") && !strings.Contains(text, "error:")
}

func TestHandshakesThatAreNotDoneAreCut(t *testing.T) {
	t.Parallel()
	s := secured(t)
	n := prove.Size(50, 1000)
	hello := firstBytes(t)
	var crowd sync.WaitGroup
	took := make(chan time.Duration, 2*n)
	for _, address := range doors(s) {
		for i := range n {
			crowd.Go(func() { took <- halfOpen(t, address, hello[:[]int{0, 1, 5, len(hello) / 2}[i%4]]) })
		}
	}
	crowd.Wait()
	close(took)
	var longest time.Duration
	for d := range took {
		longest = max(longest, d)
	}
	if prove.Full() && longest > 11*time.Second {
		t.Errorf("closed after %s", longest)
	}
	// The broker hears nobody for a while from where so many came: somebody else is let in.
	elsewhere := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: served.Patience}
	for name, address := range doors(s) {
		if c, err := tls.DialWithDialer(elsewhere, "tcp", address, unverified(nil)); err != nil {
			t.Errorf("%s afterwards: %v", name, err)
		} else {
			_ = c.Close()
		}
	}
	prove.Record(t, "handshakes that are not done are cut", "all closed after 10 s (+1)", fmt.Sprintf("%d at each of HTTPS and MQTTS, the last closed after %s", n, short(longest)))
}

// halfOpen says the beginning of a handshake, and gives after how long it was cut.
func halfOpen(t *testing.T, address string, begin []byte) time.Duration {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Errorf("dial: %v", err)
		return 0
	}
	defer c.Close()
	began := time.Now()
	_ = c.SetDeadline(began.Add(served.Patience))
	if _, err := c.Write(begin); err != nil {
		t.Errorf("write: %v", err)
	}
	if _, err := io.Copy(io.Discard, c); err != nil && time.Since(began) >= served.Patience {
		t.Errorf("not cut: %v", err)
	}
	return time.Since(began)
}

// firstBytes are those that a client of TLS says first.
func firstBytes(t *testing.T) []byte {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		_ = tls.Client(ours, unverified(nil)).HandshakeContext(t.Context()) // nobody answers
	}()
	b := make([]byte, 16<<10)
	n, err := theirs.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	return b[:n]
}

// files are a certificate and its key that a test replaces.
type files struct {
	t         *testing.T
	cert, key string
}

func newFiles(t *testing.T) files {
	dir := t.TempDir()
	f := files{t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	f.replace()
	return f
}

// replace puts a new certificate there and gives its serial number.
func (f files) replace() string {
	f.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		f.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "gate.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		f.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.t.Fatal(err)
	}
	f.put(f.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	f.put(f.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return serial.String()
}

func (f files) put(path string, content []byte) {
	f.t.Helper()
	if err := os.WriteFile(path+".next", content, 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		f.t.Fatal(err)
	}
}

// env names the files to a server.
func (f files) env() []string {
	return []string{"GATEHOUSE_HTTP_TLS_CERT=" + f.cert, "GATEHOUSE_HTTP_TLS_KEY=" + f.key, "GATEHOUSE_MQTT_TLS_CERT=" + f.cert, "GATEHOUSE_MQTT_TLS_KEY=" + f.key, anyMQTTS}
}

// shown is the serial number of the certificate that a new handshake gets.
func shown(address string) string {
	c, err := tls.Dial("tcp", address, unverified(nil))
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// TestCertificatesAreReplacedWithoutDroppingAnybody sets the property up by plain HTTP,
// so that there are devices, and goes on with TLS on the same folder.
func TestCertificatesAreReplacedWithoutDroppingAnybody(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	gates := h.Devices(h.Zone(h.Site("East"), "Garage"), "gate", prove.Size(5, 100))
	h.Stop()
	f := newFiles(t)
	s := served.Start(t, served.Command{Args: arguments(release(t), h.Dir()), Env: f.env()})
	var sessions []*mqtt.Conn
	for _, g := range gates {
		sessions = append(sessions, encryptedDevice(t, s, g))
	}
	transport := &http.Transport{TLSClientConfig: unverified(nil), MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	browser := &http.Client{Transport: transport, Timeout: served.Patience}
	look := func() string {
		res, err := browser.Get("https://" + httpAddress(s) + "/livez")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	first := look()

	next := f.replace()
	began := time.Now()
	for name, address := range doors(s) {
		prove.Eventually(t, name+" shows the new certificate", func() bool { return shown(address) == next })
	}
	took := time.Since(began)
	for _, spoil := range []struct {
		what string
		do   func()
	}{
		{"cannot be used", func() { f.put(f.key, []byte("nonsense")) }},
		{"chmod o= ", func() {
			f.put(f.cert, []byte("other nonsense"))
			if err := os.Chmod(f.key, 0o644); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		spoil.do()
		prove.Eventually(t, "the log says that the files "+spoil.what, func() bool { return strings.Contains(s.Stderr.String(), spoil.what) })
		for name, address := range doors(s) {
			if got := shown(address); got != next {
				t.Errorf("%s shows %s once the files %s", name, got, spoil.what)
			}
		}
	}
	dropped := 0
	for _, c := range sessions {
		if err := c.Answers(); err != nil {
			t.Log(err)
			dropped++
		}
	}
	if got := look(); dropped > 0 || got != first {
		t.Errorf("%d sessions were dropped; the browser's connection had %s, has %s", dropped, first, got)
	}
	if prove.Full() && took > 5*time.Second {
		t.Errorf("shown after %s", took)
	}
	prove.Record(t, "a replaced certificate and key count at once and drop nobody; bad ones change nothing", "shown within 5 s, 0 good sessions dropped",
		fmt.Sprintf("shown after %s, %s sessions dropped", short(took), of(dropped, len(sessions)+1)))
}

// encryptedDevice connects a device by MQTT over TLS.
func encryptedDevice(t *testing.T, s *served.Server, d property.Device) *mqtt.Conn {
	t.Helper()
	socket, err := tls.Dial("tcp", s.Told["mqtts"], unverified(nil))
	if err != nil {
		t.Fatal(err)
	}
	c, err := mqtt.Over(socket, mqtt.Options{
		Connect: mqtt.Connect{ClientID: d.ClientID, User: d.Username, Password: d.Password, Version: mqtt.V5, KeepAlive: 60}, Timeout: served.Patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(2 * served.Patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPlainHTTPOnThePortOfHTTPSIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	s := secured(t)
	if !strings.HasPrefix(s.Told["http"], "https://") || len(s.Told["fingerprint"]) != 95 {
		t.Errorf("ready with %v", s.Told)
	}
	status, header, body := ask(t, nobody(t), "GET", "http://"+httpAddress(s)+"/people", "")
	if status != http.StatusUpgradeRequired || !strings.Contains(body, "https://") || header.Get("Location") != "" || header.Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v %s", status, header, body)
	}
}
