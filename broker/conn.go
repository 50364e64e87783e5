package broker

import (
	"errors"
	"net"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"gatehouse/broker/packet"
)

// How long a connection that ends may take to be told why.
const (
	goodbyeGrace = time.Second
	revokedGrace = 50 * time.Millisecond
)

// conn is one network connection. One goroutine reads it; the fields of the first
// group are set before the second group can be seen and never change.
type conn struct {
	b      *Broker
	nc     net.Conn
	remote string
	out    output
	done   chan struct{} // closed when the connection ends

	// From CONNECT.
	session   *session
	grant     Grant
	version   packet.Version
	epoch     uint64
	keepAlive time.Duration
	maxPacket uint32 // the largest packet that the client takes; 0 for any
	window    int    // QoS 1 and 2 messages open to it

	grantSeen atomic.Pointer[Grant] // grant, for those who may come before CONNECT

	// Of the turn.
	dead    bool
	touched bool
	ready   bool // CONNACK was sent
	cause   Cause
	acks    [2]receipts // of QoS 1 and of QoS 2
	lanes   []*lane
	room    chan struct{} // holds a token after receipts were sent

	// Of the reader.
	in      input
	aliases []string
}

// serveConn serves one connection and returns when it has ended.
func (b *Broker) serveConn(nc net.Conn) {
	c := &conn{b: b, nc: nc, remote: nc.RemoteAddr().String(), done: make(chan struct{}), room: make(chan struct{}, 1)}
	raw := rawConn(nc)
	c.in = input{nc: nc, raw: raw}
	c.out = output{nc: nc, raw: raw, gone: make(chan struct{}), idle: c.written}
	if !b.admit(c) {
		_ = nc.Close() // refused before anything was said
		return
	}
	defer b.running.Done()
	cause, reason := c.serve()
	c.end(cause, reason)
	<-c.out.gone
}

// admit counts the connection in; false if there are too many or the broker stops.
func (b *Broker) admit(c *conn) bool {
	t := b.turn()
	defer t.end()
	b.start()
	if b.closing || len(b.conns) >= b.limits.MaxConnections {
		b.tally.count(refusedConnections)
		return false
	}
	b.conns[c] = struct{}{}
	b.running.Add(1)
	return true
}

// serve reads until the connection ends and says why. A panic ends this
// connection and nothing else.
func (c *conn) serve() (cause Cause, reason packet.ReasonCode) {
	defer func() {
		if p := recover(); p != nil {
			c.b.log.Error("a connection panicked", "remote", c.remote, "panic", p, "stack", string(debug.Stack()))
			cause, reason = CauseProtocol, packet.UnspecifiedError
		}
	}()
	if !c.connect() {
		return CauseProtocol, packet.Success // it was told, or there is nobody to tell
	}
	return c.read()
}

// end ends the connection from outside of a turn.
func (c *conn) end(cause Cause, reason packet.ReasonCode) {
	t := c.b.turn()
	defer t.end()
	t.drop(c, cause, reason)
}

// written is called by the writer when it has caught up, or when it cannot go on.
func (c *conn) written(lost error) {
	t := c.b.turn()
	defer t.end()
	if lost != nil {
		t.drop(c, CauseLost, packet.Success)
		return
	}
	if c.session != nil && c.session.conn == c {
		t.pump(c.session)
	}
}

// flush writes what waits. It looks once more at the right to be connected:
// nothing is written for a client that has lost it.
func (c *conn) flush() {
	if c.ended() {
		c.hurry()
	} else if g := c.grantSeen.Load(); g != nil && !(*g).Valid() {
		c.end(CauseRevoked, packet.AdministrativeAction)
		c.hurry()
	}
	c.out.flush(c.b.spawn)
}

// ended says that somebody has ended the connection.
func (c *conn) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// hurry bounds the time that the goodbye of an ended connection may take.
func (c *conn) hurry() {
	grace := goodbyeGrace
	if c.cause == CauseRevoked { // it does not change after the end
		grace = revokedGrace
	}
	c.out.hurry(grace)
}

// drop ends a connection: the first one who says why is right. reason is told to
// a v5 client that has not said goodbye itself; Success tells nothing.
func (t *turn) drop(c *conn, cause Cause, reason packet.ReasonCode) {
	if c.dead {
		return
	}
	b := t.b
	c.dead, c.cause = true, cause
	delete(b.conns, c)
	var goodbye []byte
	if c.session != nil && c.version >= packet.V5 && reason.Failed() {
		goodbye = (&packet.Disconnect{Reason: reason}).Append(nil, c.version)
	}
	c.out.finish(goodbye, cause == CauseRevoked)
	close(c.done)
	if s := c.session; s != nil && s.conn == c {
		t.detach(s, c, cause == CauseDisconnect && reason == packet.NormalDisconnection)
		b.tell(Presence{Client: s.client, Identity: s.identity, Epoch: c.epoch, At: b.now(), Cause: cause, Remote: c.remote})
	}
	t.touch(c)
}

// hasRoom reports whether more may be appended for a client that does not read
// fast enough.
func (c *conn) hasRoom() bool { return c.out.hasRoom(c.b.limits.MaxOutgoingBytes) }

// overfull says that the client makes the broker answer and does not read: the
// messages for it keep to hasRoom, and the last of them may be a large one.
func (c *conn) overfull() bool {
	l := &c.b.limits
	return c.out.waiting() > 2*l.MaxOutgoingBytes+int(l.MaxPacketSize)
}

// makeRoom wakes a reader that waits for receipts to be sent.
func (c *conn) makeRoom() {
	select {
	case c.room <- struct{}{}:
	default:
	}
}

// read applies what comes, batch by batch, until the connection ends. What came
// behind the CONNECT is there already.
func (c *conn) read() (Cause, packet.ReasonCode) {
	deadline := c.silence()
	for {
		n, more, err := c.batch()
		if err != nil {
			return c.causeOf(err)
		}
		if n > 0 {
			deadline = c.silence() // parts of packets do not keep a client alive
		}
		if more {
			continue
		}
		if err := c.readMore(deadline); err != nil {
			return c.causeOf(err)
		}
	}
}

// silence is when the client is given up: after one and a half keep-alives
// without a packet (MQTT-3.1.2-22).
func (c *conn) silence() time.Time { return time.Now().Add(c.keepAlive * 3 / 2) }

// readMore reads once before the deadline, unless the connection has ended.
func (c *conn) readMore(deadline time.Time) error {
	if err := c.nc.SetReadDeadline(deadline); err != nil {
		return err
	}
	if c.ended() { // whoever ended it may have set a deadline before ours
		return net.ErrClosed
	}
	return c.in.fill()
}

// causeOf translates a reader's error.
func (c *conn) causeOf(err error) (Cause, packet.ReasonCode) {
	var bad *packet.Error
	switch {
	case errors.As(err, &bad):
		c.b.tally.count(refusedProtocol)
		c.b.notices.say("client closed for a protocol error", "client", c.client(), "remote", c.remote, "error", bad)
		return CauseProtocol, bad.Reason
	case errors.Is(err, os.ErrDeadlineExceeded):
		return CauseKeepAlive, packet.KeepAliveTimeout
	default:
		return CauseLost, packet.Success
	}
}

func (c *conn) client() ClientID {
	if c.session == nil {
		return ""
	}
	return c.session.client
}
