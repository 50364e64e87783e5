package broker

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
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
	via    *entrance
	remote string
	from   netip.Addr // that it is counted under
	out    output
	done   latch // the connection has ended

	// From CONNECT.
	session   *session
	grant     Grant
	version   packet.Version
	epoch     uint64
	keepAlive time.Duration
	maxPacket uint32 // the largest packet that the client takes; 0 for any
	window    int    // QoS 1 and 2 messages open to it
	terse     bool   // it wants no reason strings
	given     *givenAliases

	granted atomic.Pointer[Grant] // grant, once it has a session; another one after a re-authentication

	// Of the turn.
	dead    bool
	touched bool
	ready   bool // CONNACK was sent
	cause   Cause
	acks    [2]receipts   // of QoS 1 and of QoS 2
	room    chan struct{} // nil, or holds a token after receipts were sent

	// Of the reader.
	in      input
	heard   time.Time // when the last packet came
	alarm   time.Time // the deadline that is set; zero for none
	aliases aliases
	auth    *exchanging // nil without an authentication method
}

// rights are what the client may do now. It must have a session.
func (c *conn) rights() Grant { return *c.granted.Load() }

// serveConn serves one connection.
func (b *Broker) serveConn(nc net.Conn, via *entrance) {
	c := newConn(b, nc, via)
	if !b.admit(c) {
		_ = nc.Close() // refused before anything was said
		return
	}
	defer b.running.Done()
	deepen()
	if c.guarded(c.connect) {
		c.run()
	}
}

// deepen makes the stack as large as packets need it, in one step and while little
// is on it. It would become so in several, each of which copies what is there.
//
//go:noinline
func deepen() {
	var room [4 << 10]byte
	runtime.KeepAlive(&room)
}

// run serves a client that is let in. Whenever the client has become idle it goes
// on in a fresh goroutine: packets make the stack larger than waiting needs, and a
// stack never becomes that small again. An idle client is waited for here, where
// little is on the stack: the runtime begins goroutines with what they need on average.
func (c *conn) run() {
	if c.in.idle.Load() && !c.ended() && c.in.rest() {
		deepen()
	}
	if c.guarded(c.read) {
		c.b.spawn(c.run)
	}
}

func newConn(b *Broker, nc net.Conn, via *entrance) *conn {
	b.tally.accepted.Add(1)
	c := &conn{b: b, nc: nc, via: via, remote: nc.RemoteAddr().String(), from: addressOf(nc.RemoteAddr())}
	raw := rawConn(nc)
	c.in.nc, c.in.raw.raw = nc, raw
	c.out.nc, c.out.raw.raw, c.out.owner, c.out.sent = nc, raw, c, &b.tally.sent
	return c
}

// admit counts the connection in; false if there are too many, if its address is
// barred, or if the broker stops.
func (b *Broker) admit(c *conn) bool {
	barred := b.grudges.bars(c.from, c.via.RefusedPerMinute)
	t := b.turn()
	defer t.end()
	b.start()
	switch most := c.via.MaxConnectionsPerAddress; {
	case b.closing || len(b.conns) >= b.limits.MaxConnections || c.via.open >= c.via.MaxConnections:
		b.tally.count(refusedConnections)
		return false
	case barred:
		b.tally.count(refusedAddressRate)
		return false
	case c.from.IsValid() && most >= 0 && b.addresses[c.from] >= most:
		b.tally.count(refusedAddress)
		return false
	}
	b.conns[c] = struct{}{}
	c.via.open++
	b.addresses[c.from]++
	b.running.Add(2) // until it is closed, and until serveConn, which anybody may call, returns
	return true
}

// guarded runs a part of the connection's life, and ends the connection unless
// that says that it goes on. A panic ends this connection and nothing else.
func (c *conn) guarded(part func() (goesOn bool, e ending)) (goesOn bool) {
	e := ending{cause: CauseProtocol, reason: packet.UnspecifiedError}
	defer func() {
		if p := recover(); p != nil {
			c.b.log.Error("a connection panicked", "remote", c.remote, "panic", p, "stack", string(debug.Stack()))
		}
		if !goesOn {
			e.c = c
			c.b.endings.put(e)
		}
	}()
	if goesOn, e = part(); !goesOn {
		c.in.abandon()
	}
	return goesOn
}

// end ends the connection from outside of a turn.
func (c *conn) end(cause Cause, reason packet.ReasonCode) {
	t := c.b.turn()
	defer t.end()
	t.drop(c, cause, reason)
}

// closed is called by the writer when nothing more can be written.
func (c *conn) closed() { c.b.running.Done() }

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
		t.refill(c.session)
	}
}

// flush writes what waits. It looks once more at the right to be connected:
// nothing is written for a client that has lost it.
func (c *conn) flush() {
	if g := c.granted.Load(); g != nil && !c.ended() && !(*g).Valid() {
		c.end(CauseRevoked, packet.AdministrativeAction)
	}
	if c.out.flush(c.b.spawn) && c.ended() {
		c.hurry()
	}
}

// ended says that somebody has ended the connection.
func (c *conn) ended() bool { return c.done.isSet() }

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
	t.dropSaying(c, cause, reason, "")
}

