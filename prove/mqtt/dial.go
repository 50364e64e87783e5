package mqtt

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"time"
)

// defaultTimeout is how long opening a connection may take.
const defaultTimeout = 30 * time.Second

// Options are how Dial connects.
type Options struct {
	Connect
	ReadBuffer int           // bytes; 0: 4 KiB. It grows for longer packets.
	Timeout    time.Duration // for the whole of Dial; 0: 30 s
}

// RefusedError is a CONNACK that says no.
type RefusedError struct{ Code byte }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("CONNACK with success expected, code %d came", e.Code)
}

// Dial connects to a TCP address, sends CONNECT and waits for CONNACK. The field
// Session of the Conn says whether the broker had a session.
func Dial(address string, o Options) (*Conn, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	deadline := time.Now().Add(o.Timeout)
	socket, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return over(socket, o, deadline)
}

// Over is Dial on a connection that is there already, such as one of TLS. It closes
// it after an error.
func Over(socket net.Conn, o Options) (*Conn, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return over(socket, o, time.Now().Add(o.Timeout))
}

func over(socket net.Conn, o Options, deadline time.Time) (*Conn, error) {
	c := NewConn(socket, o.Version, o.ReadBuffer)
	if err := c.handshake(o.Connect, deadline); err != nil {
		_ = socket.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) handshake(connect Connect, deadline time.Time) error {
	if err := c.socket.SetDeadline(deadline); err != nil {
		return err
	}
	connect.Version = c.version
	c.out = AppendConnect(c.out, connect)
	if err := c.Flush(); err != nil {
		return err
	}
	p, err := c.Read()
	switch {
	case err != nil:
		return fmt.Errorf("CONNACK expected: %w", err)
	case p.Type != CONNACK:
		return fmt.Errorf("CONNACK expected, %s came", p.Type)
	case p.Code != 0:
		return &RefusedError{Code: p.Code}
	case p.Session && !connect.Persistent: // MQTT-3.2.2-1
		return errors.New("CONNACK without a session for a clean start expected")
	}
	c.Session, c.Welcome = p.Session, bytes.Clone(p.Properties)
	return c.socket.SetDeadline(time.Time{})
}

// SubscribeNow subscribes to filters and waits for the answer, which must grant
// them all. Nothing else may be on its way to this client.
func (c *Conn) SubscribeNow(id uint16, qos byte, filters ...string) error {
	c.Subscribe(id, qos, filters...)
	if err := c.Flush(); err != nil {
		return err
	}
	p, err := c.Expect(SUBACK)
	if err != nil {
		return err
	}
	if p.ID != id || len(p.Codes) != len(filters) {
		return fmt.Errorf("SUBACK %d for %d filters expected, %d for %d came", id, len(filters), p.ID, len(p.Codes))
	}
	for k, code := range p.Codes {
		if code != qos {
			return fmt.Errorf("%q with QoS %d expected, code %#x came", filters[k], qos, code)
		}
	}
	return nil
}
