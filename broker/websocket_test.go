package broker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"pgregory.net/rapid"

	"gatehouse/broker/packet"
)

// pipe is a server's WebSocket and the client's raw end of it, with a deadline so
// that a broken test ends.
func pipe(t *testing.T) (*webSocketConn, net.Conn) {
	t.Helper()
	server, client := net.Pipe()
	t.Cleanup(func() { _, _ = server.Close(), client.Close() })
	if err := client.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return newWebSocketConn(server, nil, nil), client
}

// reading runs Read until its first error and gives everything it got.
func reading(c net.Conn) (data func() (string, error)) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		buf := make([]byte, 16)
		for r.err == nil {
			var n int
			n, r.err = c.Read(buf)
			r.data = append(r.data, buf[:n]...)
		}
		done <- r
	}()
	return func() (string, error) { r := <-done; return string(r.data), r.err }
}

func mustSend(t *testing.T, c net.Conn, frames ...[]byte) {
	t.Helper()
	if _, err := c.Write(bytes.Join(frames, nil)); err != nil {
		t.Fatal(err)
	}
}

// readFrame reads a whole frame of the server.
func readFrame(r io.Reader) (f ws.Frame, err error) {
	if f.Header, err = ws.ReadHeader(r); err != nil {
		return f, err
	}
	f.Payload = make([]byte, f.Header.Length)
	_, err = io.ReadFull(r, f.Payload)
	return f, err
}

func mustFrame(t *testing.T, r io.Reader, op ws.OpCode) []byte {
	t.Helper()
	f, err := readFrame(r)
	if err != nil {
		t.Fatal(err)
	}
	if f.Header.OpCode != op || !f.Header.Fin || f.Header.Masked {
		t.Fatalf("got header %+v, want opcode %x", f.Header, op)
	}
	return f.Payload
}

func TestTextFrameIsAnsweredWithClose1003(t *testing.T) { // MQTT-6.0.0-1
	t.Parallel()
	server, client := pipe(t)
	result := reading(server)
	mustSend(t, client, clientFrame(ws.OpBinary, true, []byte("a")), clientFrame(ws.OpText, true, []byte("b")))
	if code, _ := ws.ParseCloseFrameData(mustFrame(t, client, ws.OpClose)); code != ws.StatusUnsupportedData {
		t.Errorf("close code %d", code)
	}
	data, err := result()
	var e *packet.Error
	if data != "a" || !errors.As(err, &e) || e.Clause != "MQTT-6.0.0-1" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := server.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing behind a close frame: %v", err)
	}
}

