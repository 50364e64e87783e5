package abuse

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// socket is a WebSocket, frame by frame.
type socket struct {
	nc net.Conn
	r  *bufio.Reader
}

// upgrade opens one; more are header lines.
func upgrade(s *server, more ...string) (*socket, *http.Response, error) {
	nc, err := net.Dial("tcp", s.Told["ws"])
	if err != nil {
		return nil, nil, err
	}
	_ = nc.SetDeadline(time.Now().Add(patience))
	head := []string{"GET /mqtt HTTP/1.1", "Host: " + s.Told["ws"], "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt"}
	if _, err := io.WriteString(nc, strings.Join(append(head, more...), "\r\n")+"\r\n\r\n"); err != nil {
		return nil, nil, err
	}
	r := bufio.NewReader(nc)
	answer, err := http.ReadResponse(r, nil)
	if err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
		err = errors.New(answer.Status)
	}
	return &socket{nc, r}, answer, err
}

// frame makes one; a mask of nil sends it unmasked.
func wsFrame(first byte, mask []byte, payload []byte) []byte {
	b := []byte{first}
	bit := byte(0)
	if mask != nil {
		bit = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	}
	b = append(b, mask...)
	for i, x := range payload {
		if mask != nil {
			x ^= mask[i%4]
		}
		b = append(b, x)
	}
	return b
}

var someMask = []byte{1, 2, 3, 4}

// next reads one frame.
func (s *socket) next() (first byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return 0, nil, err
	}
	n := uint64(head[1] & 0x7f)
	if head[1]&0x80 != 0 {
		return 0, nil, errors.New("a server's frame is masked")
	}
	if n >= 126 {
		long := make([]byte, map[uint64]int{126: 2, 127: 8}[n])
		if _, err := io.ReadFull(s.r, long); err != nil {
			return 0, nil, err
		}
		n = 0
		for _, b := range long {
			n = n<<8 | uint64(b)
		}
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(s.r, payload)
	return head[0], payload, err
}

// ends reads until the server closes, and gives the code of its close frame.
func (s *socket) ends() (code int, answered bool, err error) {
	for {
		first, payload, err := s.next()
		switch {
		case isTimeout(err):
			return code, answered, err
		case err != nil:
			return code, answered, nil
		case first == 0x88 && len(payload) >= 2:
			code = int(binary.BigEndian.Uint16(payload))
		case first == 0x82:
			answered = true
		}
	}
}

func TestFramesThatNoClientMaySendEndTheConnection(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	connect := mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V311})
	head := func(first, second byte, long ...byte) []byte { return append([]byte{first, second}, long...) }
	bad := map[string][]byte{
		"text":                        wsFrame(0x81, someMask, connect),
		"not masked":                  wsFrame(0x82, nil, connect),
		"reserved bit":                wsFrame(0xc2, someMask, connect),
		"reserved bits":               wsFrame(0xb2, someMask, connect),
		"unknown data frame":          wsFrame(0x83, someMask, connect),
		"unknown control frame":       wsFrame(0x8b, someMask, nil),
		"continuation of nothing":     wsFrame(0x80, someMask, connect),
		"a message within a message":  append(wsFrame(0x02, someMask, connect[:3]), wsFrame(0x82, someMask, connect[3:])...),
		"fragmented ping":             wsFrame(0x09, someMask, nil),
		"ping of 126 bytes":           wsFrame(0x89, someMask, make([]byte, 126)),
		"close of 126 bytes":          wsFrame(0x88, someMask, make([]byte, 126)),
		"close of one byte":           wsFrame(0x88, someMask, []byte{3}),
		"close with a forbidden code": wsFrame(0x88, someMask, []byte{0x03, 0xed}),
		"64-bit length, first bit":    head(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4),
		"64-bit length, not shortest": append(head(0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 14), append(someMask, connect...)...),
		"16-bit length, not shortest": append(head(0x82, 0xfe, 0, 14), append(someMask, connect...)...),
		"HTTP again":                  []byte("GET / HTTP/1.1\r\n\r\n"),
	}
	for name, b := range bad {
		c, _, err := upgrade(s)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.nc.Write(b)
		if code, answered, err := c.ends(); err != nil || answered {
			t.Errorf("%s: close code %d, CONNECT answered %v, %v", name, code, answered, err)
		}
		c.nc.Close()
	}
	prove.Record(t, "WebSocket frames that no client may send end the connection", "0 accepted", fmt.Sprintf("%d of %d ended, 0 accepted", len(bad), len(bad)))
}

