package mqtttest

import (
	"fmt"
	"testing"
)

// What the fixed header and the packet identifier demand, for each version.

// keepsByteOrderMark proves that a topic with U+FEFF in front is another one than
// without, and arrives with it.
func keepsByteOrderMark(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p := client(t, address, version, name(t, "a"))
	marked, plain := "\uFEFF"+name(t, "/\uFEFFx"), name(t, "/x")
	p.listen(marked, 0)
	p.listen(plain, 0)
	p.write(publish{topic: marked, payload: "1"}.encode(version))
	p.message(marked, "1")
	p.write(publish{topic: plain, payload: "2"}.encode(version))
	p.message(plain, "2")
}

// refusesIdentifierZero proves that packets that need a packet identifier close the
// connection if it is 0 or not there.
func refusesIdentifierZero(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "")
	for what, packet := range map[string]func(p *peer) []byte{
		"SUBSCRIBE":           func(p *peer) []byte { return p.subscribePacket(0, nil, filter{topic, 0}) },
		"UNSUBSCRIBE":         func(p *peer) []byte { return p.unsubscribePacket(0, nil, topic) },
		"PUBLISH 1":           func(*peer) []byte { return publish{topic: topic, qos: 1, payload: "1"}.encode(version) },
		"PUBLISH 2":           func(*peer) []byte { return publish{topic: topic, qos: 2, payload: "1"}.encode(version) },
		"PUBLISH 1 without":   func(*peer) []byte { return frame(PUBLISH<<4|2, str(topic)) },
		"PUBLISH 2 without":   func(*peer) []byte { return frame(PUBLISH<<4|4, str(topic)) },
		"SUBSCRIBE without":   func(*peer) []byte { return frame(SUBSCRIBE<<4 | 2) },
		"UNSUBSCRIBE without": func(*peer) []byte { return frame(UNSUBSCRIBE<<4 | 2) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := client(t, address, version, name(t, "a"))
			p.write(packet(p))
			p.closed()
		})
	}
}

// durable is a CONNECT for a session that outlives its connection.
func durable(version byte, id string) connect {
	c := connect{id: id, keep: true}
	if version == 5 {
		c.props = properties{{sessionExpiry, 600}}
	}
	return c
}

// usesFreeIdentifiers leaves ten messages open: their identifiers differ, the same
// ones come again with the next connection, and others than those that are still
// open are used for what follows.
func usesFreeIdentifiers(t *testing.T, version, qos byte) {
	t.Helper()
	const n = 10
	address := server(t)
	topic, me := name(t, ""), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, qos)
	other := client(t, address, version, name(t, "b"))
	for k := range n {
		other.say(publish{topic: topic, payload: fmt.Sprint(k), qos: qos})
	}
	ids := map[string]int{}
	used := map[int]bool{}
	for range n {
		x := p.want(PUBLISH)
		if x.id == 0 || used[x.id] {
			t.Errorf("message %s has the identifier %d, which is in use", x.payload, x.id)
		}
		ids[x.payload], used[x.id] = x.id, true
	}
	p.cut()
	p, _ = open(t, address, version, me)
	var again []packet
	for range n {
		x := p.want(PUBLISH)
		if x.id != ids[x.payload] {
			t.Errorf("message %s came with %d and again with %d", x.payload, ids[x.payload], x.id)
		}
		again = append(again, x)
	}
	p.finish(again[0])
	delete(used, again[0].id)
	for range 2 * n {
		other.say(publish{topic: topic, payload: "new", qos: qos})
		x := p.message(topic, "new")
		if used[x.id] {
			t.Errorf("a new message has the identifier %d of one that is open", x.id)
		}
	}
}

// passesOpenIdentifier leaves one message at QoS 1 open while more follow it than
// there are identifiers: none of them has its identifier. A server may pass over
// it, or wait until it is free.
func passesOpenIdentifier(t *testing.T, version byte) {
	t.Helper()
	const batch, all = 15, 66_000 // a batch fits into every server's window
	address := server(t)
	topic := name(t, "")
	p, other := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	p.listen(topic, 1)
	other.say(publish{topic: topic, payload: "open", qos: 1})
	held := p.want(PUBLISH)
	var messages []byte
	for k := range batch {
		messages = append(messages, publish{topic: topic, qos: 1, id: k + 1}.encode(version)...)
	}
	for n, waited := 0, false; n < all && !waited; n += batch {
		other.write(messages)
		for k := range batch {
			other.wantAck(PUBACK, k+1)
		}
		p.write(frame(PINGREQ << 4))
		waited = p.passes(held.id, batch)
	}
}

// passes takes n messages and the answer to a ping. While the message with the
// identifier held is open no other may have it; if the answer comes before the
// last message, the server waits for that identifier: it is freed, and waited is
// true.
func (p *peer) passes(held, n int) (waited bool) {
	p.t.Helper()
	var acks []byte
	for ponged := false; n > 0 || !ponged; {
		x := p.next()
		switch {
		case x.kind == PINGRESP:
			if ponged = true; n > 0 {
				waited = true
				p.write(acks, frame(PUBACK<<4, u16(held)))
				acks = nil
			}
		case x.kind != PUBLISH || x.id == held && !waited:
			p.t.Fatalf("%+v came while a message with the identifier %d was open", x, held)
		default:
			n--
			acks = append(acks, frame(PUBACK<<4, u16(x.id))...)
		}
	}
	p.write(acks)
	return waited
}

// hasNoIdentifierAtQoS0 proves that two bytes that could be one are payload.
func hasNoIdentifierAtQoS0(t *testing.T, version byte) {
	t.Helper()
	p := client(t, server(t), version, name(t, "a"))
	topic := name(t, "")
	for _, granted := range []byte{0, 2} {
		p.listen(topic, granted)
		for _, payload := range []string{"", "\x00\x01", "\x12\x34rest"} {
			p.write(publish{topic: topic, payload: payload}.encode(version))
			x := p.message(topic, payload)
			size := 2 + len(topic) + len(payload)
			if version == 5 {
				size++ // the length of no properties
			}
			if x.qos != 0 || len(x.body) != size {
				t.Errorf("payload % x came as QoS %d in a body of %d bytes, want %d", payload, x.qos, len(x.body), size)
			}
		}
	}
}
