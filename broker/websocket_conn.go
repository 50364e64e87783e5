package broker

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"gatehouse/broker/packet"
)

// How long control frames may take to be written: answers, by the reader, which
// has nothing else to do for a peer that does not take them; and the goodbye of
// Close, whose caller may have.
const (
	answerTimeout  = 5 * time.Second
	goodbyeTimeout = 100 * time.Millisecond
)

// webSocketConn is the server's side of a WebSocket whose handshake is done, as a
// byte stream: where frames begin and end has no meaning for the packets in them
// (MQTT-6.0.0-2). Read unpacks, Write makes one binary frame. Pings and close
// frames are answered by Read. Read and Write may be called at the same time,
// each by one goroutine; Close and the deadlines by anybody.
type webSocketConn struct {
	net.Conn
	remote net.Addr
	early  []byte // came with the handshake, is read first
	in     deframer
	failed error // the reader's last error, if no reading is possible after it
	out    frameWriter
}

// newWebSocketConn takes over a connection, the bytes that were read from it
// behind the handshake, and the address of the peer.
func newWebSocketConn(c net.Conn, early []byte, remote net.Addr) *webSocketConn {
	w := &webSocketConn{Conn: c, remote: remote, early: early}
	w.out.conn = c
	w.out.deadline.conn = c
	return w
}

// RemoteAddr implements net.Conn.
func (c *webSocketConn) RemoteAddr() net.Addr { return c.remote }

// NetConn is the connection below, like that of tls.Conn.
func (c *webSocketConn) NetConn() net.Conn { return c.Conn }

// Read reads application data. What the peer does against the protocol is a
// *packet.Error; io.EOF is its close frame.
func (c *webSocketConn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if c.failed != nil {
			return 0, c.failed
		}
		n, err := c.readRaw(p)
		n, bad := c.in.feed(p[:n])
		c.answer(bad)
		if n > 0 || err != nil && c.failed == nil {
			return n, err
		}
	}
	return 0, nil
}

func (c *webSocketConn) readRaw(p []byte) (int, error) {
	if len(c.early) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.early)
	if c.early = c.early[n:]; len(c.early) == 0 {
		c.early = nil
	}
	return n, nil
}

// answer reacts to the control frames that were read and to a bad frame.
func (c *webSocketConn) answer(bad error) {
	if ping := c.in.ping; ping != nil && bad == nil && c.in.close == nil {
		c.in.ping = nil
		c.out.pong(ping)
	}
	switch {
	case bad != nil:
		c.failed = bad
		c.out.close(statusOf(bad), answerTimeout)
	case c.in.close != nil:
		c.failed = io.EOF
		code, _ := ws.ParseCloseFrameData(c.in.close)
		c.out.close(code, answerTimeout)
	}
}

// statusOf is the close code that says what was wrong.
func statusOf(err error) ws.StatusCode {
	var e *packet.Error
	if errors.As(err, &e) && e.Clause == "MQTT-6.0.0-1" {
		return ws.StatusUnsupportedData
	}
	return ws.StatusProtocolError
}

// Write writes p as one binary frame. If it ends early, by a deadline, the next
// Write goes on with the rest of p as that of any stream does.
func (c *webSocketConn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close says goodbye if that is possible at once, and closes.
func (c *webSocketConn) Close() error {
	c.out.close(ws.StatusNormalClosure, goodbyeTimeout)
	return c.Conn.Close()
}

// SetDeadline implements net.Conn.
func (c *webSocketConn) SetDeadline(t time.Time) error {
	return errors.Join(c.Conn.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetWriteDeadline implements net.Conn.
func (c *webSocketConn) SetWriteDeadline(t time.Time) error { return c.out.deadline.set(t) }

// writeDeadline remembers the deadline of the connection's user while a control
// frame is written with one of its own.
type writeDeadline struct {
	conn net.Conn
	mu   sync.Mutex
	t    time.Time
}

func (d *writeDeadline) set(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.t = t
	return d.conn.SetWriteDeadline(t)
}

// during runs f with a deadline of its own.
func (d *writeDeadline) during(limit time.Duration, f func()) {
	d.mu.Lock()
	err := d.conn.SetWriteDeadline(time.Now().Add(limit))
	d.mu.Unlock()
	if err != nil {
		return // closed
	}
	f()
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.conn.SetWriteDeadline(d.t) // a closed connection has no deadline
}
