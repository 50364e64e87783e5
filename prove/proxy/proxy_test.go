package proxy

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"time"

	"gatehouse/prove"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// echo is a server that says what it hears, until its client ends.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.(*net.TCPConn).CloseWrite()
			}()
		}
	}()
	return l.Addr().String()
}

func through(t *testing.T, f Fault) (*Proxy, *net.TCPConn) {
	t.Helper()
	p, err := New(echo(t), f, prove.Seed(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, dial(t, p)
}

func dial(t *testing.T, p *Proxy) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

func TestWhatArrivesIsWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, f := range []Fault{{}, {Slice: 1}, {Latency: 10 * time.Millisecond}, {Rate: 1 << 20}, {Latency: time.Millisecond, Rate: 1 << 20, Slice: 7}} {
		_, c := through(t, f)
		sent := make([]byte, 20_000)
		for i := range sent {
			sent[i] = byte(rand.IntN(256))
		}
		go func() {
			_, _ = c.Write(sent)
			_ = c.CloseWrite()
		}()
		if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%+v: %d of %d bytes, equal %v, %v", f, len(got), len(sent), bytes.Equal(got, sent), err)
		}
	}
}

func TestALineThatWaitsHoldsUpNothingBehind(t *testing.T) {
	t.Parallel()
	const latency = 50 * time.Millisecond
	_, c := through(t, Fault{Latency: latency})
	began := time.Now()
	for range 20 {
		_, _ = c.Write([]byte{1})
	}
	if _, err := io.ReadFull(c, make([]byte, 20)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 2*latency {
		t.Errorf("there and back in %s, want at least %s", took, 2*latency)
	}
}

func TestALineIsResetAtItsPlace(t *testing.T) {
	t.Parallel()
	p, c := through(t, Fault{Reset: 1000})
	go func() { _, _ = c.Write(make([]byte, 100_000)) }()
	if got, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) || len(got) > 2000 || p.Resets() != 1 {
		t.Errorf("%d bytes came back, %d resets, %v", len(got), p.Resets(), err)
	}
}

func TestALineThatSwallowsTellsNobody(t *testing.T) {
	t.Parallel()
	p, c := through(t, Fault{})
	_, _ = c.Write([]byte("a"))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	p.Swallow(true)
	_, _ = c.Write([]byte("b"))
	_ = c.CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	var timeout net.Error
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%d bytes, %v", n, err)
	}
	p.Swallow(false)
	next := dial(t, p)
	_, _ = next.Write([]byte("c"))
	if _, err := io.ReadFull(next, make([]byte, 1)); err != nil {
		t.Errorf("a new connection: %v", err)
	}
	p.Cut()
	if _, err := next.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that was cut goes on")
	}
}