// dropSaying is drop with a text for the client.
func (t *turn) dropSaying(c *conn, cause Cause, reason packet.ReasonCode, why string) {
	if c.dead {
		return
	}
	b := t.b
	c.dead, c.cause = true, cause
	delete(b.conns, c)
	c.via.open--
	if b.addresses[c.from]--; b.addresses[c.from] == 0 {
		delete(b.addresses, c.from)
	}
	var goodbye []byte
	if c.ready && c.version >= packet.V5 && reason.Failed() && cause != CauseDisconnect {
		goodbye = c.goodbye(reason, why)
	}
	for _, l := range c.out.finish(goodbye, cause == CauseRevoked) {
		l.end(cause)
	}
	c.done.set()
	if s := c.session; s != nil && s.conn == c {
		t.detach(s, c, cause == CauseDisconnect && reason == packet.NormalDisconnection)
		b.tell(Presence{Client: s.client, Identity: s.identity, Epoch: c.epoch, At: b.now(), Cause: cause, Remote: c.remote})
	}
	t.touch(c)
}

// hasRoom reports whether more may be appended for a client that does not read
// fast enough.
func (c *conn) hasRoom() bool { return c.hasRoomFor(1) }

// hasRoomFor is hasRoom for one of several users of the room, each of which leaves
// the rest of it to the others.
func (c *conn) hasRoomFor(users int) bool { return c.out.hasRoom(c.b.limits.MaxOutgoingBytes / users) }

// overfull says that the client makes the broker answer and does not read: the
// messages for it keep to hasRoom, and the last of them may be a large one.
func (c *conn) overfull() bool {
	return c.out.waiting() > 2*c.b.limits.MaxOutgoingBytes+int(c.via.MaxPacketSize)
}

// makeRoom wakes a reader that waits for receipts to be sent. The turn is held.
func (c *conn) makeRoom() {
	if c.room == nil {
		return
	}
	select {
	case c.room <- struct{}{}:
	default:
	}
}

// read applies what comes, batch by batch, until the client is idle or the
// connection ends. What came behind the CONNECT is there already.
func (c *conn) read() (idle bool, e ending) {
	more := c.in.used > 0
	for {
		if !more {
			err := c.await()
			if errors.Is(err, errIdle) {
				return true, ending{}
			}
			if err != nil {
				return false, c.endingOf(err)
			}
		}
		var n int
		var err error
		if n, more, err = c.batch(); err != nil {
			return false, c.endingOf(err)
		}
		if n == 0 { // parts of packets do not keep a client alive
			continue
		}
		if c.active(); c.in.idle.Load() && !more && c.in.used == 0 {
			return true, ending{}
		}
	}
}

// idleAfter is how long a client is quiet before it counts as idle, usually.
const idleAfter = time.Second

// errIdle says that the client has become idle.
var errIdle = errors.New("nothing came for a while")

// active notes that a packet came. An idle client stays one if it says something now
// and then, which costs no alarm.
func (c *conn) active() {
	before := c.heard
	c.heard = time.Now()
	if c.in.idle.Load() && c.heard.Sub(before) < c.b.idleAfter {
		c.in.idle.Store(false)
		c.alarm = time.Time{}
	}
}

// await reads once, or finds that nothing came. The client is given up after one
// and a half keep-alives without a packet (MQTT-3.1.2-22). The socket's deadline
// is an alarm that may ring before that: it costs a timer now and then, not one
// for each packet.
func (c *conn) await() error {
	end := c.givenUp()
	if err := c.setAlarm(end); err != nil {
		return err
	}
	if c.ended() { // whoever ended it may have set a deadline before ours
		return net.ErrClosed
	}
	err := c.in.fill()
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	c.alarm = time.Time{}
	switch now := time.Now(); {
	case !now.Before(end):
		return err
	case c.in.used == 0 && (c.in.idle.Load() || now.Sub(c.heard) >= c.b.idleAfter):
		c.in.idle.Store(true)
		if err := c.setAlarm(end); err != nil { // here, not on the small stack of the goroutine that goes on
			return err
		}
		return errIdle
	}
	return nil
}

// never is as long as no connection lasts.
const never = 100 * 365 * 24 * time.Hour

// givenUp is when the client is given up unless a packet comes.
func (c *conn) givenUp() time.Time {
	if c.keepAlive == 0 {
		return c.heard.Add(never)
	}
	return c.heard.Add(c.keepAlive * 3 / 2)
}

// setAlarm makes the wait for more end when the client is to be given up, or
// sooner if it is not known to be idle.
func (c *conn) setAlarm(end time.Time) error {
	if !c.alarm.IsZero() {
		return nil
	}
	c.alarm = end
	if soon := time.Now().Add(c.b.idleAfter); !c.in.idle.Load() && soon.Before(end) {
		c.alarm = soon
	}
	return c.nc.SetReadDeadline(c.alarm)
}

// endingOf translates a reader's error.
func (c *conn) endingOf(err error) ending {
	var bad *packet.Error
	switch {
	case errors.As(err, &bad):
		c.b.tally.count(refusedProtocol)
		c.b.notices.say("client closed for a protocol error", "client", c.client(), "remote", c.remote, "error", bad)
		return ending{cause: CauseProtocol, reason: bad.Reason, why: whyOf(bad)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ending{cause: CauseKeepAlive, reason: packet.KeepAliveTimeout}
	default:
		return ending{cause: CauseLost, reason: packet.Success}
	}
}

func (c *conn) client() ClientID {
	if c.session == nil {
		return ""
	}
	return c.session.client
}
