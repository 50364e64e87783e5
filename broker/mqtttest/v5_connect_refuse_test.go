package mqtttest

import (
	"fmt"
	"testing"
)

// TestMQTT5_3_1_3_8: a client identifier that the server rejects is answered with
// 0x85 at most, and the connection is closed. Ours rejects one whose session is of
// somebody else.
func TestMQTT5_3_1_3_8(t *testing.T) {
	t.Parallel()
	address := own(t, nil)
	other := "other"
	a, _ := open(t, address, 5, connect{id: name(t, "a"), user: &someUser, props: longLived})
	p := dial(t, address, 5)
	p.connect(connect{id: name(t, "a"), user: &other})
	p.broken(0x85)
	a.silent()
}

// TestMQTT5_3_1_4_1: a CONNECT that is not as the standard wants it closes the
// connection.
func TestMQTT5_3_1_4_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	whole := connect{
		id: name(t, "a"), user: &someUser, password: &somePassword, props: properties{{receiveMaximum, 5}},
		will: &will{topic: name(t, "/w"), payload: "x", props: properties{{willDelay, 1}}},
	}.encode(5)
	bad := map[string][]byte{"a byte too many": frame(CONNECT<<4, connect{id: name(t, "a")}.encode(5)[2:], []byte{0})}
	body := whole[len(whole)-int(whole[1]):] // its length has one byte
	for n := range body {
		bad[fmt.Sprint("cut at ", n)] = frame(CONNECT<<4, body[:n])
	}
	for what, props := range badProperties([]byte{
		sessionExpiry, receiveMaximum, maximumPacketSize, topicAliasMaximum, requestResponse, problemInformation,
		userProperty, authMethod, authData,
	}) {
		bad[what] = connect{id: name(t, "a"), props: props}.encode(5)
	}
	for what, props := range map[string]properties{
		"Receive Maximum 0": {{receiveMaximum, 0}}, "Maximum Packet Size 0": {{maximumPacketSize, 0}},
		"Request Response Information 2": {{requestResponse, 2}}, "Request Problem Information 2": {{problemInformation, 2}},
		"authentication data without a method": {{authData, "x"}},
	} {
		bad[what] = connect{id: name(t, "a"), props: props}.encode(5)
	}
	for what, props := range badProperties([]byte{
		willDelay, payloadFormat, messageExpiry, contentType, responseTopic, correlationData, userProperty,
	}) {
		bad["will: "+what] = connect{id: name(t, "a"), will: &will{topic: name(t, "/w"), props: props}}.encode(5)
	}
	for what, packet := range bad {
		t.Run(what, func(t *testing.T) {
			p := dial(t, address, 5)
			p.write(packet)
			reason := p.refused()
			if reason == 0 && *foreign == "" && len(packet) > 10 { // less does not tell the version
				t.Error("no reason")
			}
			p.reasonWas(reason, 0x81, 0x82)
		})
	}
}

// badProperties gives lists that are wrong where these are allowed: each of the
// others, each that may come once, twice, and what is no property at all.
func badProperties(allowed []byte) map[string]properties {
	bad := map[string]properties{"no property": {{0, 0}}, "no property, 0x7F": {{0x7F, 0}}}
	for id, f := range forms {
		var value any = 1
		switch f.form {
		case isString, isBinary:
			value = "x"
		case isPair:
			value = pair{"a", "b"}
		}
		what, is := fmt.Sprintf("property %#x", id), false
		for _, a := range allowed {
			is = is || a == id
		}
		switch {
		case !is:
			bad[what] = properties{{id, value}}
		case id == authData || id == userProperty || id == authMethod:
		default:
			bad[what+" twice"] = properties{{id, value}, {id, value}}
		}
	}
	return bad
}

// TestMQTT5_3_1_4_2: a CONNECT that fails the further checks closes the connection: the
// password is wrong, or the will is not permitted. Nothing of the client's session is
// touched.
func TestMQTT5_3_1_4_2(t *testing.T) {
	t.Parallel()
	address := own(t, nil)
	wrong := "wrong"
	topic := name(t, "/t")
	a, _ := open(t, address, 5, connect{id: name(t, "a"), props: longLived})
	a.listen(topic, 1)
	for code, c := range map[byte]connect{
		0x86: {id: name(t, "a"), password: &wrong},
		0x87: {id: name(t, "a"), will: &will{topic: "denied/" + topic}},
		0x8C: {id: name(t, "a"), props: properties{{authMethod, "no such method"}}},
	} {
		p := dial(t, address, 5)
		p.connect(c)
		p.broken(code)
		if !a.hears(topic) {
			t.Errorf("%#x: the session is not as it was", code)
		}
	}
}

// TestMQTT5_3_1_4_6: after a CONNECT that is refused nothing is obeyed that the client
// sent behind it.
func TestMQTT5_3_1_4_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, 5, topic)
	wrong := "wrong"
	refusals := []connect{{props: properties{{authMethod, "no such method"}}}, {flags: 1}, {props: properties{{receiveMaximum, 0}}}}
	if *foreign == "" {
		refusals = append(refusals, connect{password: &wrong})
	}
	for _, c := range refusals {
		c.id = name(t, "p")
		p := dial(t, address, 5)
		p.write(c.encode(5), publish{topic: topic, payload: "x", qos: 1, id: 1, retain: true}.encode(5),
			p.subscribePacket(2, nil, filter{topic, 0}), connect{id: c.id}.encode(5))
		p.refused()
	}
	w.silent()
	client(t, address, 5, name(t, "late")).listen(topic, 0)
	w.silent()
}
