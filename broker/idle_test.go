package broker

import (
	"bytes"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

func TestAnIdleClientIsHeardAndIsGivenUpOnlyForItsKeepAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		c := h.over(packet.V5, "c", keepAlive(10))
		for _, quiet := range []time.Duration{idleAfter / 2, idleAfter, 3 * idleAfter, 14 * time.Second, idleAfter, 14 * time.Second} {
			<-time.After(quiet)
			c.silent() // it pings
		}
		<-time.After(14 * time.Second)
		if h.b.Connections() != 1 {
			t.Fatal("it was given up early")
		}
		c.disconnected(packet.KeepAliveTimeout)
	})
}

// Over a socket an idle client is waited for with a few bytes only.
func TestAnIdleClientOverASocketLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.b.idleAfter = time.Millisecond
	nc, err := net.Dial("tcp", h.listen())
	if err != nil {
		t.Fatal(err)
	}
	c := wire(t, nc, packet.V5)
	c.mustGreet("c")
	c.subscribe(1, "t")
	for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 100, bufferSize - 10, bufferSize, 5 * bufferSize} {
		payload := bytes.Repeat([]byte{byte(n)}, n)
		for _, cut := range []int{0, 1, 2, 15, 16, 17} {
			p := pub("t", string(payload), 1, 1).Append(nil, packet.V5)
			cut = min(cut, len(p))
			h.idle("c")
			c.sendBytes(p[:cut])
			h.drained("c")
			c.sendBytes(p[cut:])
			for range 2 { // the message and its acknowledgement
				if m, ok := c.next().(*packet.Publish); ok {
					if !bytes.Equal(m.Payload, payload) {
						t.Fatalf("%d bytes of %d, cut at %d", len(m.Payload), n, cut)
					}
					c.send(ackOf(packet.PUBACK, m.ID))
				}
			}
		}
	}
}

// idle waits until a client has been quiet so long that its reader waits with a
// few bytes only.
func (h *house) idle(client ClientID) {
	h.t.Helper()
	prove.Eventually(h.t, "idle", func() bool { return h.connOf(client).in.idle.Load() })
}

// drained waits until what came from a client was read.
func (h *house) drained(client ClientID) {
	h.t.Helper()
	c := h.connOf(client)
	prove.Eventually(h.t, "read", func() bool { return !unread(c.nc) })
}

func (h *house) connOf(client ClientID) *conn {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	s := h.b.sessions[client]
	if s == nil || s.conn == nil {
		h.t.Fatalf("%s is not connected: %s", client, h.said.b.String())
	}
	return s.conn
}
