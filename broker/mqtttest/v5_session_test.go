package mqtttest

import (
	"strings"
	"testing"
)

// TestMQTT5_4_1_0_1: the session is kept while the connection is open, for longer
// than its expiry interval, and also if it is to end with the connection.
func TestMQTT5_4_1_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	one := connect{id: name(t, "one"), props: properties{{sessionExpiry, 1}}}
	p, _ := open(t, address, 5, one)
	q := client(t, address, 5, name(t, "none"))
	for _, x := range []*peer{p, q} {
		x.listen(name(t, "/news"), 1)
		x.write(publish{topic: name(t, "/flow"), qos: 2, id: 9}.encode(5))
		x.wantAck(PUBREC, 9)
	}
	r := client(t, address, 5, name(t, "other"))
	r.say(publish{topic: name(t, "/news"), payload: "open", qos: 1})
	left, right := p.want(PUBLISH), q.want(PUBLISH)
	pass(t, address, 2)
	r.say(publish{topic: name(t, "/news"), payload: "1", qos: 1})
	for _, x := range []*peer{p, q} {
		x.message(name(t, "/news"), "1")
		x.ack(PUBREL, 9)
		x.wantAck(PUBCOMP, 9)
	}
	q.ack(PUBACK, right.id)
	p.cut()
	one.keep = true
	p, welcome := open(t, address, 5, one)
	if !welcome.session {
		t.Error("the session ended with its connection")
	}
	if x := p.want(PUBLISH); x.id != left.id || !x.dup {
		t.Errorf("%+v came again, want message %d", x, left.id)
	}
}

// TestMQTT5_4_1_0_2: the session is dropped when its connection is closed and its
// expiry interval has passed, and not before.
func TestMQTT5_4_1_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, end := range map[string]func(p *peer){"goodbye": (*peer).leave, "lost": (*peer).cut} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			leaves := func(id string, props properties) connect {
				c := connect{id: name(t, id), keep: true, props: props}
				p, _ := open(t, address, 5, c)
				p.listen(name(t, "/news"), 1)
				end(p)
				return c
			}
			none := leaves("none", nil)
			zero := leaves("zero", properties{{sessionExpiry, 0}})
			one := leaves("one", properties{{sessionExpiry, 1}})
			long := leaves("long", properties{{sessionExpiry, 100}})
			if what == "lost" {
				pass(t, address, 0)
			}
			client(t, address, 5, name(t, "other")).say(publish{topic: name(t, "/news"), payload: "1", qos: 1})
			gone := func(c connect) {
				t.Helper()
				p, x := open(t, address, 5, c)
				if x.session {
					t.Errorf("session %q is there", c.id)
				}
				p.silent()
			}
			gone(none)
			gone(zero)
			pass(t, address, 2)
			gone(one)
			p, x := open(t, address, 5, long)
			if !x.session {
				t.Error("a session ended before its time")
			}
			p.message(name(t, "/news"), "1")
		})
	}
}

// TestMQTT5_4_2_1: the connection is an ordered stream of bytes without loss:
// packets may come in any pieces, and large ones arrive whole.
func TestMQTT5_4_2_1(t *testing.T) {
	t.Parallel()
	streamIsWhole(t, 5)
}

func streamIsWhole(t *testing.T, version byte) {
	t.Helper()
	p := dial(t, server(t), version)
	topic := name(t, "/x")
	for _, b := range (connect{id: name(t, "a")}).encode(version) {
		p.write([]byte{b})
	}
	p.want(CONNACK)
	var stream []byte
	for i := range 50 {
		stream = append(stream, p.subscribePacket(i+1, nil, filter{topic, 0})...)
		stream = append(stream, publish{topic: topic, payload: strings.Repeat("x", 37*i)}.encode(version)...)
	}
	for size := 1; len(stream) > 0; size = size*2%97 + 1 {
		n := min(size, len(stream))
		p.write(stream[:n])
		stream = stream[n:]
	}
	for i := range 50 {
		if x := p.want(SUBACK); x.id != i+1 {
			t.Errorf("SUBACK %d, want %d", x.id, i+1)
		}
		p.message(topic, strings.Repeat("x", 37*i))
	}
	large := strings.Repeat("0123456789abcdef", 1<<16)
	p.write(publish{topic: topic, payload: large}.encode(version))
	p.message(topic, large)
}
