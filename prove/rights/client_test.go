package rights

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"gatehouse/prove/mqtt"
)

// client does what it is told, acknowledges what comes, and keeps it.
type client struct {
	*mqtt.Conn
	t     testing.TB
	id    uint16
	got   []message
	v     mqtt.Version
	ended bool
	said  byte // reason of the DISCONNECT that came; 0: none came
}

// message is one that came.
type message struct{ topic, payload string }

// attempt connects; the code is that of the refusal, 0 if there is none.
func (s *server) attempt(connect mqtt.Connect, user, password string) (*client, byte) {
	s.t.Helper()
	nc, err := net.DialTimeout("tcp", s.Addr, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.greet(nc, connect, user, password)
}

// greet says CONNECT on a socket. What the server says after a refusal is an error.
func (s *server) greet(nc net.Conn, connect mqtt.Connect, user, password string) (*client, byte) {
	s.t.Helper()
	connect.User, connect.Password = user, password
	if connect.Version == 0 {
		connect.Version = mqtt.V311
	}
	c := &client{Conn: mqtt.NewConn(nc, connect.Version, 0), t: s.t, v: connect.Version}
	s.t.Cleanup(c.Cut)
	c.deadline()
	c.Raw(mqtt.AppendConnect(nil, connect))
	if err := c.Flush(); err != nil {
		s.t.Fatal(err)
	}
	p, err := c.Read()
	if err != nil || p.Type != mqtt.CONNACK {
		s.t.Fatalf("CONNECT was answered with %s, %v", p.Type, err)
	}
	if c.Session = p.Session; p.Code == 0 {
		return c, 0
	}
	if p.Session {
		s.t.Errorf("a refusal with %#x says that there is a session", p.Code)
	}
	code := p.Code
	if p, err := c.Read(); !gone(err) {
		s.t.Errorf("behind a refusal came %s, %v", p.Type, err)
	}
	return nil, code
}

// connect is attempt for tests that are lost without it, with a user whose password
// is its name.
func (s *server) connect(connect mqtt.Connect, user string) *client {
	s.t.Helper()
	c, code := s.attempt(connect, user, user)
	if c == nil {
		s.t.Fatalf("client %q of user %q was refused with %#x: %s", connect.ClientID, user, code, s.Stderr)
	}
	return c
}

// from connects from another address of this machine for each k: the broker soon does not hear one from which many are
// wrong.
func from(t testing.TB, address string, k int, connect mqtt.Connect) (*mqtt.Conn, error) {
	t.Helper()
	d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(2+k/250/250), byte(1+k/250%250), byte(1+k%250))}}
	nc, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Error(err)
		return nil, err
	}
	return mqtt.Over(nc, mqtt.Options{Connect: connect, Timeout: patience})
}

func (c *client) deadline() {
	c.t.Helper()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
}

// gone says that the connection has ended, and not that nothing came in time.
func gone(err error) bool {
	var timeout net.Error
	return err != nil && (!errors.As(err, &timeout) || !timeout.Timeout()) &&
		(errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)))
}

// step reads one packet and answers it; false if the connection has ended.
func (c *client) step() (mqtt.Packet, bool) {
	c.t.Helper()
	p, err := c.Read()
	if gone(err) {
		c.ended = true
		return p, false
	}
	if err != nil {
		c.t.Fatal(err)
	}
	switch p.Type {
	case mqtt.PUBLISH:
		c.got = append(c.got, message{string(p.Publish.Topic), string(p.Publish.Payload)})
		if p.Publish.QoS > 0 {
			c.Ack([]mqtt.Type{mqtt.PUBACK, mqtt.PUBREC}[p.Publish.QoS-1], p.ID)
		}
	case mqtt.PUBREL:
		c.Ack(mqtt.PUBCOMP, p.ID)
	case mqtt.DISCONNECT:
		c.said = p.Code
	}
	if c.Pending() > 0 && !c.Buffered() {
		_ = c.Flush() // the next Read says that it has ended
	}
	return p, true
}

