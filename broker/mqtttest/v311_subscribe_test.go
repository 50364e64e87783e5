package mqtttest

import (
	"fmt"
	"testing"

	"gatehouse/broker"
)

// TestMQTT311_3_8_1_1: SUBSCRIBE with other header flags than 0010 closes the
// connection.
func TestMQTT311_3_8_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 4, SUBSCRIBE, 2, aSubscription)
}

// TestMQTT311_3_8_3_1: a filter of SUBSCRIBE that is no proper string closes the
// connection, wherever it stands.
func TestMQTT311_3_8_3_1(t *testing.T) {
	t.Parallel()
	filtersAreWellFormed(t, 4)
}

// TestMQTT311_3_8_3_2: a filter with wildcards is obeyed, or refused; it is not
// granted as if they were other characters.
func TestMQTT311_3_8_3_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	other := client(t, address, 4, name(t, "b"))
	for _, f := range []string{"/+", "/a/+", "/+/b", "/#", "/a/#", "/+/+", "/+/#"} {
		p := client(t, address, 4, name(t, "a"))
		if x := p.subscribe(nil, filter{name(t, f), 0}); x.codes[0] != 0x80 {
			topic := map[bool]string{true: "/a/b", false: "/a"}[f != "/+"]
			other.say(publish{topic: name(t, topic), payload: f})
			p.message(name(t, topic), f)
		}
		p.leave()
	}
}

// TestMQTT311_3_8_3_3: SUBSCRIBE without a filter closes the connection.
func TestMQTT311_3_8_3_3(t *testing.T) {
	t.Parallel()
	filterIsThere(t, 4)
}

// TestMQTT311_3_8_3_4: a reserved bit in the QoS that is asked for, or QoS 3, closes
// the connection.
func TestMQTT311_3_8_3_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, options := range []byte{3, 4, 5, 6, 8, 0x10, 0x20, 0x40, 0x80, 0x81, 0xFE, 0xFF} {
		p := client(t, address, 4, name(t, fmt.Sprint(options)))
		p.write(p.subscribePacket(1, nil, filter{name(t, "/1"), 0}, filter{name(t, "/2"), options}))
		p.closed()
	}
}

// TestMQTT311_3_8_4_1: SUBSCRIBE is answered with SUBACK.
func TestMQTT311_3_8_4_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 4, name(t, "a"))
	for range 2 { // a subscription that there is, too
		p.write(p.subscribePacket(1, nil, filter{name(t, ""), 1}))
		if x := p.want(SUBACK); len(x.body) != 3 {
			t.Errorf("SUBACK % x for one filter", x.body)
		}
		p.silent()
	}
}

// TestMQTT311_3_8_4_2: SUBACK has the packet identifier of SUBSCRIBE.
func TestMQTT311_3_8_4_2(t *testing.T) {
	t.Parallel()
	subackHasIdentifier(t, 4)
}

// TestMQTT311_3_8_4_3: a subscription with the filter of an older one takes its
// place with its QoS, sends retained messages again, and loses none of the news.
func TestMQTT311_3_8_4_3(t *testing.T) {
	t.Parallel()
	renewalLosesNothing(t, 4)
	address := server(t)
	topic := name(t, "/x")
	p, other := client(t, address, 4, name(t, "p")), client(t, address, 4, name(t, "o"))
	other.say(publish{topic: topic, payload: "kept", qos: 2, retain: true})
	for _, qos := range []byte{0, 2, 1, 1} {
		p.listen(topic, qos)
		if x := p.message(topic, "kept"); x.qos != qos || !x.retain {
			t.Errorf("subscribed again at QoS %d, and the retained message came %+v", qos, x)
		}
		other.say(publish{topic: topic, payload: "new", qos: 2})
		if x := p.message(topic, "new"); x.qos != qos {
			t.Errorf("subscribed again at QoS %d, and a message came at %d", qos, x.qos)
		}
		p.silent() // one copy: there is one subscription
	}
	p.unsubscribe(topic)
	other.say(publish{topic: topic, payload: "new", qos: 2})
	p.silent()
}

// TestMQTT311_3_8_4_4: several filters in one SUBSCRIBE do what several SUBSCRIBE
// would, with one SUBACK.
func TestMQTT311_3_8_4_4(t *testing.T) {
	t.Parallel()
	filtersAreASequence(t, 4)
}

// TestMQTT311_3_8_4_5: SUBACK has a return code for each filter.
func TestMQTT311_3_8_4_5(t *testing.T) {
	t.Parallel()
	eachFilterIsAnswered(t, 4)
}

// TestMQTT311_3_8_4_6: a message is delivered at the lower of its QoS and the
// granted one.
func TestMQTT311_3_8_4_6(t *testing.T) {
	t.Parallel()
	deliversAtLower(t, 4)
}

// TestMQTT311_3_9_3_1: the return codes of SUBACK stand in the order of the filters.
func TestMQTT311_3_9_3_1(t *testing.T) {
	t.Parallel()
	codes := func(t *testing.T, address string, want string, filters ...filter) {
		t.Helper()
		p := client(t, address, 4, name(t, "a"))
		if x := p.subscribe(nil, filters...); string(x.codes) != want {
			t.Errorf("return codes % x, want % x", x.codes, want)
		}
	}
	codes(t, server(t), "\x02\x00\x01\x00\x02", filter{name(t, "/1"), 2}, filter{name(t, "/2"), 0}, filter{name(t, "/3"), 1},
		filter{name(t, "/4"), 0}, filter{name(t, "/5"), 2})
	t.Run("one refused", func(t *testing.T) {
		t.Parallel()
		codes(t, own(t, nil), "\x01\x80\x02", filter{name(t, "/1"), 1}, filter{"denied/x", 2}, filter{name(t, "/2"), 2})
	})
}

// TestMQTT311_3_9_3_2: SUBACK has no other return codes than 0, 1, 2 and 0x80: each
// way to refuse a filter has 0x80.
func TestMQTT311_3_9_3_2(t *testing.T) {
	t.Parallel()
	p := client(t, own(t, func(o *broker.Options) { o.Limits.MaxFilters = 3; o.Limits.MaxTopicLevels = 4 }), 4, name(t, "a"))
	for _, c := range []struct {
		filter    string
		qos, code byte
	}{
		{"a", 0, 0},
		{"b", 1, 1},
		{"denied/x", 2, 0x80},
		{"#", 0, 0x80}, // wider than the right
		{"1/2/3/4/5", 1, 0x80},
		{"c", 2, 2},
		{"d", 0, 0x80}, // one too many
		{"a", 0, 0},
	} {
		if x := p.subscribe(nil, filter{c.filter, c.qos}); string(x.codes) != string([]byte{c.code}) {
			t.Errorf("%s: return codes % x, want %#x", c.filter, x.codes, c.code)
		}
	}
}
