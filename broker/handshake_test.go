package broker

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// pipes is a listener of connections without sockets.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{made: make(chan net.Conn), closed: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-l.made:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// dial waits until the other end is accepted.
func (l *pipes) dial() net.Conn {
	server, client := net.Pipe()
	l.made <- server
	return client
}

// serverTLS is a configuration with a certificate that nobody has to trust.
func serverTLS(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

func TestHalfOpenHandshakesAreClosedInTimeAndKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		h := newHouse(t, nil)
		l := newPipes()
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- h.b.Serve(ctx, tls.NewListener(l, serverTLS(t))) }()
		defer func() {
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
		}()
		begin := time.Now()
		var half []net.Conn
		for i := range many {
			nc := l.dial()
			if i%2 == 1 { // silent, or in the middle of a ClientHello
				if _, err := nc.Write([]byte{22, 3, 1, 1, 0, 1, 0}); err != nil {
					t.Fatal(err)
				}
			}
			half = append(half, nc)
		}
		good := wire(t, tls.Client(l.dial(), &tls.Config{InsecureSkipVerify: true}), packet.V5)
		good.mustGreet("good")
		if d := time.Since(begin); d != 0 {
			t.Errorf("the good client waited %v", d)
		}
		for _, nc := range half {
			if _, err := nc.Read(make([]byte, 1)); err == nil {
				t.Fatal("something was answered")
			}
		}
		closed := time.Since(begin)
		if closed != 10*time.Second {
			t.Errorf("closed after %v", closed)
		}
		good.silent()
		if n := h.b.Stats().Refused["no CONNECT in time"]; n != many {
			t.Errorf("counted %d", n)
		}
		if n := h.b.Connections(); n != 1 {
			t.Errorf("%d connections are open", n)
		}
		prove.Record(t, "half-open TLS handshakes are closed, and keep nobody waiting", "1,000 closed at 10 s",
			fmt.Sprintf("%d closed at %v", many, closed))
	})
}

func TestHandshakeAndConnectHaveOneTimeTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		server, client := net.Pipe()
		go h.b.serveConn(tls.Server(server, serverTLS(t)), h.b.front)
		begin := time.Now()
		<-time.After(7 * time.Second)
		c := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
		if err := c.Handshake(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("something was answered")
		}
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("closed after %v", d)
		}
		_ = c.Close()
	})
}

func TestBrokerThatStopsDoesNotWaitForAHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		server, client := net.Pipe()
		defer client.Close()
		go h.b.serveConn(tls.Server(server, serverTLS(t)), h.b.front)
		synctest.Wait()
		begin := time.Now()
		h.close()
		if d := time.Since(begin); d > goodbyeGrace {
			t.Errorf("it took %v", d)
		}
	})
}
