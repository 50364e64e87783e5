package abuse

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// letter is a publisher and a subscriber at QoS 2, packet by packet.
type letter struct {
	t   *testing.T
	s   *server
	v   mqtt.Version
	out *mqtt.Conn
	in  *mqtt.Conn
	n   int
}

func newLetter(t *testing.T, s *server, v mqtt.Version, qos byte) *letter {
	t.Helper()
	l := &letter{t: t, s: s, v: v}
	l.out, l.in = l.connect("publisher"), l.connect("subscriber")
	if err := l.in.SubscribeNow(1, qos, l.topic()); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *letter) topic() string { return fmt.Sprint("letter/", l.v) }

func (l *letter) connect(who string) *mqtt.Conn {
	return l.s.must(l.t, mqtt.Connect{Version: l.v, ClientID: fmt.Sprint(who, "-", l.v), Persistent: true})
}

// send sends one packet and flushes.
func (l *letter) send(c *mqtt.Conn, put func()) {
	l.t.Helper()
	put()
	if err := c.Flush(); err != nil {
		l.t.Fatal(err)
	}
}

func (l *letter) publish(id uint16, payload string, dup bool) {
	l.t.Helper()
	l.send(l.out, func() {
		l.out.Publish(mqtt.Publish{Topic: []byte(l.topic()), Payload: []byte(payload), QoS: 2, ID: id, Dup: dup})
	})
}

// want reads the next packet, of which type, identifier and code are known.
func (l *letter) want(c *mqtt.Conn, kind mqtt.Type, id uint16, codes ...byte) mqtt.Packet {
	l.t.Helper()
	p, err := c.Read()
	if err != nil || p.Type != kind || id > 0 && p.ID != id {
		l.t.Fatalf("%s %d expected, %s %d with code %#x came: %v", kind, id, p.Type, p.ID, p.Code, err)
	}
	if len(codes) > 0 && l.v == mqtt.V5 && p.Code != codes[0] {
		l.t.Errorf("%s %d: code %#x, want %#x", kind, id, p.Code, codes[0])
	}
	return p
}

// comes takes one message at QoS 2 on the subscriber's side, to its end.
func (l *letter) comes(payload string) {
	l.t.Helper()
	p := l.want(l.in, mqtt.PUBLISH, 0)
	if string(p.Publish.Payload) != payload || p.Publish.Dup {
		l.t.Errorf("%q, DUP %v came; want %q", p.Publish.Payload, p.Publish.Dup, payload)
	}
	l.send(l.in, func() { l.in.Ack(mqtt.PUBREC, p.ID) })
	l.want(l.in, mqtt.PUBREL, p.ID)
	l.send(l.in, func() { l.in.Ack(mqtt.PUBCOMP, p.ID) })
	l.n++
}

// nothing proves that nothing is on its way to a client.
func (l *letter) nothing(c *mqtt.Conn) {
	l.t.Helper()
	l.send(c, c.Ping)
	l.want(c, mqtt.PINGRESP, 0)
}

func TestQoS2ByTheLetter(t *testing.T) {
	parallel(t)
	for _, v := range versions {
		t.Run(fmt.Sprint("version ", v), func(t *testing.T) {
			s := embed(t, embedded{Data: t.TempDir()})
			l := newLetter(t, s, v, 2)
			l.repeats()
			l.strangers()
			l.lostByPublisher()
			l.lostBySubscriber()
			if v == mqtt.V5 {
				l.refusals()
			}
			l.nothing(l.in)
			l.nothing(l.out)
			prove.Record(t, fmt.Sprintf("QoS 2 by the letter, version %d", v), "0 wrong deliveries", fmt.Sprintf("%d messages, 0 wrong deliveries", l.n))
		})
	}
}

// repeats: a PUBLISH that is sent again before PUBREL is the same message, with
// DUP, without it, and whatever else it says; after PUBCOMP it is a new one.
func (l *letter) repeats() {
	l.publish(1, "a", false)
	l.want(l.out, mqtt.PUBREC, 1)
	for _, again := range []string{"a", "a", "other content"} {
		l.publish(1, again, again == "a")
		l.want(l.out, mqtt.PUBREC, 1)
	}
	l.comes("a")
	l.nothing(l.in)
	for range 2 { // the second one for an identifier that is free
		l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 1) })
		l.want(l.out, mqtt.PUBCOMP, 1)
	}
	l.publish(1, "b", true) // DUP says nothing: the identifier is new
	l.want(l.out, mqtt.PUBREC, 1)
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 1) })
	l.want(l.out, mqtt.PUBCOMP, 1, 0)
	l.comes("b")
}

