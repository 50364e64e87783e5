package broker

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"math"
	"net"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// connect takes the CONNECT, asks who it is, and gives the connection its
// session. Nothing of any session is touched before it is decided that the
// client may have it. A client that was refused was told, unless there is nobody
// to tell.
func (c *conn) connect() (welcome bool, e ending) {
	return c.letIn(), ending{cause: CauseProtocol, reason: packet.Success}
}

func (c *conn) letIn() bool {
	end := time.Now().Add(c.via.ConnectTimeout)
	if err := c.handshake(end); err != nil {
		return false
	}
	p, err := c.readConnect(end)
	if err != nil {
		c.refuseConnect(p, err)
		return false
	}
	c.version, c.maxPacket, c.window = p.Version, p.Properties.MaximumPacketSize, c.windowOf(p)
	c.terse = p.Properties.RequestProblemInfo != nil && *p.Properties.RequestProblemInfo == 0
	if n := min(p.Properties.TopicAliasMaximum, c.b.limits.TopicAliasMaximum); n > 0 {
		c.given = &givenAliases{maximum: n}
	}
	grant, err := c.authorize(p)
	if early := (notTaken{}); errors.As(err, &early) {
		c.refuseConnect(p, early.error)
		return false
	}
	if err != nil {
		c.refuse(c.refusalOf(err))
		return false
	}
	told := new(packet.Properties)
	if p.ClientID == "" {
		p.ClientID = newIdentifier()
		told.AssignedClientID = p.ClientID
	}
	w, reason := c.checkWill(p, grant)
	if reason != packet.Success {
		c.b.tally.count(refusedWill)
		c.refuse(&Refusal{Reason: reason, Detail: "will topic " + p.Will.Topic, Told: "the will topic is not permitted"})
		return false
	}
	c.grant, c.keepAlive, c.heard = grant, c.keepAliveOf(p), time.Now()
	if c.auth != nil { // MQTT-4.12.0-5
		told.AuthMethod, told.AuthData, c.auth.answer = c.auth.request.Method, c.auth.answer, nil
	}
	if !c.fits(p, told) {
		c.b.tally.count(refusedConnect)
		c.refuse(&Refusal{Reason: packet.PacketTooLarge, Detail: "Maximum Packet Size is less than CONNACK needs"})
		return false
	}
	return c.attach(p, w, told)
}

// fits says whether the client takes its CONNACK. The response information is told
// if it asked for it (MQTT-3.1.2-28) and if there is room.
func (c *conn) fits(p *packet.Connect, told *packet.Properties) bool {
	takes := func() bool { return c.takes(c.welcome(p, told, false, c.b.expiryAsked(p))) }
	if told.ResponseInfo = c.responseInfo(p); told.ResponseInfo == "" || takes() {
		return takes()
	}
	told.ResponseInfo = ""
	return takes()
}

func (c *conn) responseInfo(p *packet.Connect) string {
	asked := p.Properties.RequestResponseInfo
	if c.b.opts.ResponseInformation == nil || asked == nil || *asked == 0 {
		return ""
	}
	info := c.b.opts.ResponseInformation(ClientID(p.ClientID), c.grant)
	if len(info) > 65_535 || !utf8.ValidString(info) || strings.ContainsRune(info, 0) {
		c.b.log.Error("response information cannot be sent: want UTF-8 without NUL of at most 65,535 bytes", "client", p.ClientID)
		return ""
	}
	return info
}

// takes says whether the client takes a packet of this size (MQTT-3.1.2-24).
func (c *conn) takes(p []byte) bool { return c.maxPacket == 0 || uint64(len(p)) <= uint64(c.maxPacket) }

// readConnect reads the first packet. A packet that is no CONNECT, and one that
// claims more than a CONNECT may be, is refused from its first bytes.
func (c *conn) readConnect(end time.Time) (*packet.Connect, error) {
	p := new(packet.Connect)
	if err := c.nc.SetReadDeadline(end); err != nil {
		return p, err
	}
	h, body, size, err := c.readEarly(func(t packet.Type) error {
		if t == packet.CONNECT {
			return nil
		}
		return wrongOrder("MQTT-3.1.0-1", "the first packet is not CONNECT")
	})
	if err != nil {
		c.glimpse(p)
		return p, err
	}
	err = p.Decode(h, body)
	copyConnect(p)
	c.took(size)
	return p, err
}

