package broker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// dialWebSocket opens a WebSocket of the broker with a foreign client.
func dialWebSocket(t *testing.T, h *house) net.Conn {
	t.Helper()
	s := httptest.NewServer(h.b.WebSocket())
	t.Cleanup(s.Close)
	d := ws.Dialer{Protocols: []string{subprotocol}, Timeout: patience}
	nc, _, hs, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.URL, "http"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if hs.Protocol != subprotocol {
		t.Errorf("the subprotocol is %q", hs.Protocol)
	}
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return nc
}

// packetsOver collects the payloads of binary frames until n packets are there.
func packetsOver(t *testing.T, nc net.Conn, n int) (types []packet.Type) {
	t.Helper()
	var buf []byte
	for len(types) < n {
		buf = append(buf, mustFrame(t, nc, ws.OpBinary)...)
		for {
			h, size, err := packet.Peek(buf, 0)
			if errors.Is(err, packet.ErrShort) || err == nil && size > len(buf) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			types, buf = append(types, h.Type), buf[size:]
		}
	}
	return types
}

func TestPacketsMaySpanAndShareFrames(t *testing.T) { // MQTT-6.0.0-2
	t.Parallel()
	for _, v := range []packet.Version{packet.V31, packet.V311, packet.V5} {
		connect := packet.Connect{Version: v, CleanStart: true, ClientID: "web", KeepAlive: 60}
		subscribe := packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "a/#", QoS: 1}}}
		publish := packet.Publish{Topic: "a/b", QoS: 1, ID: 2, Payload: []byte("hello")}
		stream := packet.AppendPingreq(publish.Append(subscribe.Append(nil, v), v))

		shared := dialWebSocket(t, newHouse(t, nil))
		mustSend(t, shared, clientFrame(ws.OpBinary, true, connect.Append(nil)))
		packetsOver(t, shared, 1)
		mustSend(t, shared, clientFrame(ws.OpBinary, true, stream))
		got := packetsOver(t, shared, 4) // SUBACK, PUBACK, PUBLISH, PINGRESP

		spread := dialWebSocket(t, newHouse(t, nil))
		byteByByte(t, spread, connect.Append(nil))
		packetsOver(t, spread, 1)
		byteByByte(t, spread, stream)
		again := packetsOver(t, spread, 4)
		slices.Sort(got) // one frame or many, PUBLISH and PUBACK may change places
		slices.Sort(again)
		want := []packet.Type{packet.PUBLISH, packet.PUBACK, packet.SUBACK, packet.PINGRESP}
		if !slices.Equal(got, want) || !slices.Equal(again, want) {
			t.Errorf("%v: got %v and %v", v, got, again)
		}
	}
}

func TestOlderNameOfTheSubprotocolIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	s := httptest.NewServer(h.b.WebSocket())
	t.Cleanup(s.Close)
	for _, c := range []struct {
		offered []string
		want    string
	}{
		{[]string{"mqttv3.1"}, "mqttv3.1"}, {[]string{"mqttv3.1", "mqtt"}, "mqtt"}, {[]string{"chat", "mqttv3.1"}, "mqttv3.1"},
		{[]string{"mqttv3"}, ""}, {[]string{"MQTTv3.1"}, ""},
	} {
		d := ws.Dialer{Protocols: c.offered, Timeout: patience}
		nc, _, hs, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.URL, "http"))
		if (err == nil) != (c.want != "") || hs.Protocol != c.want {
			t.Errorf("%q: answered %q, %v", c.offered, hs.Protocol, err)
		}
		if err != nil {
			continue
		}
		p := packet.Connect{Version: packet.V31, CleanStart: true, ClientID: "old"}
		mustSend(t, nc, clientFrame(ws.OpBinary, true, p.Append(nil)))
		packetsOver(t, nc, 1)
		_ = nc.Close()
	}
}

func TestWebSocketsThatAreRefusedAreCountedAndNotHeldAgainstTheirAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.RefusedPerMinute = 1 })
	s := httptest.NewServer(h.b.WebSocket())
	t.Cleanup(s.Close)
	address := "ws" + strings.TrimPrefix(s.URL, "http")
	for range 5 {
		foreign := ws.Dialer{Protocols: []string{"mqtt"}, Header: ws.HandshakeHeaderHTTP{"Origin": []string{"https://evil.example"}}}
		if _, _, _, err := foreign.Dial(context.Background(), address); err == nil {
			t.Fatal("a foreign page is let in")
		}
		if _, _, _, err := (ws.Dialer{Protocols: []string{"chat"}}).Dial(context.Background(), address); err == nil {
			t.Fatal("another protocol is let in")
		}
	}
	if r := h.b.Stats().Refused; r["web origin"] != 5 || r["WebSocket handshake"] != 5 {
		t.Errorf("counted %v", r)
	}
	nc := dialWebSocket(t, h)
	mustSend(t, nc, clientFrame(ws.OpBinary, true, (&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "c"}).Append(nil)))
	packetsOver(t, nc, 1)
}

