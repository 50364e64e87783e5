package mqtttest

import (
	"slices"
	"testing"

	"gatehouse/broker"
)

// verdicts has messages of a QoS judged, and demands the reason for each. That
// nothing else than a listed reason comes is seen by the parser.
func verdicts(t *testing.T, kind, qos byte) {
	t.Helper()
	t.Run("taken", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		client(t, address, 5, name(t, "reader")).listen(name(t, ""), 0)
		judged(t, client(t, address, 5, name(t, "a")), kind, publish{topic: name(t, ""), qos: qos}, 0)
	})
	t.Run("for nobody", func(t *testing.T) {
		t.Parallel()
		judged(t, client(t, server(t), 5, name(t, "a")), kind, publish{topic: name(t, ""), qos: qos}, 0, 0x10)
	})
	t.Run("without the right", func(t *testing.T) {
		t.Parallel()
		judged(t, client(t, own(t, nil), 5, name(t, "a")), kind, publish{topic: "denied/x", qos: qos}, 0x87)
	})
	t.Run("without place", func(t *testing.T) {
		t.Parallel()
		p := client(t, own(t, func(o *broker.Options) { o.Limits.MaxRetained = 1 }), 5, name(t, "a"))
		judged(t, p, kind, publish{topic: "1", payload: "x", qos: qos, retain: true}, 0, 0x10)
		judged(t, p, kind, publish{topic: "2", payload: "x", qos: qos, retain: true}, 0x97)
	})
}

// judged publishes and demands an acknowledgement with one of these reasons.
func judged(t *testing.T, p *peer, kind byte, m publish, codes ...byte) packet {
	t.Helper()
	m.id = p.nextID()
	p.write(m.encode(5))
	x := p.want(kind)
	if x.id != m.id || !slices.Contains(codes, x.code) {
		t.Errorf("message %d got %+v, want a reason of %#x", m.id, x, codes)
	}
	return x
}

// denied publishes what a server with rights refuses.
func denied(kind, qos byte) encounter {
	return after(func(p *peer) packet {
		p.write(publish{topic: "denied/x", qos: qos, id: 1}.encode(5))
		return p.want(kind)
	})
}

// unknown speaks of a message that the server does not know.
func unknown(says, kind byte) encounter {
	return after(func(p *peer) packet {
		p.ack(says, 77)
		return p.want(kind)
	})
}

// TestMQTT5_3_4_2_1: PUBACK has only reasons that are listed for it.
func TestMQTT5_3_4_2_1(t *testing.T) {
	t.Parallel()
	verdicts(t, PUBACK, 1)
}

// TestMQTT5_3_4_2_2: PUBACK goes without its reason string if that has no room.
func TestMQTT5_3_4_2_2(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, denied(PUBACK, 1))
}

// TestMQTT5_3_4_2_3: PUBACK goes without its user properties if they have no room.
func TestMQTT5_3_4_2_3(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, denied(PUBACK, 1))
}

// TestMQTT5_3_5_2_1: PUBREC has only reasons that are listed for it.
func TestMQTT5_3_5_2_1(t *testing.T) {
	t.Parallel()
	verdicts(t, PUBREC, 2)
}

// TestMQTT5_3_5_2_2: PUBREC goes without its reason string if that has no room.
func TestMQTT5_3_5_2_2(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, denied(PUBREC, 2))
}

// TestMQTT5_3_5_2_3: PUBREC goes without its user properties if they have no room.
func TestMQTT5_3_5_2_3(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, denied(PUBREC, 2))
}

// TestMQTT5_3_6_1_1: PUBREL with other header flags than 0010 closes the connection.
func TestMQTT5_3_6_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 5, PUBREL, 2, func(*peer) [][]byte { return [][]byte{u16(1)} })
}

// flagsAreFixed sends a packet with each wrong combination of header flags, which
// closes the connection, and with the right one, which does not.
func flagsAreFixed(t *testing.T, version, kind, right byte, body func(p *peer) [][]byte) {
	t.Helper()
	address := server(t)
	for flags := range byte(16) {
		p := client(t, address, version, name(t, string('a'+rune(flags))))
		p.write(frame(kind<<4|flags, body(p)...))
		if flags == right {
			p.next()
			p.silent()
			continue
		}
		p.reasonWas(p.closed(), 0x81, 0x82)
	}
}

// TestMQTT5_3_6_2_1: PUBREL has only reasons that are listed for it.
func TestMQTT5_3_6_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	p := client(t, address, 5, name(t, "a"))
	p.listen(name(t, ""), 2)
	client(t, address, 5, name(t, "b")).say(publish{topic: name(t, ""), qos: 2})
	x := p.want(PUBLISH)
	p.ack(PUBREC, x.id)
	if y := p.want(PUBREL); y.id != x.id || y.code != 0 {
		t.Errorf("message %d got %+v, want success", x.id, y)
	}
	p.ack(PUBREC, 777)
	if y := p.want(PUBREL); y.id != 777 || y.code != 0 && y.code != 0x92 {
		t.Errorf("PUBREC for no message got %+v, want reason 0x92", y)
	}
}

// TestMQTT5_3_6_2_2: PUBREL goes without its reason string if that has no room.
func TestMQTT5_3_6_2_2(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, unknown(PUBREC, PUBREL))
}

// TestMQTT5_3_6_2_3: PUBREL goes without its user properties if they have no room.
func TestMQTT5_3_6_2_3(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, unknown(PUBREC, PUBREL))
}

// TestMQTT5_3_7_2_1: PUBCOMP has only reasons that are listed for it.
func TestMQTT5_3_7_2_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.write(publish{topic: name(t, ""), qos: 2, id: 1}.encode(5))
	p.wantAck(PUBREC, 1)
	p.ack(PUBREL, 1)
	if x := p.want(PUBCOMP); x.id != 1 || x.code != 0 {
		t.Errorf("PUBREL 1 got %+v, want success", x)
	}
	p.ack(PUBREL, 777)
	if x := p.want(PUBCOMP); x.id != 777 || x.code != 0 && x.code != 0x92 {
		t.Errorf("PUBREL for no message got %+v, want reason 0x92", x)
	}
}

// TestMQTT5_3_7_2_2: PUBCOMP goes without its reason string if that has no room.
func TestMQTT5_3_7_2_2(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, unknown(PUBREL, PUBCOMP))
}

// TestMQTT5_3_7_2_3: PUBCOMP goes without its user properties if they have no room.
func TestMQTT5_3_7_2_3(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, unknown(PUBREL, PUBCOMP))
}
