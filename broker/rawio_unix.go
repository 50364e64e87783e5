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

// rawWriter writes what a socket takes without waiting.
type rawWriter struct {
	raw  syscall.RawConn
	step func(fd uintptr) bool // made once: a function made for each write would be garbage
	p    []byte                // of the write that goes on
	n    int
	err  error
}

func (w *rawWriter) try(p []byte) (n int, err error) {
	if w.step == nil {
		w.step = w.write
	}
	w.p, w.n, w.err = p, 0, nil
	err = w.raw.Write(w.step)
	if w.p = nil; err == nil {
		err = w.err
	}
	return w.n, err
}

func (w *rawWriter) write(fd uintptr) bool {
	for w.n < len(w.p) {
		k, err := syscall.Write(int(fd), w.p[w.n:])
		switch {
		case err == nil:
			w.n += k
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return true
		default:
			w.err = err
			return true
		}
	}
	return true
}

// rawReader reads a socket.
type rawReader struct {
	raw   syscall.RawConn
	step  func(fd uintptr) bool // made once
	n     int                   // of the last read
	err   error
	ready bool // the last read is not told yet
}

// read reads once, after waiting until something is there: memory to read into is
// asked of the input when it is, and given back while it is not. For an idle client
// the few bytes of peek have to do, and what runs until then calls little: the
// stack of a goroutine that waits is the smallest there is.
func (r *rawReader) read(in *input) (int, error) {
	if !r.ready {
		r.rest(in)
	}
	r.ready = false
	switch {
	case r.err != nil:
		return 0, r.err
	case r.n == 0:
		return 0, io.EOF
	case in.peeks():
		copy(in.space(), in.peek[:r.n])
	}
	return r.n, nil
}

// rest is the waiting part of read.
func (r *rawReader) rest(in *input) {
	if r.step == nil {
		r.step = func(fd uintptr) bool { return r.tryRead(fd, in) }
	}
	if err := r.raw.Read(r.step); err != nil {
		r.n, r.err = 0, err
	}
	r.ready = true
}

// tryRead is false if there is nothing to read.
func (r *rawReader) tryRead(fd uintptr, in *input) bool {
	dst := in.peek[:]
	if !in.peeks() {
		dst = in.space()
	}
	in.waits.Store(false)
	for {
		r.n, r.err = syscall.Read(int(fd), dst)
		switch {
		case r.err == nil:
			return true
		case errors.Is(r.err, syscall.EINTR):
		case errors.Is(r.err, syscall.EAGAIN):
			in.release()
			in.waits.Store(true)
			return false
		default:
			return true
		}
	}
}

// unread says whether bytes wait in the socket of a connection.
func unread(nc net.Conn) (there bool) {
	for {
		below, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		nc = below.NetConn()
	}
	raw := rawConn(nc)
	if raw == nil {
		return false
	}
	err := raw.Control(func(fd uintptr) {
		var p [1]byte
		n, _, err := syscall.Recvfrom(int(fd), p[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		there = err == nil && n > 0
	})
	return err == nil && there
}
