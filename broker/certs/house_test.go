package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/prove/mqtt"
)

const patience = 20 * time.Second

// book keeps what was logged.
type book struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *book) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *book) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), s)
}

func (l *book) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// named lets clients in under the name in their certificates.
type named struct{ k *Keeper }

func (a named) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	c, err := a.k.Client(r.TLS)
	if err != nil {
		return nil, &broker.Refusal{Reason: packet.NotAuthorized, Detail: err.Error()}
	}
	return grant{c}, nil
}

type grant struct{ *Client }

func (g grant) Identity() string       { return g.Name }
func (grant) Sessions() int            { return 0 }
func (grant) MayPublish(string) bool   { return true }
func (grant) MaySubscribe(string) bool { return true }

// house is a broker behind TLS and secure WebSocket.
type house struct {
	t        *testing.T
	b        *broker.Broker
	k        *Keeper
	tcp, web string // addresses
	log      *book
	trust    *x509.CertPool // of the clients
}

func newHouse(t *testing.T, f *folder, server *authority) *house {
	t.Helper()
	h := &house{t: t, log: &book{}, trust: x509.NewCertPool()}
	h.trust.AddCert(server.cert)
	h.k = f.open(h.log)
	h.k.every = 20 * time.Millisecond
	var err error
	if h.b, err = broker.New(t.Context(), broker.Options{Authorizer: named{h.k}, Log: h.log.logger()}); err != nil {
		t.Fatal(err)
	}
	h.k.OnChange(h.b.RecheckAll)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := h.b.Close(); err != nil {
			t.Error(err)
		}
	})
	running.Go(func() { _ = h.k.Run(ctx) })
	tcp := h.listen()
	h.tcp = tcp.Addr().String()
	running.Go(func() { _ = h.b.Serve(ctx, tcp) })
	web := h.listen()
	h.web = web.Addr().String()
	s := &http.Server{Handler: h.b.WebSocket(), ReadHeaderTimeout: patience, ErrorLog: slog.NewLogLogger(h.log.logger().Handler(), slog.LevelInfo)}
	running.Go(func() { _ = s.Serve(web) })
	running.Go(func() {
		<-ctx.Done()
		_ = s.Close()
	})
	return h
}

func (h *house) listen() net.Listener {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	return tls.NewListener(l, h.k.Config())
}

// config is that of a client that shows its certificate whether or not it is asked
// for such a one.
func (h *house) config(certs ...tls.Certificate) *tls.Config {
	c := &tls.Config{RootCAs: h.trust, MinVersion: tls.VersionTLS10}
	if len(certs) > 0 {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certs[0], nil }
	}
	return c
}

// way opens a connection to the broker.
type way func(h *house, c *tls.Config) (net.Conn, error)

func overTCP(h *house, c *tls.Config) (net.Conn, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: patience}, Config: c}
	return d.DialContext(h.t.Context(), "tcp", h.tcp)
}

func overWebSocket(h *house, c *tls.Config) (net.Conn, error) {
	return mqtt.WebSocket(h.t.Context(), "wss://"+h.web, c, patience)
}

// greet connects and gives the answer, or why there was none.
func (h *house) greet(open way, v packet.Version, id string, c *tls.Config) (net.Conn, packet.ReasonCode, error) {
	nc, err := open(h, c)
	if err != nil {
		return nil, 0, err
	}
	h.t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience)) // of a connection that has just begun
	p := packet.Connect{Version: v, ClientID: id, CleanStart: true}
	if _, err := nc.Write(p.Append(nil)); err != nil {
		return nil, 0, err
	}
	r, err := connack(nc, v)
	return nc, r, err
}

func connack(nc net.Conn, v packet.Version) (packet.ReasonCode, error) {
	var head [2]byte
	if _, err := io.ReadFull(nc, head[:]); err != nil {
		return 0, err
	}
	body := make([]byte, head[1])
	if _, err := io.ReadFull(nc, body); err != nil {
		return 0, err
	}
	var a packet.Connack
	err := a.Decode(v, packet.Header{Type: packet.CONNACK, Length: len(body)}, body)
	return a.Reason, err
}

// let connects and must be let in.
func (h *house) let(open way, id string, c *tls.Config) net.Conn {
	h.t.Helper()
	nc, r, err := h.greet(open, packet.V5, id, c)
	if err != nil || r != packet.Success {
		h.t.Fatalf("%s was answered %v, %v: %s", id, r, err, h.log.b.String())
	}
	return nc
}

// alive checks that a connection still answers.
func alive(nc net.Conn) error {
	if _, err := nc.Write(packet.AppendPingreq(nil)); err != nil {
		return err
	}
	var p [2]byte
	if _, err := io.ReadFull(nc, p[:]); err != nil {
		return err
	}
	if packet.Type(p[0]>>4) != packet.PINGRESP {
		return errors.New("something else than PINGRESP came")
	}
	return nil
}
