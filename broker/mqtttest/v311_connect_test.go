package mqtttest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gatehouse/broker"
	bp "gatehouse/broker/packet"
)

// malformed sends a CONNECT that closes the connection without a word
// (MQTT-3.1.4-1).
func malformed(t testing.TB, address string, c connect) {
	t.Helper()
	p := dial(t, address, 4)
	p.write(c.encode(4))
	p.closed()
}

// TestMQTT311_3_1_0_1: the first packet of a client is CONNECT: after any other the
// connection is closed.
func TestMQTT311_3_1_0_1(t *testing.T) {
	t.Parallel()
	firstIsConnect(t, 4)
}

// TestMQTT311_3_1_0_2: a second CONNECT closes the connection, whatever is in it.
func TestMQTT311_3_1_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for k, second := range []connect{{}, {id: name(t, "another")}, {keep: true}} {
		p := client(t, address, 4, name(t, fmt.Sprint(k)))
		if second.id == "" {
			second.id = name(t, fmt.Sprint(k))
		}
		p.write(second.encode(4))
		p.closed()
	}
}

// TestMQTT311_3_1_2_1: a CONNECT with another protocol name is not taken for one of
// MQTT.
func TestMQTT311_3_1_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, wrong := range []string{"mqtt", "Mqtt", "MQTX", "MQTTT", "MQT", "HTTP", "MQTT\x00", "\xff"} {
		p := dial(t, address, 4)
		p.write(connect{name: wrong, id: name(t, "a")}.encode(4))
		p.refused()
	}
	p := dial(t, address, 4)
	p.write(frame(CONNECT<<4, u16(0), []byte{4, 2}, u16(0), str(name(t, "a"))))
	p.refused()
}

// TestMQTT311_3_1_2_2: a protocol level that the server does not have is answered
// with CONNACK 0x01, and the connection is closed. One above those of 3.1.1 may be
// answered in the form of a later version.
func TestMQTT311_3_1_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, level := range []byte{1, 2, 6, 7, 100, 127} {
		p := dial(t, address, 4)
		p.write(connect{level: level, id: name(t, "a")}.encode(4))
		if level < 4 {
			if x := p.want(CONNACK); x.code != 1 {
				t.Errorf("level %d: return code %d", level, x.code)
			}
		} else {
			p.wrongVersion()
		}
		p.closed()
	}
}

// TestMQTT311_3_1_2_3: a CONNECT with the reserved flag closes the connection.
func TestMQTT311_3_1_2_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), flags: 1})
	malformed(t, address, connect{id: name(t, "a"), flags: 1, keep: true, user: &someUser, will: &will{topic: "a"}})
}

// TestMQTT311_3_1_2_18: without the user name flag there is no user name.
func TestMQTT311_3_1_2_18(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), user: &someUser, flags: 0x80})
	malformed(t, address, connect{id: name(t, "a"), user: &someUser, flags: 0x80, will: &will{topic: name(t, "/w")}})
	client(t, address, 4, name(t, "a"))
}

// TestMQTT311_3_1_2_19: with the user name flag there is a user name, which may be
// empty.
func TestMQTT311_3_1_2_19(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), flags: 0x80})
	malformed(t, address, connect{id: name(t, "a"), flags: 0x80, will: &will{topic: name(t, "/w")}})
	empty := ""
	for _, user := range []*string{&someUser, &empty} {
		p, _ := open(t, address, 4, connect{id: name(t, "a"), user: user})
		p.leave()
	}
}

// TestMQTT311_3_1_2_20: without the password flag there is no password.
func TestMQTT311_3_1_2_20(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), user: &someUser, password: &somePassword, flags: 0x40})
	open(t, address, 4, connect{id: name(t, "a"), user: &someUser})
}

// TestMQTT311_3_1_2_21: with the password flag there is a password, which may be
// empty or any bytes.
func TestMQTT311_3_1_2_21(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), user: &someUser, flags: 0x40})
	for _, password := range []string{"", somePassword, "\x00\xff\xc0", strings.Repeat("x", 300)} {
		open(t, address, 4, connect{id: name(t, "a"), user: &someUser, password: &password})
	}
}

