//go:build unix

package broker

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// rawConn gives direct access to a socket, or nil if the connection is not one:
// a pipe, or TLS.
func rawConn(nc net.Conn) syscall.RawConn {
	s, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// tryWrite writes what the socket takes without waiting.
func tryWrite(raw syscall.RawConn, p []byte) (n int, err error) {
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for n < len(p) {
			k, e := syscall.Write(int(fd), p[n:])
			switch {
			case e == nil:
				n += k
			case errors.Is(e, syscall.EINTR):
			case errors.Is(e, syscall.EAGAIN):
				return true
			default:
				failed = e
				return true
			}
		}
		return true
	})
	if err == nil {
		err = failed
	}
	return n, err
}

// readRaw reads once. more gives the memory to read into when there is something
// to read, and nothing takes it back while there is not.
func readRaw(raw syscall.RawConn, more func() []byte, nothing func()) (n int, err error) {
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for {
			n, failed = syscall.Read(int(fd), more())
			if errors.Is(failed, syscall.EINTR) {
				continue
			}
			if errors.Is(failed, syscall.EAGAIN) {
				nothing()
				return false
			}
			return true
		}
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, failed
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
