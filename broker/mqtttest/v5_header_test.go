package mqtttest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestMQTT5_1_5_4_1: ill-formed UTF-8 in any string closes the connection.
func TestMQTT5_1_5_4_1(t *testing.T) {
	t.Parallel()
	takenEverywhere(t, 5, allStringPlaces(t, 5), name(t, "é€😀"))
	refuseEverywhere(t, 5, allStringPlaces(t, 5), badStrings, 0x81)
}

// TestMQTT5_1_5_4_2: U+0000 in any string closes the connection.
func TestMQTT5_1_5_4_2(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, allStringPlaces(t, 5), map[string]string{
		"alone": "\x00", "between": "a\x00b", "at the end": "a\x00",
	}, 0x81)
}

// TestMQTT5_1_5_4_3: a byte-order mark is data, in every string: it is neither
// refused nor left out.
func TestMQTT5_1_5_4_3(t *testing.T) {
	t.Parallel()
	const mark = "\uFEFF"
	takenEverywhere(t, 5, allStringPlaces(t, 5), name(t, mark+"x"))
	p := client(t, server(t), 5, name(t, "a"))
	topic := name(t, "/"+mark+"x")
	p.listen(topic, 0)
	props := properties{
		{contentType, mark + "c"}, {responseTopic, mark + "r"}, {userProperty, pair{mark + "n", mark + "v" + mark}},
	}
	p.write(publish{topic: topic, payload: "1", props: props}.encode(5))
	sameProperties(t, p.message(topic, "1").props, props)
	p.write(publish{topic: strings.ReplaceAll(topic, mark, ""), payload: "2"}.encode(5))
	p.silent()
}

// sameProperties fails unless got are these properties: in any order, but in the
// order given where one property comes several times.
func sameProperties(t testing.TB, got, want properties) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("properties %v, want %v", got, want)
	}
	for _, p := range want {
		if g, w := fmt.Sprint(got.all(p.id)), fmt.Sprint(want.all(p.id)); g != w {
			t.Errorf("property %#x: %q, want %q", p.id, g, w)
		}
	}
}

// TestMQTT5_1_5_5_1: variable byte integers have their shortest form: those that
// the server sends, at the sizes where the form becomes longer, and a longer one
// from a client is malformed.
func TestMQTT5_1_5_5_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "p"))
	for i, id := range []int{1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455} {
		s := client(t, address, 5, name(t, fmt.Sprint("id", i)))
		s.subscribe(properties{{subscriptionID, id}}, filter{topic, 0})
		p.write(publish{topic: topic, payload: "x"}.encode(5))
		want := frame(PUBLISH<<4, str(topic), properties{{subscriptionID, id}}.encode(), []byte("x"))
		if got := s.message(topic, "x"); !bytes.Equal(frame(PUBLISH<<4, got.body), want) {
			t.Errorf("identifier %d: % x, want % x", id, got.body, want)
		}
		s.leave()
	}
	s := client(t, address, 5, name(t, "s"))
	s.listen(topic, 0)
	for _, n := range []int{126, 127, 128, 129, 16383, 16384} { // bytes of the packet, then of its properties
		payload := strings.Repeat("x", n-3-len(topic))
		p.write(publish{topic: topic, payload: payload}.encode(5))
		s.message(topic, payload)
		props := properties{{userProperty, pair{"n", strings.Repeat("x", n-6)}}}
		p.write(publish{topic: topic, payload: "x", props: props}.encode(5))
		sameProperties(t, s.message(topic, "x").props, props)
	}
	for what, bad := range map[string][]byte{
		"remaining length":               {PINGREQ << 4, 0x80, 0},
		"remaining length of five bytes": {PINGREQ << 4, 0x80, 0x80, 0x80, 0x80, 0},
		"length of properties":           frame(PUBLISH<<4, str(topic), []byte{0x80, 0}),
		"subscription identifier":        frame(SUBSCRIBE<<4|2, u16(1), []byte{3, subscriptionID, 0x81, 0}, str(topic), []byte{0}),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			q := client(t, address, 5, name(t, "q"))
			q.write(bad)
			q.broken(0x81)
		})
	}
}

// broken waits for the connection to be closed for what was sent: with one of these
// reasons, which our broker has to give; another server may keep silent.
func (p *peer) broken(codes ...byte) {
	p.t.Helper()
	reason := p.refused()
	if reason == 0 && *foreign == "" {
		p.t.Errorf("closed without a reason, want one of %#x", codes)
	}
	p.reasonWas(reason, codes...)
}

