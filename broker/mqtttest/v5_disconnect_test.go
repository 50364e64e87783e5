package mqtttest

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"
)

// TestMQTT5_3_12_4_1: PINGREQ is answered with PINGRESP, each one.
func TestMQTT5_3_12_4_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	for range 3 {
		p.write(frame(PINGREQ << 4))
		p.want(PINGRESP)
	}
	p.write(frame(PINGREQ<<4), frame(PINGREQ<<4), frame(PINGREQ<<4))
	for range 3 {
		if x := p.want(PINGRESP); len(x.body) > 0 {
			t.Errorf("PINGRESP with a body: % x", x.body)
		}
	}
	p.leave()
}

// TestMQTT5_3_14_0_1: a server sends no DISCONNECT before a CONNACK of success:
// not to who begins with something else, nor to who is refused.
func TestMQTT5_3_14_0_1(t *testing.T) {
	t.Parallel()
	address, wrong := server(t), "wrong"
	id := func(t *testing.T) string { return name(t, "a") }
	for what, first := range map[string]func(t *testing.T) []byte{
		"PUBLISH first":      func(*testing.T) []byte { return publish{topic: "a"}.encode(5) },
		"AUTH first":         func(*testing.T) []byte { return frame(AUTH << 4) },
		"DISCONNECT first":   func(*testing.T) []byte { return frame(DISCONNECT << 4) },
		"no packet":          func(*testing.T) []byte { return []byte("GET / HTTP/1.1\r\n\r\n") },
		"reserved flag":      func(t *testing.T) []byte { return connect{id: id(t), flags: 1}.encode(5) },
		"two of a property":  func(t *testing.T) []byte { return twice(connect{id: id(t)}) },
		"bad string":         func(t *testing.T) []byte { return connect{id: id(t) + "\x00"}.encode(5) },
		"another protocol":   func(t *testing.T) []byte { return connect{id: id(t), name: "MQTX"}.encode(5) },
		"will QoS 3":         func(t *testing.T) []byte { return connect{id: id(t), will: &will{topic: "a", qos: 3}}.encode(5) },
		"wildcard in a will": func(t *testing.T) []byte { return connect{id: id(t), will: &will{topic: "a/#"}}.encode(5) },
		"an unknown method":  func(t *testing.T) []byte { return connect{id: id(t), props: properties{{authMethod, "?"}}}.encode(5) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			noDisconnect(t, dial(t, address, 5), first(t))
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		noDisconnect(t, dial(t, own(t, nil), 5), connect{id: id(t), user: &wrong, password: &wrong}.encode(5))
	})
}

// twice gives a CONNECT with a property that must not come twice.
func twice(c connect) []byte {
	c.props = properties{{receiveMaximum, 1}, {receiveMaximum, 1}}
	return c.encode(5)
}

// noDisconnect sends what is refused, and wants nothing but a CONNACK that says so
// and the end.
func noDisconnect(t *testing.T, p *peer, first []byte) {
	t.Helper()
	p.write(first)
	for {
		x, err := p.read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil || x.kind != CONNACK || x.code < 0x80 {
			t.Fatalf("got %+v, %v, want at most a CONNACK that refuses", x, err)
		}
	}
}

// TestMQTT5_3_14_1_1: DISCONNECT with reserved header bits is malformed: it is
// answered with 0x81 and is no goodbye, so that the will is published.
func TestMQTT5_3_14_1_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	watcher := client(t, address, 5, name(t, "watcher"))
	watcher.listen(name(t, "/+"), 0)
	for flags := byte(1); flags < 16; flags++ {
		topic := name(t, "/"+strconv.Itoa(int(flags)))
		p, _ := open(t, address, 5, connect{id: topic, will: &will{topic: topic, payload: "lost"}})
		p.write(frame(DISCONNECT<<4 | flags))
		if reason := p.closed(); reason != 0x81 {
			t.Errorf("flags %04b: closed with reason %#x, want 0x81", flags, reason)
		}
		watcher.message(topic, "lost")
	}
}

// TestMQTT5_3_14_2_1: DISCONNECT of a server has only reasons that are listed for
// it, and each occasion its own.
func TestMQTT5_3_14_2_1(t *testing.T) {
	t.Parallel()
	eachGoodbye(t, func(t *testing.T, g goodbye, p *peer) {
		bye, ok := p.ending()
		if said := ok || *foreign == ""; said && bye.code != g.code { // a server may keep silent
			t.Errorf("reason %#x, want %#x", bye.code, g.code)
		}
	})
}

