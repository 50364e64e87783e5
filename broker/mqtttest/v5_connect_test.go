package mqtttest

import (
	"fmt"
	"strings"
	"testing"
)

// TestMQTT5_3_1_0_1: the first packet of a client is CONNECT: after any other the
// connection is closed.
func TestMQTT5_3_1_0_1(t *testing.T) {
	t.Parallel()
	firstIsConnect(t, 5)
}

func firstIsConnect(t *testing.T, version byte) {
	address := server(t)
	x := &peer{version: version}
	topic := name(t, "/t")
	watch := client(t, address, version, name(t, "w"))
	watch.listen(topic, 0)
	for what, first := range map[string][]byte{
		"PUBLISH": publish{topic: topic, payload: "x"}.encode(version), "QoS 1": publish{topic: topic, qos: 1, id: 1}.encode(version),
		"SUBSCRIBE": x.subscribePacket(1, nil, filter{topic, 0}), "UNSUBSCRIBE": x.unsubscribePacket(1, nil, topic),
		"PUBACK": frame(PUBACK<<4, u16(1)), "PUBREC": frame(PUBREC<<4, u16(1)),
		"PUBREL": frame(PUBREL<<4|2, u16(1)), "PUBCOMP": frame(PUBCOMP<<4, u16(1)),
		"PINGREQ": frame(PINGREQ << 4), "DISCONNECT": frame(DISCONNECT << 4), "AUTH": frame(AUTH << 4),
		"CONNACK": frame(CONNACK<<4, []byte{0, 0}), "type 0": frame(0),
	} {
		p := dial(t, address, version)
		p.write(first)
		if x, err := p.read(); err == nil && (x.kind != CONNACK || x.code == 0) {
			t.Errorf("%s was answered with %+v, %v", what, x, err)
		}
		p.refused()
	}
	watch.silent()
}

// TestMQTT5_3_1_0_2: a second CONNECT is a protocol error that closes the
// connection.
func TestMQTT5_3_1_0_2(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.write(connect{id: name(t, "a")}.encode(5))
	p.broken(0x82)
}

// TestMQTT5_3_1_2_1: with another protocol name the connection is closed, and at
// most reason 0x84 is said before.
func TestMQTT5_3_1_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, wrong := range []string{"mqtt", "MQTt", "MQTTX", "MQT", "HTTP"} {
		p := dial(t, address, 5)
		p.write(connect{name: wrong, id: name(t, "a")}.encode(5))
		if reason := p.refused(); reason != 0 && reason != 0x84 {
			t.Errorf("%q: reason %#x", wrong, reason)
		}
	}
	p := dial(t, address, 5)
	p.write(frame(CONNECT<<4, u16(0), []byte{5, 2}, u16(0), []byte{0}, str("a")))
	p.reasonWas(p.refused(), 0x84, 0x81)
}

// TestMQTT5_3_1_2_2: with a protocol version that the server does not have the
// connection is closed, and at most reason 0x84 is said before (in the form of
// 3.1.1, which is older, code 1).
func TestMQTT5_3_1_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, level := range []byte{1, 2, 6, 7, 100, 127} {
		p := dial(t, address, 5)
		p.write(connect{level: level, id: name(t, "a")}.encode(5))
		p.wrongVersion()
		p.closed()
	}
}

// TestMQTT5_3_1_2_3: a CONNECT whose reserved flag is set is malformed.
func TestMQTT5_3_1_2_3(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), flags: 1})
}

// badFlags connects, and the connection has to be closed because of the CONNECT
// flags.
func badFlags(t testing.TB, c connect) {
	t.Helper()
	p := dial(t, server(t), 5)
	p.write(c.encode(5))
	p.broken(0x81, 0x82)
}

// TestMQTT5_3_1_2_11: without the will flag the will QoS is 0.
func TestMQTT5_3_1_2_11(t *testing.T) {
	t.Parallel()
	for qos := byte(1); qos <= 3; qos++ {
		badFlags(t, connect{id: name(t, "a"), flags: qos << 3})
	}
}

// TestMQTT5_3_1_2_12: the will QoS is not 3.
func TestMQTT5_3_1_2_12(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), will: &will{topic: name(t, "/w"), qos: 3}})
}

