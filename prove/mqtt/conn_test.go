package mqtt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// serve accepts one connection, reads a packet of n bytes, answers, and hands the
// bytes that it read to the channel.
func serve(t *testing.T, n int, answer string) (address string, got <-chan []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	read := make(chan []byte, 1)
	go func() {
		socket, err := l.Accept()
		if err != nil {
			return
		}
		defer socket.Close()
		b := make([]byte, n)
		_, _ = io.ReadFull(socket, b)
		_, _ = io.WriteString(socket, answer)
		read <- b
	}()
	return l.Addr().String(), read
}

func TestDialConnectsAndSaysWhetherThereIsASession(t *testing.T) {
	t.Parallel()
	connect := Connect{Version: V311, ClientID: "a", Persistent: true}
	want := AppendConnect(nil, connect)
	address, got := serve(t, len(want), "\x20\x02\x01\x00")
	c, err := Dial(address, Options{Connect: Connect{ClientID: "a", Persistent: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !c.Session || !bytes.Equal(<-got, want) {
		t.Error("session or CONNECT is not as sent")
	}
}

func TestDialSaysWhatItExpected(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"\x20\x02\x00\x05": "CONNACK with success expected, code 5 came",
		"\xd0\x00":         "CONNACK expected, PINGRESP came",
		"\x20\x02\x01\x00": "without a session for a clean start expected",
		"":                 "CONNACK expected: EOF",
		"\x20":             "CONNACK expected: unexpected EOF",
	} {
		address, _ := serve(t, len(AppendConnect(nil, Connect{Version: V311})), answer)
		_, err := Dial(address, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("% x: %v, want %q", answer, err, want)
		}
		var refused *RefusedError
		if errors.As(err, &refused) != (answer == "\x20\x02\x00\x05") {
			t.Errorf("% x: %T", answer, err)
		}
	}
}

// pipe is a connection and the server's end of it.
func pipe(t *testing.T, buffer int) (*Conn, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return NewConn(ours, V311, buffer), theirs
}

func TestNothingIsWrittenBeforeFlushAndThenAllAtOnce(t *testing.T) {
	t.Parallel()
	c, server := pipe(t, 0)
	c.Publish(Publish{Topic: []byte("t"), QoS: 1, ID: 1})
	c.Ack(PUBACK, 2)
	c.Subscribe(3, 1, "f")
	c.Ping()
	c.Disconnect()
	want := c.Pending()
	sent := make(chan error, 1)
	go func() { sent <- c.Flush() }()
	b := make([]byte, 1024)
	if n, err := server.Read(b); err != nil || n != want { // a pipe gives a write as it was made
		t.Fatalf("%d bytes came, want %d (%v)", n, want, err)
	}
	if err := <-sent; err != nil || c.Pending() != 0 {
		t.Fatalf("%v, %d bytes wait", err, c.Pending())
	}
}

func TestPacketsAreReadHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	var stream []byte
	for k := range 50 {
		stream = AppendPublish(stream, V311, Publish{Topic: []byte("t"), Payload: make([]byte, k*7), QoS: 1, ID: uint16(k + 1)})
		stream = AppendAck(stream, PUBACK, uint16(k+1))
	}
	for _, step := range []int{1, 2, 3, 7, 100, len(stream)} {
		c, server := pipe(t, 16)
		go func() {
			for b := stream; len(b) > 0; b = b[min(step, len(b)):] {
				_, _ = server.Write(b[:min(step, len(b))])
			}
		}()
		for k := range 50 {
			p, err := c.Expect(PUBLISH)
			if err != nil || p.ID != uint16(k+1) || len(p.Publish.Payload) != k*7 {
				t.Fatalf("step %d, packet %d: %+v, %v", step, k, p, err)
			}
			if p, err := c.Expect(PUBACK); err != nil || p.ID != uint16(k+1) {
				t.Fatalf("step %d, PUBACK %d: %+v, %v", step, k, p, err)
			}
		}
		if c.Buffered() {
			t.Errorf("step %d: bytes are left", step)
		}
	}
}

func TestAnotherPacketThanExpectedIsNamed(t *testing.T) {
	t.Parallel()
	c, server := pipe(t, 0)
	go func() { _, _ = server.Write(AppendEmpty(nil, PINGRESP)) }()
	if _, err := c.Expect(SUBACK); err == nil || err.Error() != "SUBACK expected, PINGRESP came" {
		t.Error(err)
	}
}

func TestAReadEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	c, _ := pipe(t, 0)
	if err := c.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if _, err := c.Read(); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Error(err)
	}
}

// looped is a socket that gives the same bytes again and again, and takes all.
type looped struct {
	net.Conn
	bytes []byte
}

func (l looped) Read(b []byte) (int, error)  { return copy(b, l.bytes), nil }
func (l looped) Write(b []byte) (int, error) { return len(b), nil }

func TestReadingAndWritingAPacketAllocatesNothing(t *testing.T) {
	stream := AppendPublish(nil, V311, Publish{Topic: []byte("t"), Payload: make([]byte, 100), QoS: 1, ID: 1})
	c := NewConn(looped{bytes: stream}, V311, len(stream))
	topic, payload := []byte("t"), make([]byte, 100)
	if n := testing.AllocsPerRun(100, func() {
		p, err := c.Read()
		if err != nil {
			t.Fatal(err)
		}
		c.Ack(PUBACK, p.ID)
		c.Publish(Publish{Topic: topic, Payload: payload, QoS: 1, ID: 1})
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