// TestMQTT311_3_1_2_22: without a user name there is no password.
func TestMQTT311_3_1_2_22(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), password: &somePassword})
	open(t, address, 4, connect{id: name(t, "a"), user: &someUser, password: &somePassword})
}

// TestMQTT311_3_1_3_1: the payload has client identifier, will topic, will message,
// user name and password in this order.
func TestMQTT311_3_1_3_1(t *testing.T) {
	t.Parallel()
	payloadIsInOrder(t, 4)
	// What stands in the place of the will topic is one: a name with a wildcard is
	// refused there, and taken as the message behind it.
	address := server(t)
	wild, topic := name(t, "/#"), name(t, "/w")
	p := dial(t, address, 4)
	p.write(connect{id: name(t, "a"), will: &will{topic: wild, payload: topic}}.encode(4))
	p.refused()
	open(t, address, 4, connect{id: name(t, "a"), will: &will{topic: topic, payload: wild}})
}

// TestMQTT311_3_1_3_3: the client identifier is there, and comes first.
func TestMQTT311_3_1_3_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	head := bytes.Join([][]byte{str("MQTT"), {4, 2}, u16(0)}, nil)
	for _, payload := range [][]byte{nil, {0}, u16(4), append(u16(4), "abc"...), append(str(name(t, "a")), 0)} {
		p := dial(t, address, 4)
		p.write(frame(CONNECT<<4, head, payload))
		p.refused()
	}
	p := dial(t, address, 4) // a will comes behind it: here one field is missing
	p.write(frame(CONNECT<<4, str("MQTT"), []byte{4, 6}, u16(0), str(name(t, "/w")), str("gone")))
	p.refused()
}

// TestMQTT311_3_1_3_4: a client identifier that is no well-formed string closes the
// connection.
func TestMQTT311_3_1_3_4(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 4, placesOf("client identifier"), badText())
}

// TestMQTT311_3_1_3_5: client identifiers of 1 to 23 letters and digits are allowed.
func TestMQTT311_3_1_3_5(t *testing.T) {
	t.Parallel()
	commonIdentifiers(t, 4)
}

// TestMQTT311_3_1_3_6: clients with an empty identifier are let in, each with a
// session of its own.
func TestMQTT311_3_1_3_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	var all []*peer
	for k := range 20 {
		p, x := open(t, address, 4, connect{})
		if x.session {
			t.Error("a session is present for an identifier that the server has just made")
		}
		p.listen(name(t, fmt.Sprint("/", k)), 1)
		all = append(all, p)
	}
	other := client(t, address, 4, name(t, "other"))
	for k := range all {
		other.say(publish{topic: name(t, fmt.Sprint("/", k)), payload: "1", qos: 1})
	}
	for k, p := range all {
		p.message(name(t, fmt.Sprint("/", k)), "1")
		p.silent()
	}
}

// TestMQTT311_3_1_3_7: an empty client identifier goes with Clean Session 1 only.
func TestMQTT311_3_1_3_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	p := dial(t, address, 4)
	p.write(connect{keep: true}.encode(4))
	p.refused()
	open(t, address, 4, connect{})
}

// TestMQTT311_3_1_3_8: an empty client identifier with Clean Session 0 is answered
// with CONNACK 0x02, and the connection is closed.
func TestMQTT311_3_1_3_8(t *testing.T) {
	t.Parallel()
	p := dial(t, server(t), 4)
	p.write(connect{keep: true}.encode(4))
	if x := p.want(CONNACK); x.code != 2 {
		t.Errorf("return code %d, want 2", x.code)
	}
	p.closed()
}

// TestMQTT311_3_1_3_9: a client identifier that the server rejects is answered with
// CONNACK 0x02, and the connection is closed.
func TestMQTT311_3_1_3_9(t *testing.T) {
	t.Parallel()
	rejected := func(t *testing.T, address string, c connect) {
		p := dial(t, address, 4)
		p.write(c.encode(4))
		if x := p.want(CONNACK); x.code != 2 {
			t.Errorf("return code %d, want 2", x.code)
		}
		p.closed()
	}
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		rejected(t, server(t), connect{keep: true})
	})
	t.Run("refused by the program", func(t *testing.T) {
		t.Parallel()
		address := own(t, func(o *broker.Options) { o.Authorizer = refusing{bp.ClientIdentifierNotValid} })
		rejected(t, address, connect{id: name(t, "a")})
	})
	t.Run("of somebody else", func(t *testing.T) {
		t.Parallel()
		address, other := own(t, nil), "other"
		p, _ := open(t, address, 4, connect{id: name(t, "a"), keep: true, user: &someUser})
		rejected(t, address, connect{id: name(t, "a"), user: &other})
		p.silent()
	})
}

