package mqtttest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestMQTT5_3_1_2_24: the server sends no packet that is larger than the Maximum
// Packet Size of the client, whatever makes it large, and sends those that are just
// as large.
func TestMQTT5_3_1_2_24(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	const limit = 100
	kept := publish{topic: topic, retain: true, payload: strings.Repeat("x", limit)}
	p := client(t, address, 5, name(t, "p"))
	p.say(kept)
	s, _ := open(t, address, 5, connect{id: name(t, "s"), props: properties{{maximumPacketSize, limit}}})
	s.listen(topic, 2)
	s.silent() // the retained message is too large
	for qos := byte(0); qos <= 2; qos++ {
		empty := len(publish{topic: topic, qos: qos}.encode(5))
		fits := strings.Repeat("y", limit-empty)
		p.say(publish{topic: topic, qos: qos, payload: fits + "y"})
		p.say(publish{topic: topic, qos: qos, payload: "x", props: properties{{contentType, fits}}})
		p.say(publish{topic: topic, qos: qos, payload: fits})
		s.message(topic, fits)
		s.silent()
	}
	s.subscribe(properties{{subscriptionID, 1}}, filter{topic, 0x20}) // no retained messages again
	fits := strings.Repeat("y", limit-2-len(publish{topic: topic}.encode(5)))
	p.say(publish{topic: topic, payload: fits + "y"})
	p.say(publish{topic: topic, payload: fits})
	s.message(topic, fits)
	p.say(publish{topic: topic, retain: true})
	s.message(topic, "")
}

// TestWelcomeKeepsToMaximumPacketSize: a client that takes less than its CONNACK
// needs gets none, and is not connected (MQTT-3.1.2-24).
func TestWelcomeKeepsToMaximumPacketSize(t *testing.T) {
	t.Parallel()
	address := server(t)
	for limit := 1; limit <= 40; limit++ {
		p := dial(t, address, 5)
		p.connect(connect{id: name(t, "a"), props: properties{{maximumPacketSize, limit}}})
		switch x, err := p.read(); { // which looks at the size
		case errors.Is(err, io.EOF):
		case err != nil || x.kind != CONNACK:
			t.Errorf("%d: %+v, %v", limit, x, err)
		case x.code == 0:
			p.leave()
		default:
			p.closed()
		}
	}
}

// TestAnswersKeepToMaximumPacketSize: a client that asks for more at once than it
// takes an answer to gets none (MQTT-3.1.2-24).
func TestAnswersKeepToMaximumPacketSize(t *testing.T) {
	t.Parallel()
	address := server(t)
	const limit = 30
	filters, names := make([]filter, limit), make([]string, limit)
	for i := range filters {
		names[i] = name(t, fmt.Sprint("/", i))
		filters[i].name = names[i]
	}
	for what, ask := range map[string]func(p *peer, n int) []byte{
		"SUBSCRIBE":   func(p *peer, n int) []byte { return p.subscribePacket(1, nil, filters[:n]...) },
		"UNSUBSCRIBE": func(p *peer, n int) []byte { return p.unsubscribePacket(1, nil, names[:n]...) },
	} {
		p, _ := open(t, address, 5, connect{id: name(t, what), props: properties{{maximumPacketSize, limit}}})
		const fits = limit - 5 // header, identifier, no properties
		p.write(ask(p, fits))
		if x := p.next(); len(x.codes) != fits {
			t.Errorf("%s: %+v", what, x)
		}
		p.write(ask(p, fits+1))
		p.broken(0x95)
	}
}

// TestMQTT5_3_1_2_25: a message that is too large for a client is dropped for it as if
// it was sent: it does not come later, and holds up nothing; others get it.
func TestMQTT5_3_1_2_25(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	const limit = 100
	large := strings.Repeat("x", limit)
	id := name(t, "s")
	s, _ := open(t, address, 5, connect{
		id: id, props: properties{{sessionExpiry, 1000}, {maximumPacketSize, limit}, {receiveMaximum, 1}},
	})
	s.listen(topic, 2)
	other := client(t, address, 5, name(t, "other"))
	other.listen(topic, 2)
	p := client(t, address, 5, name(t, "p"))
	for qos := byte(0); qos <= 2; qos++ {
		p.say(publish{topic: topic, qos: qos, payload: large})
		other.message(topic, large)
		p.say(publish{topic: topic, qos: qos, payload: "small"})
		other.message(topic, "small")
		s.message(topic, "small")
	}
	s.leave()
	p.say(publish{topic: topic, qos: 1, payload: large + "while absent"})
	s, _ = open(t, address, 5, connect{id: id, keep: true, props: properties{{maximumPacketSize, limit}}})
	p.say(publish{topic: topic, qos: 1, payload: "small"})
	s.message(topic, "small")
	s.silent()
}