// until reads until a packet of the type comes; false if the connection ends before.
func (c *client) until(want mqtt.Type) (mqtt.Packet, bool) {
	c.t.Helper()
	c.deadline()
	if c.Flush() != nil {
		c.drain()
		return mqtt.Packet{}, false
	}
	for {
		p, ok := c.step()
		if !ok || p.Type == want {
			return p, ok
		}
	}
}

// await reads until there is a fact.
func (c *client) await(what string, fact func() bool) {
	c.t.Helper()
	_ = c.Flush() // whoever reads sees that it has ended
	for c.deadline(); !fact(); {
		if _, ok := c.step(); !ok {
			c.t.Fatalf("the connection ended (%#x) before there was %s", c.said, what)
		}
	}
}

// drain reads until the connection ends.
func (c *client) drain() {
	c.t.Helper()
	for c.deadline(); !c.ended; {
		c.step()
	}
}

// settle reads all that was on its way, and says whether the connection lives.
func (c *client) settle() bool {
	c.t.Helper()
	c.Ping()
	_, ok := c.until(mqtt.PINGRESP)
	return ok
}

// subscribe gives the codes of the SUBACK.
func (c *client) subscribe(qos byte, filters ...string) []byte {
	c.t.Helper()
	codes, ok := c.trySubscribe(qos, filters...)
	if !ok {
		c.t.Fatalf("SUBSCRIBE of %q: the connection ended (%#x)", filters, c.said)
	}
	return codes
}

// trySubscribe gives the codes of the SUBACK; false if the connection ended.
func (c *client) trySubscribe(qos byte, filters ...string) ([]byte, bool) {
	c.t.Helper()
	c.id++
	c.Subscribe(c.id, qos, filters...)
	p, ok := c.until(mqtt.SUBACK)
	return slices.Clone(p.Codes), ok
}

// subscribed subscribes to filters that must be granted.
func (c *client) subscribed(qos byte, filters ...string) {
	c.t.Helper()
	for i, code := range c.subscribe(qos, filters...) {
		if code >= 0x80 {
			c.t.Fatalf("%q was refused with %#x", filters[i], code)
		}
	}
}

// publish gives the reason of the acknowledgement; 0xFF if the connection ended.
func (c *client) publish(topic, payload string, qos byte, retain bool) byte {
	c.t.Helper()
	return c.publishWith(mqtt.Publish{Topic: []byte(topic), Payload: []byte(payload), QoS: qos, Retain: retain})
}

func (c *client) publishWith(p mqtt.Publish) byte {
	c.t.Helper()
	if p.QoS > 0 {
		c.id++
		p.ID = c.id
	}
	c.Publish(p)
	switch p.QoS {
	case 0:
		if !c.settle() {
			return 0xFF
		}
		return 0
	case 1:
		a, ok := c.until(mqtt.PUBACK)
		if !ok {
			return 0xFF
		}
		return a.Code
	}
	a, ok := c.until(mqtt.PUBREC)
	if !ok || a.Code >= 0x80 {
		return max(a.Code, 0x80)
	}
	c.Ack(mqtt.PUBREL, p.ID)
	if _, ok := c.until(mqtt.PUBCOMP); !ok {
		return 0xFF
	}
	return 0
}

// goodbye disconnects, and waits for the end.
func (c *client) goodbye() {
	c.t.Helper()
	c.Disconnect()
	if c.Flush() == nil {
		c.drain()
	}
}

// payloads are those that came on a topic.
func (c *client) payloads(topic string) (list []string) {
	for _, m := range c.got {
		if m.topic == topic {
			list = append(list, m.payload)
		}
	}
	return list
}

// refusalOf is the code of a refusal in a version.
func refusalOf(v mqtt.Version, three, five byte) byte {
	if v == mqtt.V5 {
		return five
	}
	return three
}

func numbered(from, to int) (list []string) {
	for k := from; k < to; k++ {
		list = append(list, fmt.Sprint(k))
	}
	return list
}
