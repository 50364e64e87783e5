package broker

import (
	"errors"
	"net"
	"testing"
	"time"

	"gatehouse/broker/packet"
)

// client is a scripted client: it sends what a test says and shows what came. It
// answers nothing by itself.
type client struct {
	t  testing.TB
	nc net.Conn
	v  packet.Version
	in chan any // packets; closed when the connection ended
}

// wire makes a client of a connection; it reads until the connection ends.
func wire(t testing.TB, nc net.Conn, v packet.Version) *client {
	c := &client{t: t, nc: nc, v: v, in: make(chan any, 100_000)}
	go c.read()
	t.Cleanup(func() {
		_ = nc.Close()
		for range c.in {
		}
	})
	return c
}

func (c *client) read() {
	defer close(c.in)
	var buf []byte
	chunk := make([]byte, 64<<10)
	for {
		n, err := c.nc.Read(chunk)
		buf = append(buf, chunk[:n]...)
		for {
			h, size, perr := packet.Peek(buf, 0)
			if perr != nil || size > len(buf) {
				if perr != nil && !errors.Is(perr, packet.ErrShort) {
					c.t.Errorf("the broker sent a bad packet: %v", perr)
					return
				}
				break
			}
			p, derr := decodeAny(c.v, h, append([]byte(nil), buf[size-h.Length:size]...))
			if derr != nil {
				c.t.Errorf("the broker sent a bad %v: %v", h.Type, derr)
				return
			}
			c.in <- p
			buf = buf[size:]
		}
		if err != nil {
			return
		}
	}
}

func decodeAny(v packet.Version, h packet.Header, body []byte) (any, error) {
	switch h.Type {
	case packet.CONNACK:
		p := new(packet.Connack)
		return p, p.Decode(v, h, body)
	case packet.PUBLISH:
		p := new(packet.Publish)
		return p, p.Decode(v, h, body)
	case packet.SUBACK:
		p := new(packet.Suback)
		return p, p.Decode(v, h, body)
	case packet.UNSUBACK:
		p := new(packet.Unsuback)
		return p, p.Decode(v, h, body)
	case packet.DISCONNECT:
		p := new(packet.Disconnect)
		return p, p.Decode(v, h, body)
	case packet.AUTH:
		p := new(packet.Auth)
		return p, p.Decode(v, h, body)
	case packet.PINGRESP:
		return packet.PINGRESP, nil
	default:
		p := new(packet.Ack)
		return p, p.Decode(v, h, body)
	}
}

type appender interface {
	Append(dst []byte, v packet.Version) []byte
}

func (c *client) send(list ...appender) {
	c.t.Helper()
	var out []byte
	for _, p := range list {
		out = p.Append(out, c.v)
	}
	c.sendBytes(out)
}

