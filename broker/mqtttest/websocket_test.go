package mqtttest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/broker"
)

var foreignWeb = flag.String("websocket", "", "address of the WebSocket listener of the MQTT server to test")

// webServer gives the address of a server that takes WebSocket connections.
func webServer(t testing.TB) string {
	t.Helper()
	if *foreign != "" {
		if *foreignWeb == "" {
			t.Skip("needs the address of a WebSocket listener: -websocket")
		}
		return *foreignWeb
	}
	b, err := broker.New(t.Context(), broker.Options{Authorizer: doorman{}})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(b.WebSocket())
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		s.Close()
	})
	return s.Listener.Addr().String()
}

// The kinds of WebSocket frames (RFC 6455, section 5.2).
const (
	wsContinues = 0x0
	wsText      = 0x1
	wsBinary    = 0x2
	wsClose     = 0x8
	wsLast      = 0x80 // with the kind: the last frame of its message
)

// handshake asks for a WebSocket with these subprotocols and gives the answer: one
// that has no status if the connection was closed instead.
func handshake(t testing.TB, address, protocols string) (*web, *http.Response) {
	t.Helper()
	nc, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	offer := ""
	if protocols != "" {
		offer = "Sec-WebSocket-Protocol: " + protocols + "\r\n"
	}
	_, err = fmt.Fprintf(nc, "GET /mqtt HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", address, offer)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(nc)
	answer, err := http.ReadResponse(in, nil)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &web{Conn: nc, in: in}, &http.Response{Status: "closed"}
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return &web{Conn: nc, in: in}, answer
}

// webPeer is a client over WebSocket that has said nothing.
func webPeer(t testing.TB, address string, version byte) (*peer, *web) {
	t.Helper()
	w, answer := handshake(t, address, "mqtt")
	if answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("no WebSocket: %s", answer.Status)
	}
	return newPeer(t, w, version), w
}

// web is the client's end of a WebSocket. What is written goes into one binary
// frame; what is read comes out of binary frames, and nothing else may come.
type web struct {
	net.Conn
	in   *bufio.Reader
	rest int // of the frame that is being read
}

func (w *web) Write(p []byte) (int, error) {
	if err := w.send(wsBinary|wsLast, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// send writes a frame with the mask that a client has to use.
func (w *web) send(head byte, p []byte) error {
	frame := []byte{head}
	switch n := len(p); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	mask := [4]byte{0x5A, 0x01, 0xFF, 0x80}
	frame = append(frame, mask[:]...)
	for i, b := range p {
		frame = append(frame, b^mask[i%4])
	}
	_, err := w.Conn.Write(frame)
	return err
}

func (w *web) Read(p []byte) (int, error) {
	for w.rest == 0 {
		if err := w.head(); err != nil {
			return 0, err
		}
	}
	n, err := w.in.Read(p[:min(len(p), w.rest)])
	w.rest -= n
	return n, err
}

// head reads the head of a frame: io.EOF if it closes the WebSocket.
func (w *web) head() error {
	var h [8]byte
	if _, err := io.ReadFull(w.in, h[:2]); err != nil {
		return err
	}
	kind := h[0] & 15
	if kind == wsClose {
		return io.EOF
	}
	if kind != wsBinary && kind != wsContinues || h[1]&0x80 != 0 {
		return fmt.Errorf("a frame % x came: want binary, without mask", h[:2])
	}
	w.rest = int(h[1])
	size := 0
	switch w.rest {
	case 126:
		size = 2
	case 127:
		size = 8
	default:
		return nil
	}
	if _, err := io.ReadFull(w.in, h[8-size:]); err != nil {
		return err
	}
	clear(h[:8-size])
	w.rest = int(binary.BigEndian.Uint64(h[:]))
	return nil
}

// binaryOnly sends a packet in a frame that is not binary: the connection is
// closed, and the packet does nothing. What the server sends is binary: web demands
// it.
func binaryOnly(t *testing.T, version byte) {
	t.Helper()
	address := webServer(t)
	p, w := webPeer(t, address, version)
	_ = w.send(wsText|wsLast, connect{id: name(t, "a")}.encode(version))
	if x, err := p.read(); err == nil {
		t.Errorf("CONNECT in a text frame was answered with %+v", x)
	}
	listener, _ := webPeer(t, address, version)
	listener.write(connect{id: name(t, "b")}.encode(version))
	listener.want(CONNACK)
	listener.listen(name(t, ""), 0)
	p, w = webPeer(t, address, version)
	p.write(connect{id: name(t, "c")}.encode(version))
	p.want(CONNACK)
	_ = w.send(wsText|wsLast, publish{topic: name(t, ""), payload: "as text"}.encode(version))
	p.closed()
	listener.silent()
}

// framesDoNotMatter sends packets that share frames and packets that span them, in
// messages of one frame and of several.
func framesDoNotMatter(t *testing.T, version byte) {
	t.Helper()
	p, w := webPeer(t, webServer(t), version)
	topic := name(t, "/"+strings.Repeat("x", 200))
	for _, b := range (connect{id: name(t, "a")}).encode(version) {
		p.write([]byte{b}) // a message for each byte
	}
	p.want(CONNACK)
	p.write(p.subscribePacket(1, nil, filter{topic, 0}), publish{topic: topic, payload: "1"}.encode(version), frame(PINGREQ<<4))
	p.want(SUBACK)
	p.message(topic, "1")
	p.want(PINGRESP)
	big := strings.Repeat("2", 70_000)
	all := append(publish{topic: topic, payload: big}.encode(version), publish{topic: topic, payload: "3"}.encode(version)...)
	_ = w.send(wsBinary, all[:1])
	_ = w.send(wsContinues, nil)
	_ = w.send(wsContinues, all[1:300])
	_ = w.send(wsContinues|wsLast, all[300:70_250])
	p.write(all[70_250:], frame(PINGREQ << 4)[:1])
	p.message(topic, big)
	p.message(topic, "3")
	p.write([]byte{0})
	p.want(PINGRESP)
}

// mqttIsOffered asks for WebSockets without the subprotocol mqtt, which must not
// become connections of MQTT.
func mqttIsOffered(t *testing.T) {
	t.Helper()
	address := webServer(t)
	for _, offer := range []string{"", "chat", "mqttx, soap", "MQT"} {
		w, answer := handshake(t, address, offer)
		if answer.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		if got := answer.Header.Get("Sec-WebSocket-Protocol"); got != "" {
			t.Errorf("%q offered, %q chosen", offer, got)
		}
		p := newPeer(t, w, 5)
		p.write(connect{id: name(t, "a")}.encode(5))
		if x, err := p.read(); err == nil {
			t.Errorf("%q offered, and the server speaks MQTT: %+v", offer, x)
		}
	}
}

// mqttIsChosen offers subprotocols with mqtt among them: the server names it.
func mqttIsChosen(t *testing.T) {
	t.Helper()
	address := webServer(t)
	for _, offer := range []string{"mqtt", "chat, mqtt", "mqtt, chat", "mqttx,mqtt,soap"} {
		_, answer := handshake(t, address, offer)
		if answer.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("%q offered: %s", offer, answer.Status)
		} else if got := answer.Header.Values("Sec-WebSocket-Protocol"); len(got) != 1 || got[0] != "mqtt" {
			t.Errorf("%q offered, %q chosen", offer, got)
		}
	}
}
