package broker

import (
	"net"
	"testing"

	"gatehouse/broker/packet"
)

// A crowd that is refused would otherwise cost a buffer each until the next
// collection.
func TestWhoeverIsRefusedLeavesItsBufferBehind(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, sent := range map[string][]byte{
		"claims too much":    {0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4},
		"is not CONNECT":     {0x30, 0xff, 0x7f, 0, 4},
		"is not let in":      (&packet.Connect{Version: packet.V5, CleanStart: true, HasPassword: true, HasUsername: true, Password: []byte("wrong")}).Append(nil),
		"ends in the middle": {0x10, 20, 0, 4},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(h.b, server, h.b.front)
		if !h.b.admit(c) {
			t.Fatal("not admitted")
		}
		mustSend(t, client, sent)
		if err := client.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if c.guarded(c.connect) {
			t.Fatalf("a client that %s goes on", name)
		}
		h.b.running.Done()
		if c.in.lent != nil || c.in.buf != nil {
			t.Errorf("a client that %s has kept its buffer", name)
		}
		client.Close()
	}
}
