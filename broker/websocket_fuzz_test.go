package broker

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// desk is a ResponseWriter whose connection can be taken over, as that of an HTTP
// server.
type desk struct {
	head  http.Header
	code  int
	early []byte
	conn  *drawer
}

// drawer is a connection that keeps what is written.
type drawer struct {
	net.Conn
	said bytes.Buffer
}

func (d *drawer) Read([]byte) (int, error)         { return 0, io.EOF }
func (d *drawer) Write(p []byte) (int, error)      { return d.said.Write(p) }
func (d *drawer) Close() error                     { return nil }
func (d *drawer) SetDeadline(time.Time) error      { return nil }
func (d *drawer) SetWriteDeadline(time.Time) error { return nil }
func (d *drawer) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

func (d *desk) Header() http.Header         { return d.head }
func (d *desk) WriteHeader(code int)        { d.code = code }
func (d *desk) Write(p []byte) (int, error) { return len(p), nil }

func (d *desk) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r := bufio.NewReader(bytes.NewReader(d.early))
	if len(d.early) > 0 {
		_, _ = r.Peek(1) // an HTTP server has read ahead
	}
	return d.conn, bufio.NewReadWriter(r, bufio.NewWriter(d.conn)), nil
}

// FuzzWebSocketUpgrade: any request is answered, and one that becomes a WebSocket
// is one that may: by a GET that offers mqtt, from no page, from one of the same
// host, or from one that is listed.
func FuzzWebSocketUpgrade(f *testing.F) {
	const listed = "https://booth.example:8443"
	key := "dGhlIHNhbXBsZSBub25jZQ=="
	for _, origin := range []string{"", "http://gate.example", "https://gate.example", "null", listed, "https://gate.example.evil", "http://gate.example:81", "\x00", "https://user@gate.example"} {
		f.Add("GET", "gate.example", origin, "mqtt", "websocket", "Upgrade", key, "13", []byte{})
	}
	f.Add("GET", "gate.example", "", "a, mqtt;x,mqtt", "WebSocket", "keep-alive, Upgrade", key, "13", []byte{0x82, 0x80, 1, 2, 3, 4})
	f.Add("POST", "", "", "MQTT", "", "", "", "8", []byte("x"))
	f.Fuzz(func(t *testing.T, method, host, origin, protocol, upgrade, connection, key, version string, early []byte) {
		r := &http.Request{Method: method, Host: host, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, URL: &url.URL{Path: "/mqtt"}}
		for name, value := range map[string]string{
			"Origin": origin, "Sec-Websocket-Protocol": protocol, "Upgrade": upgrade, "Connection": connection,
			"Sec-Websocket-Key": key, "Sec-Websocket-Version": version,
		} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := &desk{head: http.Header{}, early: early[:min(len(early), 1000)], conn: &drawer{}}
		served, refused := 0, 0
		handler := webSocketHandler([]string{listed}, func(counter) { refused++ }, func(nc net.Conn) {
			served++
			got := make([]byte, len(w.early)+1)
			if n, _ := nc.(*webSocketConn).readRaw(got); !bytes.Equal(got[:n], w.early) {
				t.Errorf("what came with the request is read as % x", got[:n])
			}
		})
		handler.ServeHTTP(w, r)
		upgraded := strings.HasPrefix(w.conn.said.String(), "HTTP/1.1 101 ")
		if upgraded != (served == 1) || served+refused != 1 {
			t.Fatalf("101 %v, served %d, refused %d: %q", upgraded, served, refused, w.conn.said.String())
		}
		if !upgraded {
			return
		}
		from, _ := url.Parse(origin)
		foreign := origin != "" && !strings.EqualFold(origin, listed) && (from == nil || !strings.EqualFold(from.Host, host))
		if method != http.MethodGet || version != "13" || !strings.Contains(protocol, "mqtt") || foreign {
			t.Fatalf("%q from %q at %q, protocol %q, version %q became a WebSocket", method, origin, host, protocol, version)
		}
		if answer := w.conn.said.String(); strings.Count(answer, "\r\n\r\n") != 1 || !strings.Contains(answer, "Sec-WebSocket-Protocol: mqtt\r\n") {
			t.Fatalf("answered with %q", answer)
		}
	})
}
