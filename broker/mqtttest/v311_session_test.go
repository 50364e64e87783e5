package mqtttest

import (
	"context"
	"fmt"
	"testing"

	"gatehouse/broker"
	bp "gatehouse/broker/packet"
)

// absent makes a session with a subscription at QoS 2 and leaves it.
func absent(t testing.TB, address string, version byte, id, topic string) {
	t.Helper()
	p, x := open(t, address, version, durable(version, id))
	if x.session {
		t.Fatalf("client %q has a session already", id)
	}
	p.listen(topic, 2)
	p.leave()
}

// TestMQTT311_3_1_2_4: Clean Session 0 makes a session if there is none, resumes
// the one that there is, and keeps it after the connection, however that ends.
func TestMQTT311_3_1_2_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, end := range map[string]func(p *peer){"goodbye": (*peer).leave, "lost": (*peer).cut} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			topic, me := name(t, "/t"), durable(4, name(t, "a"))
			p, x := open(t, address, 4, me)
			if x.session {
				t.Error("there was a session before the first connection")
			}
			p.listen(topic, 1)
			for range 2 {
				end(p)
				if p, x = open(t, address, 4, me); !x.session {
					t.Error("the session was not kept")
				}
				p.write(publish{topic: topic, payload: "1"}.encode(4))
				p.message(topic, "1")
			}
		})
	}
}

// TestMQTT311_3_1_2_5: messages at QoS 1 and 2 that match subscriptions of an
// absent client are kept in its session.
func TestMQTT311_3_1_2_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/t"), name(t, "a")
	absent(t, address, 4, id, topic)
	other := client(t, address, 4, name(t, "b"))
	for _, qos := range []byte{1, 2} {
		other.say(publish{topic: topic, payload: fmt.Sprint(qos), qos: qos})
	}
	p, _ := open(t, address, 4, durable(4, id))
	for _, qos := range []byte{1, 2} {
		if x := p.message(topic, fmt.Sprint(qos)); x.qos != qos {
			t.Errorf("QoS %d came as QoS %d", qos, x.qos)
		}
	}
	p.silent()
}

// TestMQTT311_3_1_2_6: Clean Session 1 discards the session that there is, and the
// new one ends with its connection.
func TestMQTT311_3_1_2_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	old, topic, id := name(t, "/old"), name(t, "/t"), name(t, "a")
	absent(t, address, 4, id, old)
	other := client(t, address, 4, name(t, "b"))
	other.say(publish{topic: old, payload: "kept", qos: 1})
	p := client(t, address, 4, id)
	other.say(publish{topic: old, payload: "new", qos: 1})
	p.silent()
	for what, end := range map[string]func(p *peer){"goodbye": (*peer).leave, "lost": (*peer).cut} {
		p.listen(topic, 1)
		end(p)
		var x packet
		if p, x = open(t, address, 4, connect{id: id, keep: true}); x.session {
			t.Errorf("%s: the clean session is still there", what)
		}
		other.say(publish{topic: old, payload: "new", qos: 1})
		other.say(publish{topic: topic, payload: "new", qos: 1})
		p.silent()
		p.leave()
		p = client(t, address, 4, id)
	}
}

// TestMQTT311_3_1_2_7: retained messages are no part of the session and stay when
// it ends.
func TestMQTT311_3_1_2_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/t"), name(t, "a")
	p := client(t, address, 4, id)
	p.say(publish{topic: topic, payload: "1", qos: 1, retain: true})
	p.leave()
	client(t, address, 4, id).leave() // a clean session again
	other := client(t, address, 4, name(t, "b"))
	other.listen(topic, 1)
	if x := other.message(topic, "1"); !x.retain {
		t.Errorf("%+v: not retained", x)
	}
}

// TestMQTT311_3_1_3_2: the client identifier names the session: each identifier,
// compared byte for byte, has its own.
func TestMQTT311_3_1_3_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	ids := []string{name(t, "a"), name(t, "A"), name(t, "a "), name(t, "é"), name(t, "e\u0301")}
	for i, id := range ids {
		absent(t, address, 4, id, name(t, fmt.Sprint("/", i)))
	}
	other := client(t, address, 4, name(t, "other"))
	for i, id := range ids {
		p, x := open(t, address, 4, durable(4, id))
		if !x.session {
			t.Errorf("client %q has no session", id)
		}
		for j := range ids {
			other.say(publish{topic: name(t, fmt.Sprint("/", j)), payload: "1"})
		}
		p.message(name(t, fmt.Sprint("/", i)), "1")
		p.silent()
		p.leave()
	}
}

