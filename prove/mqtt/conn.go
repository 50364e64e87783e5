package mqtt

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	defaultReadBuffer = 4096
	// What a server can be asked for here is far smaller; a longer packet is a
	// broken length.
	maxPacket = 16 << 20
)

// Conn is a connection whose CONNECT was answered with success.
type Conn struct {
	Session bool       // the broker had a session of this client
	Welcome Properties // of its CONNACK, version 5

	version Version
	socket  net.Conn
	in      []byte // read buffer
	start   int    // in[start:end] was read from the socket and not yet returned
	end     int
	out     []byte // what Flush will write
}

// NewConn speaks version v on a socket, before CONNECT: for tests that want the
// handshake in their own hands. readBuffer 0 means 4 KiB.
func NewConn(socket net.Conn, v Version, readBuffer int) *Conn {
	if v == 0 {
		v = V311
	}
	if readBuffer == 0 {
		readBuffer = defaultReadBuffer
	}
	return &Conn{version: v, socket: socket, in: make([]byte, readBuffer)}
}

// Read waits for the next packet. io.EOF means that the broker closed between
// two packets, io.ErrUnexpectedEOF that it did within one.
func (c *Conn) Read() (Packet, error) {
	for {
		first, body, size, err := frame(c.in[c.start:c.end], c.version)
		if err != nil {
			return Packet{}, err
		}
		if size > 0 {
			c.start += size
			return parse(c.version, first, body)
		}
		if err := c.fill(); err != nil {
			return Packet{}, err
		}
	}
}

// fill reads what the socket has behind what is there, in one read.
func (c *Conn) fill() error {
	if c.start > 0 {
		c.end = copy(c.in, c.in[c.start:c.end])
		c.start = 0
	}
	if c.end == len(c.in) {
		if c.end >= maxPacket {
			return fmt.Errorf("a packet of at most %d bytes expected, a longer one came", maxPacket)
		}
		c.in = append(c.in, make([]byte, len(c.in))...)
	}
	n, err := c.socket.Read(c.in[c.end:])
	c.end += n
	if n > 0 {
		return nil
	}
	if errors.Is(err, io.EOF) && c.end > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Buffered reports whether the next Read has bytes without the socket. Who
// acknowledges flushes when it is false: many answers then share a write.
func (c *Conn) Buffered() bool { return c.end > c.start }

// Expect reads the next packet, which must be of type t, and no refusal.
func (c *Conn) Expect(t Type) (Packet, error) {
	p, err := c.Read()
	switch {
	case err != nil:
		return p, fmt.Errorf("%s expected: %w", t, err)
	case p.Type != t:
		return p, fmt.Errorf("%s expected, %s came", t, p.Type)
	case p.Code >= 0x80:
		return p, fmt.Errorf("%s with success expected, code %#x came", t, p.Code)
	}
	return p, nil
}

// Answers has the other side answer a ping: it has done then what it was sent before.
// What comes meanwhile is dropped; an end is an error.
func (c *Conn) Answers() error {
	c.Ping()
	if err := c.Flush(); err != nil {
		return err
	}
	for {
		switch p, err := c.Read(); {
		case err != nil:
			return err
		case p.Type == PINGRESP:
			return nil
		case p.Type == DISCONNECT:
			return fmt.Errorf("DISCONNECT came: %#x", p.Code)
		}
	}
}

// Publish puts a PUBLISH into the buffer; the caller is done with its bytes.
func (c *Conn) Publish(p Publish) { c.out = AppendPublish(c.out, c.version, p) }

// Ack puts a PUBACK, PUBREC, PUBREL or PUBCOMP into the buffer.
func (c *Conn) Ack(t Type, id uint16) { c.out = AppendAck(c.out, t, id) }

// Subscribe puts a SUBSCRIBE into the buffer.
func (c *Conn) Subscribe(id uint16, qos byte, filters ...string) {
	c.out = AppendSubscribe(c.out, c.version, id, qos, filters...)
}

// Unsubscribe puts an UNSUBSCRIBE into the buffer.
func (c *Conn) Unsubscribe(id uint16, filters ...string) {
	c.out = AppendUnsubscribe(c.out, c.version, id, filters...)
}

// Ping puts a PINGREQ into the buffer.
func (c *Conn) Ping() { c.out = AppendEmpty(c.out, PINGREQ) }

// Disconnect puts a DISCONNECT into the buffer: the broker forgets the will.
func (c *Conn) Disconnect() { c.out = AppendEmpty(c.out, DISCONNECT) }

// SubscribeWith puts a SUBSCRIBE with properties into the buffer.
func (c *Conn) SubscribeWith(id uint16, ps Properties, filters ...Filter) {
	c.out = AppendSubscribeWith(c.out, c.version, id, ps, filters...)
}

// Raw puts any bytes into the buffer.
func (c *Conn) Raw(b []byte) { c.out = append(c.out, b...) }

// Pending is the number of bytes that wait for Flush.
func (c *Conn) Pending() int { return len(c.out) }

// Flush gives the buffer to the socket in one write.
func (c *Conn) Flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.socket.Write(c.out)
	c.out = c.out[:0]
	return err
}

// SetReadDeadline bounds every Read until it is set again; zero means no bound.
func (c *Conn) SetReadDeadline(at time.Time) error { return c.socket.SetReadDeadline(at) }

// SetDeadline bounds every Read and Flush until it is set again.
func (c *Conn) SetDeadline(at time.Time) error { return c.socket.SetDeadline(at) }

// Close closes the socket in an orderly way and sends nothing: with a will it is
// published.
func (c *Conn) Close() error { return c.socket.Close() }

// Cut ends the connection as a pulled plug does that is noticed at once: with a
// reset, and whatever was on its way is gone. It may have ended before.
func (c *Conn) Cut() {
	if tcp, ok := c.socket.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // an error says that it has ended
	}
	_ = c.socket.Close() // so does this one
}