// aliasesWithin lets the server use topic aliases for a client that takes at most
// these. The peer looks at each alias and puts its topic in.
func aliasesWithin(t *testing.T, props properties) (used int) {
	t.Helper()
	address := server(t)
	s, _ := open(t, address, 5, connect{id: name(t, "s"), props: props})
	s.listen(name(t, "/#"), 1)
	p := client(t, address, 5, name(t, "p"))
	for round := range 4 {
		for i := range 5 {
			topic := name(t, fmt.Sprint("/", i%(2+round)))
			p.say(publish{topic: topic, payload: fmt.Sprint(round, i), qos: byte(i & 1)})
			if x := s.message(topic, fmt.Sprint(round, i)); x.props.has(topicAlias) {
				used++
			}
		}
	}
	return used
}

// TestMQTT5_3_1_2_26: topic aliases of the server are within the client's maximum.
func TestMQTT5_3_1_2_26(t *testing.T) {
	t.Parallel()
	for _, maximum := range []int{1, 2, 65535} {
		t.Run(fmt.Sprint(maximum), func(t *testing.T) {
			t.Parallel()
			if n := aliasesWithin(t, properties{{topicAliasMaximum, maximum}}); n == 0 && *foreign == "" {
				t.Error("no alias was used")
			}
		})
	}
}

// TestMQTT5_3_1_2_27: a client whose maximum of topic aliases is 0 or not given gets
// none.
func TestMQTT5_3_1_2_27(t *testing.T) {
	t.Parallel()
	for what, props := range map[string]properties{"absent": nil, "zero": {{topicAliasMaximum, 0}}} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if n := aliasesWithin(t, props); n > 0 {
				t.Errorf("%d aliases", n)
			}
		})
	}
}

// TestMQTT5_3_1_2_28: the server sends Response Information only to a client that
// asked for it.
func TestMQTT5_3_1_2_28(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, props := range map[string]properties{"absent": nil, "zero": {{requestResponse, 0}}} {
		if _, x := open(t, address, 5, connect{id: name(t, "a"), props: props}); x.props.has(responseInfo) {
			t.Errorf("%s: %+v", what, x)
		}
	}
	_, x := open(t, address, 5, connect{id: name(t, "a"), props: properties{{requestResponse, 1}}})
	t.Logf("who asks gets %q", x.props.text(responseInfo))
}

// TestMQTT5_3_1_2_29: a client that wants no problem information gets reason strings
// and user properties in PUBLISH, CONNACK and DISCONNECT only.
func TestMQTT5_3_1_2_29(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, _ := open(t, address, 5, connect{id: name(t, "a"), props: properties{{problemInformation, 0}}})
	plain := func(x packet) {
		t.Helper()
		if x.props.has(reasonString) || x.props.has(userProperty) {
			t.Errorf("packet of type %d: %v", x.kind, x.props)
		}
	}
	topic, denied := name(t, "/t"), "denied/"+name(t, "")
	mark := properties{{userProperty, pair{"a", "b"}}}
	plain(p.subscribe(mark, filter{topic, 2}, filter{denied + "/below", 2}))
	for _, to := range []string{name(t, "/nobody"), denied} {
		p.write(publish{topic: to, qos: 1, id: 5, props: mark}.encode(5))
		plain(p.want(PUBACK))
		p.write(publish{topic: to, qos: 2, id: 6, props: mark}.encode(5))
		plain(p.want(PUBREC))
		p.ack(PUBREL, 6)
		plain(p.want(PUBCOMP))
	}
	p.ack(PUBREL, 77) // of nothing
	plain(p.want(PUBCOMP))
	p.ack(PUBREC, 78)
	plain(p.want(PUBREL))
	p.write(publish{topic: topic, payload: "x", props: mark}.encode(5))
	sameProperties(t, p.message(topic, "x").props, mark)
	plain(p.unsubscribe(topic, name(t, "/never")))
}

// TestMQTT5_3_1_2_30: a client that names an authentication method sends nothing but
// AUTH and DISCONNECT before CONNACK: anything else closes the connection and is not
// obeyed.
func TestMQTT5_3_1_2_30(t *testing.T) {
	t.Parallel()
	address := server(t)
	if *foreign == "" {
		address = porters(t) // who asks before he lets anybody in
	}
	topic := name(t, "/t")
	w := watcher(t, address, 5, topic)
	for what, early := range map[string][]byte{
		"PUBLISH": publish{topic: topic, payload: "early"}.encode(5), "PINGREQ": frame(PINGREQ << 4),
		"SUBSCRIBE": (&peer{version: 5}).subscribePacket(1, nil, filter{topic, 0}),
		"CONNECT":   connect{id: name(t, "p")}.encode(5),
	} {
		p := dial(t, address, 5)
		p.write(riddled(name(t, "p"), "?").encode(5), early)
		x, err := p.read()
		if err == nil && x.kind != AUTH && (x.kind != CONNACK || x.code == 0) || *foreign == "" && x.kind != AUTH {
			t.Errorf("%s: %+v, %v", what, x, err)
		}
		p.reasonWas(p.refused(), 0x82)
	}
	w.silent()
	if *foreign == "" {
		p, _ := answering(t, address, name(t, "p"))
		p.leave()
		p, _ = answering(t, address, name(t, "p"))
		p.write(says(0x18, "in"))
		p.want(CONNACK)
	}
}
