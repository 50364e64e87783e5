package mqtttest

import (
	"strings"
	"testing"

	"gatehouse/broker"
)

// limited gives the address of a server of ours with these limits, or that of another
// server with whatever limits it announces.
func limited(t testing.TB, limits broker.Limits) string {
	t.Helper()
	if *foreign != "" {
		return *foreign
	}
	return own(t, func(o *broker.Options) { o.Limits = limits })
}

// announced gives a limit of the server, as its CONNACK says it.
func announced(t testing.TB, address string, property byte, absent int) int {
	t.Helper()
	p, x := open(t, address, 5, connect{id: name(t, "announced")})
	p.leave()
	return x.props.number(property, absent)
}

// highestQoS is that of messages to the server. A server that has all announces
// none.
func highestQoS(t testing.TB, address string) byte {
	t.Helper()
	n := announced(t, address, maximumQoS, 2)
	if has := announced(t, address, maximumQoS, -1); has > 1 {
		t.Errorf("Maximum QoS %d: want 0 or 1", has)
	}
	return byte(n)
}

// TestMQTT5_3_2_2_9: a server that does not have every QoS announces the highest one:
// one that announces none takes and delivers each.
func TestMQTT5_3_2_2_9(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "a"))
	s := client(t, address, 5, name(t, "s"))
	if x := s.subscribe(nil, filter{topic, 2}); x.codes[0] > 2 {
		t.Fatalf("%+v", x)
	}
	for qos := byte(0); qos <= highestQoS(t, address); qos++ {
		p.say(publish{topic: topic, payload: "x", qos: qos})
		if x := s.message(topic, "x"); x.qos != qos {
			t.Errorf("sent at QoS %d, came at %d", qos, x.qos)
		}
	}
}

// TestMQTT5_3_2_2_10: SUBSCRIBE with any QoS is accepted, whatever the highest is.
func TestMQTT5_3_2_2_10(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	for qos := byte(0); qos <= 2; qos++ {
		if x := p.subscribe(nil, filter{name(t, "/t"), qos}); x.codes[0] > qos {
			t.Errorf("QoS %d: %#x", qos, x.codes[0])
		}
	}
}

// TestMQTT5_3_2_2_11: a client publishes at no higher QoS than the server has: QoS 3,
// which none has, is malformed, and a server without QoS 1 or 2 answers 0x9B.
func TestMQTT5_3_2_2_11(t *testing.T) {
	t.Parallel()
	address := server(t)
	for qos := highestQoS(t, address) + 1; qos <= 3; qos++ {
		p := client(t, address, 5, name(t, "a"))
		p.write(publish{topic: name(t, "/t"), qos: qos, id: 1}.encode(5))
		if qos == 3 {
			p.broken(0x81)
		} else {
			p.broken(0x9B, 0x81)
		}
	}
}

// TestMQTT5_3_2_2_12: a will of a QoS that the server does not have is refused with
// 0x9B; all others are taken and published.
func TestMQTT5_3_2_2_12(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/w")
	w := client(t, address, 5, name(t, "watcher"))
	w.subscribe(nil, filter{topic, 2})
	highest := highestQoS(t, address)
	for qos := byte(0); qos <= 3; qos++ {
		p := dial(t, address, 5)
		p.connect(connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone", qos: qos}})
		switch {
		case qos == 3:
			p.broken(0x81)
		case qos > highest:
			p.broken(0x9B)
		default:
			p.want(CONNACK)
			p.cut()
			if x := w.message(topic, "gone"); x.qos != qos {
				t.Errorf("will of QoS %d came at %d", qos, x.qos)
			}
		}
	}
	w.silent()
}

// retains says whether the server has retained messages.
func retains(t testing.TB, address string) bool {
	t.Helper()
	return announced(t, address, retainAvailable, 1) == 1
}

// TestMQTT5_3_2_2_13: a server without retained messages refuses a will that is to be
// retained with 0x9A; one that has them retains it.
func TestMQTT5_3_2_2_13(t *testing.T) {
	t.Parallel()
	address := server(t)
	if retains(t, address) {
		willIsRetained(t, 5, true)
		return
	}
	p := dial(t, address, 5)
	p.connect(connect{id: name(t, "p"), will: &will{topic: name(t, "/w"), retain: true}})
	p.broken(0x9A)
}

// TestMQTT5_3_2_2_14: a client sends no retained message to a server without them,
// which answers 0x9A; one that has them retains it.
func TestMQTT5_3_2_2_14(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "p"))
	m := publish{topic: topic, payload: "x", retain: true}
	if !retains(t, address) {
		p.write(m.encode(5))
		p.broken(0x9A)
		return
	}
	p.say(m)
	s := client(t, address, 5, name(t, "s"))
	s.listen(topic, 0)
	s.message(topic, "x")
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_2_2_15: a client sends no packet above the server's Maximum Packet Size,
// which is answered with 0x95; one that is just as large is taken.
func TestMQTT5_3_2_2_15(t *testing.T) {
	t.Parallel()
	address := limited(t, broker.Limits{MaxPacketSize: 1000})
	largest := announced(t, address, maximumPacketSize, 0)
	switch {
	case largest == 0:
		t.Skip("the server announces no Maximum Packet Size")
	case *foreign == "" && largest != 1000:
		t.Errorf("Maximum Packet Size %d", largest)
	}
	topic := name(t, "/t")
	s := client(t, address, 5, name(t, "s"))
	s.listen(topic, 0)
	empty := len(publish{topic: topic, payload: strings.Repeat("x", 200)}.encode(5)) - 200 // with a length of two bytes
	fits := strings.Repeat("x", largest-empty)
	p := client(t, address, 5, name(t, "p"))
	p.say(publish{topic: topic, payload: fits})
	s.message(topic, fits)
	p.write(publish{topic: topic, payload: fits + "x"}.encode(5))
	p.broken(0x95)
	if *foreign == "" { // ours does not wait for what was claimed
		q := client(t, address, 5, name(t, "q"))
		q.write(append([]byte{PUBLISH << 4}, varint(largest)...))
		q.broken(0x95)
	}
	s.silent()
}

// aliasIsRefused sends an alias above the maximum.
func aliasIsRefused(t *testing.T, address string, alias int) {
	t.Helper()
	topic := name(t, "/t")
	s := client(t, address, 5, name(t, "s"))
	s.listen(topic, 0)
	p := client(t, address, 5, name(t, "p"))
	p.write(publish{topic: topic, payload: "x", props: properties{{topicAlias, alias}}}.encode(5))
	p.broken(0x94)
	s.silent()
}

// TestMQTT5_3_2_2_17: a topic alias of a client above the server's maximum is answered
// with 0x94.
func TestMQTT5_3_2_2_17(t *testing.T) {
	t.Parallel()
	address := server(t)
	maximum := announced(t, address, topicAliasMaximum, 0)
	aliasIsRefused(t, address, maximum+1)
	aliasIsRefused(t, address, 65535)
}

// TestMQTT5_3_2_2_18: a server whose maximum of topic aliases is 0 or not given is sent
// none, and answers one with 0x94.
func TestMQTT5_3_2_2_18(t *testing.T) {
	t.Parallel()
	address := limited(t, broker.Limits{NoTopicAliases: true})
	if n := announced(t, address, topicAliasMaximum, 0); n != 0 {
		if *foreign == "" {
			t.Errorf("Topic Alias Maximum %d", n)
		}
		t.Skip("the server takes topic aliases")
	}
	aliasIsRefused(t, address, 1)
}
