package mqtttest

import "testing"

// What a server does as the receiver of messages, for each version.

// ownedWhenAcknowledged proves that what was acknowledged is the server's: it is
// delivered although its publisher is gone, to who was absent too.
func ownedWhenAcknowledged(t *testing.T, version, qos byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "")
	absent(t, address, version, name(t, "absent"), topic)
	p := client(t, address, version, name(t, "a"))
	p.listen(topic, qos)
	q := client(t, address, version, name(t, "b"))
	q.say(publish{topic: topic, payload: "1", qos: qos, id: 4711}) // demands the identifier in the answers
	q.cut()
	p.message(topic, "1")
	p, _ = open(t, address, version, durable(version, name(t, "absent")))
	p.message(topic, "1")
	p.silent()
}

// newAfterAcknowledgement proves that an identifier whose flow is complete is that
// of a new message, whatever DUP says.
func newAfterAcknowledgement(t *testing.T, version, qos byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "")
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	p.listen(topic, qos)
	for _, m := range []publish{{payload: "1"}, {payload: "1"}, {payload: "2", dup: true}, {payload: "2", dup: true}} {
		m.topic, m.qos, m.id = topic, qos, 1
		q.say(m)
		p.message(topic, m.payload)
	}
	p.silent()
}

// repeatedOnce proves that a QoS 2 message that comes again before its PUBREL is
// answered with PUBREC each time and delivered once, over connections too.
func repeatedOnce(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic, me := name(t, ""), durable(version, name(t, "b"))
	p := client(t, address, version, name(t, "a"))
	p.listen(topic, 2)
	q, _ := open(t, address, version, me)
	m := publish{topic: topic, payload: "1", qos: 2, id: 7}
	for range 2 {
		q.write(m.encode(version))
		q.wantAck(PUBREC, 7)
		m.dup = true
		q.write(m.encode(version))
		q.wantAck(PUBREC, 7)
		q.cut()
		q, _ = open(t, address, version, me)
	}
	q.ack(PUBREL, 7)
	q.wantAck(PUBCOMP, 7)
	p.message(topic, "1")
	q.say(publish{topic: topic, payload: "end", qos: 2})
	p.message(topic, "end")
	p.silent()
}

// completedWhenReleased proves that PUBREL is answered with PUBCOMP for the same
// message, each time it comes.
func completedWhenReleased(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	me := durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	for _, id := range []int{1, 0x8000, 65_535} {
		p.write(publish{topic: name(t, ""), qos: 2, id: id}.encode(version))
		p.wantAck(PUBREC, id)
	}
	for _, id := range []int{65_535, 1} {
		p.ack(PUBREL, id)
		p.wantAck(PUBCOMP, id)
	}
	p.cut() // the PUBCOMP of 1 may have been lost: PUBREL comes again
	p, _ = open(t, address, version, me)
	for _, id := range []int{1, 0x8000} {
		p.ack(PUBREL, id)
		if x := p.want(PUBCOMP); x.id != id || x.code != 0 && x.code != 0x92 {
			t.Errorf("PUBREL %d got %+v", id, x)
		}
	}
	p.silent()
}