// took counts a packet that is no part of a batch, and gives its bytes back.
func (c *conn) took(size int) {
	c.b.tally.got.add(size, 1)
	c.in.consume(size)
}

// glimpse finds out the version of a CONNECT that is refused from its first bytes,
// as far as they are there: it says in which form the client can be told.
func (c *conn) glimpse(p *packet.Connect) {
	read := c.in.bytes()
	if h, size, _ := packet.Peek(read, 0); h.Type == packet.CONNECT && size > h.Length {
		body := read[min(size-h.Length, len(read)):]
		h.Length = len(body) // what more there is to it was not read
		_ = p.Decode(h, body)
		*p = packet.Connect{Version: p.Version}
	}
}

// readEarly reads a whole packet of a client that is not yet let in, if expected
// has nothing against its type. It is still in the buffer.
func (c *conn) readEarly(expected func(packet.Type) error) (h packet.Header, body []byte, size int, err error) {
	for {
		if c.in.used > 0 {
			if err := expected(packet.Type(c.in.bytes()[0] >> 4)); err != nil {
				return h, nil, 0, err
			}
			if h, body, size, err = c.in.next(0, c.via.MaxConnectSize); err != nil || size > 0 {
				return h, body, size, err
			}
		}
		if c.ended() { // whoever ended it may have set a deadline before ours
			return h, nil, 0, net.ErrClosed
		}
		if err := c.in.fill(); err != nil {
			return h, nil, 0, err
		}
	}
}

// copyConnect takes what aliases the read buffer out of it.
func copyConnect(p *packet.Connect) {
	p.Password = append([]byte(nil), p.Password...)
	p.Properties.AuthData = bytes.Clone(p.Properties.AuthData)
	if w := p.Will; w != nil {
		w.Payload = append([]byte(nil), w.Payload...)
		w.Properties.CorrelationData = bytes.Clone(w.Properties.CorrelationData)
	}
}

// refuseConnect answers what was no proper CONNECT, as far as that can be done.
func (c *conn) refuseConnect(p *packet.Connect, err error) {
	var bad *packet.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.b.tally.count(refusedTimeout)
		c.blame(packet.NotAuthorized)
	case errors.As(err, &bad):
		c.b.tally.count(refusedConnect)
		c.version = p.Version
		told := bad.Reason == packet.UnsupportedProtocolVersion || bad.Reason == packet.ClientIdentifierNotValid
		if p.Version >= packet.V5 || p.Version > 0 && told { // MQTT-3.1.4-1 of 3.1.1: otherwise closed without a word
			c.refuse(&Refusal{Reason: bad.Reason, Detail: bad.Error(), Told: whyOf(bad)})
			return
		}
		c.blame(bad.Reason)
	}
}

// refuse answers with a CONNACK that says no, if the client takes any. The
// connection is closed after it.
func (c *conn) refuse(r *Refusal) {
	c.blame(r.Reason)
	c.b.notices.say("connect refused", "remote", c.remote, "listener", c.via.Name, "reason", r.Reason.String(), "detail", r.Detail)
	c.say(c.denial(r.Reason, r.Told))
	c.linger()
}

// say sends a packet outside of a turn.
func (c *conn) say(p []byte) {
	t := c.b.turn()
	defer t.end()
	t.send(c, p)
}

// authorize asks the program.
func (c *conn) authorize(p *packet.Connect) (Grant, error) {
	ctx, cancel := context.WithTimeout(c.b.ctx, c.via.ConnectTimeout)
	defer cancel()
	r := ConnectRequest{
		Client: ClientID(p.ClientID), Username: p.Username, Password: p.Password, Version: p.Version,
		Remote: c.remote, Listener: c.via.Name, TLS: tlsState(c.nc), Method: p.Properties.AuthMethod,
	}
	if r.Method != "" {
		return c.exchange(ctx, r, p.Properties.AuthData)
	}
	return c.via.Authorizer.Connect(ctx, r)
}

