package broker

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// dialFrom opens a client whose address is one of the loopback network's.
func dialFrom(t testing.TB, from, to string, v packet.Version) *client {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	nc, err := d.DialContext(context.Background(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	return wire(t, nc, v)
}

// addressed is a pipe that says where its other end is.
type addressed struct {
	net.Conn
	remote net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.remote }

// pipeFrom opens a connection without a socket that seems to come from an address.
func (h *house) pipeFrom(from string) net.Conn {
	server, client := net.Pipe()
	remote := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 40_000))
	go h.b.serveConn(addressed{server, remote}, h.b.front)
	return client
}

func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		h := newHouse(t, func(o *Options) { o.Limits.MaxConnectionsPerAddress = 2 })
		address, open := h.listen(), h.listenWith(Listener{MaxConnectionsPerAddress: -1})
		var site []*client
		for i, to := range []string{address, address, open} {
			site = append(site, dialFrom(t, "127.0.0.2", to, v))
			site[i].mustGreet(strconv.Itoa(i))
		}
		dialFrom(t, "127.0.0.2", address, v).ended()
		dialFrom(t, "127.0.0.3", address, v).mustGreet("neighbour")
		if n := h.b.Stats().Refused["too many connections of an address"]; n != 1 {
			t.Errorf("counted %d", n)
		}
		for _, c := range site {
			_ = c.nc.Close()
			c.ended()
		}
		prove.Eventually(t, "the site has left", func() bool { return h.b.Connections() == 1 })
		dialFrom(t, "127.0.0.2", address, v).mustGreet("again")
		dialFrom(t, "127.0.0.2", address, v).mustGreet("more")
		h.b.mu.Lock()
		if n := len(h.b.addresses); n != 2 {
			t.Errorf("%d addresses are counted", n)
		}
		h.b.mu.Unlock()
	}
}

func TestOnlyRefusedAttemptsThrottleTheirAddress(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, func(o *Options) { o.Limits.RefusedPerMinute = 60 })
			const site, other = "192.0.2.7", "192.0.2.8"
			there := wire(t, h.pipeFrom(site), v)
			there.mustGreet("there")
			for range 200 { // neither of these counts
				c := wire(t, h.pipeFrom(site), v)
				c.mustGreet("good")
				c.send(&packet.Disconnect{})
				c.ended()
				broken := wire(t, h.pipeFrom(site), v)
				broken.greet("c", password("broken"))
				broken.ended()
			}
			for i := range 60 {
				c := wire(t, h.pipeFrom(site), v)
				if a := c.greet("bad", password("wrong")); a.Reason != packet.BadUserNameOrPassword {
					t.Fatalf("attempt %d was answered %v", i+1, a.Reason)
				}
				c.ended()
			}
			for range 1000 {
				wire(t, h.pipeFrom(site), v).ended() // unheard
			}
			there.silent()
			wire(t, h.pipeFrom(other), v).mustGreet("neighbour")
			if n := h.b.Stats().Refused["too many refused attempts of an address"]; n != 1000 {
				t.Errorf("counted %d", n)
			}
			<-time.After(time.Second)
			c := wire(t, h.pipeFrom(site), v)
			c.mustGreet("good")
			<-time.After(time.Minute)
			for range 59 {
				c := wire(t, h.pipeFrom(site), v)
				c.greet("bad", password("wrong"))
				c.ended()
			}
			wire(t, h.pipeFrom(site), v).mustGreet("good") // it is all forgiven
		})
	}
}

func TestABannedClientDoesNotThrottleTheOthersBehindItsAddress(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, func(o *Options) {
				o.Authorizer, o.Limits.RefusedPerMinute = banning{&gatekeeper{}}, 10
			})
			const site = "192.0.2.7"
			for i := range 100 {
				c := wire(t, h.pipeFrom(site), v)
				if a := c.greet("banned"); a.Reason != packet.Banned && (v == packet.V5 || a.Reason != packet.NotAuthorized) {
					t.Fatalf("attempt %d was answered %v", i+1, a.Reason)
				}
				c.ended()
			}
			wire(t, h.pipeFrom(site), v).mustGreet("neighbour")
		})
	}
}

// banning has one client banned.
type banning struct{ *gatekeeper }

func (b banning) Connect(ctx context.Context, r ConnectRequest) (Grant, error) {
	if r.Client == "banned" {
		return nil, &Refusal{Reason: packet.Banned}
	}
	return b.gatekeeper.Connect(ctx, r)
}