// TestMQTT5_3_1_2_13: without the will flag the will retain flag is 0.
func TestMQTT5_3_1_2_13(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), flags: 32})
}

// TestMQTT5_3_1_2_9: with the will flag there are will properties, topic and
// payload.
func TestMQTT5_3_1_2_9(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), flags: 4})
	head := []byte{0, 4, 'M', 'Q', 'T', 'T', 5, 6, 0, 0, 0}
	for what, rest := range map[string][]byte{
		"properties alone": {0}, "no payload": append([]byte{0}, str("t")...), "no properties": append(str("t"), str("x")...),
	} {
		p := dial(t, server(t), 5)
		p.write(frame(CONNECT<<4, head, str(name(t, "a")), rest))
		if reason := p.refused(); reason != 0 && reason != 0x81 && reason != 0x82 {
			t.Errorf("%s: reason %#x", what, reason)
		}
	}
}

// The user name and password of these tests.
var someUser, somePassword = "user", "password"

// TestMQTT5_3_1_2_16: without the user name flag there is no user name.
func TestMQTT5_3_1_2_16(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), user: &someUser, flags: 128})
}

// TestMQTT5_3_1_2_17: with the user name flag there is a user name.
func TestMQTT5_3_1_2_17(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), flags: 128})
	client(t, server(t), 5, name(t, "a")).leave()
	open(t, server(t), 5, connect{id: name(t, "b"), user: &someUser})
}

// TestMQTT5_3_1_2_18: without the password flag there is no password.
func TestMQTT5_3_1_2_18(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), user: &someUser, password: &somePassword, flags: 64})
}

// TestMQTT5_3_1_2_19: with the password flag there is a password, with or without a
// user name.
func TestMQTT5_3_1_2_19(t *testing.T) {
	t.Parallel()
	badFlags(t, connect{id: name(t, "a"), flags: 64})
	badFlags(t, connect{id: name(t, "a"), user: &someUser, flags: 64})
	open(t, server(t), 5, connect{id: name(t, "b"), password: &somePassword})
	open(t, server(t), 5, connect{id: name(t, "c"), user: &someUser, password: &somePassword})
}

// TestMQTT5_3_1_3_1: the payload has client identifier, will properties, will topic,
// will payload, user name and password in this order.
func TestMQTT5_3_1_3_1(t *testing.T) {
	t.Parallel()
	payloadIsInOrder(t, 5)
	topic := name(t, "/w")
	head := []byte{0, 4, 'M', 'Q', 'T', 'T', 5, 6, 0, 0, 0}
	p := dial(t, server(t), 5)
	p.write(frame(CONNECT<<4, head, str(name(t, "b")), str(topic), []byte{0}, str("x"))) // topic before properties
	p.broken(0x81)
}

// payloadIsInOrder connects with all fields and looks where each was taken for.
func payloadIsInOrder(t *testing.T, version byte) {
	address := server(t)
	topic := name(t, "/w")
	watch := client(t, address, version, name(t, "watch"))
	watch.listen(topic, 1)
	id := name(t, "a")
	c := connect{id: id, will: &will{topic: topic, payload: "will", qos: 1}, user: &someUser, password: &somePassword}
	if version == 5 {
		c.will.props = properties{{contentType, "c"}}
	}
	p, _ := open(t, address, version, c)
	p.cut()
	if x := watch.message(topic, "will"); version == 5 && x.props.text(contentType) != "c" {
		t.Errorf("will %+v", x)
	}
	if *foreign == "" { // the password is where the server looks for it
		wrong := "wrong"
		c.password = &wrong
		p = dial(t, address, version)
		p.write(c.encode(version))
		if p.refused() == 0 {
			t.Error("no reason for a wrong password")
		}
	}
}

