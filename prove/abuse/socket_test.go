package abuse

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"gatehouse/prove/mqtt"
)

// from is one of many addresses of this machine, so that what is limited for each
// address does not hide what else is limited, and connections do not run out of
// ports.
func from(k int) net.Addr {
	if runtime.GOOS != "linux" {
		return nil // elsewhere only 127.0.0.1 is there
	}
	return &net.TCPAddr{IP: net.IPv4(127, byte(1+k>>14&0x7f), byte(k>>7&0x7f), byte(2+k&0x7f))}
}

// raw opens a socket that nothing is said on yet. Everything on it ends after
// patience.
func raw(address string, k int) (*net.TCPConn, error) {
	nc, err := (&net.Dialer{LocalAddr: from(k), Timeout: patience}).Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return nc.(*net.TCPConn), nc.SetDeadline(time.Now().Add(patience))
}

// drop ends a socket and leaves nothing of it behind in the kernel.
func drop(nc *net.TCPConn) {
	_ = nc.SetLinger(0)
	_ = nc.Close()
}

// answer is what a server said until it closed the connection.
type answer struct {
	packets []mqtt.Packet // without their bytes
	after   time.Duration // until it was closed
	broken  error         // the server sent what is no packet
	open    bool          // it was not closed
}

// await reads until the server closes, at most for so long.
func await(nc net.Conn, v mqtt.Version, most time.Duration) (a answer) {
	began := time.Now()
	_ = nc.SetReadDeadline(began.Add(most))
	c := mqtt.NewConn(nc, v, 256)
	for {
		p, err := c.Read()
		a.after = time.Since(began)
		var timeout net.Error
		switch {
		case err == nil:
			p.Publish, p.Properties, p.Codes = mqtt.Publish{}, nil, append([]byte(nil), p.Codes...)
			a.packets = append(a.packets, p)
			continue
		case errors.As(err, &timeout) && timeout.Timeout():
			a.open = true
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)):
		default:
			a.broken = err
		}
		return a
	}
}

// refused says whether the answer is that of a server that takes nothing: silence,
// or one packet with an error, and the end of the connection.
func (a answer) refused() bool {
	if a.open || a.broken != nil || len(a.packets) > 1 {
		return false
	}
	for _, p := range a.packets {
		failed := p.Code >= 0x80 || p.Type == mqtt.CONNACK && p.Code > 0
		if !failed || p.Type != mqtt.CONNACK && p.Type != mqtt.DISCONNECT {
			return false
		}
	}
	return true
}

func (a answer) String() string {
	s := fmt.Sprintf("closed after %s", short(a.after))
	if a.open {
		s = "not closed"
	}
	for _, p := range a.packets {
		s += fmt.Sprintf(", %s code %#x % x", p.Type, p.Code, p.Codes)
	}
	if a.broken != nil {
		s += ", " + a.broken.Error()
	}
	return s
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