func TestEveryKindOfRefusedAttemptCountsForItsAddress(t *testing.T) {
	t.Parallel()
	connect := func(p packet.Connect) []byte {
		p.Version, p.CleanStart = packet.V5, true
		return p.Append(nil)
	}
	for name, sent := range map[string][]byte{
		"no CONNECT":          packet.AppendPingreq(nil),
		"nonsense":            []byte("GET / HTTP/1.1\r\n\r\n"),
		"claims too much":     {0x10, 0xFF, 0xFF, 0xFF, 0x7F},
		"unknown version":     {0x10, 0x0A, 0, 4, 'M', 'Q', 'T', 'T', 9, 0, 0, 0},
		"nothing in time":     nil,
		"another's session":   connect(packet.Connect{ClientID: "there", HasUsername: true, Username: "thief"}),
		"too many sessions":   connect(packet.Connect{ClientID: "second", HasUsername: true, Username: "there"}),
		"will not permitted":  connect(packet.Connect{ClientID: "c", Will: &packet.Will{Topic: "$SYS/x"}}),
		"method that is none": connect(packet.Connect{ClientID: "c", Properties: packet.Properties{AuthMethod: "m"}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, func(o *Options) { o.Limits.RefusedPerMinute = 1 })
				h.rules.of("there").sessions = 1
				h.over(packet.V5, "there", keep)
				x := wire(t, h.pipeFrom("2001:db8::1"), packet.V5)
				x.sendBytes(sent)
				for told := true; told; { // what is not the question here
					told = x.next() != nil
				}
				y := wire(t, h.pipeFrom("2001:db8::2"), packet.V5) // of the same /64
				y.ended()
				if n := h.b.Stats().Refused["too many refused attempts of an address"]; n != 1 {
					t.Errorf("counted %d", n)
				}
			})
		})
	}
}

func TestAddressesAreCountedAsTheirOwnersHaveThem(t *testing.T) {
	t.Parallel()
	of := func(s string) netip.Addr { return addressOf(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s))) }
	if of("[2001:db8:1:2:3::4]:1") != of("[2001:db8:1:2:ffff::]:2") || of("[2001:db8:1:2::]:1") == of("[2001:db8:1:3::]:1") {
		t.Error("addresses of IPv6 are not counted by /64")
	}
	if of("[::ffff:192.0.2.1]:1") != of("192.0.2.1:5") || of("192.0.2.1:1") == of("192.0.2.2:1") {
		t.Error("addresses of IPv4 are not counted one by one")
	}
	if of("[fe80::1%eth0]:1") != of("[fe80::1%eth1]:1") {
		t.Error("the zone makes another address")
	}
	for _, a := range []net.Addr{&net.UnixAddr{Name: "/run/mqtt", Net: "unix"}, &net.UnixAddr{}} {
		if addressOf(a).IsValid() {
			t.Errorf("%v has an address", a)
		}
	}
}

func TestRememberedAddressesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l grudges
		var p [4]byte
		for i := range uint32(10 * maxGrudges) {
			binary.BigEndian.PutUint32(p[:], i)
			l.add(netip.AddrFrom4(p), 300)
		}
		if n := len(l.list); n > maxGrudges {
			t.Errorf("%d addresses are remembered", n)
		}
		last := netip.AddrFrom4(p)
		for range 300 {
			l.add(last, 300)
		}
		if !l.bars(last, 300) {
			t.Error("who comes when there are many is not barred")
		}
		<-time.After(2 * time.Minute)
		if l.bars(last, 300) || len(l.list) >= maxGrudges {
			t.Error("it is not forgotten")
		}
	})
}

func TestWebSocketComesFromTheAddressThatTheRequestNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxConnectionsPerAddress = 1 })
	handler := h.b.WebSocket()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from := r.Header.Get("X-Forwarded-For"); from != "" {
			r.RemoteAddr = from
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	dial := func(id, from string) error {
		d := ws.Dialer{Protocols: []string{subprotocol}, Timeout: patience, Header: ws.HandshakeHeaderHTTP{"X-Forwarded-For": []string{from}}}
		nc, _, _, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.URL, "http"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		p := packet.Connect{Version: packet.V5, CleanStart: true, ClientID: id}
		if _, err := nc.Write(clientFrame(ws.OpBinary, true, p.Append(nil))); err != nil {
			return err
		}
		f, err := readFrame(nc)
		if err == nil && f.Header.OpCode != ws.OpBinary {
			err = errors.New("closed")
		}
		return err
	}
	for id, from := range map[string]string{"a": "198.51.100.1", "b": "198.51.100.2:443", "c": ""} {
		if err := dial(id, from); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := dial("d", "198.51.100.1:99"); err == nil {
		t.Error("a second one of the same address was let in")
	}
	if c, _ := h.b.Client("b"); c.Remote != "198.51.100.2:443" {
		t.Errorf("shown as %q", c.Remote)
	}
}
