package mqtttest

import "testing"

// TestMQTT5_4_3_1_1: a message at QoS 0 is sent with QoS 0 and DUP 0, once.
func TestMQTT5_4_3_1_1(t *testing.T) {
	t.Parallel()
	sentOnce(t, 5)
}

// TestMQTT5_4_3_2_1: a message that the server sends at QoS 1 has an identifier
// that is free.
func TestMQTT5_4_3_2_1(t *testing.T) {
	t.Parallel()
	usesFreeIdentifiers(t, 5, 1)
}

// TestMQTT5_4_3_2_2: a message that the server sends at QoS 1 for the first time has
// DUP 0.
func TestMQTT5_4_3_2_2(t *testing.T) {
	t.Parallel()
	firstWithoutDup(t, 5, 1)
}

// TestMQTT5_4_3_2_3: a message that the server sends at QoS 1 is open until its
// PUBACK.
func TestMQTT5_4_3_2_3(t *testing.T) {
	t.Parallel()
	openUntilAcknowledged(t, 5, 1)
}

// TestMQTT5_4_3_2_4: a message that comes at QoS 1 is answered with PUBACK for its
// identifier, and is the server's from then on.
func TestMQTT5_4_3_2_4(t *testing.T) {
	t.Parallel()
	ownedWhenAcknowledged(t, 5, 1)
}

// TestMQTT5_4_3_2_5: after PUBACK a message with the same identifier is a new one,
// whatever its DUP says.
func TestMQTT5_4_3_2_5(t *testing.T) {
	t.Parallel()
	newAfterAcknowledgement(t, 5, 1)
}

// TestMQTT5_4_3_3_1: a message that the server sends at QoS 2 has an identifier
// that is free.
func TestMQTT5_4_3_3_1(t *testing.T) {
	t.Parallel()
	usesFreeIdentifiers(t, 5, 2)
}

// TestMQTT5_4_3_3_2: a message that the server sends at QoS 2 for the first time has
// DUP 0.
func TestMQTT5_4_3_3_2(t *testing.T) {
	t.Parallel()
	firstWithoutDup(t, 5, 2)
}

// TestMQTT5_4_3_3_3: a message that the server sends at QoS 2 is open until its
// PUBREC.
func TestMQTT5_4_3_3_3(t *testing.T) {
	t.Parallel()
	openUntilAcknowledged(t, 5, 2)
}

// TestMQTT5_4_3_3_4: a PUBREC with a reason below 0x80 is answered with PUBREL, one
// with another is not.
func TestMQTT5_4_3_3_4(t *testing.T) {
	t.Parallel()
	releasedWhenReceived(t, 5)
	t.Run("with a reason", func(t *testing.T) {
		t.Parallel()
		p, messages := threeOpen(t, server(t), 5)
		for i, reason := range []byte{0x00, 0x10, 0x97} {
			p.write(frame(PUBREC<<4, u16(messages[i].id), []byte{reason}))
			if reason < 0x80 {
				p.wantAck(PUBREL, messages[i].id)
			}
			p.silent()
		}
	})
}

// TestMQTT5_4_3_3_5: PUBREL of the server is open until PUBCOMP.
func TestMQTT5_4_3_3_5(t *testing.T) {
	t.Parallel()
	releasedUntilCompleted(t, 5)
}

// TestMQTT5_4_3_3_6: once the server has sent PUBREL it does not send the PUBLISH
// again: not on a new connection, and not after another PUBREC.
func TestMQTT5_4_3_3_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, messages := threeOpen(t, address, 5)
	for range 3 {
		for _, x := range messages {
			p.ack(PUBREC, x.id)
			p.wantAck(PUBREL, x.id)
		}
		p.silent()
		p.cut()
		p, _ = open(t, address, 5, durable(5, name(t, "a")))
		for _, x := range messages {
			p.wantAck(PUBREL, x.id)
		}
		p.silent()
	}
}