// TestMQTT311_3_1_4_2: a client that comes with the identifier of a connected one
// has that disconnected, also over another kind of session.
func TestMQTT311_3_1_4_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, bystander := name(t, "a"), client(t, address, 4, name(t, "b"))
	p := client(t, address, 4, id)
	for _, c := range []connect{{id: id}, durable(4, id), durable(4, id), {id: id}} {
		q, _ := open(t, address, 4, c)
		p.closed()
		q.silent()
		p = q
	}
	bystander.silent()
}

// TestMQTT311_3_1_4_3: what Clean Session asks for is done before the client is
// let in.
func TestMQTT311_3_1_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/t"), name(t, "a")
	other := client(t, address, 4, name(t, "b"))
	subscribed := false
	for step, c := range []struct{ keep, session bool }{
		{false, false}, {true, false}, {true, true}, {true, true}, {false, false}, {true, false}, {true, true},
	} {
		p, x := open(t, address, 4, connect{id: id, keep: c.keep})
		if x.session != c.session {
			t.Errorf("step %d: session present %v", step, x.session)
		}
		subscribed = subscribed && c.session
		other.say(publish{topic: topic, payload: "1"})
		if subscribed {
			p.message(topic, "1")
		}
		p.silent()
		p.listen(topic, 0)
		subscribed = true
		p.leave()
	}
}

// TestMQTT311_3_2_2_1: who asks for a clean session is told that there is none,
// also if there was one.
func TestMQTT311_3_2_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	id := name(t, "a")
	absent(t, address, 4, id, name(t, "/t"))
	for range 2 {
		p, x := open(t, address, 4, connect{id: id})
		if x.session || x.body[0] != 0 {
			t.Errorf("CONNACK % x of a clean session", x.body)
		}
		p.cut()
	}
}

// TestMQTT311_3_2_2_2: who resumes a stored session is told that it is there.
func TestMQTT311_3_2_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	id := name(t, "a")
	absent(t, address, 4, id, name(t, "/t"))
	p, x := open(t, address, 4, durable(4, id))
	if x.body[0] != 1 {
		t.Errorf("CONNACK % x of a stored session", x.body)
	}
	if _, x = open(t, address, 4, durable(4, id)); x.body[0] != 1 {
		t.Errorf("CONNACK % x of a session that was taken over", x.body)
	}
	p.closed()
}

// TestMQTT311_3_2_2_3: who wants to keep a session and has none is told so.
func TestMQTT311_3_2_2_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	id := name(t, "a")
	p := client(t, address, 4, id) // its session ends with the connection
	p.listen(name(t, "/t"), 1)
	p.leave()
	for _, id := range []string{id, name(t, "never seen")} {
		if _, x := open(t, address, 4, durable(4, id)); x.body[0] != 0 {
			t.Errorf("CONNACK % x where there was no session", x.body)
		}
	}
}

// TestMQTT311_3_2_2_4: a refusal never says that a session is present, also if it
// is.
func TestMQTT311_3_2_2_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	id := name(t, "a")
	absent(t, address, 4, id, name(t, "/t"))
	wrong := "wrong"
	refusals := []connect{{level: 2, id: id, keep: true}}
	if *foreign == "" {
		refusals = append(refusals, connect{id: id, keep: true, user: &wrong, password: &wrong})
	}
	for _, c := range refusals {
		p := dial(t, address, 4)
		p.write(c.encode(4))
		if x := p.want(CONNACK); x.code == 0 || x.body[0] != 0 {
			t.Errorf("CONNACK % x, want a refusal without a session", x.body)
		}
	}
}

// refusing lets nobody in, for one reason.
type refusing struct{ reason bp.ReasonCode }

func (r refusing) Connect(context.Context, broker.ConnectRequest) (broker.Grant, error) {
	return nil, &broker.Refusal{Reason: r.reason, Detail: "nobody is let in"}
}

