package broker

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"gatehouse/broker/packet"
)

// handshake does the handshake of TLS, if the connection is one; it is a part of
// the time that a client has for its CONNECT. Accept does not wait for it.
func (c *conn) handshake(end time.Time) error {
	secure, ok := c.nc.(interface{ Handshake() error })
	if !ok {
		return nil
	}
	if err := c.nc.SetDeadline(end); err != nil {
		return err
	}
	if c.ended() { // whoever ended it may have set a deadline before ours
		return net.ErrClosed
	}
	err := secure.Handshake()
	if err == nil {
		return c.nc.SetWriteDeadline(time.Time{})
	}
	c.noHandshake(err)
	return err
}

// noHandshake counts a handshake that failed. It is the client's who did not like
// ours, or just went away, that is not held against its address.
func (c *conn) noHandshake(err error) {
	var said *net.OpError
	switch {
	case errors.Is(err, io.EOF), c.ended():
		return
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.b.tally.count(refusedTimeout)
		c.blame(packet.NotAuthorized)
	case errors.As(err, &said): // an alert of the client, or a connection that broke
		c.b.tally.count(refusedTLS)
	default:
		c.b.tally.count(refusedTLS)
		c.blame(packet.NotAuthorized)
	}
	c.b.notices.say("TLS handshake failed", "remote", c.remote, "listener", c.via.Name, "error", err)
}
