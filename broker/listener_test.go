package broker

import (
	"context"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
)

// dialTCP opens a client over a socket.
func dialTCP(t testing.TB, address string, v packet.Version) *client {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return wire(t, nc, v)
}

func TestEachListenerHasItsOwnNameRightsAndLimits(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		h := newHouse(t, nil)
		guests := &gatekeeper{}
		guests.of("guest").noPublish = []string{"#"}
		staff := h.listenWith(Listener{Name: "staff"})
		public := h.listenWith(Listener{Name: "public", Authorizer: guests, MaxConnections: 1, MaxPacketSize: 200})

		s := dialTCP(t, staff, v)
		s.mustGreet("guest")
		s.subscribe(0, "#")
		s.send(pub("t", strings.Repeat("x", 300), 0, 0))
		s.message("t", strings.Repeat("x", 300))

		g := dialTCP(t, public, v)
		a := g.mustGreet("phone", as("guest"))
		if v >= packet.V5 && a.Properties.MaximumPacketSize != 200 {
			t.Errorf("told a maximum of %d bytes", a.Properties.MaximumPacketSize)
		}
		g.send(pub("t", "no", 0, 0))
		g.silent()
		s.silent()
		second := dialTCP(t, public, v)
		second.ended()
		g.sendBytes(pub("t", strings.Repeat("x", 300), 0, 0).Append(nil, v)[:20]) // what it claims is enough
		g.disconnected(packet.PacketTooLarge)
		dialTCP(t, public, v).mustGreet("phone", as("guest"))

		for _, c := range h.b.Clients() {
			want := map[ClientID]string{"guest": "staff", "phone": "public"}[c.Client]
			if c.Listener != want {
				t.Errorf("%s came over %q, want %q", c.Client, c.Listener, want)
			}
		}
		if n := h.b.Stats().Refused["too many connections"]; n != 1 {
			t.Errorf("counted %d", n)
		}
	}
}

func TestAuthorizerIsToldTheListener(t *testing.T) {
	t.Parallel()
	names := make(chan string, 3)
	h := newHouse(t, func(o *Options) {
		o.Authorizer = authorizerFunc(func(r ConnectRequest) (Grant, error) {
			names <- r.Listener
			return &rights{identity: r.Username}, nil
		})
	})
	dialTCP(t, h.listenWith(Listener{Name: "yard"}), packet.V311).mustGreet("a")
	dialTCP(t, h.listen(), packet.V5).mustGreet("b")
	s := httptest.NewServer(h.b.WebSocketWith(Listener{Name: "web"}))
	t.Cleanup(s.Close)
	d := ws.Dialer{Protocols: []string{subprotocol}, Timeout: patience}
	nc, _, _, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.URL, "http"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	mustSend(t, nc, clientFrame(ws.OpBinary, true, (&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "c"}).Append(nil)))
	packetsOver(t, nc, 1)
	for _, want := range []string{"yard", "", "web"} {
		if got := <-names; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
}