// strangers: acknowledgements for identifiers that are not open change nothing.
func (l *letter) strangers() {
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 77) })
	l.want(l.out, mqtt.PUBCOMP, 77, 0x92)
	l.send(l.in, func() { l.in.Ack(mqtt.PUBREC, 78) })
	if l.v == mqtt.V5 { // MQTT-4.3.3: the receiver of PUBREC answers with PUBREL, whatever it knows
		l.want(l.in, mqtt.PUBREL, 78, 0x92)
		l.send(l.in, func() { l.in.Ack(mqtt.PUBCOMP, 78) })
	} else {
		l.send(l.in, func() { l.in.Ack(mqtt.PUBCOMP, 79) })
		l.send(l.in, l.in.Ping)
		p, err := l.in.Read()
		if err == nil && p.Type == mqtt.PUBREL { // allowed: 3.1.1 does not say
			p, err = l.in.Read()
		}
		if err != nil || p.Type != mqtt.PINGRESP {
			l.t.Fatalf("PINGRESP expected, %s came: %v", p.Type, err)
		}
	}
	l.nothing(l.in)
	l.nothing(l.out)
}

// lostByPublisher: each of the four packets is lost once, and the publisher goes
// on as the standard says on its next connection.
func (l *letter) lostByPublisher() {
	again := func() {
		l.out.Cut()
		if l.out = l.connect("publisher"); !l.out.Session {
			l.t.Error("the publisher's session is gone")
		}
	}
	l.publish(2, "c", false) // PUBREC is lost
	l.comes("c")
	again()
	l.publish(2, "c", true)
	l.want(l.out, mqtt.PUBREC, 2)
	again() // PUBREL was not sent
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 2) })
	again() // PUBCOMP may be lost, and PUBREL
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 2) })
	l.want(l.out, mqtt.PUBCOMP, 2)
	l.publish(2, "d", false)
	l.want(l.out, mqtt.PUBREC, 2)
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 2) })
	l.want(l.out, mqtt.PUBCOMP, 2, 0)
	l.comes("d")
}

// lostBySubscriber: the same on the other side; the server sends again with the
// same identifier, PUBLISH with DUP, and only what is open.
func (l *letter) lostBySubscriber() {
	again := func() {
		l.in.Cut()
		if l.in = l.connect("subscriber"); !l.in.Session {
			l.t.Error("the subscriber's session is gone")
		}
	}
	l.publish(3, "e", false)
	l.want(l.out, mqtt.PUBREC, 3)
	id := l.want(l.in, mqtt.PUBLISH, 0).ID
	again() // PUBREC was not sent
	p := l.want(l.in, mqtt.PUBLISH, id)
	if !p.Publish.Dup || string(p.Publish.Payload) != "e" {
		l.t.Errorf("sent again: DUP %v, %q", p.Publish.Dup, p.Publish.Payload)
	}
	l.send(l.in, func() { l.in.Ack(mqtt.PUBREC, id) })
	l.want(l.in, mqtt.PUBREL, id)
	again() // PUBCOMP was not sent
	l.want(l.in, mqtt.PUBREL, id)
	l.send(l.in, func() { l.in.Ack(mqtt.PUBCOMP, id) })
	l.nothing(l.in)
	again()
	l.nothing(l.in)
	l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 3) })
	l.want(l.out, mqtt.PUBCOMP, 3, 0)
	l.n++
}

// refusals: a PUBREC with an error ends the message, without PUBREL, and its
// identifier is free.
func (l *letter) refusals() {
	for _, payload := range []string{"f", "g"} {
		l.publish(4, payload, false)
		l.want(l.out, mqtt.PUBREC, 4)
		l.send(l.out, func() { l.out.Ack(mqtt.PUBREL, 4) })
		l.want(l.out, mqtt.PUBCOMP, 4, 0)
		p := l.want(l.in, mqtt.PUBLISH, 0)
		if string(p.Publish.Payload) != payload {
			l.t.Errorf("%q came, want %q", p.Publish.Payload, payload)
		}
		id := p.ID
		l.send(l.in, func() { l.in.Raw(mqtt.AppendReason(nil, mqtt.PUBREC, id, 0x83, nil)) })
		l.nothing(l.in)
		l.n++
	}
	l.in.Cut() // and nothing of it comes again
	l.in = l.connect("subscriber")
	l.nothing(l.in)
}
