package web

import (
	"errors"
	"net"
	"time"
)

// errPlain is why a connection ended that spoke HTTP where TLS is spoken.
var errPlain = errors.New("plain HTTP on the port of HTTPS")

const (
	plainTimeout = 2 * time.Second // for an answer that few ask for
	plainMost    = 64 << 10        // bytes of a request that are read away
)

// TellPlain is for below TLS: whoever speaks plain HTTP to l gets a page that says what
// to do, and the connection ends. Everything else passes through.
func TellPlain(l net.Listener) net.Listener { return plainListener{l} }

type plainListener struct{ net.Listener }

// Accept implements net.Listener.
func (l plainListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &plainConn{Conn: c}, nil
}

// plainConn looks at the first byte that a client says.
type plainConn struct {
	net.Conn
	seen bool
}

// Read implements net.Conn. Only one goroutine reads before the handshake is done.
func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.seen || n == 0 {
		return n, err
	}
	c.seen = true
	if b[0] < 'A' || b[0] > 'Z' { // no method of HTTP; TLS begins with 22 (RFC 8446, 5.1)
		return n, err
	}
	c.tell()
	return 0, errPlain
}

// tell answers, and reads what comes meanwhile: a reset would take the answer away.
func (c *plainConn) tell() {
	if c.SetDeadline(time.Now().Add(plainTimeout)) != nil {
		return
	}
	if _, err := c.Write([]byte(plainAnswer())); err != nil {
		return
	}
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
		return
	}
	rest := make([]byte, 4<<10)
	for read := 0; read < plainMost; {
		n, err := c.Conn.Read(rest)
		if err != nil {
			return
		}
		read += n
	}
}
