package mqtttest

import (
	"fmt"
	"testing"

	"gatehouse/broker"
)

// TestMQTT5_3_3_4_7: a client has no more messages above QoS 0 open than the server's
// Receive Maximum: one more is answered with 0x93. What has been acknowledged to the end
// does not count.
func TestMQTT5_3_3_4_7(t *testing.T) {
	t.Parallel()
	address := limited(t, broker.Limits{ReceiveMaximum: 5})
	maximum := announced(t, address, receiveMaximum, 65535)
	if *foreign == "" && maximum != 5 {
		t.Errorf("Receive Maximum %d", maximum)
	}
	if maximum > 1000 {
		t.Skipf("the server takes %d messages at once", maximum)
	}
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "p"))
	for range 2 { // as many again as are allowed: they are through
		for id := range maximum {
			p.write(publish{topic: topic, qos: 2, id: id + 1}.encode(5))
			p.wantAck(PUBREC, id+1)
		}
		for id := range maximum {
			p.ack(PUBREL, id+1)
			p.wantAck(PUBCOMP, id+1)
		}
	}
	for id := range maximum {
		p.write(publish{topic: topic, qos: 2, id: id + 1}.encode(5))
		p.wantAck(PUBREC, id+1)
	}
	p.say(publish{topic: topic}) // QoS 0 does not count
	p.write(publish{topic: topic, qos: 1, id: maximum + 1}.encode(5))
	p.broken(0x93)
}

// filled publishes ten messages to a client with a Receive Maximum of 3 and gives it, its
// publisher, and the three that come.
func filled(t *testing.T, qos func(i int) byte) (s, p *peer, first []packet) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	s, _ = open(t, address, 5, connect{id: name(t, "s"), props: properties{{receiveMaximum, 3}}})
	s.listen(topic, 2)
	p = client(t, address, 5, name(t, "p"))
	for i := range 10 {
		p.say(publish{topic: topic, payload: fmt.Sprint(i), qos: qos(i)})
	}
	for range 3 {
		first = append(first, s.want(PUBLISH))
	}
	return s, p, first
}

// TestMQTT5_3_3_4_9: the server has no more messages above QoS 0 open than the client's
// Receive Maximum; each that is acknowledged to the end, or refused with PUBREC, makes
// room for one.
func TestMQTT5_3_3_4_9(t *testing.T) {
	t.Parallel()
	for what, qos := range map[string]func(int) byte{
		"QoS 1": func(int) byte { return 1 }, "QoS 2": func(int) byte { return 2 }, "both": func(i int) byte { return byte(1 + i%2) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s, _, open := filled(t, qos)
			for n := 3; n < 10; n++ {
				s.silent()
				x := open[0]
				switch {
				case x.qos == 2 && n%3 == 0:
					s.write(frame(PUBREC<<4, u16(x.id), []byte{0x80}))
				case x.qos == 2:
					s.ack(PUBREC, x.id)
					s.wantAck(PUBREL, x.id)
					s.silent() // it is still open
					s.ack(PUBCOMP, x.id)
				default:
					s.finish(x)
				}
				y := s.want(PUBLISH)
				if y.payload != fmt.Sprint(n) {
					t.Errorf("%q came, want %d", y.payload, n)
				}
				open = append(open[1:], y)
			}
			for _, x := range open {
				s.finish(x)
			}
			s.silent()
		})
	}
}

// TestMQTT5_3_3_4_10: while a client has Receive Maximum messages open the server goes on
// with everything else: answers, messages at QoS 0, and the client's own messages.
func TestMQTT5_3_3_4_10(t *testing.T) {
	t.Parallel()
	s, p, open := filled(t, func(i int) byte { return byte(1 + i%2) })
	topic := name(t, "/other")
	s.listen(topic, 0)
	p.say(publish{topic: topic, payload: "QoS 0", qos: 1})
	s.message(topic, "QoS 0")
	s.say(publish{topic: name(t, "/nobody"), qos: 1})
	s.say(publish{topic: name(t, "/nobody"), qos: 2})
	s.unsubscribe(topic)
	s.silent()
	for _, x := range open {
		if x.qos == 2 { // PUBREL too
			s.ack(PUBREC, x.id)
			s.wantAck(PUBREL, x.id)
		}
	}
	s.silent()
}