// TestMQTT5_3_1_3_2: the client identifier names the session: whoever comes with it
// has that session, and nobody else.
func TestMQTT5_3_1_3_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	lasting := properties{{sessionExpiry, 1000}}
	ids := []string{name(t, "a"), name(t, "A"), name(t, "a ")}
	for i, id := range ids {
		p, x := open(t, address, 5, connect{id: id, keep: true, props: lasting})
		if x.session {
			t.Errorf("%q finds the session of another", id)
		}
		p.listen(fmt.Sprint(topic, i), 1)
		p.leave()
	}
	p := client(t, address, 5, name(t, "p"))
	for i, id := range ids {
		s, x := open(t, address, 5, connect{id: id, keep: true})
		if !x.session {
			t.Errorf("%q does not find its session", id)
		}
		for j := range ids {
			p.say(publish{topic: fmt.Sprint(topic, j), payload: "x"})
		}
		s.message(fmt.Sprint(topic, i), "x")
		s.silent()
		s.leave()
	}
}

// TestMQTT5_3_1_3_3: the client identifier is there, and comes first.
func TestMQTT5_3_1_3_3(t *testing.T) {
	t.Parallel()
	p := dial(t, server(t), 5)
	p.write(frame(CONNECT<<4, str("MQTT"), []byte{5, 2}, u16(0), []byte{0}))
	p.broken(0x81)
	p = dial(t, server(t), 5) // what comes first is read as it: here one byte of will properties
	p.write(frame(CONNECT<<4, str("MQTT"), []byte{5, 6}, u16(0), []byte{0}, []byte{0}, str("t"), str("x"), str("id")))
	p.broken(0x81)
}

// TestMQTT5_3_1_3_4: the client identifier is a valid string.
func TestMQTT5_3_1_3_4(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, placesOf("client identifier"), badText(), 0x81, 0x85)
}

// placesOf gives the places of this name.
func placesOf(what string) (list []place[string]) {
	for _, l := range stringPlaces() {
		if l.what == what {
			list = append(list, l)
		}
	}
	return list
}

// badText are all strings that are invalid.
func badText() map[string]string {
	all := map[string]string{"U+0000": "a\x00b"}
	for what, s := range badStrings {
		all[what] = s
	}
	return all
}

// TestMQTT5_3_1_3_11: the will topic is a valid string.
func TestMQTT5_3_1_3_11(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, placesOf("will topic"), badText(), 0x81)
}

// TestMQTT5_3_1_3_12: the user name is a valid string.
func TestMQTT5_3_1_3_12(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, placesOf("user name"), badText(), 0x81)
}

// TestMQTT5_3_1_3_5: client identifiers of 1 to 23 letters and digits are allowed.
func TestMQTT5_3_1_3_5(t *testing.T) {
	t.Parallel()
	commonIdentifiers(t, 5)
}

// commonIdentifiers connects with identifiers of each length, in which each
// character comes.
func commonIdentifiers(t *testing.T, version byte) {
	address := server(t)
	const characters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	ring := strings.Repeat(characters, 2)
	for n, at := 1, int(version); n <= 23; n, at = n+1, (at+n)%len(characters) {
		client(t, address, version, ring[at:at+n]).leave()
	}
}

// TestMQTT5_3_1_3_6: an empty client identifier is allowed, and each such client has
// an identifier that nobody else has.
func TestMQTT5_3_1_3_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	seen := map[string]bool{}
	var all []*peer
	for range 20 {
		p, x := open(t, address, 5, connect{})
		id := x.props.text(assignedClientID)
		if id == "" || seen[id] || x.session {
			t.Errorf("identifier %q, session present %v", id, x.session)
		}
		seen[id] = true
		all = append(all, p)
	}
	for _, p := range all {
		p.silent() // nobody was taken over
	}
}

// TestMQTT5_3_1_3_7: the identifier that the server chose is in CONNACK and is that
// of the session.
func TestMQTT5_3_1_3_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, x := open(t, address, 5, connect{props: properties{{sessionExpiry, 1000}}})
	topic := name(t, "/t")
	p.listen(topic, 1)
	p.leave()
	p, x = open(t, address, 5, connect{id: x.props.text(assignedClientID), keep: true})
	if !x.session || x.props.has(assignedClientID) {
		t.Errorf("%+v", x)
	}
	p.say(publish{topic: name(t, "/other"), payload: "x"})
	client(t, address, 5, name(t, "p")).say(publish{topic: topic, payload: "x"})
	p.message(topic, "x")
}