// TestMQTT5_1_5_7_1: both strings of a user property obey the rules for strings.
func TestMQTT5_1_5_7_1(t *testing.T) {
	t.Parallel()
	takenEverywhere(t, 5, userPropertyPlaces(t), "é€😀")
	bad := map[string]string{"U+0000": "a\x00b"}
	for what, s := range badStrings {
		bad[what] = s
	}
	refuseEverywhere(t, 5, userPropertyPlaces(t), bad, 0x81)
}

// TestMQTT5_2_1_3_1: reserved header flags have their fixed value: in what the
// server sends, and anything else from a client is malformed.
func TestMQTT5_2_1_3_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for kind, x := range everything(t, address, 5) {
		if want := map[byte]byte{PUBREL: 2}[kind]; kind != PUBLISH && x.flags != want {
			t.Errorf("type %d has flags %04b, want %04b", kind, x.flags, want)
		}
	}
	wrongFlags(t, address, 5)
}

// wrongFlags sends every packet of a client with every wrong value of its flags.
func wrongFlags(t *testing.T, address string, version byte) {
	for _, good := range [][]byte{
		connect{id: name(t, "a")}.encode(version),
		frame(PUBACK<<4, u16(1)), frame(PUBREC<<4, u16(1)), frame(PUBREL<<4|2, u16(1)), frame(PUBCOMP<<4, u16(1)),
		(&peer{version: version}).subscribePacket(1, nil, filter{name(t, "/t"), 0}),
		(&peer{version: version}).unsubscribePacket(1, nil, name(t, "/t")),
		frame(PINGREQ << 4), frame(DISCONNECT << 4),
	} {
		t.Run(fmt.Sprint("type ", good[0]>>4), func(t *testing.T) {
			t.Parallel()
			for flags := range byte(16) {
				if flags == good[0]&15 {
					continue
				}
				var p *peer
				if good[0]>>4 == CONNECT {
					p = dial(t, address, version)
				} else {
					p = client(t, address, version, name(t, "a"))
				}
				bad := bytes.Clone(good)
				bad[0] ^= flags ^ good[0]&15
				p.write(bad)
				if reason := p.refused(); version == 5 {
					p.reasonWas(reason, 0x81)
				}
			}
		})
	}
}

// everything makes the server send each type of packet that it has, but AUTH and,
// to clients before version 5, DISCONNECT.
func everything(t testing.TB, address string, version byte) map[byte]packet {
	t.Helper()
	topic := name(t, "/everything")
	p, x := open(t, address, version, connect{id: name(t, "sub")})
	got := map[byte]packet{CONNACK: x, SUBACK: p.subscribe(nil, filter{topic, 2})}
	q := client(t, address, version, name(t, "pub"))
	q.write(publish{topic: topic, payload: "1", qos: 1, id: 1}.encode(version))
	got[PUBACK] = q.wantAck(PUBACK, 1)
	p.message(topic, "1")
	q.write(publish{topic: topic, payload: "2", qos: 2, id: 2}.encode(version))
	got[PUBREC] = q.wantAck(PUBREC, 2)
	q.ack(PUBREL, 2)
	got[PUBCOMP] = q.wantAck(PUBCOMP, 2)
	x = p.want(PUBLISH)
	got[PUBLISH] = x
	p.ack(PUBREC, x.id)
	got[PUBREL] = p.wantAck(PUBREL, x.id)
	p.ack(PUBCOMP, x.id)
	got[UNSUBACK] = p.unsubscribe(topic)
	p.write(frame(PINGREQ << 4))
	got[PINGRESP] = p.want(PINGRESP)
	if version == 5 {
		p.write(connect{id: name(t, "sub")}.encode(version))
		if x, err := p.read(); err == nil {
			got[DISCONNECT] = x
		} else if *foreign == "" {
			t.Errorf("no DISCONNECT: %v", err)
		}
	}
	return got
}

// TestMQTT5_2_2_1_2: a PUBLISH at QoS 0 has no packet identifier: what would be one
// is read as properties, and the server sends none.
func TestMQTT5_2_2_1_2(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	topic := name(t, "/t")
	p.listen(topic, 2)
	p.write(frame(PUBLISH<<4, str(topic), []byte{0}, []byte("\x00\x07x")))
	if x := p.message(topic, "\x00\x07x"); x.qos != 0 || len(x.body) != len(topic)+2+1+3 {
		t.Errorf("% x", x.body)
	}
	p.write(frame(PUBLISH<<4, str(topic), u16(0x7F01), []byte{0}, []byte("x")))
	p.broken(0x81)
}

