//go:build !unix

package broker

import (
	"errors"
	"net"
	"syscall"
)

// rawConn is nil: here sockets are read and written through their net.Conn.
func rawConn(net.Conn) syscall.RawConn { return nil }

type rawWriter struct{ raw syscall.RawConn }

func (*rawWriter) try([]byte) (int, error) { return 0, errors.ErrUnsupported }

type rawReader struct{ raw syscall.RawConn }

func (*rawReader) read(*input) (int, error) { return 0, errors.ErrUnsupported }

func (*rawReader) rest(*input) {}

// unread cannot be found out here.
func unread(net.Conn) bool { return false }
