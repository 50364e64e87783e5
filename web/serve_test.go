package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes: time can be a fake one.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// running serves a house on pipes, in a bubble of fake time, until the test ends.
func running(t *testing.T, change func(*Deps), test func(t *testing.T, p *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, change, func(d *Deps) { d.Now = time.Now })
		p := newPipes()
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- h.server.Serve(ctx, p) }()
		test(t, p)
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func same(*Deps) {}

// send writes text and reads one answer.
func send(t *testing.T, c net.Conn, text string) *http.Response {
	t.Helper()
	go io.WriteString(c, text)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestServeAnswersAndStops(t *testing.T) {
	t.Parallel()
	running(t, same, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		if r := send(t, c, "GET /livez HTTP/1.1\r\nHost: gate\r\n\r\n"); r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
	})
}

func TestStopLetsARunningRequestFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := make(chan struct{})
		h := newHouse(t, func(d *Deps) {
			d.Now = time.Now
			d.Ready = func(context.Context) error { close(begun); time.Sleep(2 * time.Second); return nil }
		})
		p := newPipes()
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- h.server.Serve(ctx, p) }()
		c := p.dial()
		defer c.Close()
		go func() { <-begun; stop() }()
		if r := send(t, c, "GET /readyz HTTP/1.1\r\nHost: gate\r\n\r\n"); r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func TestStopCutsWhoeverDoesNotFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := make(chan struct{})
		h := newHouse(t, func(d *Deps) {
			d.Now = time.Now
			d.Ready = func(ctx context.Context) error { close(begun); <-ctx.Done(); return ctx.Err() }
		})
		p := newPipes()
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- h.server.Serve(ctx, p) }()
		c := p.dial()
		defer c.Close()
		go io.WriteString(c, "GET /readyz HTTP/1.1\r\nHost: gate\r\n\r\n")
		<-begun
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func TestABodyThatBreaksOffIsAProblem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	broken := func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenPipe{})) }
	a := h.do("POST", "/api/v1/session", "{}", broken)
	a.problem(http.StatusInternalServerError, "internal")
	if strings.Contains(a.body, "socket 7") || !strings.Contains(h.log.String(), "socket 7") {
		t.Errorf("answer %s, log %s", a.body, h.log)
	}
}

// brokenPipe is a connection that ended.
type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error) { return 0, errors.New("socket 7 is gone") }

func TestServeSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newPipes()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.server.Serve(t.Context(), p); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestASlowBodyIsCut(t *testing.T) {
	t.Parallel()
	running(t, same, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		r := send(t, c, "POST /api/v1/session HTTP/1.1\r\nHost: gate\r\nContent-Length: 100\r\n\r\n{")
		if r.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %d", r.StatusCode)
		}
		if ct := r.Header.Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("content type %q", ct)
		}
	})
}

func TestSlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	running(t, same, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		if _, err := io.WriteString(c, "GET /livez HTTP/1.1\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil { // ends: the server closed it
			t.Errorf("read: %v", err)
		}
	})
}

func TestLargeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	running(t, same, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		r := send(t, c, "GET /livez HTTP/1.1\r\nHost: gate\r\nX-Long: "+strings.Repeat("x", 2*maxHeader)+"\r\n\r\n")
		if r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status %d", r.StatusCode)
		}
	})
}

const upgrade = "GET /mqtt HTTP/1.1\r\nHost: gate:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"

// echo takes the connection over, as the broker does, and gives every byte back.
func echoBroker(t *testing.T) func(*Deps) {
	return func(d *Deps) {
		d.MQTT = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			hj, ok := w.(http.Hijacker)
			if !ok {
				t.Error("the connection cannot be taken over")
				return
			}
			c, _, err := hj.Hijack()
			if err != nil {
				t.Errorf("hijack: %v", err)
				return
			}
			defer c.Close()
			if _, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n\r\n"); err != nil {
				return
			}
			_, _ = io.Copy(c, c)
		})
	}
}

func TestMQTTConnectionsOutliveTheTimeoutsOfHTTP(t *testing.T) {
	t.Parallel()
	running(t, echoBroker(t), func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		if r := send(t, c, upgrade+"\r\n"); r.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("status %d", r.StatusCode)
		}
		time.Sleep(10 * (readTimeout + writeTimeout + idleTimeout)) // of the fake clock
		go io.WriteString(c, "x")
		b := make([]byte, 1)
		if _, err := io.ReadFull(c, b); err != nil || b[0] != 'x' {
			t.Errorf("read %q, %v", b, err)
		}
	})
}

func TestMQTTIsRefusedToPagesOfOtherOrigins(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Origins = []string{"https://wall.example/"} })
	up := header("Upgrade", "websocket")
	for origin, status := range map[string]int{
		"":                      http.StatusTeapot, // the fake broker's answer
		"http://example.com":    http.StatusTeapot,
		"https://EXAMPLE.com":   http.StatusTeapot,
		"https://wall.example":  http.StatusTeapot,
		"http://wall.example":   http.StatusForbidden,
		"https://evil.example":  http.StatusForbidden,
		"http://example.com:81": http.StatusForbidden,
		"null":                  http.StatusForbidden,
		"%zz":                   http.StatusForbidden,
	} {
		with := header("Origin", origin)
		if origin == "" {
			with = func(*http.Request) {}
		}
		h.do("GET", "/mqtt", "", up, with).wants(status)
	}
	h.do("GET", "/mqtt", "").problem(http.StatusUpgradeRequired, "invalid")
}

func TestNewNamesWhateverIsMissing(t *testing.T) {
	t.Parallel()
	mayBeMissing := []string{"DeviceCA", "MQTTSAddress", "Certificates", "MQTTAddress", "Version", "Proxies", "PublicURL", "Origins", "Ready", "Log", "Now"}
	for field := range reflect.TypeFor[Deps]().Fields() {
		if slices.Contains(mayBeMissing, field.Name) {
			continue
		}
		d := newHouse(t).deps
		reflect.ValueOf(&d).Elem().FieldByIndex(field.Index).SetZero()
		if _, err := New(d); err == nil || !strings.Contains(err.Error(), "Deps."+field.Name+" ") {
			t.Errorf("without %s: error %v", field.Name, err)
		}
	}
}