// TestMQTT5_2_2_1_3: SUBSCRIBE, UNSUBSCRIBE and PUBLISH above QoS 0 of a client have
// an identifier that is not 0 and that is not in use.
func TestMQTT5_2_2_1_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	x := &peer{version: 5}
	for what, bad := range map[string][]byte{
		"SUBSCRIBE":   x.subscribePacket(0, nil, filter{topic, 0}),
		"UNSUBSCRIBE": x.unsubscribePacket(0, nil, topic),
		"QoS 1":       publish{topic: topic, qos: 1}.encode(5),
		"QoS 2":       publish{topic: topic, qos: 2}.encode(5),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := client(t, address, 5, name(t, "a"))
			p.write(bad)
			p.broken(0x81, 0x82)
		})
	}
	t.Run("in use", func(t *testing.T) {
		t.Parallel()
		s := client(t, address, 5, name(t, "s"))
		s.listen(topic, 2)
		p := client(t, address, 5, name(t, "p"))
		p.write(publish{topic: topic, payload: "1", qos: 2, id: 7}.encode(5))
		p.wantAck(PUBREC, 7)
		p.write(publish{topic: topic, payload: "2", qos: 2, id: 7}.encode(5))
		if x := p.want(PUBREC); x.id != 7 || x.code >= 0x80 && x.code != 0x91 {
			t.Errorf("%+v, want the same again or 0x91", x)
		}
		p.ack(PUBREL, 7)
		p.wantAck(PUBCOMP, 7)
		x := s.want(PUBLISH) // one of them: which is not said
		s.finish(x)
		p.say(publish{topic: topic, payload: "3", qos: 2, id: 7})
		s.message(topic, "3")
	})
}

// TestMQTT5_2_2_1_4: each PUBLISH above QoS 0 of the server has an identifier that
// is not 0 and that no other open one has.
func TestMQTT5_2_2_1_4(t *testing.T) {
	t.Parallel()
	for qos := byte(1); qos <= 2; qos++ {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			usesFreeIdentifiers(t, 5, qos)
		})
	}
}

// TestMQTT5_2_2_1_5: PUBACK, PUBREC, PUBREL and PUBCOMP have the identifier of their
// PUBLISH.
func TestMQTT5_2_2_1_5(t *testing.T) {
	t.Parallel()
	acknowledgementsEcho(t, 5)
}

func acknowledgementsEcho(t *testing.T, version byte) {
	address := server(t)
	topic := name(t, "/t")
	s := client(t, address, version, name(t, "s"))
	s.listen(topic, 2)
	p := client(t, address, version, name(t, "p"))
	for _, id := range []int{65535, 1, 256, 2, 32768} {
		for qos := byte(1); qos <= 2; qos++ {
			p.say(publish{topic: topic, payload: "x", qos: qos, id: id})
			s.message(topic, "x")
		}
	}
	for _, id := range []int{9, 3} {
		p.write(publish{topic: topic, payload: fmt.Sprint(id), qos: 2, id: id}.encode(version))
		p.wantAck(PUBREC, id)
	}
	for _, id := range []int{3, 9} {
		p.ack(PUBREL, id)
		p.wantAck(PUBCOMP, id)
	}
	first, second := s.want(PUBLISH), s.want(PUBLISH)
	for _, x := range []packet{second, first} { // the other way round
		s.finish(x)
	}
}

// TestMQTT5_2_2_1_6: SUBACK and UNSUBACK have the identifier of their request.
func TestMQTT5_2_2_1_6(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	for _, id := range []int{65535, 1, 256} { // subscribe and unsubscribe look at it
		p.lastID = id - 1
		p.subscribe(nil, filter{name(t, "/t"), 1})
		p.lastID = id - 1
		p.unsubscribe(name(t, "/t"))
	}
}

// TestMQTT5_2_2_2_1: a packet without properties says so with a length of 0: those
// that the server sends do, and one of a client that does not is malformed.
func TestMQTT5_2_2_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/everything")
	got := everything(t, address, 5) // the parser needs a length in CONNACK, SUBACK, UNSUBACK
	if x := got[PUBLISH]; !bytes.Equal(x.body, bytes.Join([][]byte{str(topic), u16(x.id), {0}, []byte("2")}, nil)) {
		t.Errorf("PUBLISH % x", x.body)
	}
	if n := got[SUBACK].body[2]; n != 0 {
		t.Errorf("SUBACK has %d bytes of properties", n)
	}
	for what, bad := range map[string][]byte{
		"CONNECT":     frame(CONNECT<<4, str("MQTT"), []byte{5, 2}, u16(0), str(name(t, "a"))),
		"PUBLISH":     frame(PUBLISH<<4, str(topic)),
		"SUBSCRIBE":   frame(SUBSCRIBE<<4|2, u16(1), str(topic), []byte{0}),
		"UNSUBSCRIBE": frame(UNSUBSCRIBE<<4|2, u16(1)),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := dial(t, address, 5)
			if what != "CONNECT" {
				p = client(t, address, 5, name(t, "a"))
			}
			p.write(bad)
			p.broken(0x81, 0x82)
		})
	}
}