func (c *client) sendBytes(p []byte) {
	c.t.Helper()
	if err := c.nc.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
	if _, err := c.nc.Write(p); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// next gives the next packet; nil if the connection ended.
func (c *client) next() any {
	c.t.Helper()
	select {
	case p := <-c.in:
		return p
	case <-time.After(patience):
		c.t.Fatalf("nothing came within %v", patience)
		return nil
	}
}

// expect gives the next packet, which must be of the type.
func expect[P any](c *client) P {
	c.t.Helper()
	p := c.next()
	want, ok := p.(P)
	if !ok {
		c.t.Fatalf("got %T %+v, want %T", p, p, want)
	}
	return want
}

func (c *client) ack(want packet.Type, id uint16) *packet.Ack {
	c.t.Helper()
	a := expect[*packet.Ack](c)
	if a.Type != want || a.ID != id {
		c.t.Fatalf("got %v of %d, want %v of %d", a.Type, a.ID, want, id)
	}
	return a
}

// message gives the next PUBLISH, which must have the topic and payload.
func (c *client) message(topic, payload string) *packet.Publish {
	c.t.Helper()
	p := expect[*packet.Publish](c)
	if p.Topic != topic || string(p.Payload) != payload {
		c.t.Fatalf("got %q %q, want %q %q", p.Topic, p.Payload, topic, payload)
	}
	return p
}

// silent checks that nothing came for this client until the broker has answered
// it a ping: all that was before that on its way would have come.
func (c *client) silent() {
	c.t.Helper()
	c.sendBytes(packet.AppendPingreq(nil))
	if p := c.next(); p != packet.PINGRESP {
		c.t.Fatalf("got %T %+v, want nothing", p, p)
	}
}

// ended checks that the broker closed the connection, without another word.
func (c *client) ended() {
	c.t.Helper()
	if p := c.next(); p != nil {
		c.t.Fatalf("got %T %+v, want the end of the connection", p, p)
	}
}

// disconnected checks that the broker closed, with the reason for v5.
func (c *client) disconnected(want packet.ReasonCode) {
	c.t.Helper()
	if c.v >= packet.V5 {
		if d := expect[*packet.Disconnect](c); d.Reason != want {
			c.t.Fatalf("disconnected with %v, want %v", d.Reason, want)
		}
	}
	c.ended()
}

// option changes a CONNECT.
type option func(*packet.Connect)

func keep(p *packet.Connect) {
	p.CleanStart = false
	if p.Version >= packet.V5 {
		hour := uint32(3600)
		p.Properties.SessionExpiry = &hour
	}
}

func clean(p *packet.Connect) { p.CleanStart = true }

func as(user string) option {
	return func(p *packet.Connect) { p.HasUsername, p.Username = true, user }
}

func password(s string) option {
	return func(p *packet.Connect) { p.HasPassword, p.Password = true, []byte(s) }
}

func withWill(w packet.Will) option { return func(p *packet.Connect) { p.Will = &w } }

func keepAlive(seconds uint16) option { return func(p *packet.Connect) { p.KeepAlive = seconds } }

func receiveMax(n uint16) option {
	return func(p *packet.Connect) { p.Properties.ReceiveMaximum = n }
}

// greet sends CONNECT and gives the answer.
func (c *client) greet(id string, options ...option) *packet.Connack {
	c.t.Helper()
	p := &packet.Connect{Version: c.v, ClientID: id, CleanStart: true, KeepAlive: 60, HasUsername: true, Username: id}
	for _, o := range options {
		o(p)
	}
	c.sendBytes(p.Append(nil))
	return expect[*packet.Connack](c)
}

// over opens a client over a pipe and has it let in.
func (h *house) over(v packet.Version, id string, options ...option) *client {
	h.t.Helper()
	c := wire(h.t, h.pipe(), v)
	c.mustGreet(id, options...)
	return c
}

func (c *client) mustGreet(id string, options ...option) *packet.Connack {
	c.t.Helper()
	a := c.greet(id, options...)
	if a.Reason != packet.Success {
		c.t.Fatalf("connect: %v", a.Reason)
	}
	return a
}

// subscribe subscribes and wants every filter granted.
func (c *client) subscribe(qos packet.QoS, filters ...string) {
	c.t.Helper()
	s := &packet.Subscribe{ID: 1000}
	for _, f := range filters {
		s.Subscriptions = append(s.Subscriptions, packet.Subscription{Filter: f, QoS: qos})
	}
	c.send(s)
	for i, r := range expect[*packet.Suback](c).Reasons {
		if r != packet.ReasonCode(qos) {
			c.t.Fatalf("filter %q: %v", filters[i], r)
		}
	}
}

func pub(topic, payload string, qos packet.QoS, id uint16) *packet.Publish {
	return &packet.Publish{Topic: topic, Payload: []byte(payload), QoS: qos, ID: id}
}

func retainedPub(topic, payload string, qos packet.QoS, id uint16) *packet.Publish {
	p := pub(topic, payload, qos, id)
	p.Retain = true
	return p
}

func ackOf(t packet.Type, id uint16) *packet.Ack { return &packet.Ack{Type: t, ID: id} }

// exactlyOnce sends a QoS 2 message through all its steps.
func (c *client) exactlyOnce(topic, payload string, id uint16) {
	c.t.Helper()
	c.send(pub(topic, payload, 2, id))
	c.ack(packet.PUBREC, id)
	c.send(ackOf(packet.PUBREL, id))
	c.ack(packet.PUBCOMP, id)
}

// versions are the versions that both-version tests run with.
var versions = []packet.Version{packet.V311, packet.V5}

// each runs a test for 3.1.1 and 5, in memory and with a store.
func each(t *testing.T, test func(t *testing.T, h *house, v packet.Version)) {
	t.Helper()
	for _, v := range versions {
		for _, stored := range []bool{false, true} {
			name := v.String()
			if stored {
				name += "/stored"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, func(o *Options) {
					if stored {
						o.Store = NewMemoryStore()
					}
				})
				test(t, h, v)
			})
		}
	}
}