func TestUnmaskedFrameIsAnsweredWithClose1002(t *testing.T) {
	t.Parallel()
	server, client := pipe(t)
	result := reading(server)
	mustSend(t, client, ws.MustCompileFrame(ws.NewBinaryFrame([]byte("x"))))
	if code, _ := ws.ParseCloseFrameData(mustFrame(t, client, ws.OpClose)); code != ws.StatusProtocolError {
		t.Errorf("close code %d", code)
	}
	if data, err := result(); data != "" || err == nil {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestCloseFrameIsAnsweredAndEndsTheStream(t *testing.T) {
	t.Parallel()
	for _, body := range [][]byte{nil, ws.NewCloseFrameBody(ws.StatusGoingAway, "bye")} {
		server, client := pipe(t)
		result := reading(server)
		mustSend(t, client, clientFrame(ws.OpClose, true, body))
		got := mustFrame(t, client, ws.OpClose)
		if want := body[:min(2, len(body))]; !bytes.Equal(got, want) {
			t.Errorf("answered % x, want % x", got, want)
		}
		if data, err := result(); data != "" || !errors.Is(err, io.EOF) {
			t.Errorf("got %q, %v", data, err)
		}
	}
}

func TestPingIsAnsweredAndTheLastOfAFloodIsEnough(t *testing.T) {
	t.Parallel()
	server, client := pipe(t)
	result := reading(server)
	mustSend(t, client, clientFrame(ws.OpPing, true, []byte("one")))
	if got := mustFrame(t, client, ws.OpPong); string(got) != "one" {
		t.Errorf("got %q", got)
	}
	mustSend(t, client, clientFrame(ws.OpPing, true, nil))
	if got := mustFrame(t, client, ws.OpPong); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	mustSend(t, client, clientFrame(ws.OpPong, true, []byte("unasked")), clientFrame(ws.OpBinary, true, []byte("data")))
	mustSend(t, client, clientFrame(ws.OpClose, true, nil))
	mustFrame(t, client, ws.OpClose)
	if data, _ := result(); data != "data" {
		t.Errorf("got %q", data)
	}
}

func TestReaderGoesOnWhileAWriteIsStuck(t *testing.T) {
	t.Parallel()
	server, client := pipe(t)
	written := make(chan error, 1)
	go func() { _, err := server.Write([]byte("to a client that does not read")); written <- err }()
	head := make([]byte, 1)
	if _, err := io.ReadFull(client, head); err != nil { // the write has begun and holds its lock
		t.Fatal(err)
	}
	result := reading(server)
	mustSend(t, client, clientFrame(ws.OpPing, true, []byte("p")), clientFrame(ws.OpBinary, true, []byte("data")))
	rest := io.MultiReader(bytes.NewReader(head), client)
	mustFrame(t, rest, ws.OpBinary)
	if got := mustFrame(t, client, ws.OpPong); string(got) != "p" {
		t.Errorf("got %q", got)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	mustSend(t, client, clientFrame(ws.OpClose, true, nil))
	mustFrame(t, client, ws.OpClose)
	if data, _ := result(); data != "data" {
		t.Errorf("got %q", data)
	}
}

func TestOneWriteIsOneBinaryFrame(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 125, 126, 65_535, 65_536, 1 << 20} {
		server, client := pipe(t)
		payload := bytes.Repeat([]byte("m"), size)
		go func() { _, _ = server.Write(payload) }()
		if got := mustFrame(t, client, ws.OpBinary); !bytes.Equal(got, payload) {
			t.Errorf("%d bytes came as %d", size, len(got))
		}
	}
}

// stutter is a connection that takes a few bytes and then runs into its deadline.
type stutter struct {
	net.Conn
	out    bytes.Buffer
	budget []int
}

func (s *stutter) Write(p []byte) (int, error) {
	if len(s.budget) == 0 {
		return s.out.Write(p)
	}
	n := min(s.budget[0], len(p))
	s.budget = s.budget[1:]
	s.out.Write(p[:n])
	if n < len(p) {
		return n, os.ErrDeadlineExceeded
	}
	return n, nil
}

func (s *stutter) SetWriteDeadline(time.Time) error { return nil }

func TestWriteThatHitsItsDeadlineGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		conn := &stutter{budget: rapid.SliceOfN(rapid.IntRange(0, 200), 0, 20).Draw(t, "budget")}
		c := newWebSocketConn(conn, nil, nil)
		var want []byte
		for range rapid.IntRange(1, 4).Draw(t, "writes") {
			p := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "bytes")
			want = append(want, p...)
			for len(p) > 0 {
				n, err := c.Write(p)
				if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) || err == nil && n < len(p) {
					t.Fatal(n, err)
				}
				if p = p[n:]; rapid.Bool().Draw(t, "ping") {
					c.out.pong([]byte("pong"))
				}
			}
		}
		var got []byte
		for conn.out.Len() > 0 {
			f, err := readFrame(&conn.out)
			if err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
					break // a pong whose end waits for the next write
				}
				t.Fatal(err)
			}
			switch f.Header.OpCode {
			case ws.OpBinary:
				got = append(got, f.Payload...)
			case ws.OpPong:
				if string(f.Payload) != "pong" {
					t.Fatalf("pong %q", f.Payload)
				}
			default:
				t.Fatalf("opcode %x", f.Header.OpCode)
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("got %d bytes, want %d", len(got), len(want))
		}
	})
}

// upgraded starts a server that echoes, and gives its address.
func upgraded(t *testing.T, origins ...string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(webSocketHandler(origins, func(counter) {}, func(c net.Conn) {
		defer func() { _ = c.Close() }()
		_, _ = io.Copy(c, struct{ io.Reader }{c})
	}))
	t.Cleanup(s.Close)
	return s
}

func TestHandshakeAnswersMqttAndNoExtension(t *testing.T) { // MQTT-6.0.0-4
	t.Parallel()
	s := upgraded(t)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request := "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	// The first frame comes in the same segment as the request.
	mustSend(t, conn, []byte(request), clientFrame(ws.OpBinary, true, []byte("early")))
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Protocol") != "mqtt" {
		t.Fatalf("%s, %v", res.Status, res.Header)
	}
	if res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("%v", res.Header)
	}
	if got := mustFrame(t, r, ws.OpBinary); string(got) != "early" {
		t.Errorf("got %q", got)
	}
}