// TestMQTT5_4_3_3_7: a message at QoS 2 whose PUBLISH was sent does not expire: it
// comes again after its life, and goes to its end. One that was not sent expires.
func TestMQTT5_4_3_3_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, me := name(t, ""), durable(5, name(t, "a"))
	me.props = append(me.props, property{receiveMaximum, 1})
	p, _ := open(t, address, 5, me)
	p.listen(topic, 2)
	q := client(t, address, 5, name(t, "b"))
	short := properties{{messageExpiry, 1}}
	q.say(publish{topic: topic, payload: "sent", qos: 2, props: short})
	x := p.want(PUBLISH)
	q.say(publish{topic: topic, payload: "not sent", qos: 2, props: short})
	p.cut()
	pass(t, address, 2)
	p, _ = open(t, address, 5, me)
	y := p.want(PUBLISH)
	if y.id != x.id || y.payload != "sent" || !y.dup {
		t.Errorf("%+v came again, want message %d with DUP", y, x.id)
	}
	p.finish(y)
	p.silent()
}

// TestMQTT5_4_3_3_8: a message that comes at QoS 2 is answered with PUBREC for its
// identifier, and is the server's in the end.
func TestMQTT5_4_3_3_8(t *testing.T) {
	t.Parallel()
	ownedWhenAcknowledged(t, 5, 2)
}

// TestMQTT5_4_3_3_9: after a PUBREC that refuses a message its identifier is that of
// a new one, without a PUBREL.
func TestMQTT5_4_3_3_9(t *testing.T) {
	t.Parallel()
	address := own(t, nil)
	p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	p.listen(name(t, ""), 2)
	judged(t, q, PUBREC, publish{topic: "denied/x", qos: 2}, 0x87)
	q.lastID = 0
	judged(t, q, PUBREC, publish{topic: "denied/x", qos: 2, dup: true}, 0x87)
	q.say(publish{topic: name(t, ""), payload: "new", qos: 2, id: 1, dup: true})
	p.message(name(t, ""), "new")
	p.silent()
}

// TestMQTT5_4_3_3_10: a QoS 2 message that comes again before its PUBREL is answered
// with PUBREC and not delivered a second time.
func TestMQTT5_4_3_3_10(t *testing.T) {
	t.Parallel()
	repeatedOnce(t, 5)
}

// TestMQTT5_4_3_3_11: PUBREL is answered with PUBCOMP for its identifier.
func TestMQTT5_4_3_3_11(t *testing.T) {
	t.Parallel()
	completedWhenReleased(t, 5)
}

// TestMQTT5_4_3_3_12: after PUBCOMP a message with the same identifier is a new one.
func TestMQTT5_4_3_3_12(t *testing.T) {
	t.Parallel()
	newAfterAcknowledgement(t, 5, 2)
}

// TestMQTT5_4_3_3_13: the flow of a QoS 2 message goes on to its end after the
// message has expired.
func TestMQTT5_4_3_3_13(t *testing.T) {
	t.Parallel()
	address := server(t)
	me := durable(5, name(t, "b"))
	absent(t, address, 5, name(t, "absent"), name(t, ""))
	q, _ := open(t, address, 5, me)
	m := publish{topic: name(t, ""), payload: "1", qos: 2, id: 7, props: properties{{messageExpiry, 1}}}
	q.write(m.encode(5))
	q.wantAck(PUBREC, 7)
	q.cut()
	pass(t, address, 2)
	q, _ = open(t, address, 5, me)
	m.dup = true
	q.write(m.encode(5))
	q.wantAck(PUBREC, 7)
	q.ack(PUBREL, 7)
	q.wantAck(PUBCOMP, 7)
	p, _ := open(t, address, 5, durable(5, name(t, "absent")))
	p.silent() // it has expired
}

// TestMQTT5_4_4_0_1: what is open is sent again when the session is resumed, with
// the old identifiers, and at no other time.
func TestMQTT5_4_4_0_1(t *testing.T) {
	t.Parallel()
	sentAgainOnResumeOnly(t, 5)
}

// TestMQTT5_4_4_0_2: an acknowledgement of 0x80 or more ends the message: it is not
// sent again.
func TestMQTT5_4_4_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, me := name(t, ""), durable(5, name(t, "a"))
	p, _ := open(t, address, 5, me)
	p.listen(topic, 2)
	q := client(t, address, 5, name(t, "b"))
	for kind, reasons := range map[byte][]byte{
		PUBACK: {0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99}, PUBREC: {0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	} {
		for _, reason := range reasons {
			q.say(publish{topic: topic, payload: "1", qos: (kind - PUBACK) + 1})
			x := p.want(PUBLISH)
			p.write(frame(kind<<4, u16(x.id), []byte{reason, 0}))
			p.silent()
		}
	}
	p.cut()
	p, _ = open(t, address, 5, me)
	p.silent()
}
