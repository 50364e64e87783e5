package broker

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"testing"

	"gatehouse/broker/packet"
)

// stream is one publisher and some subscribers over sockets, without garbage of
// their own: what is allocated is the broker's.
type stream struct {
	b       *Broker
	qos     packet.QoS
	in      *plainClient
	out     []*plainClient
	burst   []byte // PUBLISH packets
	n       int    // of them
	readers chan error
	start   []chan struct{}
}

// plainClient reads and writes packets without allocating.
type plainClient struct {
	nc   net.Conn
	r    *bufio.Reader
	body []byte
	acks []byte
}

func newStream(t testing.TB, qos packet.QoS, subscribers, burst int) *stream {
	t.Helper()
	h := newHouse(t, nil)
	address := h.listen()
	s := &stream{b: h.b, qos: qos, n: burst, readers: make(chan error, subscribers), in: plain(t, address, "in")}
	for i := range subscribers {
		c := plain(t, address, fmt.Sprint("out", i))
		sub := packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "some/topic/of/a/device", QoS: qos}}}
		c.must(t, sub.Append(nil, packet.V311), packet.SUBACK)
		go s.serve(c, s.starter())
		s.out = append(s.out, c)
	}
	for i := range burst {
		p := packet.Publish{Topic: "some/topic/of/a/device", Payload: make([]byte, 128), QoS: qos}
		if qos > 0 {
			p.ID = uint16(i + 1)
		}
		s.burst = p.Append(s.burst, packet.V311)
	}
	return s
}

func plain(t testing.TB, address, id string) *plainClient {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	c := &plainClient{nc: nc, r: bufio.NewReaderSize(nc, 64<<10), body: make([]byte, 1024), acks: make([]byte, 0, 64<<10)}
	connect := packet.Connect{Version: packet.V311, ClientID: id, CleanStart: true}
	c.must(t, connect.Append(nil), packet.CONNACK)
	return c
}

func (c *plainClient) must(t testing.TB, p []byte, want packet.Type) {
	t.Helper()
	if _, err := c.nc.Write(p); err != nil {
		t.Fatal(err)
	}
	if got, err := c.next(); got != want || err != nil {
		t.Fatalf("%v, %v, want %v", got, err, want)
	}
}

// next reads a packet, and gathers the answer to it; gathered answers leave before
// a read that would wait.
func (c *plainClient) next() (packet.Type, error) {
	if c.r.Buffered() == 0 && len(c.acks) > 0 {
		if _, err := c.nc.Write(c.acks); err != nil {
			return 0, err
		}
		c.acks = c.acks[:0]
	}
	first, err := c.r.ReadByte()
	if err != nil {
		return 0, err
	}
	n, shift := 0, 0
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if n |= int(b&0x7F) << shift; b < 0x80 {
			break
		}
		shift += 7
	}
	if _, err := io.ReadFull(c.r, c.body[:n]); err != nil {
		return 0, err
	}
	kind := packet.Type(first >> 4)
	c.answer(kind, packet.QoS(first>>1&3), c.body[:n])
	return kind, nil
}

func (c *plainClient) answer(kind packet.Type, qos packet.QoS, body []byte) {
	switch {
	case kind == packet.PUBLISH && qos > 0:
		at := 2 + int(body[0])<<8 + int(body[1])
		first := byte(packet.PUBACK) << 4
		if qos == 2 {
			first = byte(packet.PUBREC) << 4
		}
		c.acks = append(c.acks, first, 2, body[at], body[at+1])
	case kind == packet.PUBREC:
		c.acks = append(c.acks, byte(packet.PUBREL)<<4|2, 2, body[0], body[1])
	case kind == packet.PUBREL:
		c.acks = append(c.acks, byte(packet.PUBCOMP)<<4, 2, body[0], body[1])
	}
}

func (s *stream) starter() chan struct{} {
	c := make(chan struct{})
	s.start = append(s.start, c)
	return c
}

// serve takes one burst at a time.
func (s *stream) serve(c *plainClient, start chan struct{}) {
	last := map[packet.QoS]packet.Type{0: packet.PUBLISH, 1: packet.PUBLISH, 2: packet.PUBREL}[s.qos]
	for range start {
		s.readers <- c.take(s.n, last)
	}
}

// take reads until n packets of the kind have come.
func (c *plainClient) take(n int, kind packet.Type) error {
	for n > 0 {
		got, err := c.next()
		if err != nil {
			return err
		}
		if got == kind {
			n--
		}
	}
	_, err := c.nc.Write(c.acks)
	c.acks = c.acks[:0]
	return err
}

// run sends a burst and waits until everybody has all of it.
func (s *stream) run(t testing.TB) {
	for _, c := range s.start {
		c <- struct{}{}
	}
	if _, err := s.in.nc.Write(s.burst); err != nil {
		t.Fatal(err)
	}
	if s.qos > 0 {
		last := packet.PUBACK
		if s.qos == 2 {
			last = packet.PUBCOMP
		}
		if err := s.in.take(s.n, last); err != nil {
			t.Fatal(err)
		}
	}
	for range s.out {
		if err := <-s.readers; err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stream) end() {
	for _, c := range s.start {
		close(c)
	}
}

func BenchmarkFlow(b *testing.B) {
	for qos := range packet.QoS(3) {
		for _, subscribers := range []int{1, 50} {
			b.Run(fmt.Sprintf("QoS%d/1to%d", qos, subscribers), func(b *testing.B) {
				const burst = 100
				s := newStream(b, qos, subscribers, burst)
				defer s.end()
				s.run(b)
				b.ReportAllocs()
				for b.Loop() {
					s.run(b)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*burst*subscribers), "ns/delivery")
			})
		}
	}
}

// What a message costs in allocations, in a stream over sockets. It was less when
// this was written; more is a step back that no stopwatch would show as surely.
func TestAMessageAllocatesLittle(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it empties pools at its own times
	for _, c := range []struct {
		qos         packet.QoS
		subscribers int
		most        float64 // for each message published
	}{
		{0, 1, 2.5},
		{0, 50, 5},
		{1, 1, 3.5},
		{1, 50, 70},
		{2, 1, 3.5},
		{2, 50, 70},
	} {
		const burst = 100
		s := newStream(t, c.qos, c.subscribers, burst)
		s.run(t)
		got := testing.AllocsPerRun(20, func() { s.run(t) }) / burst
		t.Logf("QoS %d, 1 to %d: %.2f", c.qos, c.subscribers, got)
		if most := c.most * poolsForget; got > most {
			t.Errorf("QoS %d, 1 to %d: %.2f allocations a message, want at most %.1f", c.qos, c.subscribers, got, most)
		}
		s.end()
	}
}