func TestAWebSocketIsOnlyOpenedAsItShould(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	for name, lines := range map[string][]string{
		"a foreign origin":      {"Origin: https://evil.example"},
		"origin null":           {"Origin: null"},
		"a look-alike":          {"Origin: http://" + s.Told["ws"] + ".evil.example"},
		"another port":          {"Origin: http://127.0.0.1:1"},
		"two origins":           {"Origin: http://" + s.Told["ws"], "Origin: https://evil.example"},
		"an origin with spaces": {"Origin: http://" + s.Told["ws"] + " https://evil.example"},
	} {
		c, answer, err := upgrade(s, lines...)
		if err == nil {
			t.Errorf("%s is let in", name)
		} else if answer == nil {
			t.Errorf("%s: %v", name, err)
		}
		c.nc.Close()
	}
	c, answer, err := upgrade(s, "Origin: http://"+s.Told["ws"], "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
	if err != nil || answer.Header.Get("Sec-WebSocket-Extensions") != "" || answer.Header.Get("Sec-WebSocket-Protocol") != "mqtt" {
		t.Fatalf("a page of the same host that offers compression: %v, %v", answer, err)
	}
	c.nc.Close()
}

func TestPacketsMayComeByteByByteInFrames(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	c, _, err := upgrade(s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.nc.Close()
	stream := mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V311})
	stream = mqtt.AppendSubscribe(stream, mqtt.V311, 1, 0, "w")
	stream = mqtt.AppendPublish(stream, mqtt.V311, mqtt.Publish{Topic: []byte("w"), Payload: []byte("hello")})
	for i, b := range stream {
		first := byte(0x82)
		if i > 0 {
			first = 0x80
		}
		if i < len(stream)-1 {
			first &^= 0x80 // one message in as many fragments as bytes
		}
		_, _ = c.nc.Write(append(wsFrame(first, someMask, []byte{b}), wsFrame(0x8a, someMask, nil)...))
	}
	var got []byte
	want := "\x20\x02\x00\x00\x90\x03\x00\x01\x00\x30\x08\x00\x01whello"
	for len(got) < len(want) {
		first, payload, err := c.next()
		if err != nil || first != 0x82 {
			t.Fatalf("frame %#x: %v; so far % x", first, err, got)
		}
		got = append(got, payload...)
	}
	if string(got) != want {
		t.Errorf("% x, want % x", got, want)
	}
}

// pingFlood sends n pings of 125 bytes, their first bytes apart from the rest, and
// counts what is answered.
func pingFlood(s *server, n int) (pongs int, err error) {
	c, _, err := upgrade(s)
	if err != nil {
		return 0, err
	}
	defer c.nc.Close()
	go func() {
		ping := wsFrame(0x89, someMask, make([]byte, 125))
		ten := bytes.Repeat(ping, 10)
		for range n / 10 {
			_, _ = c.nc.Write(ten[:1])
			if _, err := c.nc.Write(ten[1:]); err != nil {
				return
			}
		}
		_, _ = c.nc.Write(wsFrame(0x88, someMask, nil))
	}()
	for {
		first, payload, err := c.next()
		if err != nil || first == 0x88 {
			return pongs, nil
		}
		if first == 0x8a && len(payload) == 125 {
			pongs++
		}
	}
}

func TestAFloodOfPingsAndLargeClaimsOverWebSocketWeighsLittle(t *testing.T) {
	parallel(t)
	s, n := embed(t, embedded{}), prove.Size(5_000, 200_000)
	if _, err := pingFlood(s, n/10); err != nil { // what is made for the first ones stays
		t.Fatal(err)
	}
	before := s.report(t).HeapInUse
	w := weigh(s)
	pongs, err := pingFlood(s, n)
	if err != nil || pongs == 0 {
		t.Errorf("%d pings are answered, %v", pongs, err)
	}
	claim, _, err := upgrade(s)
	if err != nil {
		t.Fatal(err)
	}
	defer claim.nc.Close()
	_, _ = claim.nc.Write(append([]byte{0x82, 0xff, 0, 0, 0, 0x40, 0, 0, 0, 0}, someMask...)) // 256 GB
	_, _ = claim.nc.Write(make([]byte, 1<<20))
	if _, answered, err := claim.ends(); err != nil || answered {
		t.Errorf("a frame of 256 GB with nonsense in it: answered %v, %v", answered, err)
	}
	peak := w.peak()
	held := (int(s.report(t).HeapInUse) - int(before)) / 1024
	limit(t, "memory that is held, KiB", held, 1<<10)
	limit(t, "memory at the worst moment, garbage included, KiB", peak, 8<<10)
	prove.Record(t, "a flood of pings and large claims over WebSocket weighs little", "+1 MB held",
		fmt.Sprintf("%d pings, %d answered, a claim of 256 GB: %s held, %s at the worst moment", n, pongs, mega(held), mega(peak)))
}