// TestMQTT311_3_1_3_11: a user name that is no well-formed string closes the
// connection.
func TestMQTT311_3_1_3_11(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 4, placesOf("user name"), badText())
}

// TestMQTT311_3_1_4_1: a CONNECT that is not as the standard wants it closes the
// connection without a CONNACK.
func TestMQTT311_3_1_4_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	whole := connect{
		id: name(t, "a"), will: &will{topic: name(t, "/w"), payload: "gone"}, user: &someUser, password: &somePassword,
	}
	body := whole.encode(4)[2:]
	bad := map[string][]byte{
		"a byte too many": frame(CONNECT<<4, body, []byte{0}),
		"nothing":         frame(CONNECT << 4),
		"header flags":    frame(CONNECT<<4|1, body),
		"reserved flag":   connect{id: name(t, "a"), flags: 1}.encode(4),
		"will QoS 3":      connect{id: name(t, "a"), will: &will{topic: "a", qos: 3}}.encode(4),
		"will string":     connect{id: name(t, "a"), will: &will{topic: "\xff"}}.encode(4),
		"user string":     connect{id: name(t, "a"), user: &[]string{"a\x00"}[0]}.encode(4),
	}
	for n := range body {
		bad[fmt.Sprint("cut at ", n)] = frame(CONNECT<<4, body[:n])
	}
	for what, packet := range bad {
		t.Run(what, func(t *testing.T) {
			p := dial(t, address, 4)
			p.write(packet)
			p.closed()
		})
	}
	open(t, address, 4, whole)
}

// TestMQTT311_3_1_4_4: a CONNECT that is in order is answered with CONNACK 0.
func TestMQTT311_3_1_4_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	for k, c := range []connect{
		{}, {keep: true}, {keepAlive: 10}, {user: &someUser}, {user: &someUser, password: &somePassword},
		{will: &will{topic: name(t, "/w"), payload: "gone", qos: 2, retain: true}},
		{keep: true, user: &someUser, will: &will{topic: name(t, "/w")}},
	} {
		c.id = name(t, fmt.Sprint(k))
		p, x := open(t, address, 4, c)
		if !bytes.Equal(x.body, []byte{0, 0}) {
			t.Errorf("CONNACK % x", x.body)
		}
		p.leave()
	}
}

// TestMQTT311_3_1_4_5: nothing that a client sent behind a CONNECT that is refused
// is processed.
func TestMQTT311_3_1_4_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, 4, topic)
	refusals := []connect{{level: 2}, {flags: 1}, {keep: true}, {name: "MQTX"}}
	if *foreign == "" {
		wrong := "wrong"
		refusals = append(refusals, connect{user: &wrong, password: &wrong})
	}
	for _, c := range refusals {
		if !c.keep {
			c.id = name(t, "p")
		}
		p := dial(t, address, 4)
		p.write(c.encode(4), publish{topic: topic, payload: "1", qos: 1, id: 1, retain: true}.encode(4),
			p.subscribePacket(2, nil, filter{topic, 0}), connect{id: name(t, "p")}.encode(4))
		p.refused()
	}
	w.silent()
	nothingRetained(t, address, 4, topic)
}

// TestMQTT311_3_2_0_1: CONNACK is the first packet from the server, also if there
// is more to send at once.
func TestMQTT311_3_2_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/t"), name(t, "a")
	absent(t, address, 4, id, topic)
	other := client(t, address, 4, name(t, "b"))
	for range 5 {
		other.say(publish{topic: topic, payload: "1", qos: 1})
	}
	p := dial(t, address, 4)
	p.write(durable(4, id).encode(4), frame(PINGREQ<<4), publish{topic: topic, payload: "2", qos: 1, id: 1}.encode(4))
	p.want(CONNACK)
	for n := 0; n < 8; n++ { // six messages, PINGRESP and PUBACK in any order
		p.next()
	}
}