func TestForeignClientTalksOverARealSocket(t *testing.T) {
	t.Parallel()
	s := upgraded(t)
	d := ws.Dialer{Protocols: []string{"mqtt"}}
	conn, _, _, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.URL, "http"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	go func() { _, _ = conn.Write(clientFrame(ws.OpBinary, true, big)) }()
	var got []byte
	for len(got) < len(big) {
		got = append(got, mustFrame(t, conn, ws.OpBinary)...)
	}
	if !bytes.Equal(got, big) {
		t.Error("the echo differs")
	}
}

func TestRequestsThatAreNoMqttHandshakeAreRefused(t *testing.T) {
	t.Parallel()
	s := upgraded(t)
	tests := []struct {
		name   string
		header http.Header
		status int
	}{
		{"plain GET", http.Header{}, http.StatusBadRequest},
		{"no subprotocol", http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}, http.StatusBadRequest},
		{"other subprotocol", http.Header{"Sec-Websocket-Protocol": {"MQTT, mqttish"}}, http.StatusBadRequest},
		{"not an upgrade", http.Header{"Sec-Websocket-Protocol": {"mqtt"}}, http.StatusBadRequest},
		{"version 12", http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"12"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {"mqtt"}}, http.StatusUpgradeRequired},
		{"foreign origin", http.Header{"Origin": {"https://evil.example"}, "Sec-Websocket-Protocol": {"mqtt"}}, http.StatusForbidden},
	}
	for _, tt := range tests {
		r, err := http.NewRequest(http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = tt.header
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.status {
			t.Errorf("%s: %s", tt.name, res.Status)
		}
	}
}

func TestOnlyPagesOfTheSameOrListedOriginsMayConnect(t *testing.T) {
	t.Parallel()
	listed := []string{"https://booth.example:8443"}
	tests := []struct {
		origins []string
		tls     bool
		want    bool
	}{
		{nil, false, true}, // not a browser
		{[]string{"http://gate.example:8080"}, false, true},
		{[]string{"HTTP://GATE.example:8080"}, false, true},
		{[]string{"https://gate.example:8080"}, false, true}, // a proxy has the TLS
		{[]string{"https://gate.example:8080"}, true, true},
		{[]string{"http://gate.example:8080"}, true, false},
		{[]string{"https://booth.example:8443"}, false, true},
		{[]string{"http://booth.example:8443"}, false, false},
		{[]string{"https://booth.example"}, false, false},
		{[]string{"http://gate.example"}, false, false},
		{[]string{"http://gate.example:8081"}, false, false},
		{[]string{"http://gate.example:8080.evil.example"}, false, false},
		{[]string{"http://evil.example/gate.example:8080"}, false, false},
		{[]string{"http://gate.example:8080@evil.example"}, false, false},
		{[]string{"null"}, false, false},
		{[]string{""}, false, false},
		{[]string{"file://"}, false, false},
		{[]string{"ws://gate.example:8080"}, false, false},
		{[]string{"http://gate.example:8080", "http://evil.example"}, false, false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "http://gate.example:8080/mqtt", nil)
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		r.Header["Origin"] = tt.origins
		if got := originAllowed(r, listed); got != tt.want {
			t.Errorf("%q (TLS %v): %v", tt.origins, tt.tls, got)
		}
	}
}

func TestDeadlinesAreThoseOfTheConnection(t *testing.T) {
	t.Parallel()
	server, _ := pipe(t)
	past := time.Now().Add(-time.Second)
	if err := server.SetDeadline(past); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	if _, err := server.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("write: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if _, ok := any(server).(interface{ NetConn() net.Conn }); !ok || server.NetConn() == nil {
		t.Error("the connection below cannot be reached")
	}
}

func TestCloseSaysGoodbyeAndWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pipe(t)
		go func() { _ = server.Close() }()
		if code, _ := ws.ParseCloseFrameData(mustFrame(t, client, ws.OpClose)); code != ws.StatusNormalClosure {
			t.Errorf("close code %d", code)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("then %v", err)
		}

		deaf, _ := pipe(t)
		start := time.Now()
		if err := deaf.Close(); err != nil || time.Since(start) > goodbyeTimeout {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestPongThatNobodyReadsHoldsTheReaderForALimitedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pipe(t)
		if err := server.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		result := reading(server)
		for range 3 { // the first is written in vain; the others cost nothing
			mustSend(t, client, clientFrame(ws.OpPing, true, []byte("p")))
		}
		mustSend(t, client, clientFrame(ws.OpBinary, true, []byte("data")))
		if waited := time.Since(start); waited != answerTimeout {
			t.Errorf("the reader was held for %v", waited)
		}
		_ = client.Close()
		if data, err := result(); data != "data" || !errors.Is(err, io.EOF) {
			t.Errorf("got %q, %v", data, err)
		}
	})
}