// refusalOf is the answer for an error of the Authorizer.
func (c *conn) refusalOf(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) && r.Reason.Failed() {
		c.b.tally.count(refusedLogin)
		return r
	}
	c.b.tally.count(refusedNoAnswer)
	c.b.log.Error("authorizer failed", "remote", c.remote, "error", err)
	return &Refusal{Reason: packet.ServerUnavailable, Detail: err.Error()}
}

// tlsState looks for TLS below the connection.
func tlsState(nc net.Conn) *tls.ConnectionState {
	for {
		switch n := nc.(type) {
		case *tls.Conn:
			s := n.ConnectionState()
			return &s
		case interface{ NetConn() net.Conn }:
			nc = n.NetConn()
		default:
			return nil
		}
	}
}

// checkWill makes the will, and says why the client may not have it.
func (c *conn) checkWill(p *packet.Connect, g Grant) (*will, packet.ReasonCode) {
	if p.Will == nil {
		return nil, packet.Success
	}
	if topic.ValidName(p.Will.Topic, c.b.limits.MaxTopicLevels) != nil {
		return nil, packet.TopicNameInvalid
	}
	w := c.b.newWill(p.Will, ClientID(p.ClientID), g)
	if w.m.command || strings.HasPrefix(w.m.topic, "$") || !g.MayPublish(w.m.topic) {
		return nil, packet.NotAuthorized
	}
	if reason := limit(g, w.m); reason != packet.Success {
		return nil, reason
	}
	return w, packet.Success
}

// keepAliveOf bounds the client's keep-alive; none at all is too long, unless
// there is no bound.
func (c *conn) keepAliveOf(p *packet.Connect) time.Duration {
	d := time.Duration(p.KeepAlive) * time.Second
	if c.b.limits.MaxKeepAlive < 0 {
		return d
	}
	if d == 0 || d > c.b.limits.MaxKeepAlive {
		return c.b.limits.MaxKeepAlive
	}
	return d
}

// windowOf is how many QoS 1 and 2 messages may be open to the client
// (MQTT-3.3.4-7).
func (c *conn) windowOf(p *packet.Connect) int {
	if r := p.Properties.ReceiveMaximum; r > 0 {
		return int(min(r, c.b.limits.MaxInFlight))
	}
	return int(c.b.limits.MaxInFlight)
}

// sessionExpiry bounds the seconds that a v5 client asks for; the largest number
// means for ever.
func (b *Broker) sessionExpiry(seconds uint32) time.Duration {
	if seconds == math.MaxUint32 {
		return b.limits.MaxSessionExpiry
	}
	return min(time.Duration(seconds)*time.Second, b.limits.MaxSessionExpiry)
}

// expiryAsked is how long the session of this CONNECT lives.
func (b *Broker) expiryAsked(p *packet.Connect) time.Duration {
	switch {
	case p.Version < packet.V5 && p.CleanStart:
		return 0
	case p.Version < packet.V5:
		return b.limits.SessionExpiry311
	case p.Properties.SessionExpiry == nil:
		return 0
	}
	return b.sessionExpiry(*p.Properties.SessionExpiry)
}

// welcome is the CONNACK of a client that is let in; told is what is known of its
// properties.
func (c *conn) welcome(p *packet.Connect, told *packet.Properties, present bool, expiry time.Duration) []byte {
	a := packet.Connack{SessionPresent: present}
	if c.version >= packet.V5 {
		l := &c.b.limits
		a.Properties = *told
		q := &a.Properties
		q.ReceiveMaximum, q.MaximumPacketSize, q.TopicAliasMaximum = l.ReceiveMaximum, c.via.MaxPacketSize, l.TopicAliasMaximum
		if seconds := uint16(c.keepAlive / time.Second); seconds != p.KeepAlive {
			q.ServerKeepAlive = &seconds
		}
		if asked := p.Properties.SessionExpiry; asked != nil {
			if granted := uint32(expiry / time.Second); granted != *asked {
				q.SessionExpiry = &granted
			}
		}
	}
	return a.Append(nil, c.version)
}

// newIdentifier names a session whose client did not.
func newIdentifier() string {
	var p [16]byte
	_, _ = rand.Read(p[:]) // never fails
	return hex.EncodeToString(p[:])
}
