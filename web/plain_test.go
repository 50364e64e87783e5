package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// encrypted makes a request one that came by TLS.
func encrypted(r *http.Request) { r.TLS = &tls.ConnectionState{} }

// from is where a request comes from, and what it was sent to.
func from(peer, host string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr, r.Host = peer, host }
}

func TestPlainHTTPIsRefusedBeyondThisMachine(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Proxies = proxies("192.0.2.7/32", "127.0.0.1/32") })
	forwarded := header("X-Forwarded-For", "198.51.100.1")
	https, plain := header("X-Forwarded-Proto", "https"), header("X-Forwarded-Proto", "http")
	for _, c := range []struct {
		name   string
		peer   string
		host   string
		header []func(*http.Request)
		refuse bool
	}{
		{"past the proxy", "203.0.113.5:1", "gate.example", nil, true},
		{"past the proxy, who lies", "203.0.113.5:1", "gate.example", []func(*http.Request){https}, true},
		{"past the proxy by TLS", "203.0.113.5:1", "gate.example", []func(*http.Request){encrypted}, false},
		{"by the proxy with HTTPS", "192.0.2.7:1", "gate.example", []func(*http.Request){forwarded, https}, false},
		{"by the proxy without", "192.0.2.7:1", "gate.example", []func(*http.Request){forwarded, plain}, true},
		{"by a proxy that says nothing of it", "192.0.2.7:1", "gate.example", []func(*http.Request){forwarded}, true},
		{"by a proxy here that says nothing at all", "127.0.0.1:1", "gate.example", nil, true},
		{"by a proxy here", "127.0.0.1:1", "gate.example", []func(*http.Request){forwarded, https}, false},
		{"on this machine", "127.0.0.1:1", "localhost:8080", nil, false},
		{"on this machine by IPv6", "[::1]:1", "[::1]:8080", nil, false},
		{"on this machine, port 80", "127.0.0.1:1", "LOCALHOST", nil, false},
	} {
		for _, path := range []string{"/", "/api/v1/session", "/mqtt", "/assets/nothing.js"} {
			a := h.do("GET", path, "", append(c.header, from(c.peer, c.host), header("Accept", "text/html"))...)
			if refused := a.status == http.StatusUpgradeRequired && strings.HasPrefix(a.header.Get("Upgrade"), "TLS/"); refused != c.refuse {
				t.Errorf("%s: %s: %d, refused %v", c.name, path, a.status, refused)
			}
			if c.refuse && (a.header.Get("Location") != "" || a.header.Get("Set-Cookie") != "" || a.header.Get("Content-Security-Policy") == "") {
				t.Errorf("%s: %s: %v", c.name, path, a.header)
			}
		}
		h.do("GET", "/livez", "", append(c.header, from(c.peer, c.host))...).wants(200)
	}
	stranger := from("203.0.113.5:1", "gate.example")
	if a := h.do("GET", "/", "", stranger, header("Accept", "text/html")); !strings.Contains(a.body, "https://") || !strings.Contains(a.body, "请使用 HTTPS") {
		t.Errorf("the page says %s", a.body)
	}
	h.do("POST", "/api/v1/session", `{"name":"a","password":"b"}`, stranger).problem(http.StatusUpgradeRequired, "forbidden")
	if h.people.name != "" {
		t.Error("a password was taken by plain HTTP")
	}
}

func TestWhoSpeaksHTTPToThePortOfHTTPSIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		l := TellPlain(p)
		ours := make(chan net.Conn, 1)
		go func() { ours <- p.dial() }()
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			ended <- tls.Server(server, &tls.Config{MinVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
			_ = server.Close()
		}()
		client := <-ours
		go func() { _, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: gate.example\r\n") }()
		answer, err := io.ReadAll(client)
		got := string(answer)
		if err != nil || !strings.HasPrefix(got, "HTTP/1.1 426 Upgrade Required\r\n") || !strings.Contains(got, "Content-Security-Policy: default-src 'none'") ||
			strings.Contains(got, "Location:") || !strings.HasSuffix(got, string(plainPage)) {
			t.Errorf("answer %q, %v", got, err)
		}
		if err := <-ended; !errors.Is(err, errPlain) {
			t.Errorf("the handshake ended with %v", err)
		}
	})
}

func TestTLSPassesThroughUntouched(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	c := &plainConn{Conn: theirs}
	said := []byte{22, 3, 1, 0, 5, 'G', 'E', 'T', ' ', '/'}
	go func() {
		_, _ = ours.Write(said[:1])
		_, _ = ours.Write([]byte("GET /"))
		_ = ours.Close()
	}()
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || string(got) != "\x16GET /" {
		t.Errorf("read %q, %v", got, err)
	}
}
