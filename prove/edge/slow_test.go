package edge

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// TestSlowAndHugeRequestsHarmNobody has a crowd that sends headers and bodies byte by
// byte, or nothing, and others that send bodies without an end, while somebody with a
// session goes on working.
func TestSlowAndHugeRequestsHarmNobody(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	h := open(t, property.Options{})
	address := httpAddress(h.Server())
	before := h.Server().Resident()
	ctx, stop := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	silent := prove.Size(100, 1000)
	closed := make(chan time.Duration, silent)
	for i := range silent {
		crowd.Go(func() { closed <- dripping(ctx, address, i%3) })
	}
	var wrong counter
	for range prove.Size(2, 8) {
		crowd.Go(func() {
			for ctx.Err() == nil {
				huge(ctx, address, &wrong)
			}
		})
	}

	var took []time.Duration
	for ends := time.Now().Add(time.Duration(prove.Size(12, 45)) * time.Second); time.Now().Before(ends); {
		began := time.Now()
		h.Get("/session", nil)
		took = append(took, time.Since(began))
	}
	peak := h.Server().Peak()
	stop()
	crowd.Wait()
	close(closed)
	cut, last := 0, time.Duration(0)
	for d := range closed {
		if d > 0 {
			cut, last = cut+1, max(last, d)
		}
	}
	p50, p99, most := quantiles(took)
	if n := wrong.n(); n > 0 {
		t.Errorf("%d huge bodies were not refused: %s", n, wrong.first())
	}
	if prove.Full() && (p99 > 200*time.Millisecond || cut < silent) {
		t.Errorf("p99 %s, %d cut", p99, cut)
	}
	h.Healthy()
	prove.Record(t, "slow headers, slow bodies, silent sockets, 100 MB and deep bodies harm nobody", "0 deaths, every slow one cut, good request p99 200 ms",
		fmt.Sprintf("%d slow sockets: %d cut by then, the last after %s; %d good requests p50 %s, p99 %s, longest %s; memory +%d MB at most",
			silent, cut, last.Round(time.Second), len(took), short(p50), short(p99), short(most), (peak-before)>>10))
}

// dripping sends a request byte by byte, and gives after how long it was cut; 0 if it
// was not. kind: 0 headers, 1 a body, 2 nothing.
func dripping(ctx context.Context, address string, kind int) time.Duration {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0
	}
	defer c.Close()
	began := time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, c) // until it is cut
	}()
	text := "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + strings.Repeat("x", 1000)
	switch kind {
	case 1:
		head := "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
		if _, err := io.WriteString(c, head); err != nil {
			return time.Since(began)
		}
		text = `{"name":"` + strings.Repeat("x", 900)
	case 2:
		text = ""
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return time.Since(began)
		case <-ctx.Done():
			return 0
		case <-tick.C:
		}
		if text != "" {
			_, _ = io.WriteString(c, text[:1]) // its end is seen above
			text = text[1:]
		}
	}
}

// huge sends bodies that are too large or too deep, each in its own way.
func huge(ctx context.Context, address string, wrong *counter) {
	const mega = 1 << 20
	deep := strings.Repeat(`{"a":[`, 5000)
	for name, c := range map[string]struct {
		head string
		body func(w io.Writer) error
	}{
		"100 MB that it says": {fmt.Sprintf("Content-Length: %d\r\n", 100*mega), func(w io.Writer) error { return zeros(w, 100*mega) }},
		"100 MB in chunks": {"Transfer-Encoding: chunked\r\n", func(w io.Writer) error {
			for range 100 {
				if _, err := fmt.Fprintf(w, "%x\r\n", mega); err != nil {
					return err
				}
				if err := zeros(w, mega); err != nil {
					return err
				}
				if _, err := io.WriteString(w, "\r\n"); err != nil {
					return err
				}
			}
			return nil
		}},
		"deep":       {fmt.Sprintf("Content-Length: %d\r\n", len(deep)), func(w io.Writer) error { _, err := io.WriteString(w, deep); return err }},
		"deep names": {fmt.Sprintf("Content-Length: %d\r\n", 12+len(deep)), func(w io.Writer) error { _, err := io.WriteString(w, `{"name":"x",`+deep); return err }},
	} {
		status, err := once(ctx, address, c.head, c.body)
		if ctx.Err() != nil {
			return
		}
		// A connection that is cut while the body is sent is an answer, too.
		if err == nil && (status < 400 || status >= 500) {
			wrong.add(fmt.Sprintf("%s: %d", name, status))
		}
	}
}

func zeros(w io.Writer, n int) error {
	part := make([]byte, 64<<10)
	for n > 0 {
		if _, err := w.Write(part[:min(n, len(part))]); err != nil {
			return err
		}
		n -= len(part)
	}
	return nil
}

// once posts one body and gives the status.
func once(ctx context.Context, address, head string, body func(io.Writer) error) (int, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := c.SetDeadline(time.Now().Add(served.Patience)); err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintf(c, "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s\r\n", head); err != nil {
		return 0, err
	}
	go func() { _ = body(c) }() // the answer may come before its end
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	return r.StatusCode, nil
}

// counter counts what went wrong, and keeps the first.
type counter struct {
	mu   sync.Mutex
	list []string
}

func (c *counter) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, what)
}

func (c *counter) n() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.list)
}

func (c *counter) first() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.list[:min(5, len(c.list))], "; ")
}
