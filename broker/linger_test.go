package broker

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gatehouse/broker/packet"
)

// refusedOver sends a CONNECT and more before it reads, in pieces, and gives what comes back until the end.
func refusedOver(t *testing.T, address string, p []byte) ([]byte, error) {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for len(p) > 0 {
		n := min(len(p), 50_000)
		if _, err := nc.Write(p[:n]); err != nil {
			return nil, err
		}
		p = p[n:]
	}
	return io.ReadAll(nc)
}

func large(v packet.Version, bytes int) []byte {
	return (&packet.Connect{
		Version: v, CleanStart: true, ClientID: strings.Repeat("c", min(bytes, 60_000)),
		HasUsername: true, Username: strings.Repeat("u", min(max(bytes-60_000, 0), 60_000)),
		HasPassword: true, Password: []byte(strings.Repeat("p", min(max(bytes-120_000, 0), 60_000))),
	}).Append(nil)
}

func TestACONNECTThatIsTooLargeIsToldBeforeTheEnd(t *testing.T) { // MQTT-3.2.2-7, section 4.13
	t.Parallel()
	h := newHouse(t, nil)
	address := h.listen()
	for range 20 {
		got, err := refusedOver(t, address, large(packet.V5, 150_000))
		if err != nil || len(got) < 4 || got[0] != byte(packet.CONNACK)<<4 || got[3] != byte(packet.PacketTooLarge) {
			t.Fatalf("got % x, %v", got, err)
		}
	}
	if got, err := refusedOver(t, address, large(packet.V311, 150_000)); len(got) > 0 && err == nil { // there is no return code for it
		t.Errorf("3.1.1: got % x, %v", got, err)
	}
	if n := h.b.Stats().Refused["bad CONNECT"]; n != 21 {
		t.Errorf("counted %d", n)
	}
}

func TestWhatComesBehindARefusedCONNECTDoesNotLoseTheAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		address := h.listen()
		p := (&packet.Connect{Version: v, CleanStart: true, ClientID: "c", HasUsername: true, Username: "u", HasPassword: true, Password: []byte("wrong")}).Append(nil)
		p = pub("t", strings.Repeat("x", 40_000), 0, 0).Append(p, v)
		for range 20 {
			if got, err := refusedOver(t, address, p); err != nil || len(got) < 4 || got[0] != byte(packet.CONNACK)<<4 || got[3] == 0 {
				t.Fatalf("got % x, %v", got, err)
			}
		}
	})
}
