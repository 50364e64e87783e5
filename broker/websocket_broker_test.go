package broker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
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
