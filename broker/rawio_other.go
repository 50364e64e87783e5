//go:build !unix

package broker

import (
	"errors"
	"net"
	"syscall"
)

// rawConn is nil: here sockets are read and written through their net.Conn.
func rawConn(net.Conn) syscall.RawConn { return nil }

func tryWrite(syscall.RawConn, []byte) (int, error) { return 0, errors.ErrUnsupported }

func readRaw(syscall.RawConn, func() []byte, func()) (int, error) { return 0, errors.ErrUnsupported }