// TestMQTT5_3_14_2_2: DISCONNECT of a server has no session expiry, also if the
// session of the client has one.
func TestMQTT5_3_14_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, _ := open(t, address, 5, connect{id: name(t, "a"), props: properties{{sessionExpiry, 60}}})
	open(t, address, 5, connect{id: name(t, "a"), props: properties{{sessionExpiry, 30}}})
	bye, ok := p.ending()
	if said := ok || *foreign == ""; said && bye.code != 0x8E || bye.props.has(sessionExpiry) {
		t.Errorf("ended with %+v, %v, want 0x8E without a session expiry", bye, ok)
	}
	eachGoodbye(t, func(t *testing.T, _ goodbye, p *peer) {
		if bye, _ := p.ending(); bye.props.has(sessionExpiry) {
			t.Errorf("DISCONNECT with %+v", bye.props)
		}
	})
}

// sentAway provokes a DISCONNECT.
func sentAway() encounter {
	return after(func(p *peer) packet {
		p.write(frame(SUBSCRIBE << 4))
		return p.want(DISCONNECT)
	})
}

// TestMQTT5_3_14_2_3: DISCONNECT goes without its reason string if that has no room.
func TestMQTT5_3_14_2_3(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, sentAway())
}

// TestMQTT5_3_14_2_4: DISCONNECT goes without its user properties if they have no
// room.
func TestMQTT5_3_14_2_4(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, sentAway())
}

// TestMQTT5_3_14_4_1: nothing is sent after DISCONNECT: no answer to what the client
// had sent behind the packet that was wrong, and no message.
func TestMQTT5_3_14_4_1(t *testing.T) {
	t.Parallel()
	t.Run("answers", func(t *testing.T) {
		t.Parallel()
		p := client(t, server(t), 5, name(t, "a"))
		p.write(frame(PINGREQ<<4), frame(SUBSCRIBE<<4), frame(PINGREQ<<4), p.subscribePacket(1, nil, filter{name(t, ""), 0}))
		p.want(PINGRESP)
		p.reasonWas(p.closed(), 0x81)
	})
	t.Run("messages", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
		p.listen(name(t, ""), 0)
		for i := range 200 {
			if i == 100 {
				client(t, address, 5, name(t, "a")).listen(name(t, ""), 0)
			}
			q.write(publish{topic: name(t, ""), payload: strconv.Itoa(i)}.encode(5))
		}
		q.silent()
		if bye, ok := p.ending(); ok && bye.code != 0x8E {
			t.Errorf("ended with %+v, want 0x8E", bye)
		}
	})
}

// TestMQTT5_3_14_4_2: the server closes the connection after its DISCONNECT, while
// the client keeps it open.
func TestMQTT5_3_14_4_2(t *testing.T) {
	t.Parallel()
	eachGoodbye(t, func(t *testing.T, _ goodbye, p *peer) {
		if _, ok := p.ending(); !ok && *foreign == "" {
			t.Error("closed without DISCONNECT")
		}
		p.goneSoon()
	})
}

// goneSoon demands that what is written meets a connection that was closed.
func (p *peer) goneSoon() {
	p.t.Helper()
	_ = p.nc.SetDeadline(time.Now().Add(patience))
	for {
		if _, err := p.nc.Write(frame(PINGREQ << 4)); err != nil {
			return // until then the system took it
		}
		if _, err := p.nc.Read(make([]byte, 1)); err == nil {
			p.t.Fatal("an answer after the end")
		}
	}
}

// TestMQTT5_3_14_4_3: DISCONNECT with 0x00, said or left out, discards the will,
// also one that has a delay; any other reason does not.
func TestMQTT5_3_14_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	watcher := client(t, address, 5, name(t, "watcher"))
	watcher.listen(name(t, "/#"), 0)
	end := func(i int, props properties, bye []byte) {
		p, _ := open(t, address, 5, connect{
			id: name(t, fmt.Sprint("c", i)), props: properties{{sessionExpiry, 1}},
			will: &will{topic: name(t, "/will"), payload: strconv.Itoa(i), props: props},
		})
		p.write(bye)
		p.closed()
	}
	delayed := properties{{willDelay, 1}}
	for i, bye := range [][]byte{{}, {0}, {0, 0}} {
		end(i, nil, frame(DISCONNECT<<4, bye))
		end(10+i, delayed, frame(DISCONNECT<<4, bye))
	}
	end(20, nil, frame(DISCONNECT<<4, []byte{0x04}))
	watcher.message(name(t, "/will"), "20")
	end(21, delayed, frame(DISCONNECT<<4, []byte{0x04, 0}))
	watcher.message(name(t, "/will"), "21") // after the delay: those before it would have come
}
