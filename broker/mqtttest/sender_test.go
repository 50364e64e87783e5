package mqtttest

import (
	"strconv"
	"testing"
)

// What a server does as the sender of messages, for each version.

// sentOnce has a message at QoS 0 sent to who asked for QoS 0 or more: at QoS 0,
// without DUP, once, and not again on the next connection.
func sentOnce(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	me := durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	q := client(t, address, version, name(t, "b"))
	for _, c := range []struct{ granted, published byte }{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}} {
		p.listen(name(t, ""), c.granted)
		q.say(publish{topic: name(t, ""), payload: "1", qos: c.published})
		if x := p.want(PUBLISH); x.payload != "1" || x.qos != 0 || x.dup {
			t.Errorf("granted %d, published at %d: got %+v", c.granted, c.published, x)
		}
		p.silent()
	}
	p.cut()
	p, _ = open(t, address, version, me)
	p.silent()
}

// firstWithoutDup proves that DUP is 0 when a message is sent for the first time,
// whatever its publisher said, and to who was absent too; and 1 when it is sent
// again.
func firstWithoutDup(t *testing.T, version, qos byte) {
	t.Helper()
	address := server(t)
	topic, me := name(t, ""), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, qos)
	q := client(t, address, version, name(t, "b"))
	for _, dup := range []bool{false, true} {
		q.say(publish{topic: topic, payload: "1", qos: qos, dup: dup})
		if x := p.message(topic, "1"); x.dup || x.qos != qos {
			t.Errorf("published with DUP %v: %+v", dup, x)
		}
	}
	p.leave()
	q.say(publish{topic: topic, payload: "2", qos: qos, dup: true})
	for _, dup := range []bool{false, true, true} {
		p, _ = open(t, address, version, me)
		if x := p.want(PUBLISH); x.payload != "2" || x.dup != dup {
			t.Errorf("sent to who was absent: %+v, want DUP %v", x, dup)
		}
		p.cut()
	}
}

// openUntilAcknowledged proves that a message is open until its own acknowledgement
// comes: until then it is sent again on each connection, after that never.
func openUntilAcknowledged(t *testing.T, version, qos byte) {
	t.Helper()
	kind := byte(PUBACK)
	if qos == 2 {
		kind = PUBREC
	}
	address := server(t)
	topic, me := name(t, ""), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, qos)
	client(t, address, version, name(t, "b")).say(publish{topic: topic, payload: "1", qos: qos})
	x := p.want(PUBLISH)
	p.ack(kind, x.id+1) // of another message
	for range 2 {
		p.cut()
		p, _ = open(t, address, version, me)
		if y := p.want(PUBLISH); y.id != x.id || y.payload != "1" || y.qos != qos || !y.dup {
			t.Errorf("%+v came again, want message %d with DUP", y, x.id)
		}
	}
	p.ack(kind, x.id)
	if qos == 2 {
		p.wantAck(PUBREL, x.id)
		p.ack(PUBCOMP, x.id)
	}
	p.silent()
	p.cut()
	p, _ = open(t, address, version, me)
	p.silent()
}

// releasedWhenReceived proves that PUBREC is answered with PUBREL for the same
// message, in the order of the PUBRECs.
func releasedWhenReceived(t *testing.T, version byte) {
	t.Helper()
	p, messages := threeOpen(t, server(t), version)
	for _, i := range []int{1, 2, 0} {
		p.ack(PUBREC, messages[i].id)
		p.wantAck(PUBREL, messages[i].id)
		p.silent()
	}
	for _, i := range []int{0, 2, 1} {
		p.ack(PUBCOMP, messages[i].id)
	}
	p.silent()
}

// threeOpen gives a client that was sent three messages at QoS 2 and said nothing.
// Its session lasts; durable(version, name(t, "a")) resumes it.
func threeOpen(t *testing.T, address string, version byte) (p *peer, messages []packet) {
	t.Helper()
	p, _ = open(t, address, version, durable(version, name(t, "a")))
	p.listen(name(t, ""), 2)
	q := client(t, address, version, name(t, "b"))
	for i := range 3 {
		q.say(publish{topic: name(t, ""), payload: strconv.Itoa(i), qos: 2})
		messages = append(messages, p.want(PUBLISH))
	}
	return p, messages
}

// releasedUntilCompleted proves that PUBREL is open until PUBCOMP: until then it is
// sent again on each connection, without its PUBLISH.
func releasedUntilCompleted(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p, messages := threeOpen(t, address, version)
	for _, x := range messages {
		p.ack(PUBREC, x.id)
		p.wantAck(PUBREL, x.id)
	}
	p.ack(PUBCOMP, messages[1].id)
	p.ack(PUBREC, messages[2].id) // once more: PUBREL once more, if anything
	p.ack(PUBCOMP, 777)           // of no message
	for range 2 {
		p.cut()
		p, _ = open(t, address, version, durable(version, name(t, "a")))
		p.wantAck(PUBREL, messages[0].id)
		p.wantAck(PUBREL, messages[2].id)
		p.silent()
	}
	p.ack(PUBCOMP, messages[2].id)
	p.ack(PUBCOMP, messages[0].id)
	p.silent()
	p.cut()
	p, _ = open(t, address, version, durable(version, name(t, "a")))
	p.silent()
}

// sentAgainOnResumeOnly proves that what is open is sent again when the session is
// resumed, with the old identifiers, and at no other time: not while the
// connection lasts, nor to a new session.
func sentAgainOnResumeOnly(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic, me := name(t, ""), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, 2)
	q := client(t, address, version, name(t, "b"))
	var messages []packet
	for i, qos := range []byte{1, 2, 2} {
		q.say(publish{topic: topic, payload: strconv.Itoa(i), qos: qos})
		messages = append(messages, p.want(PUBLISH))
	}
	p.ack(PUBREC, messages[1].id)
	p.wantAck(PUBREL, messages[1].id)
	pass(t, address, 1)
	p.silent()
	q.say(publish{topic: topic, payload: "meanwhile"})
	p.message(topic, "meanwhile")
	p.cut()
	p, _ = open(t, address, version, me)
	for i, want := range messages {
		if i == 1 {
			p.wantAck(PUBREL, want.id)
		} else if x := p.want(PUBLISH); x.id != want.id || x.payload != want.payload || !x.dup {
			t.Errorf("%+v came again, want message %d with DUP", x, want.id)
		}
	}
	p.silent()
	p.cut()
	client(t, address, version, me.id).silent()
}