// TestMQTT311_3_2_2_5: after a CONNACK that refuses the connection is closed.
func TestMQTT311_3_2_2_5(t *testing.T) {
	t.Parallel()
	refusedWith := func(t *testing.T, address string, c connect, code byte) {
		p := dial(t, address, 4)
		p.write(c.encode(4), frame(PINGREQ<<4))
		if x := p.want(CONNACK); x.code != code {
			t.Errorf("return code %d, want %d", x.code, code)
		}
		p.closed()
	}
	t.Run("anywhere", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		refusedWith(t, address, connect{level: 2, id: name(t, "a")}, 1)
		refusedWith(t, address, connect{keep: true}, 2)
	})
	for code, reason := range map[byte]bp.ReasonCode{3: bp.ServerUnavailable, 4: bp.BadUserNameOrPassword, 5: bp.NotAuthorized} {
		t.Run(fmt.Sprint("code ", code), func(t *testing.T) {
			t.Parallel()
			address := own(t, func(o *broker.Options) { o.Authorizer = refusing{reason} })
			refusedWith(t, address, connect{id: name(t, "a")}, code)
		})
	}
}

// TestMQTT311_3_2_2_6: a refusal for which there is no return code closes the
// connection without a CONNACK.
func TestMQTT311_3_2_2_6(t *testing.T) {
	t.Parallel()
	t.Run("malformed", func(t *testing.T) {
		t.Parallel()
		p := dial(t, server(t), 4)
		p.write(connect{id: name(t, "a"), flags: 1}.encode(4))
		p.closed()
	})
	t.Run("a reason of 5.0 only", func(t *testing.T) {
		t.Parallel()
		p := dial(t, own(t, func(o *broker.Options) { o.Authorizer = refusing{bp.PacketTooLarge} }), 4)
		p.write(connect{id: name(t, "a")}.encode(4))
		p.closed()
	})
}

// TestMQTT311_4_1_0_1: the state of a session, that is its subscriptions and the
// messages that are not finished in both directions, is kept while it lasts, over
// any number of connections.
func TestMQTT311_4_1_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, me := name(t, "/t"), durable(4, name(t, "a"))
	listener, other := client(t, address, 4, name(t, "l")), client(t, address, 4, name(t, "b"))
	listener.listen(topic+"/mine", 2)
	p, _ := open(t, address, 4, me)
	p.listen(topic, 2)
	p.write(publish{topic: topic + "/mine", payload: "mine", qos: 2, id: 77}.encode(4))
	p.wantAck(PUBREC, 77)
	other.say(publish{topic: topic, payload: "open", qos: 2})
	first := p.want(PUBLISH)
	for range 3 {
		p.cut()
		p, _ = open(t, address, 4, me)
		if x := p.want(PUBLISH); x.id != first.id || x.payload != "open" {
			t.Errorf("%+v, want what was not finished", x)
		}
		p.write(publish{topic: topic + "/mine", payload: "mine", qos: 2, id: 77, dup: true}.encode(4))
		p.wantAck(PUBREC, 77)
	}
	p.ack(PUBREL, 77)
	p.wantAck(PUBCOMP, 77)
	listener.message(topic+"/mine", "mine") // a server may hand it on at PUBREL only
	p.finish(first)
	other.say(publish{topic: topic, payload: "new", qos: 1})
	p.message(topic, "new")
	listener.silent()
}

// TestMQTT311_4_1_0_2: a session lasts at least as long as its connection, also a
// clean one: subscriptions, and messages that are not finished in both directions.
func TestMQTT311_4_1_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	other, listener := client(t, address, 4, name(t, "b")), newcomer(t, address, 4, topic+"/mine", 2)
	p := client(t, address, 4, name(t, "a"))
	p.listen(topic, 2)
	other.say(publish{topic: topic, payload: "open", qos: 2})
	x := p.want(PUBLISH)
	mine := publish{topic: topic + "/mine", payload: "mine", qos: 2, id: 777}
	p.write(mine.encode(4))
	p.wantAck(PUBREC, 777)
	for k := range 50 { // other things in between
		other.say(publish{topic: topic, payload: fmt.Sprint(k), qos: 1})
		p.message(topic, fmt.Sprint(k))
		p.say(publish{topic: topic + "/x", payload: "1", qos: 1})
	}
	p.finish(x)
	mine.dup = true
	p.write(mine.encode(4)) // still the same message
	p.wantAck(PUBREC, 777)
	p.ack(PUBREL, 777)
	p.wantAck(PUBCOMP, 777)
	listener.message(topic+"/mine", "mine")
	listener.silent()
}