func TestForbiddenFramesEndTheirConnectionBeforeAndAfterConnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.RefusedPerMinute = -1 })
	neighbour := h.over(packet.V5, "neighbour")
	for _, v := range versions {
		connect := clientFrame(ws.OpBinary, true, (&packet.Connect{Version: v, CleanStart: true, ClientID: "web"}).Append(nil))
		for name, frame := range map[string][]byte{
			"text":                     clientFrame(ws.OpText, true, packet.AppendPingreq(nil)),
			"not masked":               ws.MustCompileFrame(ws.NewBinaryFrame(packet.AppendPingreq(nil))),
			"compressed":               append([]byte{0xC2}, clientFrame(ws.OpBinary, true, packet.AppendPingreq(nil))[1:]...),
			"control of 126 bytes":     {0x89, 0xFE, 0, 126},
			"fragmented control":       clientFrame(ws.OpPing, false, []byte("x")),
			"continuation of nothing":  clientFrame(ws.OpContinuation, true, packet.AppendPingreq(nil)),
			"64-bit length, first bit": {0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4},
		} {
			for _, before := range [][]byte{nil, connect} {
				nc := dialWebSocket(t, h)
				if before != nil {
					mustSend(t, nc, before)
					packetsOver(t, nc, 1)
				}
				mustSend(t, nc, frame)
				f, err := readFrame(nc)
				for err == nil && f.Header.OpCode == ws.OpBinary { // it may be told first
					f, err = readFrame(nc)
				}
				want := ws.StatusProtocolError
				if name == "text" {
					want = ws.StatusUnsupportedData
				}
				if code, _ := ws.ParseCloseFrameData(f.Payload); err != nil || f.Header.OpCode != ws.OpClose || code != want {
					t.Errorf("%v, %s, connected %v: %v %d, %v", v, name, before != nil, f.Header.OpCode, code, err)
				}
			}
		}
	}
	neighbour.silent()
}

func TestFloodOfPingsCostsNothingAndDoesNotKeepAStrangerConnected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.ConnectTimeout = time.Second })
	nc := dialWebSocket(t, h)
	ping := clientFrame(ws.OpPing, true, bytes.Repeat([]byte("x"), 125))
	flood := bytes.Repeat(ping, 100)
	for i := 0; ; i++ { // until it is closed; nothing of what is answered is read
		if err := nc.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Write(flood); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("it is not closed")
			}
			break
		}
	}
	prove.Eventually(t, "gone", func() bool { return h.b.Connections() == 0 })
	if n := h.b.Stats().Refused["no CONNECT in time"]; n > 1 {
		t.Errorf("counted %d", n)
	}
}

func TestLargestLengthFormAndFragmentsCarryPackets(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	nc := dialWebSocket(t, h)
	connect := (&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "web"}).Append(nil)
	for i, b := range connect { // one message of many fragments, with pings between
		op := ws.OpContinuation
		if i == 0 {
			op = ws.OpBinary
		}
		mustSend(t, nc, clientFrame(op, i == len(connect)-1, []byte{b}), clientFrame(ws.OpPing, true, nil))
	}
	got := 0
	for got < 1 {
		f, err := readFrame(nc)
		if err != nil {
			t.Fatal(err)
		}
		if f.Header.OpCode == ws.OpBinary {
			got++
		}
	}
	large := (&packet.Publish{Topic: "t", QoS: 1, ID: 1, Payload: bytes.Repeat([]byte("x"), 70_000)}).Append(nil, packet.V5)
	mustSend(t, nc, clientFrame(ws.OpBinary, true, large))
	for {
		f, err := readFrame(nc)
		if err != nil {
			t.Fatal(err)
		}
		if f.Header.OpCode == ws.OpBinary {
			if packet.Type(f.Payload[0]>>4) != packet.PUBACK {
				t.Errorf("answered % x", f.Payload)
			}
			return
		}
	}
}

func byteByByte(t *testing.T, nc net.Conn, p []byte) {
	t.Helper()
	for _, b := range p {
		mustSend(t, nc, clientFrame(ws.OpBinary, true, []byte{b}))
	}
}

func TestTextFrameEndsTheConnectionOfItsClient(t *testing.T) { // MQTT-6.0.0-1
	t.Parallel()
	nc := dialWebSocket(t, newHouse(t, nil))
	connect := packet.Connect{Version: packet.V311, CleanStart: true, ClientID: "web"}
	mustSend(t, nc, clientFrame(ws.OpText, true, connect.Append(nil)))
	if code, _ := ws.ParseCloseFrameData(mustFrame(t, nc, ws.OpClose)); code != ws.StatusUnsupportedData {
		t.Errorf("close code %d", code)
	}
	if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("then %v", err)
	}
}
